package fsck

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"contacts/pkg/fsck"
	"contacts/tests/harness"
)

// A check finds each kind of damage and nothing else, and repairs it where the right value is known.
func TestACheckFindsAndRepairsEachKindOfDamage(t *testing.T) {
	t.Parallel()
	all := maps.Clone(damages)
	maps.Copy(all, webhookDamages)
	for name, b := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newFixture(t)
			b.apply(h)
			found := h.Findings()
			wantFindings(t, "at first", found, b.findings)
			for range 9 { // what is repaired can bring to light what follows from it
				harness.Repair(t, found)
				found = h.Findings()
			}
			wantFindings(t, "after the repair", found, b.left)
		})
	}
}

// wantFindings requires exactly these findings, each a kind and part of the detail.
func wantFindings(t *testing.T, when string, found []fsck.Finding, want []string) {
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

// A repair changes nothing that has changed since the check.
func TestARepairChangesNothingThatHasChangedSince(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		apply, change func(h fixture)
	}{
		"a claim that its contact has now": {
			func(h fixture) { h.put(h.pk("U#INDIVIDUAL"), uniqueKey("crm-2"), "owner", 8) },
			func(h fixture) {
				h.change(h.pk("U#INDIVIDUAL"), uniqueKey("crm-2"), "owner", harness.NumberAttribute(12))
			}},
		"references that others count": {
			func(h fixture) { h.change(h.parts(h.firm), "guard", "reference_count", harness.NumberAttribute(5)) },
			func(h fixture) { h.CreateIdentity(h.person, h.firm) }},
		"a contact that was written": {
			func(h fixture) {
				h.change(h.pk("I"), harness.Padded(harness.LastSegment(h.person)), "uniques", setOf("INDIVIDUAL#crm-1", "INDIVIDUAL#crm-2"))
			},
			func(h fixture) { h.Do("PUT", h.person, object{"name": "Erika", "external_id": "crm-3"}).Want(200) }},
		"an organization that is restored": {
			func(h fixture) { h.drop(h.pk("U#INDIVIDUAL"), uniqueKey("crm-1")) },
			func(h fixture) { h.put("P#ORG", h.Org, "region", "DE", "restoring", "digest") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newFixture(t)
			c.apply(h)
			found := h.Findings()
			if len(found) == 0 {
				t.Fatal("nothing is found")
			}
			c.change(h)
			before := fmt.Sprint(h.State())
			for _, f := range found {
				if f.Fix == nil {
					continue
				}
				if err := f.Fix(t.Context()); err == nil {
					t.Errorf("%s: %s: it is repaired", f.Key, f.Detail)
				}
			}
			if after := fmt.Sprint(h.State()); after != before {
				t.Errorf("the store was %s, and is %s", before, after)
			}
		})
	}
}

// An organization that is being restored may be incomplete.
func TestAnOrganizationThatIsBeingRestoredIsLeftOut(t *testing.T) {
	t.Parallel()
	h := newFixture(t)
	h.drop(h.pk("U#INDIVIDUAL"), uniqueKey("crm-1"))
	h.put("P#ORG", h.Org, "region", "DE", "restoring", "digest")
	wantFindings(t, "meanwhile", h.Findings(), nil)
	h.drop("P#ORG", h.Org)
	wantFindings(t, "then", h.Findings(), []string{"unique: which has no entry"})
}

// Concurrent changes are no findings.
func TestACheckFindsNothingInConcurrentChanges(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkload(t)
	var changes sync.WaitGroup
	for i := range uint64(8) {
		changes.Go(func() {
			for r := rand.New(rand.NewPCG(7, i)); ; {
				if a, err := w.TryDo(w.Change(r)); err != nil || a.Status >= 500 {
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
		w.IsSound()
		select {
		case <-through:
			changing = false
		default:
		}
	}
}
