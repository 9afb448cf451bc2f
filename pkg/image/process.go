// Package image decodes uploaded pictures and re-encodes them upright, without metadata, in three sizes.
//
// Pictures are hostile. Their headers are checked before a decoder reads them (package header), so that any call ends and needs at
// most 512 MB of memory. A JPEG of 12 megapixels needs less than 256 MB; a progressive one in CMYK, which is rare, 304.
package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"runtime/debug"
	"slices"

	"contacts/pkg/image/header"
	"contacts/pkg/image/object"
)

// Result is a processed picture.
type Result struct {
	// ContentType is that of the picture and its renditions: PNG for transparency and for drawings that aren't too large, else JPEG.
	ContentType   string
	Width, Height int // pixels
	Data          []byte
	Renditions    []Rendition // by size: 64, 256, 1024
}

// Rendition is a picture in a smaller size.
type Rendition struct {
	Size          int // the limit of the longest side: 64, 256 or 1024 pixels
	Width, Height int // pixels
	// Data is that of the Result if the picture is not larger than Size. It must not be changed.
	Data []byte
}

// quality is that of encoded JPEGs, of 100: the loss is not visible.
const quality = 90

const (
	// memoryLimit is the memory for decoding, including the picture itself, in bytes: 512 MB less what the process already uses and
	// what is freed but not reused.
	memoryLimit = 440_000_000
	// maxOutput prevents that a small crafted file fills memory and bucket, in bytes. Usual pictures of 50 megapixels have half of
	// it.
	maxOutput = 64 << 20
	// longestSide is the limit of a JPEG, in pixels (ITU-T T.81, B.2.2). A PNG may be longer, but encoding needs several rows in memory,
	// which could be more than a gigabyte.
	longestSide = 1<<16 - 1
	// worthCollecting is how many bytes are worth a garbage collection of a few milliseconds.
	worthCollecting = 32 << 20
	// dense is up to how many pixels a PNG is compressed well; that of more would take too long.
	dense = 4_000_000
)

// Process decodes a picture, turns it upright by its EXIF orientation, and encodes it in full size and with a longest side of 64, 256
// and 1024 pixels, none enlarged. Only pixels pass: no EXIF, XMP, colour profile, comment, or data after the end.
//
// The error is a *header.Unfit for a picture that can't be decoded, or not within the memory limit. Any other error, such as that of ctx, is
// not the picture's fault, and a later try may succeed. A call needs at most 512 MB of memory.
func Process(ctx context.Context, picture []byte) (result *Result, err error) {
	defer func() { // a panic must not affect the next picture
		if fault := recover(); fault != nil {
			refusal := header.Refuse("the picture is damaged in a way that was not foreseen: save it again")
			result, err = nil, fmt.Errorf("%w (panic: %v\n%s)", refusal, fault, debug.Stack())
		}
	}()
	info, err := header.Inspect(picture)
	if err != nil {
		return nil, err
	}
	if max(info.Width, info.Height) > longestSide {
		return nil, header.Refuse("the picture has a side of more than %d pixels: send a smaller one", longestSide)
	}
	pixels, contentType, err := decode(ctx, info, picture)
	if err != nil {
		return nil, err
	}
	result, err = encoded(ctx, pixels, contentType)
	if errors.Is(err, errOutput) && contentType == header.PNG && isOpaque(pixels) {
		collect(info)
		result, err = encoded(ctx, pixels, header.JPEG) // a drawing without areas, such as random dots, is smaller as a JPEG
	}
	if errors.Is(err, errOutput) {
		return nil, header.Refuse("the picture would take more than %d MB once re-encoded: send fewer pixels", maxOutput>>20)
	}
	return result, err
}

// encoded returns the result for upright pixels. The error is errOutput if the picture exceeds maxOutput.
func encoded(ctx context.Context, pixels image.Image, contentType string) (*Result, error) {
	result := &Result{ContentType: contentType, Width: pixels.Bounds().Dx(), Height: pixels.Bounds().Dy()}
	var err error
	if result.Renditions, err = renditions(ctx, pixels, contentType); err != nil {
		return nil, err
	}
	if result.Data, err = encode(ctx, pixels, contentType); err != nil {
		return nil, err
	}
	for i := range result.Renditions {
		if r := &result.Renditions[i]; r.Data == nil {
			r.Data = result.Data
		}
	}
	return result, nil
}

func isOpaque(pixels image.Image) bool {
	m, ok := pixels.(interface{ Opaque() bool })
	return ok && m.Opaque()
}

// stored is a decoded picture before it is turned.
type stored struct {
	pixels       image.Image
	orientation  int // of EXIF, 1 to 8
	mayBeDrawing bool
}

