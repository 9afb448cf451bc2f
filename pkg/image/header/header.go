// Package header reads the headers of uploaded pictures. It decodes no pixels and links no decoder: that is package image's part.
package header

import (
	"bytes"
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

// Refuse returns an *Unfit with a formatted reason.
func Refuse(format string, args ...any) *Unfit {
	return &Unfit{Reason: fmt.Sprintf(format, args...)}
}

// Info is what the header of a picture says.
type Info struct {
	ContentType string // JPEG or PNG, by content
	// Width and Height are in pixels as stored; the orientation may exchange them.
	Width, Height int
}

// Inspect returns the header of a picture: a JPEG's first frame header (ITU-T T.81, B.2.2), a PNG's IHDR (PNG, third
// edition, 11.2.1). It decodes no pixels; its memory is constant and its time at most linear in the picture's length.
//
// The error is an *Unfit for another format, missing or zero dimensions, or more than MaxPixels. The pixels after a valid header may
// still be invalid.
func Inspect(picture []byte) (Info, error) {
	info, err := dimensions(picture)
	if err != nil {
		return Info{}, err
	}
	if info.Width == 0 || info.Height == 0 {
		return Info{}, Refuse("the picture is %d x %d pixels: send one with at least one pixel", info.Width, info.Height)
	}
	// A PNG's sides have 31 bits each, so their product fits in 64.
	if int64(info.Width)*int64(info.Height) > MaxPixels {
		return Info{}, Refuse("the picture is %d x %d pixels, more than %d megapixels: send a smaller one",
			info.Width, info.Height, MaxPixels/1_000_000)
	}
	return info, nil
}

func dimensions(picture []byte) (Info, error) {
	switch {
	case len(picture) == 0:
		return Info{}, Refuse("the picture is empty: send a JPEG or a PNG")
	case bytes.HasPrefix(picture, []byte(JPEGStart)):
		return jpegDimensions(picture)
	case bytes.HasPrefix(picture, []byte(PNGSignature[:4])):
		return pngDimensions(picture)
	}
	if format := otherFormat(picture); format != "" {
		return Info{}, Refuse("the picture is a %s: send a JPEG or a PNG", format)
	}
	return Info{}, Refuse("the picture is neither a JPEG nor a PNG: send one of these")
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
