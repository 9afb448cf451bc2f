package deliverer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/webhook"
)

// Whatever a receiver does, and however often deliverers are killed: once it answers again it has every change, those of a contact in their order.
func TestNoChangeIsEverLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, t.Cleanup)
		hook := w.hook(webhook.Input{})
		refuses := map[string]bool{} // contacts whose events fail
		dead := false
		flaky := 0 // every that many posts fail
		n := 0
		replays, demanded := 0, []string(nil) // where the posts after the last replay begin, and what it demanded
		answer := func(p post) (int, string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			n++
			if dead || refuses[contactOf(p.id)] || flaky > 0 && n%flaky == 0 {
				return 500, ""
			}
			return 200, ""
		}
		w.answers(answer)
		var all []post
		steps := rapid.IntRange(1, 30).Draw(t, "steps")
		for range steps {
			of := id(rapid.IntRange(0, 5).Draw(t, "contact"))
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				w.mu.Lock()
				dead = !dead
				w.mu.Unlock()
			case 1:
				w.mu.Lock()
				refuses[of.String()] = !refuses[of.String()]
				w.mu.Unlock()
			case 2:
				w.mu.Lock()
				flaky = rapid.IntRange(0, 4).Draw(t, "flaky")
				w.mu.Unlock()
			case 3:
				killed, kill := context.WithCancel(w.ctx)
				left := rapid.IntRange(0, 5).Draw(t, "posts before the kill")
				w.mu.Lock()
				w.then = func() {
					w.mu.Lock()
					defer w.mu.Unlock()
					if left--; left < 0 {
						kill()
					}
				}
				w.mu.Unlock()
				_ = w.Deliver(killed, w.ctx, []string{w.org})
				kill()
				w.mu.Lock()
				w.then = nil
				w.mu.Unlock()
			case 4:
				w.sleep(time.Duration(rapid.Int64Range(0, int64(12*time.Hour)).Draw(t, "time")))
				w.deliver()
			case 5:
				since := w.now().Add(-time.Duration(rapid.Int64Range(0, int64(12*time.Hour)).Draw(t, "ago")))
				if _, err := w.Webhooks.Replay(w.ctx, w.org, hook.ID, idempotency.Write{}, since, show); err != nil {
					t.Fatal(err)
				}
				replays, demanded = len(all), slices.DeleteFunc(slices.Clone(w.made), func(change string) bool { return timeOf(change) <= since.UnixMicro() })
			case 6:
				w.sleep(time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "minutes")))
				w.deliver()
			default:
				var some []contact.ID
				for range rapid.IntRange(1, 12).Draw(t, "changes") {
					some = append(some, id(rapid.IntRange(0, 5).Draw(t, "of")))
				}
				w.change(some...)
				w.sleep(time.Millisecond)
				if rapid.Bool().Draw(t, "delivered") {
					w.deliver()
				}
			}
			all = append(all, w.posts()...)
		}
		w.answers(nil)
		if _, err := w.Webhooks.Replace(w.ctx, w.org, hook.ID, idempotency.Write{}, webhook.Input{URL: w.url, Status: webhook.Active}, show); err != nil {
			t.Fatal(err)
		}
		w.sleep(leaseTime)
		w.deliver()
		w.wait(2*time.Minute, time.Minute)
		all = append(all, w.posts()...)
		w.expectInOrder(all, w.made)
		again := accepted(all[replays:])
		for _, change := range demanded {
			if !slices.Contains(again, change) {
				t.Errorf("%s was not sent again", change)
			}
		}
		if place := w.place(hook); place.Lanes != 0 || place.Failures != 0 {
			t.Errorf("%+v", place)
		}
		p, err := w.Webhooks.Progress(w.ctx, w.org, []webhook.Webhook{w.read(hook.ID)})
		if err != nil || p[0].Behind != 0 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// timeOf returns the time of a change, Unix microseconds.
func timeOf(change string) int64 {
	_, text, _ := strings.Cut(change, "-")
	at, _ := strconv.ParseInt(text, 10, 64)
	return at
}
