package image

import (
	"contacts/pkg/image/header"
	"fmt"
	"image"
	"image/color"
)

// flatten converts pixels to one of the three kinds that the rest of the package handles: *image.Gray; *image.YCbCr for colour
// photographs; *image.NRGBA for transparency and for colour drawings, if mayBeDrawing. All have 8 bits per sample and begin at (0, 0).
// It also returns the content type to encode: PNG for drawings and transparency, else JPEG.
//
// Pixels of the right kind are not copied, but fully transparent ones lose their invisible colour.
func flatten(pixels image.Image, mayBeDrawing bool) (image.Image, string, error) {
	width, height := pixels.Bounds().Dx(), pixels.Bounds().Dy()
	if deep, ok := pixels.(*image.Gray16); ok {
		pixels = narrowed(deep)
	}
	read, mayHaveAlpha := rowsOf(pixels)
	if read == nil {
		return nil, "", fmt.Errorf("a decoder returned a %T", pixels)
	}
	drawing := mayBeDrawing && isDrawing(width, height, read)
	switch pixels := pixels.(type) {
	case *image.YCbCr:
		return pixels, header.JPEG, nil
	case *image.Gray:
		if drawing {
			return pixels, header.PNG, nil
		}
		return pixels, header.JPEG, nil
	}
	if !mayHaveAlpha || opaque(width, height, read) {
		if !drawing {
			return toYCbCr(width, height, read), header.JPEG, nil
		}
		return toNRGBA(pixels, read), header.PNG, nil
	}
	nrgba := toNRGBA(pixels, read)
	for i := 0; i < len(nrgba.Pix); i += 4 {
		if pixel := nrgba.Pix[i : i+4]; pixel[3] == 0 {
			clear(pixel)
		}
	}
	return nrgba, header.PNG, nil
}

// toNRGBA converts pixels. It does not copy those that are NRGBA, or opaque with the same layout.
func toNRGBA(pixels image.Image, read rows) *image.NRGBA {
	switch m := pixels.(type) {
	case *image.NRGBA:
		return m
	case *image.RGBA: // decoders return it only for opaque pictures
		return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}
	}
	nrgba := image.NewNRGBA(image.Rect(0, 0, pixels.Bounds().Dx(), pixels.Bounds().Dy()))
	for y := range nrgba.Rect.Dy() {
		read(y, nrgba.Pix[y*nrgba.Stride:][:nrgba.Stride])
	}
	return nrgba
}

// rows writes a row of pixels: four bytes each, R, G, B and A, not premultiplied.
type rows func(y int, row []byte)

// rowsOf returns a reader of pixels, and whether they may be transparent.
func rowsOf(pixels image.Image) (read rows, mayHaveAlpha bool) {
	switch m := pixels.(type) {
	case *image.YCbCr: // is not converted
		return func(int, []byte) {}, false
	case *image.Gray:
		return func(y int, row []byte) {
			for x, gray := range m.Pix[y*m.Stride:][:len(row)/4] {
				*(*[4]byte)(row[4*x:]) = [4]byte{gray, gray, gray, 255}
			}
		}, false
	case *image.NRGBA:
		return func(y int, row []byte) { copy(row, m.Pix[y*m.Stride:]) }, true
	case *image.RGBA: // decoders return it only for opaque pictures
		return func(y int, row []byte) { copy(row, m.Pix[y*m.Stride:]) }, false
	case *image.NRGBA64:
		return func(y int, row []byte) { highBytes(row, m.Pix[y*m.Stride:]) }, true
	case *image.RGBA64: // opaque, too
		return func(y int, row []byte) { highBytes(row, m.Pix[y*m.Stride:]) }, false
	case *image.CMYK:
		return func(y int, row []byte) {
			ink := m.Pix[y*m.Stride:][:len(row)]
			for i := 0; i < len(row); i += 4 {
				row[i], row[i+1], row[i+2] = color.CMYKToRGB(ink[i], ink[i+1], ink[i+2], ink[i+3])
			}
		}, false
	case *image.Paletted:
		var palette [256][4]byte
		for i, c := range m.Palette {
			n := color.NRGBAModel.Convert(c).(color.NRGBA)
			palette[i] = [4]byte{n.R, n.G, n.B, n.A}
		}
		return func(y int, row []byte) {
			for x, index := range m.Pix[y*m.Stride:][:len(row)/4] {
				*(*[4]byte)(row[4*x:]) = palette[index]
			}
		}, true
	}
	return nil, false
}

// highBytes copies the more significant bytes of big-endian samples. It differs from the colour models by at most 1 of 256.
func highBytes(row, samples []byte) {
	for i := range row {
		row[i] = samples[2*i]
	}
}

func narrowed(m *image.Gray16) *image.Gray {
	gray := image.NewGray(image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy()))
	for y := range gray.Rect.Dy() {
		highBytes(gray.Pix[y*gray.Stride:][:gray.Stride], m.Pix[y*m.Stride:])
	}
	return gray
}

func opaque(width, height int, read rows) bool {
	row := make([]byte, 4*width)
	for y := range height {
		read(y, row)
		for i := 3; i < len(row); i += 4 {
			if row[i] != 0xff {
				return false
			}
		}
	}
	return true
}

// toYCbCr converts a picture to 4:2:0, the sampling of the encoder, which would drop more chroma anyway.
func toYCbCr(width, height int, read rows) *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	row := make([]byte, 4*width)
	sums := make([][2]int, m.CStride)
	for y := range height {
		read(y, row)
		luma := m.Y[y*m.YStride:][:width]
		for x := range luma {
			var cb, cr byte
			luma[x], cb, cr = color.RGBToYCbCr(row[4*x], row[4*x+1], row[4*x+2])
			sums[x/2][0] += int(cb)
			sums[x/2][1] += int(cr)
		}
		if y%2 == 0 && y < height-1 {
			continue
		}
		at := y / 2 * m.CStride
		for x := range sums {
			n := (1 + y%2) * min(2, width-2*x)
			m.Cb[at+x], m.Cr[at+x] = byte((sums[x][0]+n/2)/n), byte((sums[x][1]+n/2)/n)
		}
		clear(sums)
	}
	return m
}
