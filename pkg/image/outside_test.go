package image

import (
	"bytes"
	"contacts/pkg/image/header"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// same fails unless two files become the same picture.
func same(t *testing.T, name string, got, want []byte) {
	t.Helper()
	g, w := process(t, got), process(t, want)
	if g.ContentType != w.ContentType || !bytes.Equal(g.Data, w.Data) {
		t.Errorf("%s: becomes another picture", name)
	}
}

func TestAPNGIsTakenWhateverLiesOutsideItsPixels(t *testing.T) {
	t.Parallel()
	wrong := func(kind string, body string) []byte { c := chunk(kind, []byte(body)); return changed(c, len(c)-1) }
	for name, whole := range map[string][]byte{
		"transparent": somePNG(),
		"photograph":  rawPNG{width: 40, height: 30, depth: 8, colour: colourRGB, samples: noise(3)}.bytes(),
		"gray":        rawPNG{width: 40, height: 30, depth: 8, colour: colourGray, samples: noise(1)}.bytes(),
		"interlaced":  rawPNG{width: 40, height: 30, depth: 8, colour: colourRGBA, interlaced: true, samples: noise(4)}.bytes(),
	} {
		end := len(whole) - 12
		for what, data := range map[string][]byte{
			"wrong checksum of a text":      withChunks(whole, wrong("tEXt", "Comment\x00x")),
			"wrong checksums of all others": withChunks(whole, wrong("gAMA", "\x00\x00\xb1\x8f"), wrong("pHYs", "123456789"), wrong("iCCP", "x"), wrong("eXIf", "x")),
			"wrong checksum of the end":     changed(whole, len(whole)-1),
			"without its end":               whole[:end],
			"half of its end":               whole[:end+6],
			"ends in the pixels' checksum":  whole[:end-2],
			"without the pixels' checksum":  whole[:end-4],
			"a text that breaks off":        append(slices.Clone(whole[:end]), 0, 0, 0, 99, 't', 'E', 'X', 't', 'x'),
			"a text between pixels and end": slices.Concat(whole[:end], wrong("tEXt", "x"), whole[end:]),
			"a palette that suggests":       withChunks(whole, wrong("PLTE", "123")),
			"transparency after its pixels": slices.Concat(whole[:end], chunk("tRNS", []byte{0, 1, 0, 2, 0, 3}), whole[end:]),
		} {
			same(t, name+", "+what, data, whole)
		}
		if strings.Contains("transparent interlaced", name) {
			same(t, name+", tRNS with alpha", withChunks(whole, chunk("tRNS", []byte{0, 1, 0, 2, 0, 3})), whole)
		}
	}
	keyed := rawPNG{width: 40, height: 30, depth: 8, colour: colourRGB, samples: rgb(8, false)}.bytes()
	key := chunk("tRNS", []byte{0, 230, 0, 230, 0, 40})
	same(t, "wrong checksum of tRNS", withChunks(keyed, changed(key, len(key)-1)), withChunks(keyed, key))
	if got := process(t, sample(t, "png-text-chunk-bad-crc.png")); got.ContentType == "" {
		t.Error(got)
	}
}

func TestAJPEGIsTakenWithoutItsEndMarker(t *testing.T) {
	t.Parallel()
	level := func(c, x, y int) byte { return byte(90*c + x + y) }
	for name, whole := range map[string][]byte{
		"baseline":    jpegOf(photo(400, 300, image.YCbCrSubsampleRatio420)),
		"gray":        jpegOf(&image.Gray{Pix: make([]byte, 900), Stride: 30, Rect: image.Rect(0, 0, 30, 30)}),
		"progressive": rawJPEG{width: 64, height: 64, sof: header.SOF2, components: ycc(2, 2), level: level, rough: true}.bytes(),
	} {
		same(t, name+", without it", whole[:len(whole)-2], whole)
		same(t, name+", half of it", whole[:len(whole)-1], whole)
		same(t, name+", text in place of it", append(slices.Clone(whole[:len(whole)-2]), "\r\n"...), whole)
	}
	process(t, sample(t, "jpeg-no-eoi.jpg"))
}

// Cameras leave the usual tables out of the frames that they send one after the other.
func TestAFrameWithoutHuffmanTablesHasTheUsualOnes(t *testing.T) {
	t.Parallel()
	whole := jpegOf(photo(400, 300, image.YCbCrSubsampleRatio420))
	at := bytes.Index(whole, []byte{0xff, header.DHT})
	frame := slices.Concat(whole[:at], whole[at+2+int(binary.BigEndian.Uint16(whole[at+2:])):])
	if bytes.Contains(frame, []byte{0xff, header.DHT}) {
		t.Fatal("the frame has tables")
	}
	same(t, "frame", frame, whole)
	same(t, "frame without its end", frame[:len(frame)-2], whole)
	same(t, "frame, turned", withSegments(frame, exifSegment(6)), withSegments(whole, exifSegment(6)))
}

// noise returns samples that no two neighbours share.
func noise(samples int) func(x, y int) []uint16 {
	return func(x, y int) []uint16 {
		s := make([]uint16, samples)
		for i := range s {
			s[i] = uint16(100 + (7*x+13*y+5*i)%64)
		}
		return s
	}
}

// deep returns samples of 16 bits for those of 8.
func deep(samples func(x, y int) []uint16) func(x, y int) []uint16 {
	return func(x, y int) []uint16 {
		s := samples(x, y)
		for i := range s {
			s[i] *= 257
		}
		return s
	}
}

func TestAPNGStaysOneUnlessItIsAPhotograph(t *testing.T) {
	t.Parallel()
	scene := photo(600, 400, image.YCbCrSubsampleRatio444)
	gray := &image.Gray{Pix: scene.Y, Stride: scene.YStride, Rect: scene.Rect}
	page := painted(600, 400, func(x, y int) color.NRGBA { // lines of writing, with soft edges
		if y%20 < 12 && x%7 < 3 && x > 40 && x < 560 {
			return color.NRGBA{byte(180 + 20*(x%7)), byte(40 * (x % 7)), byte(40 * (x % 7)), 255}
		}
		return color.NRGBA{255, 255, 255, 255}
	})
	slope := painted(600, 400, func(x, y int) color.NRGBA { return color.NRGBA{byte(y / 2), 90, byte(255 - y/2), 255} })
	stripes := painted(600, 400, func(x, y int) color.NRGBA {
		return color.NRGBA{byte((x ^ y) % 2 * 200), 0, byte((x ^ y) % 2 * 90), 255}
	})
	palette := image.NewPaletted(page.Rect, color.Palette{color.White, color.NRGBA{200, 0, 0, 255}})
	for i := range palette.Pix {
		palette.Pix[i] = byte(i / 7 % 2)
	}
	for name, c := range map[string]struct {
		data []byte
		kind string
	}{
		"photograph":                {pngOf(scene), header.JPEG},
		"photograph, gray":          {pngOf(gray), header.JPEG},
		"photograph, 16 bits":       {rawPNG{width: 64, height: 64, depth: 16, colour: colourRGB, samples: deep(noise(3))}.bytes(), header.JPEG},
		"photograph, 16 bits, gray": {rawPNG{width: 64, height: 64, depth: 16, colour: colourGray, samples: deep(noise(1))}.bytes(), header.JPEG},
		"photograph, unused alpha":  {rawPNG{width: 64, height: 64, depth: 8, colour: colourRGBA, samples: func(x, y int) []uint16 { s := noise(4)(x, y); s[3] = 255; return s }}.bytes(), header.JPEG},
		"writing":                   {pngOf(page), header.PNG},
		"slope":                     {pngOf(slope), header.PNG},
		"two colours, pixelwise":    {pngOf(stripes), header.PNG},
		"palette":                   {pngOf(palette), header.PNG},
		"logo":                      {sample(t, "logo-red-text.png"), header.PNG},
		"drawing as a JPEG":         {jpegOf(page), header.JPEG},
	} {
		result := process(t, c.data)
		if result.ContentType != c.kind {
			t.Errorf("%s: becomes %s", name, result.ContentType)
		}
		for _, r := range result.Renditions {
			if info, err := header.Inspect(r.Data); err != nil || info.ContentType != c.kind {
				t.Errorf("%s, %d: becomes %v, %v", name, r.Size, info, err)
			}
		}
		if c.kind != header.PNG {
			continue
		}
		sent, shown := decoded(c.data), decoded(result.Data)
		for y := range sent.Bounds().Dy() {
			for x := range sent.Bounds().Dx() {
				if far(sent.At(x, y), shown.At(x, y), 0) {
					t.Fatalf("%s: (%d, %d) is %v, want %v", name, x, y, shown.At(x, y), sent.At(x, y))
				}
			}
		}
	}
}

// Sixteen colours in no order are a drawing that hardly anything compresses: 20 MB as it is sent, more than maxOutput with three bytes a
// pixel.
func TestADrawingThatIsTooLargeAsAPNGBecomesAJPEG(t *testing.T) {
	t.Parallel()
	dots := image.NewPaletted(image.Rect(0, 0, 8000, 5000), nil)
	random := rand.New(rand.NewPCG(1, 2))
	for range 16 {
		dots.Palette = append(dots.Palette, color.NRGBA{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32()), 255})
	}
	for i := range dots.Pix {
		dots.Pix[i] = byte(random.IntN(16))
	}
	var sent bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&sent, dots); err != nil {
		t.Fatal(err)
	}
	result := process(t, sent.Bytes())
	if result.ContentType != header.JPEG {
		t.Errorf("it becomes %s", result.ContentType)
	}
	for _, data := range [][]byte{result.Data, result.Renditions[0].Data, result.Renditions[2].Data} {
		if info, err := header.Inspect(data); err != nil || info.ContentType != header.JPEG {
			t.Errorf("it becomes %v, %v", info, err)
		}
	}
}
