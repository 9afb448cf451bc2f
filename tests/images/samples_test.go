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

// eachAlbum runs a test for each kind of contact that has images, in a tenant of its own.
func eachAlbum(t *testing.T, test func(t *testing.T, x *harness.Tenant, owner string)) {
	t.Helper()
	for kind, add := range map[string]func(*harness.Tenant) string{
		"individual":           func(x *harness.Tenant) string { return x.CreateIndividual("Erika") },
		"organization":         func(x *harness.Tenant) string { return x.CreateOrganization("Muster GmbH") },
		"placeholder customer": func(x *harness.Tenant) string { return x.NewPlaceholder("till") },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			test(t, x, add(x))
		})
	}
}

// The colors of the quarters of a picture.

// scene returns a picture in which neighboring pixels differ, as in a photo.
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

// transparent returns a PNG with a transparent corner.
func transparent(width, height int) []byte {
	m := harness.Quarters(width, height)
	m.SetNRGBA(0, 0, color.NRGBA{})
	return pngOf(m)
}

// padded returns a picture of an exact length: bytes after its end do not belong to it.
func padded(picture []byte, length int) []byte {
	return append(slices.Clone(picture), make([]byte, length-len(picture))...)
}

// privateText is personal data in the metadata of a photo.
const privateText = "Geheimweg 1"

// photoOf returns a JPEG as from a camera that was held sideways: EXIF with orientation 6, a description and a place; XMP; a comment.
func photoOf(m image.Image) []byte {
	var tiff []byte
	u16 := func(v uint16) { tiff = binary.BigEndian.AppendUint16(tiff, v) }
	u32 := func(v uint32) { tiff = binary.BigEndian.AppendUint32(tiff, v) }
	entry := func(tag, kind uint16, count, value uint32) { u16(tag); u16(kind); u32(count); u32(value) }
	tiff = append(tiff, "MM\x00*"...)
	u32(8)
	u16(3) // the first directory, up to 50
	entry(0x010e, 2, uint32(len(privateText))+1, 80+24)
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
	tiff = append(append(tiff, privateText...), 0)
	segment := func(marker byte, body string) []byte {
		return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	plain := harness.JPEGOf(m)
	return slices.Concat(plain[:2], segment(0xe1, "Exif\x00\x00"+string(tiff)),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+privateText+"</x:xmpmeta>"), segment(0xfe, privateText), plain[2:])
}

// pngHeader returns a PNG that ends after its header.
func pngHeader(width, height uint32) []byte {
	body := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	body = append(binary.BigEndian.AppendUint32(body, height), 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

// jpegClaiming returns a JPEG whose header has other dimensions than its pixels.
func jpegClaiming(width, height uint16) []byte {
	picture := harness.JPEGOf(harness.Quarters(16, 16))
	at := bytes.Index(picture, []byte{0xff, 0xc0}) + 5
	binary.BigEndian.PutUint16(picture[at:], height)
	binary.BigEndian.PutUint16(picture[at+2:], width)
	return picture
}

// download follows the redirect of a GET to the picture, as a browser does.
func download(x *harness.Tenant, path string) (*http.Response, []byte) {
	x.T.Helper()
	response, err := http.Get(x.RedirectOf(x.GetUnfollowed("GET", path)))
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

// objectKeys returns the keys of the four objects of each ready image, in the order of ObjectsIn.
func objectKeys(x *harness.Tenant, paths ...string) []string {
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

// with returns the form with a field changed, or without it if the value is "".
func with(f harness.UploadForm, name, value string) harness.UploadForm {
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
