package image

import (
	"contacts/pkg/image/header"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"testing"
)

// The corners, and where an orientation shows those of the stored picture: EXIF 2.3, 4.6.4, "the 0th row is at the … of
// the image, and the 0th column is the …".
const (
	topLeft = iota
	topRight
	bottomLeft
	bottomRight
)

var shownAt = map[int][4]int{
	1: {topLeft, topRight, bottomLeft, bottomRight},
	2: {topRight, topLeft, bottomRight, bottomLeft},
	3: {bottomRight, bottomLeft, topRight, topLeft},
	4: {bottomLeft, bottomRight, topLeft, topRight},
	5: {topLeft, bottomLeft, topRight, bottomRight},
	6: {topRight, bottomRight, topLeft, bottomLeft},
	7: {bottomRight, topRight, bottomLeft, topLeft},
	8: {bottomLeft, topLeft, bottomRight, topRight},
}

var cornerColours = [4]color.NRGBA{{220, 30, 30, 255}, {30, 200, 30, 255}, {30, 30, 220, 255}, {230, 230, 40, 255}}

// quarters returns a picture whose corners have the corner colours, of no opacity in the middle where that is asked for.
func quarters(width, height int, hole bool) *image.NRGBA {
	return painted(width, height, func(x, y int) color.NRGBA {
		if hole && x*8/width/2 == 2 && y*8/height/2 == 2 && x*8/width == 4 {
			return color.NRGBA{}
		}
		corner := 0
		if 2*x >= width {
			corner |= 1
		}
		if 2*y >= height {
			corner |= 2
		}
		return cornerColours[corner]
	})
}

func sampled(m image.Image, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	out := image.NewYCbCr(m.Bounds(), ratio)
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			c := color.YCbCrModel.Convert(m.At(x, y)).(color.YCbCr)
			out.Y[out.YOffset(x, y)], out.Cb[out.COffset(x, y)], out.Cr[out.COffset(x, y)] = c.Y, c.Cb, c.Cr
		}
	}
	return out
}

// checkCorners fails unless the corners of what is seen have the colours of the stored corners that belong there.
func checkCorners(t *testing.T, orientation int, data []byte, gray bool) {
	t.Helper()
	m := decoded(data)
	b := m.Bounds()
	points := [4]image.Point{{2, 2}, {b.Max.X - 3, 2}, {2, b.Max.Y - 3}, {b.Max.X - 3, b.Max.Y - 3}}
	for stored, at := range shownAt[orientation] {
		want := color.Color(cornerColours[stored])
		if gray {
			want = color.GrayModel.Convert(want)
		}
		if got := m.At(points[at].X, points[at].Y); far(got, want, 14) {
			t.Errorf("orientation %d, %v: corner %d is %v, want %v", orientation, b.Max, at, got, want)
		}
	}
}

func far(a, b color.Color, by int) bool {
	ar, ag, ab, aa := a.RGBA()
	br, bg, bb, ba := b.RGBA()
	for _, d := range []int{int(ar) - int(br), int(ag) - int(bg), int(ab) - int(bb), int(aa) - int(ba)} {
		if max(d, -d)>>8 > by {
			return true
		}
	}
	return false
}

func TestEveryOrientationOfEveryFormatIsSeenUpright(t *testing.T) {
	whole, holed := quarters(96, 64, false), quarters(96, 64, true)
	gray := image.NewGray(whole.Rect)
	for y := range 64 {
		for x := range 96 {
			gray.Set(x, y, whole.At(x, y))
		}
	}
	raw := func(c []header.Component) []byte {
		stored := sampled(whole, image.YCbCrSubsampleRatio444)
		return rawJPEG{width: 96, height: 64, sof: header.SOF2, components: c, level: func(c, x, y int) byte {
			return [][]byte{stored.Y, stored.Cb, stored.Cr}[c][min(y, 63)*96+min(x, 95)]
		}}.bytes()
	}
	pictures := map[string]struct {
		data []byte
		gray bool
	}{
		"JPEG, 4:2:0":            {jpegOf(whole), false},
		"JPEG, 4:2:0, odd sides": {jpegOf(quarters(97, 63, false)), false},
		"JPEG, large":            {jpegOf(quarters(1999, 1501, false)), false},
		"JPEG, gray":             {jpegOf(gray), true},
		"JPEG, 4:4:4":            {raw(ycc(1, 1)), false},
		"JPEG, 4:2:2":            {raw(ycc(2, 1)), false},
		"JPEG, 4:4:0":            {raw(ycc(1, 2)), false},
		"JPEG, 4:1:1":            {raw(ycc(4, 1)), false},
		"JPEG, 4:1:0":            {raw(ycc(4, 2)), false},
		"PNG, opaque":            {pngOf(whole), false},
		"PNG, transparent":       {pngOf(holed), false},
		"PNG, gray":              {pngOf(gray), true},
	}
	for name, picture := range pictures {
		for o := 1; o <= 8; o++ {
			t.Run(fmt.Sprintf("%s, %d", name, o), func(t *testing.T) {
				stored := decoded(picture.data).Bounds().Max
				data := turnedBy(picture.data, o)
				result, err := Process(context.Background(), data)
				if err != nil {
					t.Fatal(err)
				}
				want := stored
				if o >= 5 {
					want = image.Pt(stored.Y, stored.X)
				}
				if got := image.Pt(result.Width, result.Height); got != want {
					t.Fatalf("size %v, want %v", got, want)
				}
				checkCorners(t, o, result.Data, picture.gray)
				for _, r := range result.Renditions {
					checkCorners(t, o, r.Data, picture.gray)
				}
			})
		}
	}
}

