package image

import (
	"bytes"
	"contacts/pkg/image/header"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"
)

func process(t *testing.T, data []byte) *Result {
	t.Helper()
	result, err := Process(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// four are colours that survive every depth and sampling well enough to be told from each other.
func four(x, y int) color.NRGBA {
	return cornerColours[x/16%2+y/16%2*2]
}

func rgb(depth byte, alpha bool) func(x, y int) []uint16 {
	return func(x, y int) []uint16 {
		c, scale := four(x, y), uint16(1)
		if depth == 16 {
			scale = 257
		}
		s := []uint16{uint16(c.R) * scale, uint16(c.G) * scale, uint16(c.B) * scale}
		if alpha {
			s = append(s, uint16(c.A)*scale)
		}
		return s
	}
}

// asJPEG and asPNG return pictures of 64 x 64 pixels.
func asJPEG(sof byte, components []header.Component, level func(c, x, y int) byte, segments ...[]byte) []byte {
	return rawJPEG{width: 64, height: 64, sof: sof, components: components, level: level, segments: segments}.bytes()
}

func asPNG(depth, colour byte, interlaced bool, samples func(x, y int) []uint16, chunks ...[]byte) []byte {
	return rawPNG{width: 64, height: 64, depth: depth, colour: colour, interlaced: interlaced, samples: samples, chunks: chunks}.bytes()
}

func TestEveryKindOfPictureKeepsItsColours(t *testing.T) {
	adobe := func(transform byte) []byte {
		return segment(header.APP14, "Adobe\x00\x64\x00\x00\x00\x00"+string([]byte{transform}))
	}
	ycbcr := func(c, x, y int) byte {
		v := color.YCbCrModel.Convert(four(x, y)).(color.YCbCr)
		return []byte{v.Y, v.Cb, v.Cr, 255}[c]
	}
	direct := func(c, x, y int) byte {
		v := four(x, y)
		return []byte{v.R, v.G, v.B, 255}[c] // the fourth: no black, inverted as Adobe writes it
	}
	inks := func(c, x, y int) byte { // YCCK is of the inks; only the black is inverted then
		v := four(x, y)
		i := color.YCbCrModel.Convert(color.NRGBA{255 - v.R, 255 - v.G, 255 - v.B, 255}).(color.YCbCr)
		return []byte{i.Y, i.Cb, i.Cr, 255}[c]
	}
	full := []header.Component{component(1, 1, 1), component(2, 1, 1), component(3, 1, 1), component(4, 1, 1)}
	index := func(x, y int) []uint16 { return []uint16{uint16(x/16%2 + y/16%2*2)} }
	below := func(samples func(x, y int) []uint16, n uint16) func(x, y int) []uint16 {
		return func(x, y int) []uint16 { return []uint16{samples(x, y)[0] % n} }
	}
	below3 := func(x, y int) color.Color { return cornerColours[index(x, y)[0]%3] }
	var entries []byte
	for _, c := range cornerColours {
		entries = append(entries, c.R, c.G, c.B)
	}
	palette := chunk("PLTE", entries)
	gray := func(x, y int) byte { return byte(x/16%2*3+y/16%2*12) * 17 }
	grays := func(x, y int) color.Color { return color.Gray{gray(x, y)} }
	blackAndWhite := func(x, y int) color.Color { return color.Gray{byte(x / 16 % 2 * 255)} }
	veil := func(x, y int) color.Color { return color.NRGBA{90, 90, 90, byte(100 + x)} }
	colours := func(x, y int) color.Color { return four(x, y) }
	holed := func(x, y int) color.Color {
		if index(x, y)[0] == 3 {
			return color.NRGBA{}
		}
		return four(x, y)
	}
	for name, c := range map[string]struct {
		data []byte
		kind string
		want func(x, y int) color.Color
	}{
		"JPEG, baseline":              {asJPEG(header.SOF0, ycc(2, 2), ycbcr), header.JPEG, colours},
		"JPEG, extended":              {asJPEG(header.SOF1, ycc(1, 1), ycbcr), header.JPEG, colours},
		"JPEG, progressive":           {asJPEG(header.SOF2, ycc(2, 2), ycbcr), header.JPEG, colours},
		"JPEG, RGB by Adobe's marker": {asJPEG(header.SOF0, full[:3], direct, adobe(0)), header.JPEG, colours},
		"JPEG, RGB by its names":      {asJPEG(header.SOF2, []header.Component{component('R', 1, 1), component('G', 1, 1), component('B', 1, 1)}, direct), header.JPEG, colours},
		"JPEG, CMYK":                  {asJPEG(header.SOF0, full, direct, adobe(0)), header.JPEG, colours},
		"JPEG, CMYK, progressive":     {asJPEG(header.SOF2, full, direct, adobe(0)), header.JPEG, colours},
		"JPEG, YCCK":                  {asJPEG(header.SOF0, full, inks, adobe(2)), header.JPEG, colours},
		"JPEG, gray":                  {asJPEG(header.SOF0, full[:1], func(c, x, y int) byte { return gray(x, y) }), header.JPEG, grays},

		"PNG":                           {asPNG(8, colourRGB, false, rgb(8, false)), header.PNG, colours},
		"PNG, 16 bits":                  {asPNG(16, colourRGB, false, rgb(16, false)), header.PNG, colours},
		"PNG, interlaced":               {asPNG(8, colourRGB, true, rgb(8, false)), header.PNG, colours},
		"PNG, unused alpha":             {asPNG(8, colourRGBA, false, rgb(8, true)), header.PNG, colours},
		"PNG, unused alpha, 16 bits":    {asPNG(16, colourRGBA, true, rgb(16, true)), header.PNG, colours},
		"PNG, palette":                  {asPNG(2, colourPalette, false, index, palette), header.PNG, colours},
		"PNG, palette with transparent": {asPNG(4, colourPalette, true, index, palette, chunk("tRNS", []byte{255, 255, 255, 0})), header.PNG, holed},
		"PNG, palette, unused alpha":    {asPNG(8, colourPalette, false, below(index, 3), palette, chunk("tRNS", []byte{255, 255, 255, 0})), header.PNG, below3},
		"PNG, a transparent colour":     {asPNG(8, colourRGB, false, rgb(8, false), chunk("tRNS", []byte{0, 230, 0, 230, 0, 40})), header.PNG, holed},
		"PNG, gray, 1 bit":              {asPNG(1, colourGray, false, func(x, y int) []uint16 { return []uint16{uint16(x / 16 % 2)} }), header.PNG, blackAndWhite},
		"PNG, gray, 4 bits":             {asPNG(4, colourGray, true, func(x, y int) []uint16 { return []uint16{uint16(gray(x, y) / 17)} }), header.PNG, grays},
		"PNG, gray, 16 bits":            {asPNG(16, colourGray, false, func(x, y int) []uint16 { return []uint16{uint16(gray(x, y)) * 257} }), header.PNG, grays},
		"PNG, gray and alpha":           {asPNG(8, colourGrayAlpha, false, func(x, y int) []uint16 { return []uint16{90, uint16(100 + x)} }), header.PNG, veil},
		"PNG, gray and alpha, 16 bits":  {asPNG(16, colourGrayAlpha, true, func(x, y int) []uint16 { return []uint16{90 << 8, uint16(100+x) << 8} }), header.PNG, veil},
	} {
		t.Run(name, func(t *testing.T) {
			result := process(t, c.data)
			if result.ContentType != c.kind || result.Width != 64 || result.Height != 64 {
				t.Fatalf("%s of %d x %d, want %s of 64 x 64", result.ContentType, result.Width, result.Height, c.kind)
			}
			for _, data := range [][]byte{result.Data, result.Renditions[0].Data} {
				m := decoded(data)
				for y := 4; y < 64; y += 8 {
					for x := 4; x < 64; x += 8 {
						if far(m.At(x, y), c.want(x, y), 14) {
							t.Fatalf("(%d, %d) is %v, want %v", x, y, m.At(x, y), c.want(x, y))
						}
					}
				}
			}
		})
	}
}

func TestRenditionsAreNeverEnlarged(t *testing.T) {
	for _, c := range []struct{ size, r64, r256, r1024 image.Point }{
		{image.Pt(2000, 1000), image.Pt(64, 32), image.Pt(256, 128), image.Pt(1024, 512)},
		{image.Pt(1000, 3000), image.Pt(21, 64), image.Pt(85, 256), image.Pt(341, 1024)},
		{image.Pt(1024, 1024), image.Pt(64, 64), image.Pt(256, 256), image.Pt(1024, 1024)},
		{image.Pt(1025, 7), image.Pt(64, 1), image.Pt(256, 2), image.Pt(1024, 7)},
		{image.Pt(300, 200), image.Pt(64, 43), image.Pt(256, 171), image.Pt(300, 200)},
		{image.Pt(64, 10), image.Pt(64, 10), image.Pt(64, 10), image.Pt(64, 10)},
		{image.Pt(1, 1), image.Pt(1, 1), image.Pt(1, 1), image.Pt(1, 1)},
		{image.Pt(1, 20000), image.Pt(1, 64), image.Pt(1, 256), image.Pt(1, 1024)},
	} {
		wide := photo(c.size.X, c.size.Y, image.YCbCrSubsampleRatio420)
		gray := &image.Gray{Pix: wide.Y, Stride: wide.YStride, Rect: wide.Rect}
		clear := painted(c.size.X, c.size.Y, func(x, y int) color.NRGBA { return color.NRGBA{byte(x), byte(y), 9, 77} })
		for _, data := range [][]byte{jpegOf(wide), jpegOf(gray), pngOf(clear)} {
			result := process(t, data)
			if size := decoded(result.Data).Bounds().Max; size != c.size || size != image.Pt(result.Width, result.Height) {
				t.Errorf("%v became %v (%d x %d)", c.size, size, result.Width, result.Height)
			}
			for i, want := range []image.Point{c.r64, c.r256, c.r1024} {
				r := result.Renditions[i]
				if r.Size != []int{64, 256, 1024}[i] || r.Width != want.X || r.Height != want.Y || decoded(r.Data).Bounds().Max != want {
					t.Errorf("%v: rendition %d is for %d, %d x %d, its picture %v; want %v",
						c.size, i, r.Size, r.Width, r.Height, decoded(r.Data).Bounds().Max, want)
				}
			}
		}
	}
}

func TestFirstFrameOfAnAnimationIsKept(t *testing.T) {
	control := func(n byte) []byte {
		return chunk("fcTL", append([]byte{0, 0, 0, n, 0, 0, 0, 32, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10}, 0, 0))
	}
	red := func(x, y int) []uint16 { return []uint16{200, 40, 40} }
	still := rawPNG{depth: 8, colour: colourRGB, samples: red, width: 32, height: 32,
		chunks: [][]byte{chunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}), control(0)}}.bytes()
	second := chunk("fdAT", append([]byte{0, 0, 0, 2}, deflated(make([]byte, 32*(1+3*32)))...))
	animated := slices.Concat(still[:len(still)-12], control(1), second, still[len(still)-12:])
	if m := decoded(process(t, animated).Data); far(m.At(16, 16), color.NRGBA{200, 40, 40, 255}, 8) {
		t.Errorf("the picture is %v", m.At(16, 16))
	}
}

