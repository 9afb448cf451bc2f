package accounts

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

var brakes = map[string]throttle{"pair": pairThrottle, "address": addressThrottle, "user": userThrottle}

func TestFreeFailuresAreFollowedByWaitsThatDouble(t *testing.T) {
	t.Parallel()
	for name, b := range brakes {
		now := time.Unix(1_800_000_000, 0)
		var wait time.Duration
		var forgotten time.Time
		want := time.Second
		for n := 1; n <= b.free+20; n++ {
			wait, forgotten = b.fail(now, forgotten)
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
// and one for each longest wait or each time that one is forgiven.
func TestThrottlingBoundsTheRateOfGuesses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := brakes[rapid.SampledFrom([]string{"pair", "address", "user"}).Draw(t, "brake")]
		now := time.Unix(1_800_000_000, 0)
		start, end, failures := now, now.Add(7*24*time.Hour), 0
		var wait time.Duration
		var forgotten time.Time
		pauses := rapid.SliceOfN(rapid.Int64Range(0, int64(2*time.Hour)), 1, 10).Draw(t, "pauses")
		for now.Before(end) {
			before := forgotten
			wait, forgotten = b.fail(now, forgotten)
			failures++
			switch {
			case wait < 0 || wait > longestWait:
				t.Fatalf("it waits %v", wait)
			case forgotten.Before(now.Add(wait)):
				t.Fatal("failures are forgiven before the wait is over")
			case forgotten.Before(before):
				t.Fatal("a failure brought forgiveness forward")
			}
			now = now.Add(wait)
			if failures%50 == 0 {
				now = now.Add(time.Duration(pauses[failures/50%len(pauses)]))
			}
			if now.After(forgotten) {
				if again, _ := b.fail(now, forgotten); again > 0 {
					t.Fatal("a forgiven failure counts")
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
		keys.FailedLogins("USER", "erika").Item(), keys.FailedLogins("ADDRESS", "203.0.113.7").Item(),
		keys.FailedLogins("USER AT ADDRESS", "erika", "203.0.113.7").Item(), session,
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
