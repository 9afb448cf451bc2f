package image

import (
	"bytes"
	"compress/zlib"
	"contacts/pkg/image/header"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var binaryOrder = binary.LittleEndian

// zeros returns n bytes of nothing, deflated: about a thousandth of n.
func zeros(n int64) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	io.CopyN(w, nothing{}, n)
	w.Close()
	return out.Bytes()
}

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestBadPicturesAreRefusedWithAReason(t *testing.T) {
	photo := jpegOf(photo(400, 300, image.YCbCrSubsampleRatio420))
	clear := somePNG()
	gray := func(c, x, y int) byte { return 128 }
	four := []header.Component{component(1, 1, 1), component(2, 1, 1), component(3, 1, 1), component(4, 1, 1)}
	three := func(sof, precision byte) []byte {
		return rawJPEG{width: 16, height: 16, sof: sof, precision: precision, components: ycc(1, 1), level: gray}.bytes()
	}
	broken := changed(clear, len(clear)-20)
	waves := rawJPEG{width: 64, height: 64, sof: header.SOF2, components: ycc(2, 2), level: gray, rough: true}.bytes()
	pngWith := func(depth, colour byte, data []byte) []byte {
		return slices.Concat([]byte(header.PNGSignature), ihdr(4, 4, depth, colour, 0), chunk("IDAT", data), chunk("IEND", nil))
	}
	interlaced := slices.Concat([]byte(header.PNGSignature), ihdr(10000, 5000, 16, colourRGBA, 1), chunk("IDAT", zeros(1000)), chunk("IEND", nil))
	manyScans := rawJPEG{width: 64, height: 64, sof: header.SOF2, components: ycc(2, 2), level: gray, emptyScans: 5000}.bytes()
	long := rawPNG{width: 70000, height: 2, depth: 8, colour: colourGray, samples: func(x, y int) []uint16 { return []uint16{9} }}.bytes()
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"PNG, a row of 50 megapixels":        {pngClaiming(50_000_000, 1), "65535"},
		"JPEG, cut off in its pixels":        {photo[:len(photo)/2], "send the whole file"},
		"JPEG, cut off before its pixels":    {photo[:610], "send the whole file"},
		"JPEG, without its last pixels":      {photo[:len(photo)-10], "send the whole file"},
		"JPEG, progressive, without a scan":  {waves[:bytes.LastIndex(waves, []byte{0xff, header.SOS})], "send the whole file"},
		"JPEG, broken pixels":                {slices.Concat(photo[:700], []byte{0xff, 0xd8, 0xff, 0xd8}, photo[704:]), "damaged"},
		"JPEG that claims 50 megapixels":     {headOf(10000, 5000), "damaged"},
		"JPEG of two frames":                 {slices.Concat(photo[:2], photo[2:slices.Index(photo, 0xda)-1], photo[2:]), "damaged"},
		"JPEG, 12 bits":                      {three(header.SOF1, 12), "12 bits"},
		"JPEG, lossless":                     {three(0xc3, 8), "lossless"},
		"JPEG, arithmetic coding":            {three(0xc9, 8), "arithmetic"},
		"JPEG, unknown four components":      {asJPEG(header.SOF0, four, gray), "save it in RGB"},
		"JPEG, two components":               {asJPEG(header.SOF0, four[:2], gray), "unusual"},
		"JPEG, odd sampling":                 {asJPEG(header.SOF0, ycc(3, 1), gray), "unusual"},
		"JPEG that is gone over for an hour": {manyScans, "scans"},
		"JPEG, progressive CMYK, too large":  {claimed(four, 8000, 6000), "to decode"},
		"JPEG, progressive 4:4:4, too large": {claimed(ycc(1, 1), 8000, 6000), "to decode"},
		"PNG, cut off in its pixels":         {clear[:len(clear)/2], "send the whole file"},
		"PNG, without its last pixels":       {clear[:len(clear)-12-24], "send the whole file"},
		"PNG, wrong checksum of its pixels":  {changed(clear, len(clear)-13), "damaged"},
		"PNG, wrong checksum of its header":  {changed(clear, header.IHDREnd), "damaged"},
		"PNG, broken pixels":                 {broken, "damaged"},
		"PNG, fewer pixels than claimed":     {pngWith(8, colourGray, deflated(make([]byte, 10))), "send the whole file"},
		"PNG, more pixels than claimed":      {pngWith(8, colourGray, zeros(100_000_000)), "damaged"},
		"PNG, filter that does not exist":    {pngWith(8, colourGray, deflated(bytes.Repeat([]byte{9}, 20))), "damaged"},
		"PNG, depth that does not exist":     {pngWith(5, colourGray, deflated(make([]byte, 20))), "does not exist"},
		"PNG, colour that does not exist":    {pngWith(8, 5, deflated(make([]byte, 20))), "does not exist"},
		"PNG, palette without colours":       {pngWith(8, colourPalette, deflated(make([]byte, 20))), "damaged"},
		"PNG, deep and interlaced":           {interlaced, "to decode"},
		"PNG, too long":                      {long, "65535"},
		"GIF by the name of a JPEG":          {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "GIF"},
		"nothing":                            {nil, "empty"},
	} {
		result, err := Process(context.Background(), c.data)
		var refusal *header.Unfit
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, c.reason) {
			t.Errorf("%s: %v, %v; want a refusal that says %q", name, result != nil, err, c.reason)
		}
	}
}