// error of a picture against another: the peak signal-to-noise ratio, in dB.
func psnr(a, b *image.RGBA) float64 {
	sum := 0.0
	for i := range a.Pix {
		d := float64(a.Pix[i]) - float64(b.Pix[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(a.Pix))/sum)
}

func TestReductionIsAsGoodAsTheFilterAlone(t *testing.T) {
	rings := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420) // every frequency, in every direction
	for y := range 3000 {
		for x := range 4000 {
			dx, dy := float64(x-2000), float64(y-1500)
			rings.Y[y*rings.YStride+x] = byte(128 + 100*math.Cos((dx*dx+dy*dy)*math.Pi*0.9/4000))
		}
	}
	for i := range rings.Cb {
		rings.Cb[i], rings.Cr[i] = 128, 128
	}
	for name, c := range map[string]struct {
		m      *image.YCbCr
		height int
		least  float64
	}{
		"photo, by 3.9": {photo(4000, 3000, image.YCbCrSubsampleRatio420), 768, 42},
		// Boxes that are cut off at the end stretch the picture by a part of a pixel, which noise and edges show in figures alone.
		"photo, by 3.9, odd":     {photo(3999, 2997, image.YCbCrSubsampleRatio420), 767, 37},
		"photo, by 7.8, 4:2:2":   {photo(8001, 1003, image.YCbCrSubsampleRatio422), 128, 37},
		"photo, by 5.9, 4:4:4":   {photo(6001, 997, image.YCbCrSubsampleRatio444), 170, 37},
		"all frequencies at 3.9": {rings, 768, 36},
	} {
		want := image.NewRGBA(image.Rect(0, 0, 1024, c.height))
		draw.CatmullRom.Scale(want, want.Rect, c.m, c.m.Rect, draw.Src, nil)
		if got := psnr(shrunk(c.m, 1024, c.height), want); got < c.least {
			t.Errorf("%s: %.1f dB, want %.0f", name, got, c.least)
		} else {
			t.Logf("%s: %.1f dB", name, got)
		}
	}
}

