package image

import (
	"image"

	"golang.org/x/image/draw"
)

// fit returns the size of a picture scaled to a longest side of at most size. Each side has at least one pixel.
func fit(width, height, size int) (int, int) {
	longest := max(width, height)
	if longest <= size {
		return width, height
	}
	scaled := func(side int) int { return max(1, (side*size+longest/2)/longest) }
	return scaled(width), scaled(height)
}

// leftToFilter is the least factor that is left to the filter after boxes have been averaged. The filter then works on a small picture,
// and the result looks the same (on a scene of edges 46 dB from that of the filter alone; with 1.4, 39 dB).
const leftToFilter = 1.9

// shrunk returns a smaller picture, with premultiplied alpha. The filter is Catmull-Rom. Much larger pictures are first averaged in boxes
// of whole pixels, which also bounds the memory of the filter to 128 MB.
func shrunk(pixels image.Image, width, height int) *image.RGBA {
	across := max(1, int(float64(pixels.Bounds().Dx())/float64(width)/leftToFilter))
	down := max(1, int(float64(pixels.Bounds().Dy())/float64(height)/leftToFilter))
	if across > 1 || down > 1 {
		pixels = boxed(pixels, across, down)
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(small, small.Rect, pixels, pixels.Bounds(), draw.Src, nil)
	return small
}

// boxed returns a picture of the kinds that flatten returns with one pixel for each box of across times down pixels. Boxes at the right
// and the bottom may be smaller. Other kinds are returned unchanged.
func boxed(pixels image.Image, across, down int) image.Image {
	small := image.Rect(0, 0, ceil(pixels.Bounds().Dx(), across), ceil(pixels.Bounds().Dy(), down))
	switch m := pixels.(type) {
	case *image.Gray:
		dst := image.NewGray(small)
		averages(plane{dst.Pix, dst.Stride}, plane{m.Pix, m.Stride}, m.Rect.Dx(), m.Rect.Dy(), across, down)
		return dst
	case *image.NRGBA:
		dst := image.NewRGBA(small)
		premultiplied(dst, m, across, down)
		return dst
	case *image.YCbCr:
		perX, perY := sampling(m.SubsampleRatio)
		chromaWidth, chromaHeight := ceil(m.Rect.Dx(), perX), ceil(m.Rect.Dy(), perY)
		ratio, chromaAcross, chromaDown := m.SubsampleRatio, across, down
		if across%perX == 0 && down%perY == 0 { // each pixel has its own samples
			ratio, chromaAcross, chromaDown = image.YCbCrSubsampleRatio444, across/perX, down/perY
		}
		dst := image.NewYCbCr(small, ratio)
		averages(plane{dst.Y, dst.YStride}, plane{m.Y, m.YStride}, m.Rect.Dx(), m.Rect.Dy(), across, down)
		averages(plane{dst.Cb, dst.CStride}, plane{m.Cb, m.CStride}, chromaWidth, chromaHeight, chromaAcross, chromaDown)
		averages(plane{dst.Cr, dst.CStride}, plane{m.Cr, m.CStride}, chromaWidth, chromaHeight, chromaAcross, chromaDown)
		return dst
	}
	return pixels
}

func ceil(length, part int) int { return (length + part - 1) / part }

// averages writes the mean of each box of src, of width times height bytes, to dst.
func averages(dst, src plane, width, height, across, down int) {
	sums := make([]uint32, ceil(width, across)) // a box has at most MaxPixels/1000 pixels of 255
	for top := 0; top < height; top += down {
		clear(sums)
		bottom := min(top+down, height)
		for y := top; y < bottom; y++ {
			row := src.bytes[y*src.stride:][:width]
			for i := range sums {
				n := min(across, len(row))
				sum := uint32(0)
				for _, b := range row[:n] {
					sum += uint32(b)
				}
				sums[i] += sum
				row = row[n:]
			}
		}
		out := dst.bytes[top/down*dst.stride:]
		for i, sum := range sums {
			n := uint32(min(across, width-i*across) * (bottom - top))
			out[i] = byte((sum + n/2) / n)
		}
	}
}

// premultiplied is averages for pixels with alpha: colours are weighted by their opacity.
func premultiplied(dst *image.RGBA, src *image.NRGBA, across, down int) {
	width, height := src.Rect.Dx(), src.Rect.Dy()
	sums := make([][4]uint32, dst.Rect.Dx())
	for top := 0; top < height; top += down {
		clear(sums)
		bottom := min(top+down, height)
		for y := top; y < bottom; y++ {
			row := src.Pix[y*src.Stride:][:4*width]
			for i := range sums {
				sum := &sums[i]
				n := min(4*across, len(row))
				for p := row[:n]; len(p) >= 4; p = p[4:] {
					alpha := uint32(p[3])
					sum[0] += uint32(p[0]) * alpha
					sum[1] += uint32(p[1]) * alpha
					sum[2] += uint32(p[2]) * alpha
					sum[3] += alpha
				}
				row = row[n:]
			}
		}
		out := dst.Pix[top/down*dst.Stride:]
		for i, sum := range sums {
			n := uint32(min(across, width-i*across) * (bottom - top))
			for c := range 3 {
				out[4*i+c] = byte((sum[c] + 255*n/2) / (255 * n))
			}
			out[4*i+3] = byte((sum[3] + n/2) / n)
		}
	}
}
