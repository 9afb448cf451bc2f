package harness

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var TopLeft, TopRight = color.NRGBA{200, 0, 0, 255}, color.NRGBA{0, 200, 0, 255}

var BottomLeft, BottomRight = color.NRGBA{0, 0, 200, 255}, color.NRGBA{200, 200, 0, 255}

// Quarters returns a picture of four quarters in different colors.
func Quarters(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := [2][2]color.NRGBA{{TopLeft, TopRight}, {BottomLeft, BottomRight}}[y*2/height][x*2/width]
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func JPEGOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// ImageBody returns the body that adds a picture.
func ImageBody(picture []byte) Object {
	return Object{"data": base64.StdEncoding.EncodeToString(picture)}
}

// Eventually waits for something that the platform does by itself. Its limit is no promise: it ends a test that would never end.
func Eventually(t testing.TB, what string, holds func() bool) {
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

// ListImages lists the images of a contact. It requires the answer to have items alone, as the API document shows it.
func (x *Tenant) ListImages(owner string) []Object {
	x.T.Helper()
	a := x.Get(owner + "/images").Want(200)
	var list struct{ Items []Object }
	a.Decode(&list)
	if whole := a.Object(); list.Items == nil || len(whole) != 1 {
		x.T.Fatalf("%s: %s, want items alone", a.What, a.Body)
	}
	return list.Items
}

// ListedImage returns an image as the list shows it, or nil.
func (x *Tenant) ListedImage(owner, id string) Object {
	x.T.Helper()
	for _, item := range x.ListImages(owner) {
		if item["id"] == id {
			return item
		}
	}
	return nil
}

// WaitForImage waits until an image is ready or rejected, and returns it as the list shows it.
func (x *Tenant) WaitForImage(owner, id string) (item Object) {
	x.T.Helper()
	Eventually(x.T, id+" settled", func() bool {
		item = x.ListedImage(owner, id)
		return item != nil && item["status"] != "PROCESSING"
	})
	return item
}

// AddReadyImage adds a picture and returns the image's path as soon as it is ready.
func (x *Tenant) AddReadyImage(owner string, data []byte) string {
	x.T.Helper()
	id := x.Do("POST", owner+"/images", ImageBody(data)).Want(201).Text("id")
	if item := x.WaitForImage(owner, id); item["status"] != "READY" {
		x.T.Fatalf("%v, want it READY", item)
	}
	return owner + "/images/" + id
}

// GetUnfollowed requests a picture without following the redirect.
func (x *Tenant) GetUnfollowed(method, path string, headers ...string) *Answer {
	x.T.Helper()
	request, err := http.NewRequest(method, Platform.URL+x.Path(path), nil)
	if err != nil {
		x.T.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+x.Token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	staying := http.Client{Transport: Platform.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := staying.Do(request)
	if err != nil {
		x.T.Fatal(err)
	}
	defer response.Body.Close()
	a := &Answer{T: x.T, What: method + " " + path, Status: response.StatusCode, Header: response.Header}
	if a.Body, err = io.ReadAll(response.Body); err != nil {
		x.T.Fatal(err)
	}
	return a
}

// RedirectOf requires a redirect and returns its target.
func (x *Tenant) RedirectOf(a *Answer) string {
	x.T.Helper()
	a.Want(302)
	if got := a.Header.Get("Cache-Control"); !strings.Contains(got, "private") {
		x.T.Errorf("%s: Cache-Control %q", a.What, got)
	}
	return a.Header.Get("Location")
}

// BucketOf returns a client of an S3 server.
func BucketOf(endpoint string) *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

// ObjectsIn lists the keys of all objects of a tenant at an S3 server.
func (x *Tenant) ObjectsIn(endpoint string) []string {
	x.T.Helper()
	keys := []string{}
	for _, prefix := range []string{"images/" + x.Org + "/", "incoming/" + x.Org + "/"} {
		pages := s3.NewListObjectsV2Paginator(BucketOf(endpoint), &s3.ListObjectsV2Input{Bucket: aws.String(Bucket), Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(context.Background())
			if err != nil {
				x.T.Fatal(err)
			}
			for _, o := range page.Contents {
				keys = append(keys, *o.Key)
			}
		}
	}
	return keys
}

// ImageItems returns the stored items of a contact's images.
func (x *Tenant) ImageItems(owner string) []map[string]types.AttributeValue {
	x.T.Helper()
	out, err := Platform.Store.Query(context.Background(), &dynamodb.QueryInput{
		TableName: &Platform.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: fmt.Sprintf("T#%s#C#%016s", x.Org, OwnerID(owner))},
			":sk": &types.AttributeValueMemberS{Value: "image#"},
		},
	})
	if err != nil {
		x.T.Fatal(err)
	}
	return out.Items
}

// An UploadForm is a form by which a picture is posted to the bucket.
type UploadForm struct {
	ID, URL string
	Fields  map[string]string
	Expires time.Time
}

// RequestUpload requests a form for an upload.
func (x *Tenant) RequestUpload(owner string, wanted Object) UploadForm {
	x.T.Helper()
	var f UploadForm
	x.Do("POST", owner+"/images/upload", wanted).Want(201).Decode(&f)
	return f
}

// Post sends a form as a browser does, the file last, and returns the status and the body.
func (f UploadForm) Post(t testing.TB, file []byte) (int, string) {
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

var UploadJPEG = Object{"content_type": "image/jpeg"}
