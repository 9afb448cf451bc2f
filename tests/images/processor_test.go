package images

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"contacts/tests/harness"
)

func TestARepeatedEventFinishesAProcessorThatWasInterruptedAnywhere(t *testing.T) {
	t.Parallel()
	interruptAtEachRequest(t, func(t *testing.T, s harness.ImageSandbox, run context.Context, w *harness.CutTransport, killed bool) {
		path, event := s.AddPicture(harness.SmallPicture)
		err := s.Process(run, w, event)
		if err == nil && killed {
			t.Error("a run that was killed says that all is done") // Lambda would not try again
		}
		if err != nil && !killed {
			t.Errorf("a try that was lost was not repeated: %v", err)
		}
		if err != nil {
			if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Errorf("the second run: %v", err)
			}
		}
		wantImages(s, path)
		if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil { // S3 sends an event at least once
			t.Errorf("another run: %v", err)
		}
		wantImages(s, path)
		remove(s, path).Want(204)
	})
}

func TestARepeatedEventRejectsABrokenPictureAfterAnInterruption(t *testing.T) {
	t.Parallel()
	interruptAtEachRequest(t, func(t *testing.T, s harness.ImageSandbox, run context.Context, w *harness.CutTransport, killed bool) {
		path, event := s.AddPicture(pngHeader(16, 16))
		if s.Process(run, w, event) != nil {
			if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Errorf("the second run: %v", err)
			}
		}
		reason, _ := s.ListedImage(s.Owner, harness.LastSegment(path))["reason"].(string)
		if got := s.ListedImage(s.Owner, harness.LastSegment(path)); got["status"] != "REJECTED" || reason == "" || strings.Contains(reason, "gone") {
			t.Errorf("listed %v, want it REJECTED for what it is", got)
		}
		if got := s.ObjectsIn(s.Endpoint); len(got) != 0 {
			t.Errorf("objects %q", got)
		}
		remove(s, path).Want(204)
	})
}

func TestARepetitionOfAnInterruptedAdditionMakesOneImage(t *testing.T) {
	t.Parallel()
	interruptAtEachRequest(t, func(t *testing.T, s harness.ImageSandbox, run context.Context, w *harness.CutTransport, killed bool) {
		add := func(ctx context.Context, over http.RoundTripper, ahead time.Duration) *harness.Answer {
			return s.Send(ctx, over, ahead, "POST", s.Owner+"/images", harness.ImageBody(harness.SmallPicture), "Idempotency-Key", fmt.Sprint(w.At))
		}
		first := add(run, w, 0)
		if !killed && first.Status != 201 {
			t.Errorf("%d %s, though a try was lost alone", first.Status, first.Body)
		}
		if first.Status >= 500 {
			add(t.Context(), http.DefaultTransport, 61*time.Second).Want(201) // who was killed has its key for a minute
		}
		id := add(t.Context(), http.DefaultTransport, 0).Want(201).Text("id")
		if got := s.ObjectsIn(s.Endpoint); !slices.Equal(got, []string{s.Incoming(id)}) {
			t.Errorf("objects %q, want %s alone", got, s.Incoming(id))
		}
		if got := s.ListImages(s.Owner); len(got) != 1 || got[0]["id"] != id || len(s.ImageItems(s.Owner)) != 1 {
			t.Errorf("listed %v of %d items, want %s alone", got, len(s.ImageItems(s.Owner)), id)
		}
		if err := s.Process(t.Context(), http.DefaultTransport, harness.S3Event(s.Incoming(id))); err != nil {
			t.Error(err)
		}
		wantImages(s, s.Owner+"/images/"+id)
		remove(s, s.Owner+"/images/"+id).Want(204)
	})
}

func TestARepetitionFinishesADeletionThatWasInterruptedAnywhere(t *testing.T) {
	t.Parallel()
	interruptAtEachRequest(t, func(t *testing.T, s harness.ImageSandbox, run context.Context, w *harness.CutTransport, killed bool) {
		path, event := s.AddPicture(harness.SmallPicture)
		if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
			t.Fatal(err)
		}
		first := s.Send(run, w, 0, "DELETE", path, nil)
		if first.Status >= 500 {
			if len(s.ObjectsIn(s.Endpoint)) < 4 { // a picture that can't be shown is not listed either
				if got := s.ListImages(s.Owner); len(got) != 0 {
					t.Errorf("half deleted, and listed: %v", got)
				}
				s.GetUnfollowed("GET", path).Problem(404)
			}
			if again := remove(s, path); again.Status != 204 && again.Status != 404 {
				again.Want(204)
			}
		} else if first.Want(204); killed {
			t.Error("a run that was killed says that all is done")
		}
		wantImages(s)
	})
}

