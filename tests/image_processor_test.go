package tests

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
)

func TestAProcessorThatIsCutAnywhereConvergesWhenTheEventComesAgain(t *testing.T) {
	t.Parallel()
	eachCut(t, func(t *testing.T, s studio, run context.Context, w *wire, killed bool) {
		path, event := s.sent(studioPicture)
		err := s.process(run, w, event)
		if err == nil && killed {
			t.Error("a run that was killed says that all is done") // Lambda would not try again
		}
		if err != nil && !killed {
			t.Errorf("a try that was lost was not repeated: %v", err)
		}
		if err != nil {
			if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Errorf("the second run: %v", err)
			}
		}
		s.holds(path)
		if err := s.process(t.Context(), http.DefaultTransport, event); err != nil { // S3 tells at least once
			t.Errorf("another run: %v", err)
		}
		s.holds(path)
		s.remove(path).want(204)
	})
}

func TestAProcessorThatIsCutOnABrokenPictureConvergesToo(t *testing.T) {
	t.Parallel()
	eachCut(t, func(t *testing.T, s studio, run context.Context, w *wire, killed bool) {
		path, event := s.sent(pngHeader(16, 16))
		if s.process(run, w, event) != nil {
			if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Errorf("the second run: %v", err)
			}
		}
		reason, _ := s.listed(s.owner, lastSegment(path))["reason"].(string)
		if got := s.listed(s.owner, lastSegment(path)); got["status"] != "REJECTED" || reason == "" || strings.Contains(reason, "gone") {
			t.Errorf("listed %v, want it REJECTED for what it is", got)
		}
		if got := s.objectsIn(s.endpoint); len(got) != 0 {
			t.Errorf("objects %q", got)
		}
		s.remove(path).want(204)
	})
}

func TestAnAdditionThatIsCutAnywhereIsOneImageWhenItIsRepeated(t *testing.T) {
	t.Parallel()
	eachCut(t, func(t *testing.T, s studio, run context.Context, w *wire, killed bool) {
		add := func(ctx context.Context, over http.RoundTripper, ahead time.Duration) *answer {
			return s.ask(ctx, over, ahead, "POST", s.owner+"/images", dataOf(studioPicture), "Idempotency-Key", fmt.Sprint(w.at))
		}
		first := add(run, w, 0)
		if !killed && first.status != 201 {
			t.Errorf("%d %s, though a try was lost alone", first.status, first.body)
		}
		if first.status >= 500 {
			add(t.Context(), http.DefaultTransport, 61*time.Second).want(201) // who was killed has its key for a minute
		}
		id := add(t.Context(), http.DefaultTransport, 0).want(201).text("id")
		if got := s.objectsIn(s.endpoint); !slices.Equal(got, []string{s.incoming(id)}) {
			t.Errorf("objects %q, want %s alone", got, s.incoming(id))
		}
		if got := s.album(s.owner); len(got) != 1 || got[0]["id"] != id || len(s.imageItems(s.owner)) != 1 {
			t.Errorf("listed %v of %d items, want %s alone", got, len(s.imageItems(s.owner)), id)
		}
		if err := s.process(t.Context(), http.DefaultTransport, s3Event(s.incoming(id))); err != nil {
			t.Error(err)
		}
		s.holds(s.owner + "/images/" + id)
		s.remove(s.owner + "/images/" + id).want(204)
	})
}

func TestADeletionThatIsCutAnywhereLeavesNothingWhenItIsRepeated(t *testing.T) {
	t.Parallel()
	eachCut(t, func(t *testing.T, s studio, run context.Context, w *wire, killed bool) {
		path, event := s.sent(studioPicture)
		if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
			t.Fatal(err)
		}
		first := s.ask(run, w, 0, "DELETE", path, nil)
		if first.status >= 500 {
			if len(s.objectsIn(s.endpoint)) < 4 { // a picture that can't be shown is not listed either
				if got := s.album(s.owner); len(got) != 0 {
					t.Errorf("half deleted, and listed: %v", got)
				}
				s.look("GET", path).problem(404)
			}
			if again := s.remove(path); again.status != 204 && again.status != 404 {
				again.want(204)
			}
		} else if first.want(204); killed {
			t.Error("a run that was killed says that all is done")
		}
		s.holds()
	})
}

