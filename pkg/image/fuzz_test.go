package image

import (
	"bytes"
	"contacts/pkg/image/header"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func seeds(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(someJPEG())
	f.Add(somePNG())
	f.Add(withSegments(someJPEG(), exifSegment(6)))
	f.Add(withChunks(somePNG(), chunk("eXIf", []byte(exifData(binary.LittleEndian, 5, "x")))))
	waves := func(c, x, y int) byte { return byte(90*c + x + y) }
	inks := segment(header.APP14, "Adobe\x00\x64\x00\x00\x00\x00\x02")
	f.Add(rawJPEG{width: 9, height: 17, sof: header.SOF2, components: ycc(2, 2), level: waves, rough: true}.bytes())
	f.Add(asJPEG(header.SOF0, append(ycc(1, 1), component(4, 1, 1)), waves, inks))
	f.Add(rawPNG{width: 9, height: 5, depth: 16, colour: colourRGBA, interlaced: true, samples: rgb(16, true)}.bytes())
	f.Add(headOf(60000, 60000))
	f.Add(pngClaiming(0, 0))
	for _, name := range []string{"png-text-chunk-bad-crc.png", "jpeg-no-eoi.jpg", "logo-red-text.png"} {
		f.Add(sample(f, name))
	}
	f.Add(somePNG()[:len(somePNG())-14])
	f.Add(someJPEG()[:len(someJPEG())-2])
	tables := bytes.Index(someJPEG(), []byte{0xff, header.DHT})
	f.Add(append(someJPEG()[:tables:tables], someJPEG()[tables+2+int(binary.BigEndian.Uint16(someJPEG()[tables+2:])):]...))
	f.Add(withChunks(somePNG(), chunk("tRNS", []byte{0, 1, 0, 2, 0, 3})))
}

// Whatever the bytes: a header within the limits, or a refusal; and never another size than the decoder's.
func FuzzInspect(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := header.Inspect(data)
		if err != nil {
			if refusal := new(header.Unfit); !errors.As(err, &refusal) || refusal.Reason == "" || !strings.Contains(refusal.Reason, ": send") &&
				!strings.Contains(refusal.Reason, ": save") {
				t.Fatalf("%v does not say what to change", err)
			}
			return
		}
		if info.Width < 1 || info.Height < 1 || int64(info.Width)*int64(info.Height) > header.MaxPixels {
			t.Fatalf("%v", info)
		}
		read := jpeg.DecodeConfig
		if info.ContentType == header.PNG {
			read = png.DecodeConfig
		}
		if config, err := read(bytes.NewReader(data)); err == nil && (config.Width != info.Width || config.Height != info.Height) {
			t.Fatalf("%v, but the decoder reads %d x %d", info, config.Width, config.Height)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	for o := range uint16(10) {
		f.Add([]byte(exifData(binary.LittleEndian, o, "x")))
		f.Add([]byte(exifData(binary.BigEndian, o, "x")))
	}
	f.Add([]byte("MM\x00*\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := orientation(data); o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
	})
}

// Whatever the bytes: a picture that decodes, and is itself taken, or a refusal; and no panic that the last resort hides.
func FuzzProcess(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if info, err := header.Inspect(data); err == nil && info.Width*info.Height > 100_000 {
			return
		}
		result, err := Process(context.Background(), data)
		if err != nil {
			if refusal := new(header.Unfit); !errors.As(err, &refusal) || strings.Contains(refusal.Reason, "foreseen") {
				t.Fatal(err)
			}
			return
		}
		outputs := append([]Rendition{{Size: 1 << 30, Width: result.Width, Height: result.Height, Data: result.Data}}, result.Renditions...)
		for _, r := range outputs {
			info, err := header.Inspect(r.Data)
			if want := (header.Info{ContentType: result.ContentType, Width: r.Width, Height: r.Height}); err != nil || info != want || max(r.Width, r.Height) > r.Size {
				t.Fatalf("%v, %v; want %v", info, err, want)
			}
			if size := decoded(r.Data).Bounds().Max; size != image.Pt(r.Width, r.Height) {
				t.Fatalf("%v is %v", r, size)
			}
		}
	})
}
