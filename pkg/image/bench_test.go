package image

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"golang.org/x/image/draw"
)

// plain is the least that anybody would do with a photo: decode it, make one smaller picture, encode it.
func plain(picture []byte) {
	m, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		panic(err)
	}
	small := image.NewRGBA(image.Rect(0, 0, 1024, 768))
	draw.CatmullRom.Scale(small, small.Rect, m, m.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
}

// BenchmarkProcess takes turns with plain, on a JPEG of 12 megapixels: x-plain is how often as long Process takes.
func BenchmarkProcess(b *testing.B) {
	photo := jpegOf(photo(4000, 3000, image.YCbCrSubsampleRatio420))
	for name, orientation := range map[string]int{"upright": 1, "turned": 6} {
		b.Run(name, func(b *testing.B) {
			picture := withSegments(photo, exifSegment(orientation))
			var whole, least time.Duration
			for b.Loop() {
				start := time.Now()
				plain(picture)
				between := time.Now()
				if _, err := Process(context.Background(), picture); err != nil {
					b.Fatal(err)
				}
				least += between.Sub(start)
				whole += time.Since(between)
			}
			b.ReportMetric(float64(whole)/float64(least), "x-plain")
			b.ReportMetric(whole.Seconds()*1000/float64(b.N), "ms/picture")
		})
	}
}
