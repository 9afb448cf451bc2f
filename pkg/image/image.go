// Package image decodes uploaded pictures and re-encodes them upright, without metadata, in three sizes.
//
// Pictures are hostile. Their headers are checked before a decoder reads them, so that any call ends and needs at most 512 MB of
// memory. A JPEG of 12 megapixels needs less than 256 MB; a progressive one in CMYK, which is rare, 304.
package image

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// MaxPixels is the greatest width times height that is accepted.
const MaxPixels = 50_000_000

// The content types of input and output.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
)

// Unfit is the error of a picture that is refused, now and at any later try. Find it by errors.As: the error that wraps it has the
// decoder's error for the log.
type Unfit struct {
	// Reason tells the caller what is wrong and what to change. It contains no text of the picture.
	Reason string
}

func (u *Unfit) Error() string { return u.Reason }

func unfit(format string, args ...any) *Unfit {
	return &Unfit{Reason: fmt.Sprintf(format, args...)}
}

// Header is the header of a picture.
type Header struct {
	ContentType string // JPEG or PNG, by content
	// Width and Height are in pixels as stored; the orientation may exchange them.
	Width, Height int
}

// Inspect returns the header of a picture: a JPEG's first frame header (ITU-T T.81, B.2.2), a PNG's IHDR (PNG, third
// edition, 11.2.1). It decodes no pixels; its memory is constant and its time at most linear in the picture's length.
//
// The error is an *Unfit for another format, missing or zero dimensions, or more than MaxPixels. The pixels after a valid header may
// still be invalid.
func Inspect(picture []byte) (Header, error) {
	header, err := dimensions(picture)
	if err != nil {
		return Header{}, err
	}
	if header.Width == 0 || header.Height == 0 {
		return Header{}, unfit("the picture is %d x %d pixels: send one with at least one pixel", header.Width, header.Height)
	}
	// A PNG's sides have 31 bits each, so their product fits in 64.
	if int64(header.Width)*int64(header.Height) > MaxPixels {
		return Header{}, unfit("the picture is %d x %d pixels, more than %d megapixels: send a smaller one",
			header.Width, header.Height, MaxPixels/1_000_000)
	}
	return header, nil
}

func dimensions(picture []byte) (Header, error) {
	switch {
	case len(picture) == 0:
		return Header{}, unfit("the picture is empty: send a JPEG or a PNG")
	case bytes.HasPrefix(picture, []byte(jpegStart)):
		return jpegDimensions(picture)
	case bytes.HasPrefix(picture, []byte(pngSignature[:4])):
		return pngDimensions(picture)
	}
	if format := otherFormat(picture); format != "" {
		return Header{}, unfit("the picture is a %s: send a JPEG or a PNG", format)
	}
	return Header{}, unfit("the picture is neither a JPEG nor a PNG: send one of these")
}

// otherFormat returns the name of another common format, "" if unknown.
func otherFormat(picture []byte) string {
	has := func(at int, magic string) bool {
		return len(picture) >= at && bytes.HasPrefix(picture[at:], []byte(magic))
	}
	switch {
	case has(0, "GIF8"):
		return "GIF"
	case has(0, "RIFF") && has(8, "WEBP"):
		return "WebP"
	case has(0, "BM"):
		return "BMP"
	case has(0, "II*\x00"), has(0, "MM\x00*"):
		return "TIFF"
	case has(4, "ftypavif"):
		return "AVIF"
	case has(4, "ftyphei"), has(4, "ftyphev"), has(4, "ftypmif1"):
		return "HEIC"
	case has(0, "%PDF"):
		return "PDF"
	case bytes.Contains(picture[:min(len(picture), 512)], []byte("<svg")):
		return "SVG"
	}
	return ""
}

func be16(b []byte) int    { return int(binary.BigEndian.Uint16(b)) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