func TestFinePatternsBecomeGrayNotStripes(t *testing.T) {
	for _, period := range []int{2, 3, 4, 5} {
		m := image.NewGray(image.Rect(0, 0, 6000, 800))
		for i := range m.Pix {
			if i%6000%period < period/2 {
				m.Pix[i] = 255
			}
		}
		mean := 255 * (period / 2) / period
		small := shrunk(m, 1024, 137)
		for x := 10; x < 1014; x++ {
			if v := int(small.Pix[4*(68*1024+x)]); max(v-mean, mean-v) > 35 {
				t.Fatalf("stripes every %d pixels: column %d is %d, want about %d", period, x, v, mean)
			}
		}
	}
}

func TestTransparentColoursDoNotBleed(t *testing.T) {
	m := painted(2000, 1500, func(x, y int) color.NRGBA {
		if x/100%2 == 0 {
			return color.NRGBA{255, 0, 0, 0} // red that nobody sees
		}
		return color.NRGBA{0, 0, 200, 255}
	})
	result := process(t, pngOf(m))
	for _, r := range result.Renditions {
		small := decoded(r.Data)
		for x := range r.Width {
			if c := color.NRGBAModel.Convert(small.At(x, r.Height/2)).(color.NRGBA); c.A > 8 && c.R > 8 {
				t.Fatalf("%d: column %d is %v", r.Size, x, c)
			}
		}
	}
}

