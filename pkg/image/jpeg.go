package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"strings"
)

const (
	jpegStart = "\xff\xd8"
	jpegEnd   = "\xff\xd9"
)

// Markers: ITU-T T.81, table B.1.
const (
	markSOF0  = 0xc0 // baseline
	markSOF1  = 0xc1 // extended sequential
	markSOF2  = 0xc2 // progressive
	markDHT   = 0xc4
	markJPG   = 0xc8
	markDAC   = 0xcc
	markSOF15 = 0xcf
	markRST0  = 0xd0
	markRST7  = 0xd7
	markEOI   = 0xd9
	markSOS   = 0xda
	markAPP1  = 0xe1
	markAPP14 = 0xee
)

// maxScans is the most scans of a JPEG. Progressive files have about ten. A scan that changes nothing has a hundred bytes and takes
// nearly the time of one that does, so without the limit a small file could occupy the decoder for an hour.
const maxScans = 100

// frame is a frame header: ITU-T T.81, B.2.2.
type frame struct {
	marker        byte
	precision     int // bits per sample
	width, height int
	components    []component
}

type component struct {
	id   byte
	h, v int // sampling factors
}

// segments calls visit with each marker segment of a JPEG and its body, until the end-of-image marker or until visit returns false. It
// skips entropy-coded data. It returns false if the picture ended before that.
//
// It is as lenient as the decoder (bytes between segments, fill bytes), so that both see the same segments.
func segments(picture []byte, visit func(marker byte, body []byte) bool) bool {
	for rest := picture[len(jpegStart):]; ; {
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
		if marker == markEOI {
			return true
		}
		if marker == 0 || markRST0 <= marker && marker <= markRST7 {
			continue
		}
		if len(rest) < 2 {
			return false
		}
		length := be16(rest)
		if length < 2 || length > len(rest) {
			return false
		}
		if !visit(marker, rest[2:length]) {
			return true
		}
		rest = rest[length:]
	}
}

// frameOf returns the frame header in a segment, false for another kind of segment or one that is too short.
func frameOf(marker byte, body []byte) (frame, bool) {
	if marker < markSOF0 || marker > markSOF15 || marker == markDHT || marker == markJPG || marker == markDAC || len(body) < 6 {
		return frame{}, false
	}
	f := frame{marker: marker, precision: int(body[0]), height: be16(body[1:]), width: be16(body[3:])}
	for c := body[6:]; len(c) >= 3 && len(f.components) <= 4; c = c[3:] { // no decoder accepts more than four
		f.components = append(f.components, component{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15)})
	}
	return f, true
}

func jpegDimensions(picture []byte) (Header, error) {
	header := Header{ContentType: JPEG}
	found := false
	whole := segments(picture, func(marker byte, body []byte) bool {
		var f frame
		f, found = frameOf(marker, body)
		header.Width, header.Height = f.width, f.height
		return !found && marker != markSOS
	})
	switch {
	case found:
		return header, nil
	case whole:
		return Header{}, unfit("the JPEG has no dimensions before its pixels: save it again as a JPEG")
	default:
		return Header{}, unfit("the JPEG ends before its dimensions: send the whole file")
	}
}

// survey is what the segments of a JPEG tell before it is decoded.
type survey struct {
	frame
	scans     int
	adobe     bool // an Adobe segment tells the meaning of four components
	untouched bool // an Adobe segment tells that components are not YCbCr
	tables    bool // there are Huffman tables before the first scan
	ended     bool // there is an end marker
	// seen are the coefficients, by component, that a scan has in full precision.
	seen        map[byte]uint64
	orientation int // 1 to 8
}

func surveyJPEG(picture []byte) survey {
	s := survey{orientation: upright, seen: map[byte]uint64{}}
	exif := false
	whole := segments(picture, func(marker byte, body []byte) bool {
		if f, ok := frameOf(marker, body); ok && s.components == nil {
			s.frame = f
		}
		switch marker {
		case markDHT:
			s.tables = s.tables || s.scans == 0
		case markSOS:
			s.scans++
			s.see(body)
		case markAPP1: // EXIF 2.3, 4.7.2: the first counts
			if tiff, ok := bytes.CutPrefix(body, []byte(exifPrefix)); ok && !exif && s.scans == 0 {
				exif, s.orientation = true, orientation(tiff)
			}
		case markAPP14: // Adobe technical note 5116, section 18: version, two flags, transform
			if bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12 {
				s.adobe = true
				s.untouched = s.untouched || body[11] == 0
			}
		}
		return true
	})
	s.ended = whole || bytes.HasSuffix(picture, []byte(jpegEnd)) // damaged, but not truncated
	return s
}

