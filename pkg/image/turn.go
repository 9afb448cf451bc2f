package image

import "image"

// A turn maps stored pixels to upright ones. Orientations: EXIF 2.3, 4.6.4, tag 0x0112.
type turn struct {
	swap             bool // stored rows become columns
	mirrorX, mirrorY bool // stored columns, or rows, are counted from their end
}

func turnOf(orientation int) turn {
	return turn{
		swap:    orientation >= 5,
		mirrorX: orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8,
		mirrorY: orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7,
	}
}

// size returns the size of a turned picture or plane.
func (t turn) size(width, height int) (int, int) {
	if t.swap {
		return height, width
	}
	return width, height
}

// source returns the stored pixel that is shown at (x, y). width and height are the stored size.
func (t turn) source(x, y, width, height int) (int, int) {
	if t.swap {
		x, y = y, x
	}
	if t.mirrorX {
		x = width - 1 - x
	}
	if t.mirrorY {
		y = height - 1 - y
	}
	return x, y
}

// turned returns an upright picture, one of the kinds that flatten returns. It does not copy an upright one.
func turned(pixels image.Image, orientation int) image.Image {
	if orientation == upright {
		return pixels
	}
	t := turnOf(orientation)
	width, height := pixels.Bounds().Dx(), pixels.Bounds().Dy()
	seen := image.Rectangle{}
	seen.Max.X, seen.Max.Y = t.size(width, height)
	switch m := pixels.(type) {
	case *image.Gray:
		dst := image.NewGray(seen)
		t.plane(plane{dst.Pix, dst.Stride}, plane{m.Pix, m.Stride}, width, height, 1)
		return dst
	case *image.NRGBA:
		dst := image.NewNRGBA(seen)
		t.plane(plane{dst.Pix, dst.Stride}, plane{m.Pix, m.Stride}, width, height, 4)
		return dst
	case *image.YCbCr:
		return t.ycbcr(m, seen)
	}
	return pixels
}

// ycbcr turns the planes. It averages chroma to 4:2:0 if the turned samples would not be aligned.
func (t turn) ycbcr(m *image.YCbCr, seen image.Rectangle) image.Image {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	perX, perY := sampling(m.SubsampleRatio)
	ratio, fits := t.ratio(m.SubsampleRatio)
	if t.mirrorX && width%perX != 0 || t.mirrorY && height%perY != 0 {
		fits = false
	}
	if !fits {
		ratio = image.YCbCrSubsampleRatio420
	}
	dst := image.NewYCbCr(seen, ratio)
	t.plane(plane{dst.Y, dst.YStride}, plane{m.Y, m.YStride}, width, height, 1)
	if !fits {
		t.chroma(dst, m)
		return dst
	}
	across, down := (width+perX-1)/perX, (height+perY-1)/perY
	t.plane(plane{dst.Cb, dst.CStride}, plane{m.Cb, m.CStride}, across, down, 1)
	t.plane(plane{dst.Cr, dst.CStride}, plane{m.Cr, m.CStride}, across, down, 1)
	return dst
}

// ratio returns the sampling of a turned picture, false if it has no name.
func (t turn) ratio(r image.YCbCrSubsampleRatio) (image.YCbCrSubsampleRatio, bool) {
	if !t.swap {
		return r, true
	}
	switch r {
	case image.YCbCrSubsampleRatio422:
		return image.YCbCrSubsampleRatio440, true
	case image.YCbCrSubsampleRatio440:
		return image.YCbCrSubsampleRatio422, true
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420:
		return r, true
	}
	return r, false
}

// sampling returns how many pixels share a chroma sample, in a row and in a column.
func sampling(r image.YCbCrSubsampleRatio) (perX, perY int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// chroma sets each chroma sample of dst, which is 4:2:0, to the mean of its pixels.
func (t turn) chroma(dst, src *image.YCbCr) {
	width, height := src.Rect.Dx(), src.Rect.Dy()
	for y := 0; y < dst.Rect.Max.Y; y += 2 {
		for x := 0; x < dst.Rect.Max.X; x += 2 {
			cb, cr, n := 0, 0, 0
			for py := y; py < min(y+2, dst.Rect.Max.Y); py++ {
				for px := x; px < min(x+2, dst.Rect.Max.X); px++ {
					at := src.COffset(t.source(px, py, width, height))
					cb, cr, n = cb+int(src.Cb[at]), cr+int(src.Cr[at]), n+1
				}
			}
			at := dst.COffset(x, y)
			dst.Cb[at], dst.Cr[at] = byte((cb+n/2)/n), byte((cr+n/2)/n)
		}
	}
}

type plane struct {
	bytes  []byte
	stride int // bytes from a row to the next
}

// tile is the side of the squares in which a plane is turned, so that the rows read and the rows written both stay in the cache.
const tile = 32

// plane writes src, of width times height elements, to dst; an element is 1 or 4 bytes.
func (t turn) plane(dst, src plane, width, height, element int) {
	// The element at (x, y) goes to origin + x*stepX + y*stepY.
	stepX, stepY := element, dst.stride
	if t.swap {
		stepX, stepY = dst.stride, element
	}
	origin := 0
	if t.mirrorX {
		origin, stepX = origin+(width-1)*stepX, -stepX
	}
	if t.mirrorY {
		origin, stepY = origin+(height-1)*stepY, -stepY
	}
	for top := 0; top < height; top += tile {
		for left := 0; left < width; left += tile {
			for y := top; y < min(top+tile, height); y++ {
				row := src.bytes[y*src.stride+left*element : y*src.stride+min(left+tile, width)*element]
				to := origin + y*stepY + left*stepX
				if element == 4 {
					for ; len(row) >= 4; row = row[4:] {
						*(*[4]byte)(dst.bytes[to:]) = [4]byte(row)
						to += stepX
					}
					continue
				}
				for _, b := range row {
					dst.bytes[to] = b
					to += stepX
				}
			}
		}
	}
}