func TestNothingButPixelsPasses(t *testing.T) {
	const planted = "PLANTED-52.5200-13.4050"
	long := planted + strings.Repeat(" "+planted, 100)
	photo := jpegOf(photo(1300, 900, image.YCbCrSubsampleRatio420))
	secret := append(withSegments(photo, segment(0xe0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"),
		segment(header.APP1, exifPrefix+exifData(binaryOrder, 6, long)), segment(header.APP1, "http://ns.adobe.com/xap/1.0/\x00"+long),
		segment(0xe2, "ICC_PROFILE\x00\x01\x01"+long), segment(0xe2, "MPF\x00"+long), segment(0xed, "Photoshop 3.0\x00"+long),
		segment(header.APP14, "Adobe\x00\x64\x00\x00\x00\x00\x01"+long), segment(0xfe, long)), "PK\x03\x04"+long...)
	hidden := painted(1300, 900, func(x, y int) color.NRGBA {
		if y < 20 {
			i := 3 * x % (len(planted) - 2)
			return color.NRGBA{planted[i], planted[i+1], planted[i+2], 0}
		}
		return color.NRGBA{byte(x), byte(y), 7, 250}
	})
	clear := pngOf(hidden)
	chunks := [][]byte{chunk("tEXt", []byte("Comment\x00"+long)), chunk("zTXt", append([]byte("Comment\x00\x00"), deflated([]byte(long))...)),
		chunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+long)), chunk("iCCP", append([]byte("icc\x00\x00"), deflated([]byte(long))...)),
		chunk("eXIf", []byte(exifData(binaryOrder, 3, long))), chunk("gAMA", []byte{0, 0, 0xb1, 0x8f}), chunk("prIv", []byte(long))}
	opaque := rawPNG{depth: 8, colour: colourRGB, samples: rgb(8, false), width: 1300, height: 900, chunks: chunks}.bytes()
	for name, data := range map[string][]byte{
		"JPEG":        secret,
		"PNG":         append(withChunks(clear, chunks...), "<script>"+long...),
		"opaque PNG":  append(opaque, long...),
		"PNG's end":   slices.Concat(clear[:len(clear)-12], slices.Concat(chunks...), clear[len(clear)-12:]),
		"JPEG as GIF": append(withSegments(photo, segment(0xfe, "GIF89a"+planted)), planted...),
	} {
		result := process(t, data)
		all := [][]byte{result.Data}
		for _, r := range result.Renditions {
			all = append(all, r.Data)
		}
		for _, out := range all {
			if bytes.Contains(out, []byte("PLANTED")) {
				t.Errorf("%s: the text is in the output", name)
			}
			if stray := parts(out); len(stray) > 0 {
				t.Errorf("%s: the output has %q", name, stray)
			}
			if m, ok := decoded(out).(*image.NRGBA); ok && bytes.Contains(m.Pix, []byte{planted[0], planted[1], planted[2], 0}) {
				t.Errorf("%s: transparent pixels keep their colours", name)
			}
		}
	}
}

