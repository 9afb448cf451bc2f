package image

import (
	"bytes"
	"compress/zlib"
	"contacts/pkg/image/header"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
)

// photo returns a picture with slopes, waves, edges and noise.
func photo(width, height int, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, width, height), ratio)
	waves := make([]float64, width)
	for x := range waves {
		waves[x] = 60 * math.Sin(float64(x)/37)
	}
	noise := uint32(1)
	for y := range height {
		wave := math.Cos(float64(y) / 53)
		for x := range width {
			noise = noise*1664525 + 1013904223
			v := 118 + waves[x]*wave + float64(noise>>28)
			if (x/97+y/61)%5 == 0 {
				v += 40
			}
			m.Y[y*m.YStride+x] = byte(v)
		}
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = byte(100+i/97%50), byte(110+i/m.CStride%40)
	}
	return m
}

// painted returns a picture of the colours that at gives.
func painted(width, height int, at func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, at(x, y))
		}
	}
	return m
}

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func decoded(data []byte) image.Image {
	decode := jpeg.Decode
	if bytes.HasPrefix(data, []byte(header.PNGSignature)) {
		decode = png.Decode
	}
	m, err := decode(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	return m
}

// segment returns a JPEG segment.
func segment(marker byte, body string) []byte {
	return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
}

// withSegments puts segments after a JPEG's first marker.
func withSegments(picture []byte, segments ...[]byte) []byte {
	return slices.Concat(picture[:2], slices.Concat(segments...), picture[2:])
}

// exifData returns a TIFF structure with a directory of a text, the orientation, and a GPS latitude reference.
func exifData(order binary.AppendByteOrder, orientation uint16, text string) string {
	b := []byte("II*\x00")
	if order.AppendUint16(nil, 1)[0] == 0 {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 3)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		b = order.AppendUint32(b, value)
	}
	entry(0x010e, 2, uint32(len(text)), 8+2+3*12+4) // description, after the directory
	value := order.AppendUint16(nil, orientation)
	value = append(value, 0, 0)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = append(b, value...)
	entry(0x8825, 4, 1, 0) // GPS directory
	b = order.AppendUint32(b, 0)
	return string(b) + text
}

func exifSegment(orientation int) []byte {
	return segment(header.APP1, exifPrefix+exifData(binary.BigEndian, uint16(orientation), "camera"))
}

// chunk returns a PNG chunk.
func chunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunks puts chunks after a PNG's IHDR.
func withChunks(picture []byte, chunks ...[]byte) []byte {
	return slices.Concat(picture[:header.IHDREnd+4], slices.Concat(chunks...), picture[header.IHDREnd+4:])
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func ihdr(width, height uint32, depth, colour, interlace byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, width)
	b = binary.BigEndian.AppendUint32(b, height)
	return chunk("IHDR", append(b, depth, colour, 0, 0, interlace))
}

// rawPNG is a PNG of what the standard encoder does not make.
type rawPNG struct {
	width, height int
	depth, colour byte
	interlaced    bool
	chunks        [][]byte                // after the IHDR
	samples       func(x, y int) []uint16 // of depth bits each
}

