package image

import "bytes"

const (
	// sampledRows bounds how many rows of a picture are looked at.
	sampledRows = 1024
	// fewColours are so few that no photograph has as few.
	fewColours = 16
)

// isDrawing reports whether a picture is made of areas of one colour, as drawings, writing and pictures of screens are, and
// photographs are not: most of its pixels are like their left or their upper neighbour, or it has very few colours. JPEG would
// blur the edges of such areas, and keep less of their colours than of their light: small red writing becomes dark.
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