func TestADeletionBetweenAnyTwoStepsOfTheProcessorLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	for _, behind := range []bool{false, true} {
		for n, passed := 1, false; !passed; n++ {
			path, event := s.sent(studioPicture)
			w := &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
				if behind {
					defer func() { s.remove(path).want(204) }()
					return carry()
				}
				s.remove(path).want(204)
				return carry()
			}}
			if err := s.process(t.Context(), w, event); err != nil {
				t.Errorf("at %d: %v", n, err)
			}
			if passed = w.passed(); passed {
				s.remove(path).want(204)
			}
			s.holds()
			if t.Failed() {
				t.Fatalf("deleted at the processor's request %d, behind it: %v", n, behind)
			}
		}
	}
}

func TestAProcessorBetweenAnyTwoStepsOfADeletionLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	for n, passed := 1, false; !passed; n++ {
		path, event := s.sent(studioPicture)
		w := &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
			if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Errorf("at %d: %v", n, err)
			}
			return carry()
		}}
		s.ask(t.Context(), w, 0, "DELETE", path, nil).want(204)
		passed = w.passed()
		if s.holds(); t.Failed() {
			t.Fatalf("processed at the deletion's request %d", n)
		}
	}
}

func TestAProcessorBetweenAnyTwoStepsOfAnAdditionMakesItReady(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	for n, passed := 1, false; !passed; n++ {
		w := &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
			if sent := s.objectsIn(s.endpoint); len(sent) > 0 {
				if err := s.process(t.Context(), http.DefaultTransport, s3Event(sent...)); err != nil {
					t.Errorf("at %d: %v", n, err)
				}
			}
			return carry()
		}}
		id := s.ask(t.Context(), w, 0, "POST", s.owner+"/images", dataOf(studioPicture)).want(201).text("id")
		if passed = w.passed(); s.listed(s.owner, id)["status"] != "READY" {
			if err := s.process(t.Context(), http.DefaultTransport, s3Event(s.incoming(id))); err != nil {
				t.Error(err)
			}
		}
		s.holds(s.owner + "/images/" + id)
		s.remove(s.owner + "/images/" + id).want(204)
	}
}

// A form can be posted twice: whichever picture is shown, it is shown in all sizes.
func TestAProcessorThatAnotherOvertakesOnAnotherPictureMixesNothing(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	other := jpegOf(painting(32, 48))
	_, objects := s.works(http.DefaultTransport, 0)
	for _, behind := range []bool{false, true} {
		for n, passed := 1, false; !passed; n++ {
			path, event := s.sent(studioPicture)
			overtake := func() {
				if err := objects.Put(t.Context(), s.incoming(lastSegment(path)), "image/jpeg", other); err != nil {
					t.Error(err)
				}
				if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
					t.Errorf("at %d: %v", n, err)
				}
			}
			w := &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
				if behind {
					defer overtake()
					return carry()
				}
				overtake()
				return carry()
			}}
			if err := s.process(t.Context(), w, event); err != nil {
				t.Errorf("at %d: %v", n, err)
			}
			passed = w.passed()
			shown := s.listed(s.owner, lastSegment(path))
			keys := s.objectsIn(s.endpoint)
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
			if shown["status"] != "READY" || !slices.Equal(keys, s.renderings(path)) {
				t.Errorf("shown as %v, objects %q", shown, keys)
			}
			s.remove(path).want(204)
			if t.Failed() {
				t.Fatalf("overtaken at the processor's request %d, behind it: %v", n, behind)
			}
		}
	}
}

