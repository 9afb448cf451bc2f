package deliverer

import (
	"sync"
	"testing"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
)

// lose deletes what is stored of a webhook that begins with a prefix.
func (w *world) lose(hook webhook.Webhook, prefix string) {
	w.Helper()
	tx := table().Begin()
	if err := table().Query(keys.WebhookItems(w.org, hook.ID)).Prefix(prefix).Read(w.ctx, 0, func(i dynamo.Item) { tx.Delete(i.Key()) }); err != nil {
		w.Fatal(err)
	}
	if err := tx.Commit(w.ctx); err != nil {
		w.Fatal(err)
	}
}

func (w *world) contradiction(hook webhook.Webhook) string {
	w.Helper()
	found, err := w.Webhooks.Contradiction(w.ctx, hook)
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// mend repairs a webhook, which must have a contradiction.
func (w *world) mend(hook webhook.Webhook) {
	w.Helper()
	if w.contradiction(hook) == "" {
		w.Fatal("nothing is wrong")
	}
	if err := w.Webhooks.Mend(w.ctx, hook, w.epoch()); err != nil {
		w.Fatal(err)
	}
	if found := w.contradiction(hook); found != "" {
		w.Errorf("then %s", found)
	}
}

func (w *world) epoch() string {
	w.Helper()
	org, err := w.Accounts.Organization(w.ctx, w.org)
	if err != nil {
		w.Fatal(err)
	}
	return org.Epoch
}

func TestWhatADelivererStoresHasNoContradiction(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	expect := func() {
		t.Helper()
		if found := w.contradiction(hook); found != "" {
			t.Error(found)
		}
	}
	expect()
	w.answers(always(500))
	w.change(id(0), id(1), id(2))
	w.deliver()
	expect()
	w.answers(nil)
	w.sleep(time.Minute)
	w.deliver()
	expect()
}

func TestAWebhookThatWasMendedGetsAll(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"PLACE", keys.WebhookLanePrefix, keys.WebhookDuePrefix} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			w := testWorld(t)
			hook := w.hook(webhook.Input{})
			w.answers(always(500))
			w.change(id(0), id(1), id(0), id(2))
			w.deliver()
			w.lose(hook, prefix)
			w.change(id(1))
			w.answers(nil)
			w.mend(hook)
			w.posts()
			w.deliver()
			w.expectInOrder(w.posts(), w.made)
			if p := w.place(hook); p.Lanes != 0 {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestManyLanesAreMended(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	tx := func(from, to int) {
		t.Helper()
		tx := table().Begin()
		for n := from; n < to; n++ {
			tx.Put(keys.WebhookLane(w.org, hook.ID, id(n)).Item())
		}
		if err := tx.Commit(w.ctx); err != nil {
			t.Fatal(err)
		}
	}
	tx(0, 90)
	tx(90, 150)
	w.mend(hook)
}

// A deliverer that is at work writes no more, and what it has sent meanwhile is sent again.
func TestADelivererLosesItsLeaseToARepair(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.change(id(0), id(1), id(0))
	epoch := w.epoch()
	var mended sync.Once
	w.then = func() {
		mended.Do(func() {
			if err := w.Webhooks.Mend(w.ctx, hook, epoch); err != nil {
				t.Error(err)
			}
		})
	}
	w.deliver()
	w.deliver()
	w.expectInOrder(w.posts(), w.made)
	if found := w.contradiction(hook); found != "" {
		t.Error(found)
	}
}

func TestAnEventThatCannotBeReadHoldsUpNoOtherContact(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(always(500))
	w.change(id(0), id(1), id(1))
	w.deliver()
	at := w.changed[id(0)]
	damaged := keys.WebhookWaiting(w.org, hook.ID, id(0), at).Item()
	damaged["parts"] = dynamo.String("x")
	if err := table().Put(w.ctx, damaged); err != nil {
		t.Fatal(err)
	}
	w.answers(nil)
	w.posts()
	w.sleep(time.Minute)
	w.deliver()
	w.expectInOrder(w.posts(), ofContact(w.made, id(1).String()))
	if found := w.contradiction(hook); found != "" {
		t.Error(found)
	}
	item, err := webhook.WaitingItem(w.org, hook.ID, changes.Change{Contact: id(0), At: at, Type: changes.Created, Parts: []changes.Part{changes.TheContact}})
	if err != nil {
		t.Fatal(err)
	}
	if err := table().Put(w.ctx, item); err != nil { // as a check repairs it
		t.Fatal(err)
	}
	w.sleep(webhook.LongestWait)
	w.deliver()
	w.expectInOrder(w.posts(), ofContact(w.made, id(0).String()))
}
