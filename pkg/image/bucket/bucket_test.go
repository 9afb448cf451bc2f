package bucket_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"contacts/pkg/contact"
	"contacts/pkg/image"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/object"
	"contacts/pkg/local"
)

const name = "pictures"

var keys = credentials.NewStaticCredentialsProvider("key", "secret", "token")

func options(endpoint string) bucket.Options {
	return bucket.Options{Name: name, Region: "eu-central-1", Endpoint: endpoint, Credentials: keys, HTTPClient: &http.Client{}, Now: time.Now}
}

func opened(t *testing.T) *bucket.Bucket {
	t.Helper()
	objects, err := local.StartObjects(t.Context(), local.ObjectsOptions{Bucket: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Stop(context.Background()) })
	return bucket.Open(options(objects.Endpoint()))
}

func put(t *testing.T, b *bucket.Bucket, key string, data []byte) {
	t.Helper()
	if err := b.Put(t.Context(), key, "image/png", data); err != nil {
		t.Fatal(err)
	}
}

func keysIn(t *testing.T, b *bucket.Bucket, folder string) []string {
	t.Helper()
	found := []string{}
	if err := b.Each(t.Context(), folder, func(key string, stored time.Time) error {
		if age := time.Since(stored); age < -time.Minute || age > time.Minute {
			t.Errorf("%s was stored at %s", key, stored)
		}
		found = append(found, key)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAnObjectIsKeptUnderWhateverKey(t *testing.T) {
	t.Parallel()
	b := opened(t)
	for _, key := range []string{"images/acme/1/2/ab/full", "images/a b/ü+%41&<é>/1", "images/a=b?c#d"} {
		if _, err := b.Get(t.Context(), key); !errors.Is(err, object.ErrMissing) {
			t.Errorf("%s: %v before it is there", key, err)
		}
		put(t, b, key, []byte("picture of "+key))
		got, err := b.Get(t.Context(), key)
		if err != nil || string(got) != "picture of "+key {
			t.Errorf("%s: %q, %v", key, got, err)
		}
		var copied bytes.Buffer
		if kind, err := b.Copy(t.Context(), key, &copied); err != nil || kind != "image/png" || copied.String() != string(got) {
			t.Errorf("%s: a copy is %q of type %s, %v", key, copied.String(), kind, err)
		}
		if found := keysIn(t, b, key); !slices.Equal(found, []string{key}) {
			t.Errorf("%s: listed as %q", key, found)
		}
		for range 2 { // what is gone is no error
			if err := b.Delete(t.Context(), key); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	if _, err := b.Copy(t.Context(), "none", new(bytes.Buffer)); !errors.Is(err, object.ErrMissing) {
		t.Errorf("a copy of nothing: %v", err)
	}
}

func TestMoreObjectsAreListedThanAPageHas(t *testing.T) {
	t.Parallel()
	b := opened(t)
	want := []string{}
	for i := range 1100 {
		key := fmt.Sprintf("images/%04d", i)
		put(t, b, key, nil)
		want = append(want, key)
	}
	if found := keysIn(t, b, "images/"); !slices.Equal(found, want) {
		t.Errorf("%d of %d objects are listed", len(found), len(want))
	}
	if err := b.Clear(t.Context(), "images/", "images/00"); err != nil {
		t.Fatal(err)
	}
	if found := keysIn(t, b, "images/"); !slices.Equal(found, want[:100]) {
		t.Errorf("%d objects are kept of 100", len(found))
	}
}

func TestAnObjectThatIsTooLargeIsNotRead(t *testing.T) {
	t.Parallel()
	b := opened(t)
	put(t, b, "large", make([]byte, object.MaxUpload+1))
	var unfit *image.Unfit
	if _, err := b.Get(t.Context(), "large"); !errors.As(err, &unfit) {
		t.Errorf("%v", err)
	}
}

func TestABucketOutOfReachIsUnavailable(t *testing.T) {
	t.Parallel()
	b := bucket.Open(options("http://127.0.0.1:1"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for what, err := range map[string]error{
		"put": b.Put(ctx, "key", "image/png", nil), "delete": b.Delete(ctx, "key"), "clear": b.Clear(ctx, "folder", ""),
		"get": func() error { _, err := b.Get(ctx, "key"); return err }(),
	} {
		if !contact.IsRefused(err, contact.Unavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// An upload in the making of the SDK has the same fields and the same conditions.
func TestAFormIsTheOneThatTheSDKMakes(t *testing.T) {
	t.Parallel()
	for endpoint, b := range map[string]*bucket.Bucket{"": bucket.Open(options("")), "http://localhost:9000": bucket.Open(options("http://localhost:9000"))} {
		o := s3.Options{Region: "eu-central-1", Credentials: keys}
		if endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = &endpoint, true
		}
		post := func() (*s3.PresignedPostRequest, object.Upload) {
			want, err := s3.NewPresignClient(s3.New(o)).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(name), Key: aws.String("a/b")},
				func(p *s3.PresignPostOptions) {
					p.Expires = 10 * time.Minute
					p.Conditions = []any{map[string]string{"Content-Type": "image/png"}, []any{"content-length-range", 7, 7}}
				})
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.Upload(t.Context(), "a/b", "image/png", 7)
			if err != nil {
				t.Fatal(err)
			}
			return want, got
		}
		want, got := post()
		for want.Values["X-Amz-Date"] != got.Fields["X-Amz-Date"] {
			want, got = post() // the second was about to end
		}
		want.Values["Content-Type"] = "image/png"
		if got.URL != want.URL || policy(t, got.Fields) != policy(t, want.Values) {
			t.Errorf("%s\n%s\nwant %s\n%s", got.URL, policy(t, got.Fields), want.URL, policy(t, want.Values))
		}
		for _, fields := range []map[string]string{got.Fields, want.Values} { // the order of conditions is no one's
			delete(fields, "policy")
			delete(fields, "X-Amz-Signature")
		}
		if !maps.Equal(got.Fields, want.Values) {
			t.Errorf("%v, want %v", got.Fields, want.Values)
		}
	}
}

// policy is the policy of a form with its conditions in order.
func policy(t *testing.T, fields map[string]string) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(fields["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Expiration string            `json:"expiration"`
		Conditions []json.RawMessage `json:"conditions"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	lines := []string{p.Expiration}
	for _, c := range p.Conditions {
		lines = append(lines, string(c))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestAddressesAreAWSsOwnWhereNoEndpointIsNamed(t *testing.T) {
	t.Parallel()
	for bucketName, want := range map[string]string{
		"pictures":     "https://pictures.s3.eu-central-1.amazonaws.com/a/b?",
		"my.pictures.": "https://s3.eu-central-1.amazonaws.com/my.pictures./a/b?",
	} {
		o := options("")
		o.Name = bucketName
		got, err := bucket.Open(o).URL(t.Context(), "a/b", "image/png", false)
		if err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s, %v, want %s…", got, err, want)
		}
	}
}
