package header

import "encoding/binary"

// PNGSignature begins a PNG: PNG, third edition, 5.2.
const PNGSignature = "\x89PNG\r\n\x1a\n"

// The data of the first chunk, IHDR, after its length and type: 13 bytes (PNG, third edition, 11.2.1), the dimensions first.
const (
	IHDRStart = len(PNGSignature) + 8
	IHDREnd   = IHDRStart + 13
)

func pngDimensions(picture []byte) (Info, error) {
	switch {
	case len(picture) < IHDRStart+8:
		return Info{}, Refuse("the PNG ends before its dimensions: send the whole file")
	case string(picture[:len(PNGSignature)]) != PNGSignature:
		return Info{}, Refuse("the PNG's first bytes are changed, as by a transfer as text: send the file as it is")
	case string(picture[len(PNGSignature):IHDRStart]) != "\x00\x00\x00\x0dIHDR":
		return Info{}, Refuse("the PNG does not begin with its dimensions: save it again as a PNG")
	}
	width, height := binary.BigEndian.Uint32(picture[IHDRStart:]), binary.BigEndian.Uint32(picture[IHDRStart+4:])
	if width > 1<<31-1 || height > 1<<31-1 { // what the format allows, 7.1
		return Info{}, Refuse("the PNG's dimensions are not valid: save it again as a PNG")
	}
	return Info{ContentType: PNG, Width: int(width), Height: int(height)}, nil
}
