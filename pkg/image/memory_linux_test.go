package image

import (
	"contacts/pkg/image/header"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The environment of the function: its main sets the same.
var asTheFunction = []string{"GOGC=100", "GOMEMLIMIT=400MiB"}

const childPicture = "CONTACTS_IMAGE_TEST_PICTURE"

// processAlone is what the test's child process does: it processes one picture, so that its memory is nobody else's, and once
// more, as a function does that stays warm.
func processAlone(path string) {
	picture, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	start := time.Now()
	_, err = Process(context.Background(), picture)
	took := time.Since(start)
	if err == nil {
		_, err = Process(context.Background(), picture)
	}
	status, readErr := os.ReadFile("/proc/self/status")
	if readErr != nil {
		panic(readErr)
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Printf("%s\n%d\n%v\n", strings.Fields(peak)[0], took.Milliseconds(), err)
	os.Exit(0)
}

// peak returns the most memory that a process had for processing a picture, in MB of 1,000,000 bytes.
func peak(t *testing.T, picture []byte) (megabytes, milliseconds int, failure string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "picture")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestMemoryStaysWithinItsBound$")
	child.Env = append(append(os.Environ(), asTheFunction...), childPicture+"="+path)
	child.Stderr = os.Stderr
	out, err := child.Output()
	lines := strings.SplitN(strings.TrimSpace(string(out)), "\n", 3)
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	kib, err := strconv.Atoi(lines[0])
	if err != nil {
		t.Fatal(err)
	}
	milliseconds, _ = strconv.Atoi(lines[1])
	return kib * 1024 / 1_000_000, milliseconds, lines[2]
}

func TestMemoryStaysWithinItsBound(t *testing.T) {
	if path := os.Getenv(childPicture); path != "" {
		processAlone(path)
	}
	level := func(c, x, y int) byte { return byte(128 + x/200 - y/200 + 9*c) }
	progressive := func(width, height int) []byte {
		return rawJPEG{width: width, height: height, sof: header.SOF2, components: ycc(2, 2), level: level, rough: true,
			segments: [][]byte{exifSegment(6)}}.bytes()
	}
	baseline := func(width, height int, ratio image.YCbCrSubsampleRatio) []byte {
		return withSegments(jpegOf(photo(width, height, ratio)), exifSegment(6))
	}
	adobe := segment(header.APP14, "Adobe\x00\x64\x00\x00\x00\x00\x00")
	turnedPNG := chunk("eXIf", []byte(exifData(binary.BigEndian, 8, "x")))
	transparent := func() []byte {
		return withChunks(pngOf(painted(8660, 5770, func(x, y int) color.NRGBA {
			return color.NRGBA{byte(x / 40), byte(y / 40), byte(x * y >> 18), byte(255 - x/100)}
		})), turnedPNG)
	}
	// Of no colour, so that the file is small: as a bomb is.
	empty := func(width, height uint32, depth, colour, interlace byte, size int64) []byte {
		return withChunks([]byte(header.PNGSignature+string(ihdr(width, height, depth, colour, interlace))+
			string(chunk("IDAT", zeros(size)))+string(chunk("IEND", nil))), turnedPNG)
	}
	for _, c := range []struct {
		name    string
		picture func() []byte
		bound   int // MB
		refused string
	}{
		{"JPEG, 3 megapixels, baseline", func() []byte { return baseline(2048, 1536, image.YCbCrSubsampleRatio420) }, 256, ""},
		{"JPEG, 12 megapixels, baseline", func() []byte { return baseline(4000, 3000, image.YCbCrSubsampleRatio420) }, 256, ""},
		{"JPEG, 12 megapixels, square", func() []byte { return baseline(3464, 3464, image.YCbCrSubsampleRatio420) }, 256, ""},
		{"JPEG, 12 megapixels, progressive", func() []byte { return progressive(4000, 3000) }, 256, ""},
		{"JPEG, 24 megapixels, baseline", func() []byte { return baseline(6000, 4000, image.YCbCrSubsampleRatio420) }, 512, ""},
		{"JPEG, 50 megapixels, baseline", func() []byte { return baseline(8660, 5770, image.YCbCrSubsampleRatio420) }, 512, ""},
		{"JPEG, 50 megapixels, progressive", func() []byte { return progressive(8660, 5770) }, 512, ""},
		{"JPEG, 50 megapixels, CMYK", func() []byte {
			return rawJPEG{width: 8660, height: 5770, sof: header.SOF0, components: append(ycc(1, 1), component(4, 1, 1)), level: level,
				segments: [][]byte{exifSegment(6), adobe}}.bytes()
		}, 512, ""},
		{"PNG, 50 megapixels, transparent", transparent, 512, ""},
		{"PNG, 50 megapixels, a drawing", func() []byte { return empty(10000, 5000, 8, colourRGB, 0, 5000*30001) }, 512, ""},
		{"PNG, 45 megapixels, 16 bits, opaque", func() []byte { return empty(9000, 5000, 16, colourRGB, 0, 5000*54001) }, 512, ""},
		{"PNG, 36 megapixels, 16 bits, a bomb", func() []byte { return empty(6000, 6000, 16, colourRGBA, 0, 6000*48001) }, 512, ""},
		{"PNG, 50 megapixels, 16 bits, a bomb", func() []byte { return empty(10000, 5000, 16, colourRGBA, 0, 5000*80001) }, 512, "to decode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			picture := c.picture()
			megabytes, milliseconds, failure := peak(t, picture)
			t.Logf("%.1f MB of picture: at most %d MB of memory, %d ms; error: %s", float64(len(picture))/1e6, megabytes, milliseconds, failure)
			if megabytes > c.bound {
				t.Errorf("%d MB, more than %d", megabytes, c.bound)
			}
			if c.refused == "" && failure != "<nil>" || !strings.Contains(failure, c.refused) {
				t.Errorf("the picture is refused: %s", failure)
			}
		})
	}
}
