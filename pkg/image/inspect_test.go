package image

import (
	"contacts/pkg/image/header"
	"errors"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
)

func someJPEG() []byte { return jpegOf(photo(40, 30, image.YCbCrSubsampleRatio420)) }

func somePNG() []byte {
	return pngOf(painted(40, 30, func(x, y int) color.NRGBA { return color.NRGBA{byte(6 * x), byte(8 * y), 99, byte(255 - x)} }))
}

func claiming(width, height int) rawJPEG {
	return rawJPEG{width: width, height: height, sof: header.SOF0, components: ycc(2, 2),
		level: func(c, x, y int) byte { return 128 }}
}

// headOf returns a JPEG whose header claims a size that its pixels don't have.
func headOf(width, height int) []byte {
	data := claiming(16, 16).bytes()
	at := slices.Index(data, 0xc0) + 4
	return slices.Concat(data[:at], []byte{byte(height >> 8), byte(height), byte(width >> 8), byte(width)}, data[at+4:])
}

func info(contentType string, width, height int) header.Info {
	return header.Info{ContentType: contentType, Width: width, Height: height}
}

func pngClaiming(width, height uint32) []byte {
	return slices.Concat([]byte(header.PNGSignature), ihdr(width, height, 8, colourRGBA, 0),
		chunk("IDAT", deflated(make([]byte, 100))), chunk("IEND", nil))
}

func TestInspectTellsFormatAndSizeByContent(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want header.Info
	}{
		"JPEG":                        {someJPEG(), info(header.JPEG, 40, 30)},
		"JPEG, progressive":           {asJPEG(header.SOF2, ycc(1, 1), func(c, x, y int) byte { return 9 }), info(header.JPEG, 64, 64)},
		"JPEG after much metadata":    {withSegments(someJPEG(), slices.Repeat(segment(0xe2, strings.Repeat("x", 60000)), 20)), info(header.JPEG, 40, 30)},
		"JPEG with its size as EXIF":  {withSegments(someJPEG(), segment(header.APP1, exifPrefix+"\xff\xc0\x00\x11\x08\x00\x01\x00\x01")), info(header.JPEG, 40, 30)},
		"JPEG with fill bytes":        {slices.Concat([]byte(header.JPEGStart), []byte{0xff, 0xff, 0xff}, someJPEG()[2:]), info(header.JPEG, 40, 30)},
		"JPEG of broken pixels":       {slices.Concat(someJPEG()[:900], []byte("rubbish")), info(header.JPEG, 40, 30)},
		"JPEG, not turned":            {withSegments(someJPEG(), exifSegment(6)), info(header.JPEG, 40, 30)},
		"JPEG of 50 megapixels":       {headOf(10000, 5000), info(header.JPEG, 10000, 5000)},
		"PNG":                         {somePNG(), info(header.PNG, 40, 30)},
		"PNG without pixels":          {somePNG()[:40], info(header.PNG, 40, 30)},
		"PNG of 50 megapixels, a row": {pngClaiming(50_000_000, 1), info(header.PNG, 50_000_000, 1)},
	} {
		got, err := header.Inspect(c.data)
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func TestInspectRefusesWhatTheHeaderShowsToBeWrong(t *testing.T) {
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"nothing":                           {nil, "empty"},
		"text":                              {[]byte("photo.jpg"), "neither a JPEG nor a PNG"},
		"a byte":                            {[]byte{0xff}, "neither"},
		"GIF":                               {[]byte("GIF89a\x01\x00\x01\x00"), "GIF"},
		"WebP":                              {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), "WebP"},
		"BMP":                               {[]byte("BM\x00\x00\x00\x00"), "BMP"},
		"TIFF":                              {[]byte("II*\x00\x08\x00\x00\x00"), "TIFF"},
		"HEIC":                              {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "HEIC"},
		"AVIF":                              {[]byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00"), "AVIF"},
		"PDF":                               {[]byte("%PDF-1.7"), "PDF"},
		"SVG":                               {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), "SVG"},
		"a JPEG after other bytes":          {append([]byte("GIF89a"), someJPEG()...), "GIF"},
		"JPEG, first marker":                {[]byte(header.JPEGStart), "ends before its dimensions"},
		"JPEG, in its metadata":             {withSegments(someJPEG(), exifSegment(1))[:20], "ends before its dimensions"},
		"JPEG, in its frame header":         {someJPEG()[:slices.Index(someJPEG(), 0xc0)+3], "ends before its dimensions"},
		"JPEG without frame header":         {slices.Concat([]byte(header.JPEGStart), segment(header.SOS, "\x01\x01\x00\x00\x3f\x00"), []byte{1, 2, 3}), "no dimensions"},
		"JPEG that ends at once":            {[]byte("\xff\xd8\xff\xd9"), "no dimensions"},
		"JPEG with a segment of length 0":   {[]byte("\xff\xd8\xff\xe0\x00\x00\xff\xc0"), "ends before its dimensions"},
		"JPEG of no width":                  {headOf(0, 10), "0 x 10"},
		"JPEG of no height":                 {headOf(10, 0), "10 x 0"},
		"JPEG that claims 60000 x 60000":    {headOf(60000, 60000), "more than 50 megapixels"},
		"JPEG of a pixel too many":          {headOf(7143, 7000), "more than 50 megapixels"},
		"PNG, signature":                    {somePNG()[:8], "ends before its dimensions"},
		"PNG, in its header":                {somePNG()[:20], "ends before its dimensions"},
		"PNG whose line ends were changed":  {append([]byte("\x89PNG\n\x1a\n"), somePNG()[8:]...), "transfer as text"},
		"PNG that begins otherwise":         {slices.Concat([]byte(header.PNGSignature), chunk("CgBI", make([]byte, 4)), somePNG()[8:]), "does not begin"},
		"PNG of no width":                   {pngClaiming(0, 10), "0 x 10"},
		"PNG of no height":                  {pngClaiming(10, 0), "10 x 0"},
		"PNG that claims 60000 x 60000":     {pngClaiming(60000, 60000), "more than 50 megapixels"},
		"PNG whose area passes 64 bits":     {pngClaiming(1<<32-1, 1<<32-1), "not valid"},
		"PNG whose area is as large as can": {pngClaiming(1<<31-1, 1<<31-1), "more than 50 megapixels"},
	} {
		info, err := header.Inspect(c.data)
		var refusal *header.Unfit
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, c.reason) {
			t.Errorf("%s: %v, %v; want a refusal that says %q", name, info, err, c.reason)
		}
	}
}

func TestInspectTakesNoMemoryForTheClaimedSize(t *testing.T) {
	for _, data := range [][]byte{headOf(10000, 5000), pngClaiming(10000, 5000)} {
		if n := testing.AllocsPerRun(10, func() { header.Inspect(data) }); n > 8 {
			t.Errorf("%v allocations", n)
		}
	}
}
