package tests

import (
	"contacts/pkg/fsck"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Each way in which the table can disagree with itself is found, and nothing else; where it can be known what is right it is
// repaired.
func TestACheckFindsAndRepairsWhatIsNotSound(t *testing.T) {
	t.Parallel()
	for name, b := range breakages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			b.spoil(h)
			found := h.findings()
			finds(t, "at first", found, b.finds)
			for range 9 { // what is repaired can bring to light what follows from it
				repair(t, found)
				found = h.findings()
			}
			finds(t, "behind the repair", found, b.left)
		})
	}
}

// finds holds findings to be just those that are wanted, each a kind and part of the detail.
func finds(t *testing.T, when string, found []fsck.Finding, want []string) {
	t.Helper()
	open := slices.Clone(want)
	for _, f := range found {
		i := slices.IndexFunc(open, func(w string) bool {
			kind, detail, _ := strings.Cut(w, ": ")
			return string(f.Kind) == kind && strings.Contains(f.Detail, detail)
		})
		if i < 0 {
			t.Errorf("%s it finds %s: %s: %s", when, f.Kind, f.Key, f.Detail)
			continue
		}
		if f.Repair == "" {
			t.Errorf("%s: %s: nothing is said of its repair", f.Kind, f.Detail)
		}
		open = slices.Delete(open, i, i+1)
	}
	if len(open) > 0 {
		t.Errorf("%s it does not find %q", when, open)
	}
}

func repair(t testing.TB, found []fsck.Finding) {
	t.Helper()
	for _, f := range found {
		if f.Fix == nil {
			continue
		}
		if err := f.Fix(context.Background()); err != nil && !errors.Is(err, fsck.ErrMoved) {
			t.Errorf("%s: %s: %v", f.Key, f.Repair, err)
		}
	}
}

// A repair of what has changed since it was found changes nothing.
func TestARepairLeavesWhatHasChangedSince(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil, change func(h household)
	}{
		"a claim that its contact has now": {
			func(h household) { h.put(h.pk("U#INDIVIDUAL"), "crm-2", "owner", 8) },
			func(h household) { h.change(h.pk("U#INDIVIDUAL"), "crm-2", "owner", asNumber(12)) }},
		"references that others count": {
			func(h household) { h.change(h.parts(h.firm), "guard", "reference_count", asNumber(5)) },
			func(h household) { h.stage.identity(h.person, h.firm) }},
		"a contact that was written": {
			func(h household) {
				h.change(h.pk("I"), sixteen(tail(h.person)), "uniques", setOf("INDIVIDUAL#crm-1", "INDIVIDUAL#crm-2"))
			},
			func(h household) { h.do("PUT", h.person, object{"name": "Erika", "external_id": "crm-3"}).want(200) }},
		"an organization that is restored": {
			func(h household) { h.drop(h.pk("U#INDIVIDUAL"), "crm-1") },
			func(h household) { h.put("P#ORG", h.org, "region", "DE", "restoring", "digest") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			c.spoil(h)
			found := h.findings()
			if len(found) == 0 {
				t.Fatal("nothing is found")
			}
			c.change(h)
			before := fmt.Sprint(h.state())
			for _, f := range found {
				if f.Fix == nil {
					continue
				}
				if err := f.Fix(t.Context()); err == nil {
					t.Errorf("%s: %s: it is repaired", f.Key, f.Detail)
				}
			}
			if after := fmt.Sprint(h.state()); after != before {
				t.Errorf("the store was %s, and is %s", before, after)
			}
		})
	}
}

// What an organization lacks that is being restored is on its way.
func TestAnOrganizationThatIsBeingRestoredIsLeftOut(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.drop(h.pk("U#INDIVIDUAL"), "crm-1")
	h.put("P#ORG", h.org, "region", "DE", "restoring", "digest")
	finds(t, "meanwhile", h.findings(), nil)
	h.drop("P#ORG", h.org)
	finds(t, "then", h.findings(), []string{"unique: which has no entry"})
}

// What changes while it is looked at is no finding.
func TestACheckFindsNothingInWhatChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var changes sync.WaitGroup
	for i := range uint64(8) {
		changes.Go(func() {
			for r := rand.New(rand.NewPCG(7, i)); ; {
				if a, err := w.tryAs(w.change(r)); err != nil || a.status >= 500 {
					t.Errorf("%v, %v", a, err)
					return
				}
				if r.IntN(25) == 0 {
					return
				}
			}
		})
	}
	through := make(chan struct{})
	go func() { changes.Wait(); close(through) }()
	for changing := true; changing; {
		w.isSound()
		select {
		case <-through:
			changing = false
		default:
		}
	}
}
