package bucket_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/contact"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/header"
	"contacts/pkg/image/object"
	"contacts/pkg/local"
)

const name = "pictures"

var keys = credentials.NewStaticCredentialsProvider("key", "secret", "token")

func options(endpoint string) bucket.Options {
	return bucket.Options{Name: name, Region: "eu-central-1", Endpoint: endpoint, Credentials: keys, HTTPClient: &http.Client{}}
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

var begun = time.Now()

func keysIn(t *testing.T, b *bucket.Bucket, folder string) []string {
	t.Helper()
	found := []string{}
	if err := b.Each(t.Context(), folder, func(key string, stored time.Time) error {
		if stored.Before(begun.Truncate(time.Second)) || stored.After(time.Now()) {
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
	var unfit *header.Unfit
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

func TestAFormIsBoundToKeyTypeAndSize(t *testing.T) {
	t.Parallel()
	for endpoint, url := range map[string]string{"": "https://pictures.s3.eu-central-1.amazonaws.com", "http://localhost:9000": "http://localhost:9000/pictures"} {
		for size, limits := range map[int64]string{0: "1,12000000", 7: "7,7"} {
			got, err := bucket.Open(options(endpoint)).Upload(t.Context(), "a/b", "image/png", size)
			if err != nil {
				t.Fatal(err)
			}
			terms := policy(t, got.Fields)
			for _, want := range []string{`{"bucket":"pictures"}`, `{"key":"a/b"}`, `{"Content-Type":"image/png"}`, `["content-length-range",` + limits + `]`} {
				if !strings.Contains(terms, want) {
					t.Errorf("the form's terms are %s, want %s among them", terms, want)
				}
			}
			if got.URL != url || got.Fields["key"] != "a/b" || got.Fields["Content-Type"] != "image/png" || got.Fields["X-Amz-Security-Token"] != "token" {
				t.Errorf("%s %v, want %s", got.URL, got.Fields, url)
			}
			if left := time.Until(got.Expires); left < 9*time.Minute || left > 10*time.Minute {
				t.Errorf("it works for %s", left)
			}
		}
	}
}

func TestAnAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "01234")
		if asked++; asked > 1 {
			_, _ = io.WriteString(w, "56789")
		}
	}))
	t.Cleanup(server.Close)
	got, err := bucket.Open(options(server.URL)).Get(t.Context(), "key")
	if err != nil || string(got) != "0123456789" || asked != 2 {
		t.Errorf("%q, %v, asked %d times", got, err, asked)
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
