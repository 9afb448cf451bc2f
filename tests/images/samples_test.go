package images

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

// eachAlbum runs a test on each kind of contact that has images, in a tenant of its own.
func eachAlbum(t *testing.T, test func(t *testing.T, x *harness.Tenant, owner string)) {
	t.Helper()
	for kind, add := range map[string]func(*harness.Tenant) string{
		"individual":           func(x *harness.Tenant) string { return x.Individual("Erika") },
		"organization":         func(x *harness.Tenant) string { return x.Firm("Muster GmbH") },
		"placeholder customer": func(x *harness.Tenant) string { return x.NewPlaceholder("till") },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			test(t, x, add(x))
		})
	}
}

// The colours of a painting's quarters.

// scene is a picture of which no two neighbours are alike, as in a photograph.
func scene(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, color.NRGBA{byte(60 + (7*x+13*y)%64), byte(90 + (5*x+11*y)%64), byte(120 + x%64), 255})
		}
	}
	return m
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// transparent is a PNG that one can see through in a corner.
func transparent(width, height int) []byte {
	m := harness.Painting(width, height)
	m.SetNRGBA(0, 0, color.NRGBA{})
	return pngOf(m)
}

// padded is a JPEG or PNG of an exact length: what stands behind its end is no part of the picture.
func padded(picture []byte, length int) []byte {
	return append(slices.Clone(picture), make([]byte, length-len(picture))...)
}

// private is what a photo says of its owner.
const private = "Geheimweg 1"

// photoOf is a JPEG as a camera that was turned to its side leaves it: EXIF with orientation 6, a description and a place;
// XMP; a comment.
func photoOf(m image.Image) []byte {
	var tiff []byte
	u16 := func(v uint16) { tiff = binary.BigEndian.AppendUint16(tiff, v) }
	u32 := func(v uint32) { tiff = binary.BigEndian.AppendUint32(tiff, v) }
	entry := func(tag, kind uint16, count, value uint32) { u16(tag); u16(kind); u32(count); u32(value) }
	tiff = append(tiff, "MM\x00*"...)
	u32(8)
	u16(3) // the first directory, up to 50
	entry(0x010e, 2, uint32(len(private))+1, 80+24)
	entry(0x0112, 3, 1, 6<<16)
	entry(0x8825, 4, 1, 50)
	u32(0)
	u16(2) // the GPS directory, up to 80
	entry(1, 2, 2, 'N'<<24)
	entry(2, 5, 3, 80)
	u32(0)
	for _, v := range []uint32{50, 1, 56, 1, 30, 1} {
		u32(v)
	}
	tiff = append(append(tiff, private...), 0)
	segment := func(marker byte, body string) []byte {
		return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	plain := harness.JPEGOf(m)
	return slices.Concat(plain[:2], segment(0xe1, "Exif\x00\x00"+string(tiff)),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+private+"</x:xmpmeta>"), segment(0xfe, private), plain[2:])
}

// pngHeader is a PNG that claims dimensions and goes no further.
func pngHeader(width, height uint32) []byte {
	body := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	body = append(binary.BigEndian.AppendUint32(body, height), 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

// jpegClaiming is a JPEG whose header says other dimensions than its pixels have.
func jpegClaiming(width, height uint16) []byte {
	picture := harness.JPEGOf(harness.Painting(16, 16))
	at := bytes.Index(picture, []byte{0xff, 0xc0}) + 5
	binary.BigEndian.PutUint16(picture[at:], height)
	binary.BigEndian.PutUint16(picture[at+2:], width)
	return picture
}

// opened follows the way of a GET to the picture, as a browser does.
func opened(x *harness.Tenant, path string) (*http.Response, []byte) {
	x.T.Helper()
	response, err := http.Get(x.Located(x.Look("GET", path)))
	if err != nil {
		x.T.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		x.T.Fatalf("%s leads to %s %v %s", path, response.Status, err, body)
	}
	return response, body
}

// renderings are the keys of the four objects of images that are ready, in the order of objectsIn.
func renderings(x *harness.Tenant, paths ...string) []string {
	x.T.Helper()
	keys := []string{}
	for _, path := range paths {
		version := "none"
		for _, item := range x.ImageItems(path) {
			shown, ready := item["shown"].(*types.AttributeValueMemberS)
			if id := harness.LastSegment(path); ready && strings.Contains(item["doc"].(*types.AttributeValueMemberS).Value, `"id":"`+id+`"`) {
				version = shown.Value
			}
		}
		for _, name := range []string{"1024", "256", "64", "full"} {
			keys = append(keys, "images/"+x.Org+"/"+harness.OwnerID(path)+"/"+harness.LastSegment(path)+"/"+version+"/"+name)
		}
	}
	slices.Sort(keys)
	return keys
}

// with is the form with a field changed, or without it where the value is "".
func with(f harness.Form, name, value string) harness.Form {
	fields := map[string]string{name: value}
	for n, v := range f.Fields {
		if n != name {
			fields[n] = v
		}
	}
	if value == "" {
		delete(fields, name)
	}
	f.Fields = fields
	return f
}
