package accounts

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

var throttles = map[string]throttle{"pair": pairThrottle, "address": addressThrottle, "user": userThrottle}

func TestFreeFailuresAreFollowedByWaitsThatDouble(t *testing.T) {
	t.Parallel()
	for name, b := range throttles {
		now := time.Unix(1_800_000_000, 0)
		var wait time.Duration
		var clearAt time.Time
		want := time.Second
		for n := 1; n <= b.free+20; n++ {
			wait, clearAt = b.fail(now, clearAt)
			if n < b.free && wait != 0 || n >= b.free && wait != want {
				t.Errorf("%s: the next try waits %v after %d failures", name, wait, n)
			}
			if n >= b.free {
				want = min(2*want, 15*time.Minute)
			}
		}
	}
}

// A client that tries as soon and as often as allowed, with any pauses, has no more failures than the free ones, those of the doublings,
// and one for each longest wait or each decay.
func TestThrottlingBoundsTheRateOfGuesses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := throttles[rapid.SampledFrom([]string{"pair", "address", "user"}).Draw(t, "throttle")]
		now := time.Unix(1_800_000_000, 0)
		start, end, failures := now, now.Add(7*24*time.Hour), 0
		var wait time.Duration
		var clearAt time.Time
		pauses := rapid.SliceOfN(rapid.Int64Range(0, int64(2*time.Hour)), 1, 10).Draw(t, "pauses")
		for now.Before(end) {
			before := clearAt
			wait, clearAt = b.fail(now, clearAt)
			failures++
			switch {
			case wait < 0 || wait > longestWait:
				t.Fatalf("it waits %v", wait)
			case clearAt.Before(now.Add(wait)):
				t.Fatal("failures decay before the wait is over")
			case clearAt.Before(before):
				t.Fatal("a failure made failures decay earlier")
			}
			now = now.Add(wait)
			if failures%50 == 0 {
				now = now.Add(time.Duration(pauses[failures/50%len(pauses)]))
			}
			if now.After(clearAt) {
				if again, _ := b.fail(now, clearAt); again > 0 {
					t.Fatal("a decayed failure counts")
				}
			}
		}
		span := now.Sub(start)
		if most := b.free + doublings + 1 + int(span/min(longestWait, b.decay)); failures > most {
			t.Fatalf("%d failures in %v, more than %d", failures, span, most)
		}
	})
}

func TestStoredFailuresAndSessionsNameNobody(t *testing.T) {
	t.Parallel()
	token := RefreshToken{"session", []byte{1, 2, 3}, time.Now()}
	session, err := token.item(User{Name: "erika", Organization: "demo", PasswordHash: "$argon2id", Epoch: "E"})
	if err != nil {
		t.Fatal(err)
	}
	items := []dynamo.Item{
		keys.FailedLoginsOf("erika").Item(), keys.FailedLoginsAt("203.0.113.7").Item(),
		keys.FailedLoginsOfAt("erika", "203.0.113.7").Item(), session,
	}
	seen := map[dynamo.Key]bool{}
	for _, item := range items {
		if seen[item.Key()] {
			t.Errorf("two items have the key %v", item.Key())
		}
		seen[item.Key()] = true
		for name := range item {
			for _, personal := range []string{"erika", "203.0.113", "argon"} {
				if text := item.String(name); strings.Contains(text, personal) {
					t.Errorf("%s is %q", name, text)
				}
			}
		}
	}
}