func TestADeletionBetweenAnyTwoStepsOfTheProcessorLeavesNothing(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	for _, after := range []bool{false, true} {
		for n, passed := 1, false; !passed; n++ {
			path, event := s.AddPicture(harness.SmallPicture)
			w := &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
				if after {
					defer func() { remove(s, path).Want(204) }()
					return carry()
				}
				remove(s, path).Want(204)
				return carry()
			}}
			if err := s.Process(t.Context(), w, event); err != nil {
				t.Errorf("at %d: %v", n, err)
			}
			if passed = w.Untouched(); passed {
				remove(s, path).Want(204)
			}
			wantImages(s)
			if t.Failed() {
				t.Fatalf("deleted at the processor's request %d, after it: %v", n, after)
			}
		}
	}
}

func TestAProcessorBetweenAnyTwoStepsOfADeletionLeavesNothing(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	for n, passed := 1, false; !passed; n++ {
		path, event := s.AddPicture(harness.SmallPicture)
		w := &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
			if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Errorf("at %d: %v", n, err)
			}
			return carry()
		}}
		s.Send(t.Context(), w, 0, "DELETE", path, nil).Want(204)
		passed = w.Untouched()
		if wantImages(s); t.Failed() {
			t.Fatalf("processed at the deletion's request %d", n)
		}
	}
}

func TestAProcessorBetweenAnyTwoStepsOfAnAdditionMakesItReady(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	for n, passed := 1, false; !passed; n++ {
		w := &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
			if sent := s.ObjectsIn(s.Endpoint); len(sent) > 0 {
				if err := s.Process(t.Context(), http.DefaultTransport, harness.S3Event(sent...)); err != nil {
					t.Errorf("at %d: %v", n, err)
				}
			}
			return carry()
		}}
		id := s.Send(t.Context(), w, 0, "POST", s.Owner+"/images", harness.ImageBody(harness.SmallPicture)).Want(201).Text("id")
		if passed = w.Untouched(); s.ListedImage(s.Owner, id)["status"] != "READY" {
			if err := s.Process(t.Context(), http.DefaultTransport, harness.S3Event(s.Incoming(id))); err != nil {
				t.Error(err)
			}
		}
		wantImages(s, s.Owner+"/images/"+id)
		remove(s, s.Owner+"/images/"+id).Want(204)
	}
}

// A form can be posted twice: all sizes show the same of the two pictures.
func TestConcurrentProcessorsOfTwoPicturesMixNothing(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	other := harness.JPEGOf(harness.Quarters(32, 48))
	_, objects := s.Clients(http.DefaultTransport, 0)
	for _, after := range []bool{false, true} {
		for n, passed := 1, false; !passed; n++ {
			path, event := s.AddPicture(harness.SmallPicture)
			overtake := func() {
				if err := objects.Put(t.Context(), s.Incoming(harness.LastSegment(path)), "image/jpeg", other); err != nil {
					t.Error(err)
				}
				if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
					t.Errorf("at %d: %v", n, err)
				}
			}
			w := &harness.CutTransport{At: n, Do: func(carry func() (*http.Response, error)) (*http.Response, error) {
				if after {
					defer overtake()
					return carry()
				}
				overtake()
				return carry()
			}}
			if err := s.Process(t.Context(), w, event); err != nil {
				t.Errorf("at %d: %v", n, err)
			}
			passed = w.Untouched()
			shown := s.ListedImage(s.Owner, harness.LastSegment(path))
			keys := s.ObjectsIn(s.Endpoint)
			for _, key := range keys {
				data, err := objects.Get(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				config, _, err := image.DecodeConfig(bytes.NewReader(data))
				if want := fmt.Sprint(config.Width, "x", config.Height); err != nil || want != fmt.Sprint(shown["width"], "x", shown["height"]) {
					t.Errorf("%s is %s, %v; shown as %v", key, want, err, shown)
				}
			}
			if shown["status"] != "READY" || !slices.Equal(keys, objectKeys(s.Tenant, path)) {
				t.Errorf("shown as %v, objects %q", shown, keys)
			}
			remove(s, path).Want(204)
			if t.Failed() {
				t.Fatalf("overtaken at the processor's request %d, after it: %v", n, after)
			}
		}
	}
}

