package deliverer

import (
	"testing"
	"time"

	"contacts/pkg/capacity"
	"contacts/pkg/webhook"
)

// units returns what a call takes of the table.
func (w *world) units(call func()) (read, written float64) {
	ctx, units := capacity.With(w.ctx)
	before := w.ctx
	w.ctx = ctx
	call()
	w.ctx = before
	return units.Read, units.Write
}

func TestADeliveryCostsTheSameAtAnyNumberOfContacts(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	w.change(id(0))
	w.deliver()
	for n := range 2 {
		w.sleep(2 * time.Minute)
		for n := range n * 500 {
			w.change(id(n))
		}
		w.deliver()
		w.sleep(2 * time.Minute)
		w.deliver()
		w.change(id(0))
		read, written := w.units(w.deliver)
		idle, none := w.units(w.deliver)
		t.Logf("a delivery: %v read and %v written; an idle webhook: %v read", read, written, idle)
		if read > 20 || written > 4 || idle > 8 || none > 0 {
			t.Errorf("a delivery costs %v read and %v written units, an idle webhook %v and %v", read, written, idle, none)
		}
	}
}
