package header

import (
	"bytes"
	"encoding/binary"
)

// The first and the last marker of a JPEG.
const (
	JPEGStart = "\xff\xd8"
	JPEGEnd   = "\xff\xd9"
)

// Markers: ITU-T T.81, table B.1.
const (
	SOF0  = 0xc0 // baseline
	SOF1  = 0xc1 // extended sequential
	SOF2  = 0xc2 // progressive
	DHT   = 0xc4
	jpg   = 0xc8 // reserved
	dac   = 0xcc
	sof15 = 0xcf
	rst0  = 0xd0
	rst7  = 0xd7
	EOI   = 0xd9
	SOS   = 0xda
	APP1  = 0xe1
	APP14 = 0xee
)

// Frame is a frame header: ITU-T T.81, B.2.2.
type Frame struct {
	Marker        byte
	Precision     int // bits per sample
	Width, Height int
	Components    []Component
}

// Component is a component of a frame.
type Component struct {
	ID   byte
	H, V int // sampling factors
}

// Segments calls visit with each marker segment of a JPEG and its body, until the end-of-image marker or until visit returns false. It
// skips entropy-coded data. It returns false if the picture ended before that.
//
// It is as lenient as the decoder (bytes between segments, fill bytes), so that both see the same segments.
func Segments(picture []byte, visit func(marker byte, body []byte) bool) bool {
	for rest := picture[len(JPEGStart):]; ; {
		start := bytes.IndexByte(rest, 0xff)
		if start < 0 {
			return false
		}
		rest = rest[start:]
		for len(rest) > 0 && rest[0] == 0xff {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return false
		}
		marker := rest[0]
		rest = rest[1:]
		if marker == EOI {
			return true
		}
		if marker == 0 || rst0 <= marker && marker <= rst7 {
			continue
		}
		if len(rest) < 2 {
			return false
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			return false
		}
		if !visit(marker, rest[2:length]) {
			return true
		}
		rest = rest[length:]
	}
}

// FrameOf returns the frame header in a segment, false for another kind of segment or one that is too short.
func FrameOf(marker byte, body []byte) (Frame, bool) {
	if marker < SOF0 || marker > sof15 || marker == DHT || marker == jpg || marker == dac || len(body) < 6 {
		return Frame{}, false
	}
	f := Frame{Marker: marker, Precision: int(body[0]), Height: int(binary.BigEndian.Uint16(body[1:])), Width: int(binary.BigEndian.Uint16(body[3:]))}
	for c := body[6:]; len(c) >= 3 && len(f.Components) <= 4; c = c[3:] { // no decoder accepts more than four
		f.Components = append(f.Components, Component{ID: c[0], H: int(c[1] >> 4), V: int(c[1] & 15)})
	}
	return f, true
}

func jpegDimensions(picture []byte) (Info, error) {
	info := Info{ContentType: JPEG}
	found := false
	whole := Segments(picture, func(marker byte, body []byte) bool {
		var f Frame
		f, found = FrameOf(marker, body)
		info.Width, info.Height = f.Width, f.Height
		return !found && marker != SOS
	})
	switch {
	case found:
		return info, nil
	case whole:
		return Info{}, Refuse("the JPEG has no dimensions before its pixels: save it again as a JPEG")
	default:
		return Info{}, Refuse("the JPEG ends before its dimensions: send the whole file")
	}
}
