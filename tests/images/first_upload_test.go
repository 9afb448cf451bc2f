package images

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"contacts/tests/harness"
)

// sentEvent returns the event of S3 for one of several objects with a key.
func sentEvent(key, etag string, sequence int) []byte {
	text, err := json.Marshal(object{"Records": []object{{"eventName": "ObjectCreated:Post", "s3": object{"bucket": object{"name": harness.Bucket},
		"object": object{"key": key, "size": 1, "eTag": etag, "sequencer": fmt.Sprintf("%016X", sequence)}}}}})
	if err != nil {
		panic(err)
	}
	return text
}

// A watcher sends requests, and records those for the original picture.
type watcher struct {
	mu    sync.Mutex
	reads int
	// first, if not nil, is called before the first rendition is stored.
	first func()
}

func (w *watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	var first func()
	switch incoming := strings.Contains(r.URL.Path, "/incoming/"); {
	case r.Method == http.MethodGet && incoming:
		w.reads++
	case r.Method == http.MethodPut && !incoming:
		first, w.first = w.first, nil
	}
	w.mu.Unlock()
	if first != nil {
		first()
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestOnlyTheFirstObjectOfAFormIsDecoded(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	path, _ := s.AddPicture(harness.SmallPicture)
	key := s.Incoming(harness.LastSegment(path))
	_, objects := s.Clients(http.DefaultTransport, 0)
	other := harness.JPEGOf(harness.Quarters(32, 48))
	later := &watcher{}
	laterComes := func(sequence int) {
		t.Helper()
		if err := objects.Put(t.Context(), key, "image/jpeg", other); err != nil {
			t.Error(err)
		}
		if err := s.Process(t.Context(), later, sentEvent(key, "", sequence)); err != nil {
			t.Error(err)
		}
	}
	// Later ones arrive while the first is processed, and afterwards.
	first := &watcher{first: func() { laterComes(2); laterComes(3) }}
	if err := s.Process(t.Context(), first, sentEvent(key, "", 1)); err != nil {
		t.Fatal(err)
	}
	wantImages(s, path)
	laterComes(4)
	wantImages(s, path) // 48 x 32, and nothing left of what came later
	if first.reads != 1 || later.reads != 0 {
		t.Errorf("the first was read %d times, later ones %d times, want 1 and 0", first.reads, later.reads)
	}
	remove(s, path).Want(204)
}

// The event of the first is repeated after its run broke off, and continues.
func TestTheFirstObjectOfAFormStaysTheFirstWhenItsEventIsRepeated(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	path, _ := s.AddPicture(harness.SmallPicture)
	key := s.Incoming(harness.LastSegment(path))
	refusing := harness.Carrier(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut {
			return harness.Answering(r, 403, "<Error><Code>AccessDenied</Code></Error>"), nil
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	if err := s.Process(t.Context(), refusing, sentEvent(key, "", 1)); err == nil {
		t.Fatal("a run that could store nothing says that all is done")
	}
	later := &watcher{}
	if err := s.Process(t.Context(), later, sentEvent(key, "", 2)); err != nil || later.reads != 0 {
		t.Errorf("a later object: %v, read %d times", err, later.reads)
	}
	if err := s.Process(t.Context(), http.DefaultTransport, sentEvent(key, "", 1)); err != nil {
		t.Error(err)
	}
	wantImages(s, path)
	remove(s, path).Want(204)
}

func TestAnOverwrittenFirstObjectIsNotMixedWithTheSecond(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	path, _ := s.AddPicture(harness.SmallPicture)
	if err := s.Process(t.Context(), http.DefaultTransport, sentEvent(s.Incoming(harness.LastSegment(path)), "0123456789abcdef0123456789abcdef", 1)); err != nil {
		t.Error(err)
	}
	shown := s.ListedImage(s.Owner, harness.LastSegment(path))
	if reason, _ := shown["reason"].(string); shown["status"] != "REJECTED" || !strings.Contains(reason, "another picture") {
		t.Errorf("listed %v", shown)
	}
	if got := s.ObjectsIn(s.Endpoint); len(got) != 0 {
		t.Errorf("objects %q", got)
	}
}

// With real forms and the bucket's own events: of many concurrent pictures the image is one, and nothing else is left.
func TestConcurrentPostsOfAFormMakeOnePicture(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	owner := x.CreateIndividual("Erika")
	f := x.RequestUpload(owner, harness.UploadJPEG)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if status, text := f.Post(t, harness.SmallPicture); status != 204 {
				t.Errorf("%d %s", status, text)
			}
		})
	}
	wait.Wait()
	got := x.WaitForImage(owner, f.ID)
	if got["status"] != "READY" || got["width"] != 48.0 {
		t.Errorf("listed %v", got)
	}
	harness.Eventually(t, "four objects alone", func() bool {
		return strings.Join(x.ObjectsIn(harness.Platform.Objects), " ") == strings.Join(objectKeys(x, owner+"/images/"+f.ID), " ")
	})
}
