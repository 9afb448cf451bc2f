package image

import "bytes"

const (
	// sampledRows is the most rows of a picture that are compared.
	sampledRows = 1024
	// fewColours is fewer than any photograph has.
	fewColours = 16
)

// isDrawing reports whether a picture consists of areas of one colour, as drawings, text and screenshots do, and photographs do not:
// most pixels equal their left or upper neighbour, or there are very few colours. JPEG would blur the edges and the colours of such
// areas: small red text becomes dark.
func isDrawing(width, height int, read rows) bool {
	step := max(1, 2*height/sampledRows)
	above, row := make([]byte, 4*width), make([]byte, 4*width)
	colours := map[[4]byte]bool{}
	like, compared := 0, 0
	for y := 0; y < height; y += step {
		read(max(0, y-1), above)
		read(y, row)
		for i := 0; i < len(row); i += 4 {
			pixel := row[i : i+4]
			if len(colours) <= fewColours {
				colours[[4]byte(pixel)] = true
			}
			if i == 0 && y == 0 {
				continue
			}
			compared++
			if i > 0 && bytes.Equal(pixel, row[i-4:i]) || y > 0 && bytes.Equal(pixel, above[i:i+4]) {
				like++
			}
		}
	}
	return len(colours) <= fewColours || 3*like >= 2*compared
}
