package webhook

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
)

var schedule = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour}

func scheduled(tries int) time.Duration {
	if tries > len(schedule) {
		return 12 * time.Hour
	}
	return schedule[tries-1]
}

func TestATryIsNeverEarlierThanTheScheduleNorLaterThanADay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tries := rapid.IntRange(1, 100).Draw(t, "tries")
		demanded := time.Duration(rapid.Int64Range(0, int64(72*time.Hour)).Draw(t, "Retry-After"))
		got := Wait(tries, demanded)
		if want := max(scheduled(tries), min(demanded, 24*time.Hour)); got != want {
			t.Errorf("%v after %d tries and Retry-After %v, want %v", got, tries, demanded, want)
		}
	})
}

// A model of what a receiver is told, event by event.
type outcome struct {
	of     contact.ID
	passed bool
	after  time.Duration
}

func drawOutcomes(t *rapid.T) []outcome {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) outcome {
		return outcome{contact.ID(rapid.IntRange(1, 4).Draw(t, "contact")) << 13, rapid.IntRange(0, 3).Draw(t, "passes") == 0,
			time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, "after"))}
	}), 1, 60).Draw(t, "outcomes")
}

func TestAReceiverFailsAfterThreeFailuresInARow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r Receiver
		now := time.UnixMilli(1_700_000_000_000)
		failed, first, contacts := 0, now, map[contact.ID]bool{}
		for _, o := range drawOutcomes(t) {
			now = now.Add(o.after)
			before := r.Next
			if o.passed {
				r.Success(now)
				failed, contacts = 0, map[contact.ID]bool{}
			} else {
				if failed++; failed == 1 {
					first = now
				}
				contacts[o.of] = true
				r.Failure(o.of, 1, r.Probing(), 0, now)
			}
			switch {
			case r.Failing() != (failed >= 3):
				t.Fatalf("failing %v after %d failures in a row", r.Failing(), failed)
			case r.Probing() != (failed >= 3 && len(contacts) > 1):
				t.Fatalf("probing %v after %d failures of %d contacts", r.Probing(), failed, len(contacts))
			case failed > 0 && r.FailedSince != first.UnixMilli():
				t.Fatalf("failing since %d, want %d", r.FailedSince, first.UnixMilli())
			case r.Hopeless(now) != (failed >= 3 && now.Sub(first) >= 10*24*time.Hour):
				t.Fatalf("hopeless %v, %v after the first of %d failures", r.Hopeless(now), now.Sub(first), failed)
			case r.Probing() && (r.Next < before || r.Next < now.Add(scheduled(r.Tries)).UnixMilli()):
				t.Fatalf("the next probe is at %d, before %d or the schedule", r.Next, before)
			case !r.Probing() && r.Next != 0:
				t.Fatal("a receiver that is not probed has a time for it")
			}
		}
	})
}

func TestAnEventIsSetAsideAfterFiveFailuresIfOthersPassMeanwhile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r Receiver
		lane := Lane{Contact: 8}
		now := time.UnixMilli(1_700_000_000_000)
		tries, passed := 0, false
		for _, o := range drawOutcomes(t) {
			now = now.Add(o.after + time.Millisecond)
			if o.passed {
				r.Success(now)
				passed = passed || tries > 0
				continue
			}
			wasAside := lane.Aside
			if counts := lane.Failure(77, &r, 0, now); counts == wasAside {
				t.Fatalf("an event that was set aside %v counts %v", wasAside, counts)
			}
			tries++
			if lane.Aside != (wasAside || tries >= 5 && passed) || lane.Tries != tries {
				t.Fatalf("%+v after %d tries, others passed %v", lane, tries, passed)
			}
			want := scheduled(tries)
			if lane.Aside {
				want = 12 * time.Hour
			}
			if lane.Due != now.Add(want).UnixMilli() {
				t.Fatalf("the next try is at %d, want %v after %d", lane.Due, want, now.UnixMilli())
			}
		}
	})
}

func TestAPlaceIsWhatItWasAfterItWasStored(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place := NewPlace(Webhook{Since: rapid.Int64Range(0, 1<<50).Draw(t, "since"), Activation: 2, Replays: 1}, "epoch")
		for range rapid.IntRange(0, 20).Draw(t, "done") {
			place.Done[contact.ID(rapid.Int64Range(1, 1<<52).Draw(t, "contact"))] = rapid.Int64Range(1, 1<<52).Draw(t, "time")
		}
		place.Receiver = Receiver{Failures: 4, FailedSince: 5, Only: 6, Tries: 7, Next: 8, Succeeded: 9}
		place.Lanes, place.AllDue, place.Fence, place.Lease, place.Wakes = 1, true, 2, 3, 4
		item, err := place.Item("acme", 12)
		if err != nil {
			t.Fatal(err)
		}
		got, err := PlaceOf(item)
		if err != nil {
			t.Fatal(err)
		}
		again, err := got.Item("acme", 12)
		if !reflect.DeepEqual(again, item) || err != nil {
			t.Errorf("%v, want %v; %v", again, item, err)
		}
	})
}

func TestAPlaceRemembersABoundedNumberOfContacts(t *testing.T) {
	t.Parallel()
	place := NewPlace(Webhook{Since: 1000}, "epoch")
	for n := range 3 * maxDone {
		place.Done[contact.ID(n+1)<<13] = int64(2000 + n)
	}
	place.Done[7] = 1000
	place.Forget()
	if len(place.Done) != maxDone || place.Done[contact.ID(3*maxDone)<<13] == 0 || place.Done[7] != 0 {
		t.Errorf("%d contacts are remembered", len(place.Done))
	}
	item, err := place.Item("acme", 12)
	if size := len(item.Bytes(attrDone)); err != nil || size > 100_000 {
		t.Errorf("they take %d bytes, %v", size, err)
	}
}