func TestConcurrentRepetitionsOfAnEventMakeOneImage(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	var paths []string
	var all [][]byte
	for range 5 {
		path, event := s.AddPicture(harness.SmallPicture)
		paths, all = append(paths, path), append(all, event, event, event)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var wait sync.WaitGroup
	for _, event := range all {
		wait.Go(func() {
			if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	wantImages(s, paths...)
	for _, event := range all[:3] {
		if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
			t.Error(err)
		}
	}
	wantImages(s, paths...)
}

func TestAnEventOfADeletedImageLeavesNothing(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	path, event := s.AddPicture(harness.SmallPicture)
	remove(s, path).Want(204)
	_, objects := s.Clients(http.DefaultTransport, 0)
	for range 2 {
		for _, key := range append(objectKeys(s.Tenant, path), s.Incoming(harness.LastSegment(path))) { // as a run that was cut, or a late form, leaves them
			if err := objects.Put(t.Context(), key, "image/jpeg", harness.SmallPicture); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
			t.Error(err)
		}
		wantImages(s)
	}
}

func TestAllPicturesOfAnEventAreProcessed(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	var paths []string
	encoded := func(key string) string { // as strictly as anybody could
		var b strings.Builder
		for _, c := range []byte(key) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	keys := []string{"", "a", "incoming/", "incoming/" + s.Org, "incoming/" + s.Org + "/abc/1", "incoming/" + s.Org + "/8123/0", "incoming/" + s.Org + "/8123/8139/1",
		"incoming//8123/8139", "images/" + s.Org + "/8123/8139/full", "incoming/T%23x/8123/8139", "incoming/%C3%A4+b/8123/9007199254740992", "incoming/nobody/8123/8139"}
	for i := range 4 {
		path, _ := s.AddPicture(harness.SmallPicture)
		key := s.Incoming(harness.LastSegment(path))
		paths, keys = append(paths, path), append(keys, []string{key, encoded(key), strings.ReplaceAll(key, "/", "%2f"), strings.ReplaceAll(key, "-", "%2D")}[i])
	}
	deleted, _ := s.AddPicture(harness.SmallPicture)
	remove(s, deleted).Want(204)
	keys = append(keys, s.Incoming(harness.LastSegment(deleted)), keys[len(keys)-1])
	_, objects := s.Clients(http.DefaultTransport, 0)
	foreign := []string{"incoming/" + s.Org + "/abc/1", "incoming/" + s.Org + "/" + harness.OwnerID(s.Owner) + "/1/2"}
	for _, key := range foreign { // of nobody here, so for nobody to remove
		if err := objects.Put(t.Context(), key, "image/jpeg", harness.SmallPicture); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Process(t.Context(), http.DefaultTransport, harness.S3Event(keys...)); err != nil {
		t.Error(err)
	}
	for _, key := range foreign {
		if err := objects.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	wantImages(s, paths...)
	if err := s.Process(t.Context(), http.DefaultTransport, harness.S3Event()); err != nil {
		t.Error(err)
	}
}

// A failure of one record of an event is reported and does not affect the others.
func TestAFailedRecordDoesNotAffectTheOthers(t *testing.T) {
	t.Parallel()
	s := harness.NewImageSandbox(t)
	first, _ := s.AddPicture(harness.SmallPicture)
	second, _ := s.AddPicture(harness.SmallPicture)
	event := harness.S3Event(s.Incoming(harness.LastSegment(first)), s.Incoming(harness.LastSegment(second)))
	refusing := harness.Carrier(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, harness.LastSegment(first)) {
			return &http.Response{StatusCode: 403, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	if err := s.Process(t.Context(), refusing, event); err == nil || !strings.Contains(err.Error(), harness.LastSegment(first)) || strings.Contains(err.Error(), harness.LastSegment(second)) {
		t.Errorf("%v, want an error of %s alone", err, first)
	}
	got := map[string]any{}
	for _, item := range s.ListImages(s.Owner) {
		got[fmt.Sprint(item["id"])] = item["status"]
	}
	if want := map[string]any{harness.LastSegment(first): "PROCESSING", harness.LastSegment(second): "READY"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s.GetUnfollowed("GET", first).Problem(404)
	if err := s.Process(t.Context(), http.DefaultTransport, event); err != nil {
		t.Error(err)
	}
	wantImages(s, first, second)
}

func TestTheDeployedProcessorTakesTheSameEventManyTimes(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	owner := x.CreateIndividual("Erika")
	path := x.AddReadyImage(owner, harness.SmallPicture)
	key := "incoming/" + x.Org + "/" + harness.OwnerID(owner) + "/" + harness.LastSegment(path)
	before := x.ListedImage(owner, harness.LastSegment(path))
	for _, keys := range [][]string{{key}, {key, key, "incoming/x"}, {}} {
		if out, err := harness.Platform.Handlers["imageprocessor"].Invoke(t.Context(), harness.S3Event(keys...)); err != nil {
			t.Errorf("%s %v", out, err)
		}
	}
	if got := x.ListedImage(owner, harness.LastSegment(path)); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("listed %v, want %v", got, before)
	}
	harness.Eventually(t, "four objects alone", func() bool { return slices.Equal(x.ObjectsIn(harness.Platform.Objects), objectKeys(x, path)) })
}
