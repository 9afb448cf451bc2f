package deliverer

import (
	"slices"
	"testing"
	"time"

	"contacts/pkg/idempotency"
	"contacts/pkg/webhook"
)

func TestAReplaySendsAgainWhatChangedSince(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.change(id(0))
	w.sleep(time.Hour)
	w.deliver()
	since := w.now()
	w.sleep(time.Second)
	again := w.change(id(0), id(1))
	w.deliver()
	w.posts()
	w.sleep(time.Hour)
	if _, err := w.Webhooks.Replay(w.ctx, w.org, hook.ID, idempotency.Write{}, since, show); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.expectInOrder(w.posts(), again)
}

func TestAReplayTriesWhatWasSetAside(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(always(500))
	w.change(id(0), id(0))
	w.deliver()
	w.wait(5*time.Hour, 30*time.Minute)
	w.posts()
	w.answers(nil)
	if _, err := w.Webhooks.Replay(w.ctx, w.org, hook.ID, idempotency.Write{}, w.now(), show); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.expectInOrder(w.posts(), w.made)
}

func TestAReplaySendsAgainWhatWasBeforeAWaitingChange(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	since := w.now().Add(-time.Second)
	w.change(id(0), id(0))
	w.deliver()
	w.answers(always(500))
	w.sleep(time.Second)
	w.change(id(0))
	w.deliver()
	w.answers(nil)
	w.posts()
	if _, err := w.Webhooks.Replay(w.ctx, w.org, hook.ID, idempotency.Write{}, since, show); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if got := accepted(w.posts()); !slices.Contains(got, w.made[0]) || !slices.Contains(got, w.made[1]) || !slices.Contains(got, w.made[2]) {
		t.Errorf("%v were sent, want %v", got, w.made)
	}
	if p, err := w.Webhooks.Progress(w.ctx, w.org, []webhook.Webhook{w.read(hook.ID)}); err != nil || p[0].Behind != 0 || w.place(hook).Lanes != 0 {
		t.Errorf("%+v, %+v, %v", p, w.place(hook), err)
	}
}
