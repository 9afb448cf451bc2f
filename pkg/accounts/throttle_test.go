package accounts

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

var brakes = map[string]brake{"pair": pairBrake, "address": addressBrake, "user": userBrake}

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
				t.Errorf("%s: the next try waits %v behind %d failures", name, wait, n)
			}
			if n >= b.free {
				want = min(2*want, 15*time.Minute)
			}
		}
	}
}

// Whoever tries as soon and as often as a brake lets, with pauses at will, has no more failures than the free ones, those
// of the doublings, and one each longest wait or each time one is forgiven.
func TestABrakeHoldsGuessesToItsRate(t *testing.T) {
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
				t.Fatal("a failure took others back")
			}
			now = now.Add(wait)
			if failures%50 == 0 {
				now = now.Add(time.Duration(pauses[failures/50%len(pauses)]))
			}
			if now.After(forgotten) {
				if again, _ := b.fail(now, forgotten); again > 0 {
					t.Fatal("what was forgiven counts")
				}
			}
		}
		span := now.Sub(start)
		if most := b.free + doublings + 1 + int(span/min(longestWait, b.forgiven)); failures > most {
			t.Fatalf("%d failures in %v, more than %d", failures, span, most)
		}
	})
}

func TestWhatIsKeptOfGuessesAndRefreshTokensNamesNobody(t *testing.T) {
	t.Parallel()
	hash := []byte{1, 2, 3}
	items := []Item{
		guessesKey("USER", "erika").entry(), guessesKey("ADDRESS", "203.0.113.7").entry(), guessesKey("USER AT ADDRESS", "erika", "203.0.113.7").entry(),
		RefreshToken{"session", hash, time.Now()}.item(User{Name: "erika", Organization: "demo", PasswordHash: "$argon2id", session: "S"}),
	}
	seen := map[Key]bool{}
	for _, i := range items {
		if seen[i.key()] {
			t.Errorf("%v is there twice", i.key())
		}
		seen[i.key()] = true
		for name, value := range i {
			text, _ := value.(*types.AttributeValueMemberS)
			if text != nil && (strings.Contains(text.Value, "erika") || strings.Contains(text.Value, "203.0.113") || strings.Contains(text.Value, "argon")) {
				t.Errorf("%s is %q", name, text.Value)
			}
		}
	}
}