func (p rawPNG) bytes() []byte {
	passes := [][4]int{{0, 0, 1, 1}} // where it begins, and its steps
	if p.interlaced {
		passes = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var data []byte
	for _, pass := range passes {
		for y := pass[1]; y < p.height && pass[0] < p.width; y += pass[3] {
			data = append(data, 0) // no filter
			bits, n := uint32(0), 0
			for x := pass[0]; x < p.width; x += pass[2] {
				for _, s := range p.samples(x, y) {
					bits, n = bits<<p.depth|uint32(s), n+int(p.depth)
					for ; n >= 8; n -= 8 {
						data = append(data, byte(bits>>(n-8)))
					}
				}
			}
			if n > 0 {
				data = append(data, byte(bits<<(8-n)))
			}
		}
	}
	interlace := byte(0)
	if p.interlaced {
		interlace = 1
	}
	head := append([]byte(header.PNGSignature), ihdr(uint32(p.width), uint32(p.height), p.depth, p.colour, interlace)...)
	return slices.Concat(head, slices.Concat(p.chunks...), chunk("IDAT", deflated(data)), chunk("IEND", nil))
}

// rawJPEG is a JPEG of what the standard encoder does not make. Each of its blocks has one level.
type rawJPEG struct {
	width, height int
	sof           byte
	precision     byte // 8 where it is 0
	components    []header.Component
	segments      [][]byte               // after the first marker
	level         func(c, x, y int) byte // of component c in the block whose corner is the pixel (x, y)
	rough         bool                   // gives blocks more than their level
	emptyScans    int                    // more scans, which change nothing
}

func component(id byte, h, v int) header.Component { return header.Component{ID: id, H: h, V: v} }

func ycc(h, v int) []header.Component {
	return []header.Component{component(1, h, v), component(2, 1, 1), component(3, 1, 1)}
}

// A code of 4 bits for each category of a DC difference, one of 8 bits for each AC symbol but the last: the code is the
// symbol.
func huffmanTables() []byte {
	dc, ac := make([]byte, 17+12), make([]byte, 17+255)
	dc[4], ac[0], ac[8] = 12, 0x10, 255
	for i := range 12 {
		dc[17+i] = byte(i)
	}
	for i := range 255 {
		ac[17+i] = byte(i)
	}
	return append(segment(header.DHT, string(dc)), segment(header.DHT, string(ac))...)
}

type bitWriter struct {
	out  []byte
	bits uint32
	n    int
}

func (w *bitWriter) write(bits uint32, n int) {
	w.bits, w.n = w.bits<<n|bits, w.n+n
	for ; w.n >= 8; w.n -= 8 {
		b := byte(w.bits >> (w.n - 8))
		if w.out = append(w.out, b); b == 0xff {
			w.out = append(w.out, 0)
		}
	}
}

func (w *bitWriter) flush() {
	if w.n > 0 {
		w.write(1<<(8-w.n)-1, 8-w.n)
	}
	w.bits, w.n = 0, 0
}

func (w *bitWriter) difference(d int) {
	size := 0
	for v := max(d, -d); v > 0; v >>= 1 {
		size++
	}
	if d < 0 {
		d += 1<<size - 1
	}
	w.write(uint32(size), 4)
	w.write(uint32(d), size)
}

// texture writes the other coefficients of a block: a few, or none.
func (w *bitWriter) texture(rough bool, seed int) {
	if rough {
		noise := uint32(seed)*2654435761 + 12345
		for range 4 {
			noise = noise*1664525 + 1013904223
			w.write(noise>>30<<4|3, 8) // up to three zeros, then a value of three bits
			w.write(noise>>20&7, 3)
		}
	}
	w.write(0, 8) // end of block
}

func (p rawJPEG) bytes() []byte {
	maxH, maxV := 1, 1
	for _, c := range p.components {
		maxH, maxV = max(maxH, c.H), max(maxV, c.V)
	}
	if p.precision == 0 {
		p.precision = 8
	}
	frame := string([]byte{p.precision, byte(p.height >> 8), byte(p.height), byte(p.width >> 8), byte(p.width), byte(len(p.components))})
	scan := string([]byte{byte(len(p.components))})
	for _, c := range p.components {
		frame += string([]byte{c.ID, byte(c.H<<4 | c.V), 0})
		scan += string([]byte{c.ID, 0})
	}
	progressive := p.sof == header.SOF2
	last := byte(63)
	if progressive {
		last = 0
	}
	w := &bitWriter{out: slices.Concat([]byte(header.JPEGStart), slices.Concat(p.segments...),
		segment(0xdb, "\x00"+string(bytes.Repeat([]byte{8}, 64))), segment(p.sof, frame), huffmanTables(),
		segment(header.SOS, scan+string([]byte{0, last, 0})))}
	previous := make([]int, len(p.components))
	for y := 0; y < p.height; y += 8 * maxV {
		for x := 0; x < p.width; x += 8 * maxH {
			for i, c := range p.components {
				for b := range c.H * c.V {
					level := int(p.level(i, x+b%c.H*8*maxH/c.H, y+b/c.H*8*maxV/c.V)) - 128
					w.difference(level - previous[i])
					previous[i] = level
					if !progressive {
						w.texture(p.rough, x^y)
					}
				}
			}
		}
	}
	w.flush()
	for range p.emptyScans {
		w.out = append(w.out, segment(header.SOS, string([]byte{1, p.components[0].ID, 0, 1, 63, 0}))...)
		for blocks := (p.width + 7) / 8 * ((p.height + 7) / 8); blocks > 0; {
			run := min(blocks, 32767)
			size := 0
			for run>>(size+1) > 0 {
				size++
			}
			w.write(uint32(size)<<4, 8)
			w.write(uint32(run-1<<size), size)
			blocks -= run
		}
		w.flush()
	}
	for _, c := range p.components {
		if !progressive {
			break
		}
		w.out = append(w.out, segment(header.SOS, string([]byte{1, c.ID, 0, 1, 63, 0}))...)
		across, down := ceil(p.width*c.H, maxH), ceil(p.height*c.V, maxV)
		for i := range ceil(across, 8) * ceil(down, 8) {
			w.texture(p.rough, i)
		}
		w.flush()
	}
	return append(w.out, 0xff, header.EOI)
}