// see records the coefficients of a scan header (ITU-T T.81, B.2.3).
func (s *survey) see(header []byte) {
	if len(header) == 0 || len(header) < 4+2*int(header[0]) {
		return
	}
	n := int(header[0])
	first, last, low := header[1+2*n], header[2+2*n], header[3+2*n]&15
	if first > last || last > 63 || low != 0 {
		return
	}
	for c := range min(n, 4) {
		s.seen[header[1+2*c]] |= 1<<(last+1) - 1<<first
	}
}

// complete reports whether the scans cover the whole picture.
func (s *survey) complete() bool {
	for _, c := range s.components {
		if s.seen[c.id] != 1<<64-1 {
			return false
		}
	}
	return len(s.components) > 0
}

// memory returns the peak memory of decoding, in bytes: one for each sample, four more for its coefficient in progressive files, and four
// for each pixel if colours are converted.
func (s *survey) memory() int64 {
	maxH, maxV := 1, 1
	for _, c := range s.components {
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
	}
	if len(s.components) == 1 { // sampling factors are relative, so they mean nothing
		s.components[0].h, s.components[0].v, maxH, maxV = 1, 1, 1, 1
	}
	units := int64((s.width+8*maxH-1)/(8*maxH)) * int64((s.height+8*maxV-1)/(8*maxV))
	perUnit := int64(0)
	for _, c := range s.components {
		perUnit += int64(64 * c.h * c.v)
	}
	need := units * perUnit
	if s.marker == markSOF2 {
		need *= 5
	}
	if s.converted() {
		need += 4 * int64(s.width) * int64(s.height)
	}
	return need
}

// converted reports whether the decoder converts the samples: those of RGB, CMYK and YCCK.
func (s *survey) converted() bool {
	c := s.components
	return len(c) == 4 || len(c) == 3 && (s.untouched || c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B')
}

// refusal returns why a JPEG can't be decoded, or nil.
func (s *survey) refusal() *Unfit {
	switch {
	case !s.ended && !s.complete():
		return unfit("the JPEG ends before its picture does: send the whole file")
	case s.marker > markSOF2:
		return unfit("the JPEG is lossless, hierarchical or arithmetic coded: save it as a baseline or progressive JPEG")
	case s.precision != 8:
		return unfit("the JPEG has %d bits per sample: save it with 8", s.precision)
	case len(s.components) == 4 && !s.adobe:
		return unfit("the JPEG has four components and does not say which: save it in RGB")
	case s.scans > maxScans:
		return unfit("the JPEG has %d scans, more than %d: save it again as a JPEG", s.scans, maxScans)
	}
	return nil
}

// decodeJPEG returns the pixels of a JPEG. End marker and Huffman tables may be missing: motion-JPEG cameras leave out the usual
// tables.
func decodeJPEG(ctx context.Context, picture []byte) (stored, error) {
	s := surveyJPEG(picture)
	if refusal := s.refusal(); refusal != nil {
		return stored{}, refusal
	}
	if err := reserve(picture, s.memory()); err != nil {
		return stored{}, err
	}
	parts := []io.Reader{bytes.NewReader(picture), strings.NewReader(jpegEnd)}
	if !s.tables && s.marker != markSOF2 {
		parts = append([]io.Reader{strings.NewReader(jpegStart + usualTables())}, bytes.NewReader(picture[len(jpegStart):]), parts[1])
	}
	pixels, err := jpeg.Decode(&reader{ctx: ctx, Reader: io.MultiReader(parts...)})
	if err != nil {
		return stored{}, jpegFault(ctx, err, s.ended)
	}
	return stored{pixels: pixels, orientation: s.orientation}, nil
}

func jpegFault(ctx context.Context, err error, ended bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal := unfit("the JPEG is damaged: save it again as a JPEG")
	var unsupported jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		refusal = unfit("the JPEG is of an unusual kind that can't be decoded: save it as a baseline JPEG in RGB")
	case !ended, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, jpeg.FormatError("short Huffman data")):
		refusal = unfit("the JPEG ends before its picture does: send the whole file")
	}
	return fmt.Errorf("%w (%w)", refusal, err)
}