// parts returns the segments or chunks of a picture that its pixels do not need.
func parts(data []byte) (stray []string) {
	if bytes.HasPrefix(data, []byte(header.PNGSignature)) {
		rest := data[8:]
		for len(rest) >= 12 {
			kind := string(rest[4:8])
			if kind != "IHDR" && kind != "IDAT" && kind != "IEND" {
				stray = append(stray, kind)
			}
			rest = rest[12+binary.BigEndian.Uint32(rest):]
		}
		if len(rest) > 0 {
			stray = append(stray, string(rest))
		}
		return stray
	}
	header.Segments(data, func(marker byte, body []byte) bool {
		if !slices.Contains([]byte{0xdb, header.SOF0, header.DHT, header.SOS}, marker) {
			stray = append(stray, string([]byte{marker}))
		}
		return true
	})
	if !bytes.HasSuffix(data, []byte{0xff, header.EOI}) {
		stray = append(stray, "bytes after the end")
	}
	return stray
}

func TestProcessEndsWithItsContext(t *testing.T) {
	for name, data := range map[string][]byte{"JPEG": someJPEG(), "PNG": somePNG()} {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := Process(ctx, data)
		if refusal := new(header.Unfit); !errors.Is(err, context.Canceled) || errors.As(err, &refusal) {
			t.Errorf("%s: %v, want a fault that is worth a retry", name, err)
		}
	}
	for _, after := range []int{1, 5, 20, 100, 300} {
		ctx := &countdown{Context: context.Background(), left: after}
		_, err := Process(ctx, jpegOf(photo(1500, 1000, image.YCbCrSubsampleRatio420)))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %d: %v", after, err)
		}
	}
}

// countdown is done once it has been asked for some times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}
