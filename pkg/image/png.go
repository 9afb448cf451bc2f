package image

import (
	"bytes"
	"contacts/pkg/image/header"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"io"
)

// layout is what the chunks of a PNG tell before it is decoded.
type layout struct {
	width, height int64
	depth, colour byte
	interlaced    bool
	keyed         bool // has a tRNS chunk with a meaning
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

// layoutOf reads the chunks of a PNG up to their end. It inflates none.
func layoutOf(info header.Info, picture []byte) layout {
	l := layout{width: int64(info.Width), height: int64(info.Height), orientation: upright}
	if len(picture) >= header.IHDREnd {
		ihdr := picture[header.IHDRStart:header.IHDREnd]
		l.depth, l.colour, l.interlaced = ihdr[8], ihdr[9], ihdr[12] != 0
	}
	exif := false
	for rest := picture[len(header.PNGSignature):]; len(rest) > 0; {
		var kind string
		var body []byte
		if kind, body, rest = cutChunk(rest); body == nil {
			break
		}
		switch kind {
		case "tRNS":
			l.keyed = l.keyed || l.mayBeKeyed()
		case "eXIf": // PNG, third edition, 11.3.4.5. Some writers prefix it as in a JPEG.
			if !exif {
				exif, l.orientation = true, orientation(bytes.TrimPrefix(body, []byte(exifPrefix)))
			}
		case "IEND":
			return l
		}
	}
	return l
}

// mayBeKeyed reports whether a tRNS chunk has a meaning: with an alpha channel it has none (PNG, third edition, 11.3.1.1).
func (l *layout) mayBeKeyed() bool {
	return l.colour == colourGray || l.colour == colourRGB || l.colour == colourPalette
}

// cutChunk returns the type and the data of the chunk at the start of b, and the rest. The data is nil if b ends before it; the checksum
// after it may be missing.
func cutChunk(b []byte) (kind string, body, rest []byte) {
	if len(b) < 8 || int64(binary.BigEndian.Uint32(b)) > int64(len(b)-8) {
		return "", nil, nil
	}
	end := 8 + int(binary.BigEndian.Uint32(b))
	return string(b[4:8]), b[8:end:end], b[min(end+4, len(b)):]
}

// pngPixels reads a PNG's signature and the chunks that its pixels need, unchanged except for the checksum of a tRNS chunk, and always
// an end chunk. So a picture is not refused for faults outside of its pixels.
type pngPixels struct {
	layout
	rest    []byte // chunks that are still to be read
	pending []byte // the bytes to return next
	pixels  bool   // an IDAT chunk was found
	ended   bool
}

func newPNGPixels(l layout, picture []byte) *pngPixels {
	return &pngPixels{layout: l, rest: picture[len(header.PNGSignature):], pending: picture[:len(header.PNGSignature)]}
}

func (p *pngPixels) Read(b []byte) (int, error) {
	for len(p.pending) == 0 {
		if p.ended {
			return 0, io.EOF
		}
		p.next()
	}
	n := copy(b, p.pending)
	p.pending = p.pending[n:]
	return n, nil
}

// next skips a chunk, or makes it pending.
func (p *pngPixels) next() {
	kind, body, rest := cutChunk(p.rest)
	whole := p.rest[:len(p.rest)-len(rest)]
	p.rest = rest
	switch {
	case body == nil && len(whole) >= 8 && string(whole[4:8]) == "IDAT": // truncated, but it may have all pixels
		p.pending, p.ended = whole, true
	case body == nil, kind == "IEND":
		p.pending, p.ended = pngChunk("IEND", nil), true
	case kind == "IHDR", kind == "IDAT", kind == "PLTE" && p.colour == colourPalette && !p.pixels:
		p.pending, p.pixels = whole, p.pixels || kind == "IDAT"
		if len(whole) < 12+len(body) { // the picture ends in the checksum
			p.pending = pngChunk(kind, body)
		}
	case kind == "tRNS" && p.mayBeKeyed() && !p.pixels:
		p.pending = pngChunk(kind, body)
	}
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 12+len(body)), uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// memory returns the peak memory of decoding, flattening and turning, in bytes, as a drawing or as a photograph.
func (l *layout) memory(drawing bool) int64 {
	// The sizes of a pixel after decoding and after flattening, in half bytes.
	deep := l.depth == 16
	decoded, kept := int64(2), int64(2) // gray
	switch {
	case l.colour == colourPalette:
		kept = 3
	case l.colour == colourRGB, l.colour == colourGrayAlpha, l.colour == colourRGBA, l.keyed:
		decoded, kept = 8, 3
	}
	if l.keyed || l.colour == colourGrayAlpha || l.colour == colourRGBA || drawing && kept > 2 {
		kept = 8
	}
	if deep {
		decoded *= 2
	}
	decoding := decoded
	if l.interlaced { // the passes are decoded separately, and need the same again
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

// decodePNG returns the pixels of a PNG, of its default image if it is animated. It may be kept as a drawing if memory suffices: the
// pixels of a drawing need more.
func decodePNG(ctx context.Context, info header.Info, picture []byte) (stored, error) {
	l := layoutOf(info, picture)
	need, mayBeDrawing := l.memory(true), true
	if !fitsMemory(picture, need) {
		need, mayBeDrawing = l.memory(false), false
	}
	if err := reserve(picture, need); err != nil {
		return stored{}, err
	}
	pixels, err := png.Decode(&reader{ctx: ctx, Reader: newPNGPixels(l, picture)})
	if err != nil {
		return stored{}, pngFault(ctx, err)
	}
	return stored{pixels, l.orientation, mayBeDrawing}, nil
}

func pngFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal := header.Refuse("the PNG is damaged: save it again as a PNG")
	var unsupported png.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		refusal = header.Refuse("the PNG is of a kind that does not exist (depth, colour type or method): save it again as a PNG")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, png.FormatError("not enough pixel data")):
		refusal = header.Refuse("the PNG ends before its picture does: send the whole file")
	}
	return fmt.Errorf("%w (%w)", refusal, err)
}