// changed returns a copy of which a byte is another.
func changed(data []byte, at int) []byte {
	data = slices.Clone(data)
	data[at] ^= 0x55
	return data
}

// claimed returns a progressive JPEG of broken pixels.
func claimed(components []header.Component, width, height int) []byte {
	small := rawJPEG{width: 16, height: 16, sof: header.SOF2, components: components, level: func(c, x, y int) byte { return 128 },
		segments: [][]byte{segment(header.APP14, "Adobe\x00\x64\x00\x00\x00\x00\x02")}}.bytes()
	at := bytes.Index(small, []byte{0xff, header.SOF2}) + 5
	binary.BigEndian.PutUint16(small[at:], uint16(height))
	binary.BigEndian.PutUint16(small[at+2:], uint16(width))
	return small
}

func TestBombsTakeLittleMemory(t *testing.T) {
	bomb := zeros(1 << 28)
	for name, data := range map[string][]byte{
		"text":             withChunks(somePNG(), chunk("zTXt", append([]byte("Comment\x00\x00"), bomb...))),
		"colour profile":   withChunks(somePNG(), chunk("iCCP", append([]byte("icc\x00\x00"), bomb...))),
		"private":          withChunks(somePNG(), slices.Repeat(chunk("prIv", nil), 1000)),
		"too many pixels":  slices.Concat([]byte(header.PNGSignature), ihdr(4, 4, 8, colourGray, 0), chunk("IDAT", bomb), chunk("IEND", nil)),
		"too many claimed": slices.Concat([]byte(header.PNGSignature), ihdr(60000, 60000, 8, colourGray, 0), chunk("IDAT", bomb), chunk("IEND", nil)),
		"JPEG's metadata":  withSegments(someJPEG(), slices.Repeat(segment(0xe2, strings.Repeat("x", 65000)), 100)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Process(context.Background(), data)
		runtime.ReadMemStats(&after)
		if refusal := new(header.Unfit); err != nil && !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
			t.Errorf("%s: took %d MB", name, took>>20)
		}
	}
}

func TestAPictureThatGrowsTooLargeIsRefused(t *testing.T) {
	s := &sink{ctx: context.Background()}
	if n, err := s.Write(make([]byte, maxOutput)); n != maxOutput || err != nil {
		t.Fatal(n, err)
	}
	if _, err := s.Write([]byte{1}); !errors.Is(err, errOutput) {
		t.Errorf("a byte more: %v", err)
	}
}

func TestAFaultOfADecoderIsARefusal(t *testing.T) {
	_, err := Process(panicking{context.Background()}, someJPEG())
	var refusal *header.Unfit
	if !errors.As(err, &refusal) || strings.Contains(refusal.Reason, "no such thing") || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("%v, want a refusal whose cause is for the log", err)
	}
}

type panicking struct{ context.Context }

func (panicking) Err() error { panic("no such thing") }
