package image

import (
	"bytes"
	"contacts/pkg/image/header"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"strings"
)

// maxScans is the most scans of a JPEG. Progressive files have about ten. A scan that changes nothing has a hundred bytes and takes
// nearly the time of one that does, so without the limit a small file could occupy the decoder for an hour.
const maxScans = 100

// survey is what the segments of a JPEG tell before it is decoded.
type survey struct {
	header.Frame
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
	whole := header.Segments(picture, func(marker byte, body []byte) bool {
		if f, ok := header.FrameOf(marker, body); ok && s.Components == nil {
			s.Frame = f
		}
		switch marker {
		case header.DHT:
			s.tables = s.tables || s.scans == 0
		case header.SOS:
			s.scans++
			s.see(body)
		case header.APP1: // EXIF 2.3, 4.7.2: the first counts
			if tiff, ok := bytes.CutPrefix(body, []byte(exifPrefix)); ok && !exif && s.scans == 0 {
				exif, s.orientation = true, orientation(tiff)
			}
		case header.APP14: // Adobe technical note 5116, section 18: version, two flags, transform
			if bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12 {
				s.adobe = true
				s.untouched = s.untouched || body[11] == 0
			}
		}
		return true
	})
	s.ended = whole || bytes.HasSuffix(picture, []byte(header.JPEGEnd)) // damaged, but not truncated
	return s
}

// see records the coefficients of a scan header (ITU-T T.81, B.2.3).
func (s *survey) see(scan []byte) {
	if len(scan) == 0 || len(scan) < 4+2*int(scan[0]) {
		return
	}
	n := int(scan[0])
	first, last, low := scan[1+2*n], scan[2+2*n], scan[3+2*n]&15
	if first > last || last > 63 || low != 0 {
		return
	}
	for c := range min(n, 4) {
		s.seen[scan[1+2*c]] |= 1<<(last+1) - 1<<first
	}
}

// complete reports whether the scans cover the whole picture.
func (s *survey) complete() bool {
	for _, c := range s.Components {
		if s.seen[c.ID] != 1<<64-1 {
			return false
		}
	}
	return len(s.Components) > 0
}

// memory returns the peak memory of decoding, in bytes: one for each sample, four more for its coefficient in progressive files, and four
// for each pixel if colours are converted.
func (s *survey) memory() int64 {
	maxH, maxV := 1, 1
	for _, c := range s.Components {
		maxH, maxV = max(maxH, c.H), max(maxV, c.V)
	}
	if len(s.Components) == 1 { // sampling factors are relative, so they mean nothing
		s.Components[0].H, s.Components[0].V, maxH, maxV = 1, 1, 1, 1
	}
	units := int64((s.Width+8*maxH-1)/(8*maxH)) * int64((s.Height+8*maxV-1)/(8*maxV))
	perUnit := int64(0)
	for _, c := range s.Components {
		perUnit += int64(64 * c.H * c.V)
	}
	need := units * perUnit
	if s.Marker == header.SOF2 {
		need *= 5
	}
	if s.converted() {
		need += 4 * int64(s.Width) * int64(s.Height)
	}
	return need
}

// converted reports whether the decoder converts the samples: those of RGB, CMYK and YCCK.
func (s *survey) converted() bool {
	c := s.Components
	return len(c) == 4 || len(c) == 3 && (s.untouched || c[0].ID == 'R' && c[1].ID == 'G' && c[2].ID == 'B')
}

// refusal returns why a JPEG can't be decoded, or nil.
func (s *survey) refusal() *header.Unfit {
	switch {
	case !s.ended && !s.complete():
		return header.Refuse("the JPEG ends before its picture does: send the whole file")
	case s.Marker > header.SOF2:
		return header.Refuse("the JPEG is lossless, hierarchical or arithmetic coded: save it as a baseline or progressive JPEG")
	case s.Precision != 8:
		return header.Refuse("the JPEG has %d bits per sample: save it with 8", s.Precision)
	case len(s.Components) == 4 && !s.adobe:
		return header.Refuse("the JPEG has four components and does not say which: save it in RGB")
	case s.scans > maxScans:
		return header.Refuse("the JPEG has %d scans, more than %d: save it again as a JPEG", s.scans, maxScans)
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
	parts := []io.Reader{bytes.NewReader(picture), strings.NewReader(header.JPEGEnd)}
	if !s.tables && s.Marker != header.SOF2 {
		parts = append([]io.Reader{strings.NewReader(header.JPEGStart + usualTables())}, bytes.NewReader(picture[len(header.JPEGStart):]), parts[1])
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
	refusal := header.Refuse("the JPEG is damaged: save it again as a JPEG")
	var unsupported jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		refusal = header.Refuse("the JPEG is of an unusual kind that can't be decoded: save it as a baseline JPEG in RGB")
	case !ended, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, jpeg.FormatError("short Huffman data")):
		refusal = header.Refuse("the JPEG ends before its picture does: send the whole file")
	}
	return fmt.Errorf("%w (%w)", refusal, err)
}
