package image

import "encoding/binary"

// exifPrefix begins an APP1 segment of a JPEG with EXIF data (EXIF 2.3, 4.7.2).
const exifPrefix = "Exif\x00\x00"

// upright is the orientation of a picture whose first row is its top and whose first column is its left side.
const upright = 1

// orientation returns the orientation (1 to 8) that EXIF data, a TIFF structure, gives: tag 0x0112 of its first directory, one
// SHORT (EXIF 2.3, 4.6.4). Absent, damaged or invalid data means upright: a picture is not refused for its metadata.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	const tag, short, size = 0x0112, 3, 12
	count := int(order.Uint16(tiff[at:]))
	for entry := tiff[at+2:]; count > 0 && len(entry) >= size; count, entry = count-1, entry[size:] {
		if order.Uint16(entry) != tag {
			continue
		}
		value := int(order.Uint16(entry[8:]))
		if order.Uint16(entry[2:]) != short || order.Uint32(entry[4:]) != 1 || value < 1 || value > 8 {
			return upright
		}
		return value
	}
	return upright
}