// decode returns upright pixels of one of the kinds that flatten returns, and the content type to encode.
func decode(ctx context.Context, info header.Info, picture []byte) (image.Image, string, error) {
	var s stored
	var err error
	if info.ContentType == header.PNG {
		s, err = decodePNG(ctx, info, picture)
	} else {
		s, err = decodeJPEG(ctx, picture)
	}
	if err != nil {
		return nil, "", err
	}
	if size := s.pixels.Bounds().Size(); size != image.Pt(info.Width, info.Height) {
		return nil, "", header.Refuse("the picture contradicts itself about its dimensions: save it again")
	}
	collect(info)
	pixels, contentType, err := flatten(s.pixels, s.mayBeDrawing)
	if err != nil {
		return nil, "", err
	}
	s.pixels = nil // to be collected
	collect(info)
	pixels = turned(pixels, s.orientation)
	collect(info)
	return pixels, contentType, nil
}

// reserve returns an error if decoding would exceed the memory limit, and collects garbage if it needs much.
func reserve(picture []byte, need int64) error {
	if !fitsMemory(picture, need) {
		return header.Refuse("the picture would take %d MB to decode, more than %d: send fewer pixels, or without "+
			"interlacing, progression or 16-bit samples", (int64(len(picture))+need)/1e6, memoryLimit/1_000_000)
	}
	if need > worthCollecting {
		runtime.GC()
	}
	return nil
}

func fitsMemory(picture []byte, need int64) bool { return int64(len(picture))+need <= memoryLimit }

// collect collects the garbage of a step for a large picture before the next step allocates as much again. Otherwise the collector would
// begin too late.
func collect(info header.Info) {
	if info.Width*info.Height > worthCollecting/4 {
		runtime.GC()
	}
}

// renditions returns the three renditions by size, without data if the picture itself is one.
func renditions(ctx context.Context, pixels image.Image, contentType string) ([]Rendition, error) {
	width, height := pixels.Bounds().Dx(), pixels.Bounds().Dy()
	var made []Rendition
	from := pixels
	for _, size := range slices.Backward(object.Sizes) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r := Rendition{Size: size}
		r.Width, r.Height = fit(width, height, size)
		if r.Width != width || r.Height != height {
			small := shrunk(from, r.Width, r.Height)
			from = small
			var err error
			if r.Data, err = encode(ctx, likewise(pixels, small), contentType); err != nil {
				return nil, err
			}
		}
		made = append(made, r)
	}
	slices.Reverse(made)
	return made, nil
}

// likewise converts small to the kind of the picture that it was made from, if that matters to the encoders.
func likewise(pixels image.Image, small *image.RGBA) image.Image {
	switch pixels.(type) {
	case *image.Gray:
		gray := image.NewGray(small.Rect)
		for i := range gray.Pix {
			gray.Pix[i] = small.Pix[4*i]
		}
		return gray
	case *image.NRGBA:
		nrgba := image.NewNRGBA(small.Rect)
		for i := 0; i < len(nrgba.Pix); i += 4 {
			if alpha := int(small.Pix[i+3]); alpha != 0 {
				for c := range 3 {
					nrgba.Pix[i+c] = byte(min(255, (int(small.Pix[i+c])*255+alpha/2)/alpha))
				}
				nrgba.Pix[i+3] = byte(alpha)
			}
		}
		return nrgba
	}
	return small
}

func encode(ctx context.Context, pixels image.Image, contentType string) ([]byte, error) {
	out := &sink{ctx: ctx}
	var err error
	if contentType == header.PNG {
		encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
		if pixels.Bounds().Dx()*pixels.Bounds().Dy() > dense {
			encoder.CompressionLevel = png.BestSpeed
		}
		err = encoder.Encode(out, pixels)
	} else {
		if m, ok := pixels.(*image.NRGBA); ok { // opaque, and the encoder is faster with RGBA
			pixels = &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
		}
		err = jpeg.Encode(out, pixels, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return nil, err
	}
	return bytes.Join(out.blocks, nil), nil
}

var errOutput = errors.New("the output is too large")

// sink is a writer into blocks. A growing buffer would be copied, and be in memory twice.
type sink struct {
	ctx    context.Context
	blocks [][]byte
	size   int
}

func (s *sink) Write(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, s.ctx.Err()
	}
	if s.size += len(p); s.size > maxOutput {
		return 0, errOutput
	}
	const block = 64 << 10
	for rest := p; len(rest) > 0; {
		if last := len(s.blocks) - 1; last < 0 || len(s.blocks[last]) == block {
			s.blocks = append(s.blocks, make([]byte, 0, block))
		}
		last := &s.blocks[len(s.blocks)-1]
		n := min(len(rest), block-len(*last))
		*last = append(*last, rest[:n]...)
		rest = rest[n:]
	}
	return len(p), nil
}

// reader is a reader that fails when ctx has ended.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, r.ctx.Err()
	}
	return r.Reader.Read(p)
}
