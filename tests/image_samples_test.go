package tests

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// eachAlbum runs a test on each kind of contact that has images, in a tenant of its own.
func eachAlbum(t *testing.T, test func(t *testing.T, x *tenant, owner string)) {
	t.Helper()
	for kind, add := range map[string]func(*tenant) string{
		"individual":           func(x *tenant) string { return x.individual("Erika") },
		"organization":         func(x *tenant) string { return x.firm("Muster GmbH") },
		"placeholder customer": func(x *tenant) string { return x.newPlaceholder("till") },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			test(t, x, add(x))
		})
	}
}

// The colours of a painting's quarters.
var (
	topLeft, topRight       = color.NRGBA{200, 0, 0, 255}, color.NRGBA{0, 200, 0, 255}
	bottomLeft, bottomRight = color.NRGBA{0, 0, 200, 255}, color.NRGBA{200, 200, 0, 255}
)

// painting is a picture of four quarters.
func painting(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := [2][2]color.NRGBA{{topLeft, topRight}, {bottomLeft, bottomRight}}[y*2/height][x*2/width]
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

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

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
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
	m := painting(width, height)
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
	plain := jpegOf(m)
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
	picture := jpegOf(painting(16, 16))
	at := bytes.Index(picture, []byte{0xff, 0xc0}) + 5
	binary.BigEndian.PutUint16(picture[at:], height)
	binary.BigEndian.PutUint16(picture[at+2:], width)
	return picture
}

// dataOf is a picture as a body brings it.
func dataOf(picture []byte) object {
	return object{"data": base64.StdEncoding.EncodeToString(picture)}
}

// eventually waits until something holds that the platform does by itself. Its limit is no promise: it ends a test that would never end.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	limit, tick := time.After(5*time.Minute), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("after 5 minutes: not %s", what)
		}
	}
}

// album lists the images of a contact; it holds that the list is items alone, as the API document shows it.
func (x *tenant) album(owner string) []object {
	x.t.Helper()
	a := x.get(owner + "/images").want(200)
	var list struct{ Items []object }
	a.decode(&list)
	if whole := a.object(); list.Items == nil || len(whole) != 1 {
		x.t.Fatalf("%s: %s, want items alone", a.what, a.body)
	}
	return list.Items
}

// listed is an image as the list shows it, nil where it does not.
func (x *tenant) listed(owner, id string) object {
	x.t.Helper()
	for _, item := range x.album(owner) {
		if item["id"] == id {
			return item
		}
	}
	return nil
}

// settled waits until an image is ready or rejected, and returns it as it is listed.
func (x *tenant) settled(owner, id string) (item object) {
	x.t.Helper()
	eventually(x.t, id+" settled", func() bool {
		item = x.listed(owner, id)
		return item != nil && item["status"] != "PROCESSING"
	})
	return item
}

// picture adds a picture by body and returns the image's path once it is ready.
func (x *tenant) picture(owner string, data []byte) string {
	x.t.Helper()
	id := x.do("POST", owner+"/images", dataOf(data)).want(201).text("id")
	if item := x.settled(owner, id); item["status"] != "READY" {
		x.t.Fatalf("%v, want it READY", item)
	}
	return owner + "/images/" + id
}

// look asks for a picture, and stays where the answer leads away.
func (x *tenant) look(method, path string, headers ...string) *answer {
	x.t.Helper()
	request, err := http.NewRequest(method, platform.url+x.path(path), nil)
	if err != nil {
		x.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+x.token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	staying := http.Client{Transport: platform.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := staying.Do(request)
	if err != nil {
		x.t.Fatal(err)
	}
	defer response.Body.Close()
	a := &answer{t: x.t, what: method + " " + path, status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		x.t.Fatal(err)
	}
	return a
}

// opened follows the way of a GET to the picture, as a browser does.
func (x *tenant) opened(path string) (*http.Response, []byte) {
	x.t.Helper()
	response, err := http.Get(x.located(x.look("GET", path)))
	if err != nil {
		x.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		x.t.Fatalf("%s leads to %s %v %s", path, response.Status, err, body)
	}
	return response, body
}

// located holds an answer to lead elsewhere, and tells where.
func (x *tenant) located(a *answer) string {
	x.t.Helper()
	a.want(302)
	if got := a.header.Get("Cache-Control"); !strings.Contains(got, "private") {
		x.t.Errorf("%s: Cache-Control %q", a.what, got)
	}
	return a.header.Get("Location")
}

// bucketOf speaks to an S3 server.
func bucketOf(endpoint string) *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

// objectsIn lists the keys of all objects that a tenant has at an S3 server.
func (x *tenant) objectsIn(endpoint string) []string {
	x.t.Helper()
	keys := []string{}
	for _, prefix := range []string{"images/" + x.org + "/", "incoming/" + x.org + "/"} {
		pages := s3.NewListObjectsV2Paginator(bucketOf(endpoint), &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(context.Background())
			if err != nil {
				x.t.Fatal(err)
			}
			for _, o := range page.Contents {
				keys = append(keys, *o.Key)
			}
		}
	}
	return keys
}

// renderings are the keys of the four objects of images that are ready, in the order of objectsIn.
func (x *tenant) renderings(paths ...string) []string {
	x.t.Helper()
	keys := []string{}
	for _, path := range paths {
		version := "none"
		for _, item := range x.imageItems(path) {
			shown, ready := item["shown"].(*types.AttributeValueMemberS)
			if id := lastSegment(path); ready && strings.Contains(item["doc"].(*types.AttributeValueMemberS).Value, `"id":"`+id+`"`) {
				version = shown.Value
			}
		}
		for _, name := range []string{"1024", "256", "64", "full"} {
			keys = append(keys, "images/"+x.org+"/"+ownerID(path)+"/"+lastSegment(path)+"/"+version+"/"+name)
		}
	}
	slices.Sort(keys)
	return keys
}

// imageItems are the stored items of a contact's images.
func (x *tenant) imageItems(owner string) []map[string]types.AttributeValue {
	x.t.Helper()
	out, err := platform.store.Query(context.Background(), &dynamodb.QueryInput{
		TableName: &platform.name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: fmt.Sprintf("T#%s#C#%016s", x.org, ownerID(owner))},
			":sk": &types.AttributeValueMemberS{Value: "image#"},
		},
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return out.Items
}

// A form is where a picture can be posted to.
type form struct {
	ID, URL string
	Fields  map[string]string
	Expires time.Time
}

// form asks for a way to upload.
func (x *tenant) form(owner string, wanted object) form {
	x.t.Helper()
	var f form
	x.do("POST", owner+"/images/upload", wanted).want(201).decode(&f)
	return f
}

// post sends a form as a browser does, the file last, and returns the status and what came with it.
func (f form) post(t testing.TB, file []byte) (int, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range f.Fields {
		_ = w.WriteField(name, value) // to memory
	}
	part, _ := w.CreateFormFile("file", "picture.jpg")
	_, _ = part.Write(file)
	_ = w.Close()
	response, err := http.Post(f.URL, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body) // for the message
	return response.StatusCode, string(text)
}

// with is the form with a field changed, or without it where the value is "".
func (f form) with(name, value string) form {
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
