package deliverer

import (
	"testing"
	"time"

	"contacts/pkg/changes"
	"contacts/pkg/dynamo"
	"contacts/pkg/webhook"
)

// manyChanges makes so many changes of as many individuals, a millisecond apart.
func (w *world) manyChanges(n int) {
	w.Helper()
	entries := make([]dynamo.Item, n)
	for i := range entries {
		w.sleep(time.Millisecond)
		c := changes.Change{Contact: id(i), At: w.now().UnixMicro(), Type: changes.Changed, Parts: []changes.Part{changes.Email}}
		var err error
		if entries[i], err = c.Item(w.org); err != nil {
			w.Fatal(err)
		}
	}
	if err := table().PutAll(w.ctx, entries); err != nil {
		w.Fatal(err)
	}
}

func TestAWebhookThatIsFarBehindIsCountedUpToItsBound(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	since := w.now()
	far, few := w.hook(webhook.Input{}), w.hook(webhook.Input{Events: []string{"organization.*"}})
	w.manyChanges(webhook.MaxBehind + 100)
	near := w.hook(webhook.Input{})
	w.change(id(0), id(1), id(2))
	var p []webhook.Progress
	progress := func(of ...webhook.Webhook) {
		t.Helper()
		var err error
		if p, err = w.Webhooks.Progress(w.ctx, w.org, of); err != nil {
			t.Fatal(err)
		}
	}
	if read, _ := w.units(func() { progress(far) }); read > 500 {
		t.Errorf("it costs %v units", read)
	}
	progress(near, far, few)
	for i, want := range []int{3, webhook.MaxBehind + 1, 0} {
		if p[i].Behind != want {
			t.Errorf("webhook %d is behind by %d changes, want %d", i, p[i].Behind, want)
		}
	}
	if oldest := time.UnixMicro(p[1].Oldest); oldest.Sub(since) > time.Second {
		t.Errorf("the oldest change is of %v", oldest)
	}
}