func turnedBy(picture []byte, orientation int) []byte {
	if string(picture[:2]) == header.JPEGStart {
		return withSegments(picture, exifSegment(orientation))
	}
	return withChunks(picture, chunk("eXIf", []byte(exifData(binary.LittleEndian, uint16(orientation), "camera"))))
}

func TestTurningMovesEveryPixelAndChangesNone(t *testing.T) {
	noise := painted(71, 45, func(x, y int) color.NRGBA { return color.NRGBA{byte(x), byte(y), byte(x * y), byte(x + y)} })
	gray := image.NewGray(noise.Rect)
	for i := range gray.Pix {
		gray.Pix[i] = byte(i * 7)
	}
	even := photo(64, 48, image.YCbCrSubsampleRatio420)
	part := photo(80, 64, image.YCbCrSubsampleRatio422).SubImage(image.Rect(0, 0, 68, 44)) // as decoders return: padded
	for _, m := range []image.Image{noise, gray, even, part, photo(33, 21, image.YCbCrSubsampleRatio444)} {
		for o := 1; o <= 8; o++ {
			out := turned(m, o)
			for y := range out.Bounds().Dy() {
				for x := range out.Bounds().Dx() {
					sx, sy := turnOf(o).source(x, y, m.Bounds().Dx(), m.Bounds().Dy())
					if out.At(x, y) != m.At(sx, sy) {
						t.Fatalf("%T, orientation %d: (%d, %d) is %v, want %v", m, o, x, y, out.At(x, y), m.At(sx, sy))
					}
				}
			}
		}
	}
}

func TestChromaBetweenSamplesIsAveraged(t *testing.T) {
	ratios := []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio411,
		image.YCbCrSubsampleRatio410, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio440}
	for _, ratio := range ratios {
		m := sampled(painted(37, 29, func(x, y int) color.NRGBA { return color.NRGBA{byte(4 * x), 128, byte(4 * y), 255} }), ratio)
		for o := 2; o <= 8; o++ {
			out := turned(m, o)
			for y := range out.Bounds().Dy() {
				for x := range out.Bounds().Dx() {
					sx, sy := turnOf(o).source(x, y, 37, 29)
					if far(out.At(x, y), m.At(sx, sy), 16) {
						t.Fatalf("%v, orientation %d: (%d, %d) is %v, want about %v", ratio, o, x, y, out.At(x, y), m.At(sx, sy))
					}
				}
			}
		}
	}
}

func TestOrientationIsReadInBothByteOrders(t *testing.T) {
	for want := 1; want <= 8; want++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			if got := orientation([]byte(exifData(order, uint16(want), "x"))); got != want {
				t.Errorf("%v: orientation %d, want %d", order, got, want)
			}
		}
	}
}

func TestDamagedOrientationIsUpright(t *testing.T) {
	good := exifData(binary.BigEndian, 6, "x")
	changed := func(at int, b ...byte) string { return good[:at] + string(b) + good[at+len(b):] }
	for name, exif := range map[string]string{
		"empty":               "",
		"no byte order":       changed(0, 'X', 'X'),
		"no magic number":     changed(3, 0),
		"out of range, 0":     exifData(binary.BigEndian, 0, ""),
		"out of range, 9":     exifData(binary.BigEndian, 9, ""),
		"directory outside":   changed(4, 0xff, 0xff, 0xff, 0xff),
		"directory at end":    changed(4, 0, 0, 0, byte(len(good)-1)),
		"directory cut off":   good[:8+2+12+5],
		"no entries":          changed(8, 0, 0),
		"another type":        changed(8+2+12+2, 0, 4),
		"several values":      changed(8+2+12+4, 0, 0, 0, 2),
		"EXIF's prefix twice": exifPrefix + good,
	} {
		if got := orientation([]byte(exif)); got != upright {
			t.Errorf("%s: orientation %d", name, got)
		}
	}
}

func TestTheFirstOrientationCounts(t *testing.T) {
	data := withSegments(jpegOf(quarters(96, 64, false)), exifSegment(8), exifSegment(3))
	result, err := Process(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	checkCorners(t, 8, result.Data, false)
}