func TestTheSameEventThreeTimesAndAtOnceEndsTheSame(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	var paths []string
	var all [][]byte
	for range 5 {
		path, event := s.sent(studioPicture)
		paths, all = append(paths, path), append(all, event, event, event)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var wait sync.WaitGroup
	for _, event := range all {
		wait.Go(func() {
			if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	s.holds(paths...)
	for _, event := range all[:3] {
		if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
			t.Error(err)
		}
	}
	s.holds(paths...)
}

func TestAnEventOfADeletedImageLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	path, event := s.sent(studioPicture)
	s.remove(path).want(204)
	_, objects := s.works(http.DefaultTransport, 0)
	for range 2 {
		for _, key := range append(s.renderings(path), s.incoming(lastSegment(path))) { // as a run that was cut, or a late form, leaves them
			if err := objects.Put(t.Context(), key, "image/jpeg", studioPicture); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
			t.Error(err)
		}
		s.holds()
	}
}

func TestAnEventOfSeveralPicturesIsWorkedOffWhole(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	var paths []string
	encoded := func(key string) string { // as strictly as anybody could
		var b strings.Builder
		for _, c := range []byte(key) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	keys := []string{"", "a", "incoming/", "incoming/" + s.org, "incoming/" + s.org + "/abc/1", "incoming/" + s.org + "/8123/0", "incoming/" + s.org + "/8123/8139/1",
		"incoming//8123/8139", "images/" + s.org + "/8123/8139/full", "incoming/T%23x/8123/8139", "incoming/%C3%A4+b/8123/9007199254740992", "incoming/nobody/8123/8139"}
	for i := range 4 {
		path, _ := s.sent(studioPicture)
		key := s.incoming(lastSegment(path))
		paths, keys = append(paths, path), append(keys, []string{key, encoded(key), strings.ReplaceAll(key, "/", "%2f"), strings.ReplaceAll(key, "-", "%2D")}[i])
	}
	deleted, _ := s.sent(studioPicture)
	s.remove(deleted).want(204)
	keys = append(keys, s.incoming(lastSegment(deleted)), keys[len(keys)-1])
	_, objects := s.works(http.DefaultTransport, 0)
	foreign := []string{"incoming/" + s.org + "/abc/1", "incoming/" + s.org + "/" + ownerID(s.owner) + "/1/2"}
	for _, key := range foreign { // of nobody here, so for nobody to remove
		if err := objects.Put(t.Context(), key, "image/jpeg", studioPicture); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.process(t.Context(), http.DefaultTransport, s3Event(keys...)); err != nil {
		t.Error(err)
	}
	for _, key := range foreign {
		if err := objects.Delete(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	s.holds(paths...)
	if err := s.process(t.Context(), http.DefaultTransport, s3Event()); err != nil {
		t.Error(err)
	}
}

// What is wrong with one record of an event keeps nothing from the others, but is told.
func TestOneRecordThatFailsKeepsNothingFromTheOthers(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	first, _ := s.sent(studioPicture)
	second, _ := s.sent(studioPicture)
	event := s3Event(s.incoming(lastSegment(first)), s.incoming(lastSegment(second)))
	refusing := carrier(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, lastSegment(first)) {
			return &http.Response{StatusCode: 403, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	if err := s.process(t.Context(), refusing, event); err == nil || !strings.Contains(err.Error(), lastSegment(first)) || strings.Contains(err.Error(), lastSegment(second)) {
		t.Errorf("%v, want an error of %s alone", err, first)
	}
	got := map[string]any{}
	for _, item := range s.album(s.owner) {
		got[fmt.Sprint(item["id"])] = item["status"]
	}
	if want := map[string]any{lastSegment(first): "PROCESSING", lastSegment(second): "READY"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s.look("GET", first).problem(404)
	if err := s.process(t.Context(), http.DefaultTransport, event); err != nil {
		t.Error(err)
	}
	s.holds(first, second)
}

func TestTheDeployedProcessorTakesTheSameEventManyTimes(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	owner := x.individual("Erika")
	path := x.picture(owner, studioPicture)
	key := "incoming/" + x.org + "/" + ownerID(owner) + "/" + lastSegment(path)
	before := x.listed(owner, lastSegment(path))
	for _, keys := range [][]string{{key}, {key, key, "incoming/x"}, {}} {
		if out, err := platform.handlers["imageprocessor"].Invoke(t.Context(), s3Event(keys...)); err != nil {
			t.Errorf("%s %v", out, err)
		}
	}
	if got := x.listed(owner, lastSegment(path)); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("listed %v, want %v", got, before)
	}
	eventually(t, "four objects alone", func() bool { return slices.Equal(x.objectsIn(platform.objects), x.renderings(path)) })
}
