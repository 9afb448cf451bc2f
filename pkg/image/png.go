package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
)

// PNG, third edition, 5.2.
const pngSignature = "\x89PNG\r\n\x1a\n"

// IHDR is the first chunk: length, type, then 13 bytes (PNG, third edition, 11.2.1), the dimensions first.
const (
	ihdrStart = len(pngSignature) + 8
	ihdrEnd   = ihdrStart + 13
)

func pngDimensions(picture []byte) (Header, error) {
	switch {
	case len(picture) < ihdrStart+8:
		return Header{}, unfit("the PNG ends before its dimensions: send the whole file")
	case string(picture[:len(pngSignature)]) != pngSignature:
		return Header{}, unfit("the PNG's first bytes are changed, as by a transfer as text: send the file as it is")
	case string(picture[len(pngSignature):ihdrStart]) != "\x00\x00\x00\x0dIHDR":
		return Header{}, unfit("the PNG does not begin with its dimensions: save it again as a PNG")
	}
	width, height := be32(picture[ihdrStart:]), be32(picture[ihdrStart+4:])
	if width > 1<<31-1 || height > 1<<31-1 { // what the format allows, 7.1
		return Header{}, unfit("the PNG's dimensions are not valid: save it again as a PNG")
	}
	return Header{ContentType: PNG, Width: int(width), Height: int(height)}, nil
}

// layout is what is known of a PNG before it is decoded.
type layout struct {
	width, height int64
	depth, colour byte
	interlaced    bool
	keyed         bool // has a tRNS chunk
	orientation   int  // 1 to 8
}

// Colour types: PNG, third edition, table 11.1.
const (
	colourGray      = 0
	colourRGB       = 2
	colourPalette   = 3
	colourGrayAlpha = 4
	colourRGBA      = 6
)

// layoutOf reads a PNG's chunks up to where they end or break off; it inflates none of them.
func layoutOf(header Header, picture []byte) layout {
	l := layout{width: int64(header.Width), height: int64(header.Height), orientation: upright}
	if len(picture) >= ihdrEnd {
		ihdr := picture[ihdrStart:ihdrEnd]
		l.depth, l.colour, l.interlaced = ihdr[8], ihdr[9], ihdr[12] != 0
	}
	exif := false
	for rest := picture[len(pngSignature):]; len(rest) >= 12; {
		length := int64(be32(rest))
		if length > int64(len(rest)-12) {
			break
		}
		body := rest[8 : 8+length]
		switch string(rest[4:8]) {
		case "tRNS":
			l.keyed = true
		case "eXIf": // PNG, third edition, 11.3.4.5. Some writers prefix it as in a JPEG.
			if !exif {
				exif, l.orientation = true, orientation(bytes.TrimPrefix(body, []byte(exifPrefix)))
			}
		case "IEND":
			return l
		}
		rest = rest[12+length:]
	}
	return l
}

// memory returns the bytes that a PNG takes at the peak of decoding, flattening and turning.
func (l *layout) memory() int64 {
	// What the decoder makes of a pixel, and what is kept of it afterwards, in halves of a byte.
	deep := l.depth == 16
	decoded, kept := int64(2), int64(2) // gray, as it is
	switch {
	case l.colour == colourPalette:
		kept = 3
	case l.colour == colourRGB, l.colour == colourGrayAlpha, l.colour == colourRGBA, l.keyed:
		decoded, kept = 8, 3
	}
	if l.keyed || l.colour == colourGrayAlpha || l.colour == colourRGBA {
		kept = 8
	}
	if deep {
		decoded *= 2
	}
	decoding := decoded
	if l.interlaced { // the passes of an interlaced picture are decoded one by one, and come to as much again
		decoding *= 2
	}
	flattening := decoded + kept
	if decoded == kept { // in place
		flattening = decoded
	}
	turning := kept
	if l.orientation != upright {
		turning *= 2
	}
	return max(decoding, flattening, turning) * l.width * l.height / 2
}

// decodePNG returns the pixels of a PNG as stored (of an animated one those of its default image), and how to turn them
// (1 to 8).
func decodePNG(ctx context.Context, header Header, picture []byte) (image.Image, int, error) {
	l := layoutOf(header, picture)
	if err := reserve(picture, l.memory()); err != nil {
		return nil, 0, err
	}
	pixels, err := png.Decode(&reader{ctx: ctx, Reader: bytes.NewReader(picture)})
	if err != nil {
		return nil, 0, pngFault(ctx, err)
	}
	return pixels, l.orientation, nil
}

func pngFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal := unfit("the PNG is damaged: save it again as a PNG")
	var unsupported png.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		refusal = unfit("the PNG is of a kind that does not exist (depth, colour type or method): save it again as a PNG")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, png.FormatError("not enough pixel data")):
		refusal = unfit("the PNG ends before its picture does: send the whole file")
	}
	return fmt.Errorf("%w (%w)", refusal, err)
}
