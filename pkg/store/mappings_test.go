package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
)

// pool is how many contacts and external ids a drawn mapping takes its own from: enough for chains that no transaction
// can hold.
const pool = 120

// drawMapping draws a one-to-one list: at random, so that it shares some of its contacts and external ids with another, or
// as one long run, which against another one is a cycle or a chain of any length.
func drawMapping(t *rapid.T, name string) []contact.IDMapping {
	internal, external := make([]int, pool), make([]int, pool)
	for i := range pool {
		internal[i], external[i] = i, i
	}
	n := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, pool), rapid.IntRange(maxMappedTogether, maxMappedTogether+2), rapid.Just(pool)).Draw(t, name+" length")
	if rapid.Bool().Draw(t, name+" is a run") {
		shift := rapid.IntRange(0, 4).Draw(t, name+" shift") // by 1 all are one chain, by 4 four of them
		external = append(external[shift:], external[:shift]...)
	} else {
		internal = rapid.Permutation(internal).Draw(t, name+" internal")
		external = rapid.Permutation(external).Draw(t, name+" external")
	}
	list := make([]contact.IDMapping, n)
	for i := range list {
		list[i] = contact.IDMapping{Internal: contact.ID(8124 + 4*internal[i]), External: contact.ExternalID(fmt.Sprint("crm-", external[i]))}
	}
	return list
}

func byContact(list []contact.IDMapping) map[contact.ID]contact.ExternalID {
	m := map[contact.ID]contact.ExternalID{}
	for _, one := range list {
		m[one.Internal] = one.External
	}
	return m
}

// planned is what a list makes of a mapping, as the API document has it: the list itself, or the list and those that it
// names neither by contact nor by external id.
func planned(before, list []contact.IDMapping, whole bool) map[contact.ID]contact.ExternalID {
	after := byContact(list)
	for _, m := range before {
		named := slices.ContainsFunc(list, func(l contact.IDMapping) bool { return l.Internal == m.Internal || l.External == m.External })
		if !whole && !named {
			after[m.Internal] = m.External
		}
	}
	return after
}

// carryOut does what the store does with one group: all of it at once, and nothing if somebody else has an external id.
func carryOut(mapping map[contact.ID]contact.ExternalID, group []contact.ID, change map[contact.ID]contact.ExternalID) error {
	for _, id := range group {
		delete(mapping, id)
	}
	for _, id := range group {
		for holder, external := range mapping {
			if external == change[id] {
				return fmt.Errorf("%s is to get %s, which %s has", id, external, holder)
			}
		}
		if change[id] != "" {
			mapping[id] = change[id]
		}
	}
	return nil
}

func sorted(mapping map[contact.ID]contact.ExternalID) []contact.IDMapping {
	list := []contact.IDMapping{}
	for id, external := range mapping {
		list = append(list, contact.IDMapping{Internal: id, External: external})
	}
	slices.SortFunc(list, func(a, b contact.IDMapping) int { return cmp.Compare(a.External, b.External) })
	return list
}

func TestAPlanMovesEveryContactToItsExternalIDInGroupsOfAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, list := drawMapping(t, "before"), drawMapping(t, "list")
		whole := rapid.Bool().Draw(t, "whole")
		want := planned(before, list, whole)
		mapping := byContact(before)
		for round := 0; ; round++ {
			plan := planMapping(sorted(mapping), list, whole)
			if after := plan.after(); !slices.Equal(after, sorted(want)) {
				t.Fatalf("planned %v, want %v", after, sorted(want))
			}
			changing := map[contact.ID]bool{}
			for _, id := range slices.Concat(slices.Collect(maps.Keys(mapping)), slices.Collect(maps.Keys(want))) {
				if mapping[id] != want[id] {
					changing[id] = true
				}
			}
			groups, complete := plan.groups()
			for _, i := range rapid.Permutation(upTo(len(groups))).Draw(t, "order") {
				if n := len(groups[i]); n == 0 || n > maxMappedTogether {
					t.Fatalf("a group of %d contacts, want 1 to %d", n, maxMappedTogether)
				}
				for _, id := range groups[i] {
					if !changing[id] || plan.change[id] == mapping[id] {
						t.Fatalf("%s has what it is to have, or changes twice", id)
					}
					delete(changing, id)
				}
				if err := carryOut(mapping, groups[i], plan.change); err != nil {
					t.Fatalf("group %d of %v: %v", i, groups, err)
				}
			}
			if complete {
				break
			}
			if round > 0 {
				t.Fatalf("a second plan is not complete: %v", groups)
			}
		}
		if !maps.Equal(mapping, want) {
			t.Fatalf("left %v, want %v", sorted(mapping), sorted(want))
		}
	})
}

// upTo returns the numbers below n.
func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestAPlanThatFitsIntoOneTransactionIsOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, maxMappedTogether).Draw(t, "contacts")
		var before, list []contact.IDMapping
		for i := range n { // a rotation
			before = append(before, contact.IDMapping{Internal: contact.ID(8124 + 4*i), External: contact.ExternalID(fmt.Sprint(i))})
			list = append(list, contact.IDMapping{Internal: contact.ID(8124 + 4*i), External: contact.ExternalID(fmt.Sprint((i + 1) % n))})
		}
		groups, complete := planMapping(before, list, rapid.Bool().Draw(t, "whole")).groups()
		if want := min(n-1, 1); len(groups) != want || !complete { // one alone stays as it is
			t.Fatalf("%d groups for a cycle of %d, complete: %v", len(groups), n, complete)
		}
	})
}
