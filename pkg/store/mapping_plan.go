package store

import (
	"cmp"
	"maps"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A mappingPlan is what changes of a mapping.
type mappingPlan struct {
	before map[contact.ID]contact.ExternalID
	holder map[contact.ExternalID]contact.ID
	change map[contact.ID]contact.ExternalID // the external id of each contact that gets another; "" for none
}

func planMapping(before, list []contact.IDMapping, whole bool) mappingPlan {
	p := mappingPlan{before: map[contact.ID]contact.ExternalID{}, holder: map[contact.ExternalID]contact.ID{}, change: map[contact.ID]contact.ExternalID{}}
	for _, m := range before {
		p.before[m.Internal], p.holder[m.External] = m.External, m.Internal
		if whole {
			p.change[m.Internal] = ""
		}
	}
	for _, m := range list {
		if holder, taken := p.holder[m.External]; taken {
			p.change[holder] = ""
		}
	}
	for _, m := range list {
		p.change[m.Internal] = m.External
	}
	maps.DeleteFunc(p.change, func(id contact.ID, external contact.ExternalID) bool { return p.before[id] == external })
	return p
}

// rows are those of a list as they are before: an empty external id for a contact that has none.
func (p mappingPlan) rows(list []contact.IDMapping) []contact.IDMapping {
	rows := make([]contact.IDMapping, len(list))
	for i, row := range list {
		rows[i] = contact.IDMapping{Internal: row.Internal, External: p.before[row.Internal]}
	}
	return rows
}

// staying are the contacts of a list that keep their external ids, as they were read; nil if they don't fit into a transaction
// beside those that change.
func (p mappingPlan) staying(list []contact.IDMapping, read map[contact.ID]dynamo.Item) []dynamo.Item {
	held := []dynamo.Item{}
	for _, row := range list {
		if _, changes := p.change[row.Internal]; !changes {
			held = append(held, read[row.Internal])
		}
	}
	if 3*len(p.change)+len(held) > dynamo.MaxTransactionItems || len(p.change) > maxRemapped || len(list) > len(read) {
		return nil
	}
	return held
}

// after is the mapping when the plan is carried out, in the order of the external ids.
func (p mappingPlan) after() []contact.IDMapping {
	mapping := maps.Clone(p.before)
	maps.Copy(mapping, p.change)
	all := []contact.IDMapping{}
	for id, external := range mapping {
		if external != "" {
			all = append(all, contact.IDMapping{Internal: id, External: external})
		}
	}
	slices.SortFunc(all, func(a, b contact.IDMapping) int { return cmp.Compare(a.External, b.External) })
	return all
}

// maxRemapped is how many contacts change together: each is up to three items of a transaction, the plan one.
const maxRemapped = (dynamo.MaxTransactionItems - 1) / 3

// groups splits the contacts that change into transactions. Those between which an external id changes hands stay
// together. Where they are too many they only lose theirs: the plan is not through then, and has to be made anew.
func (p mappingPlan) groups() (groups [][]contact.ID, through bool) {
	taker := map[contact.ID]contact.ID{} // by who had it
	for id, external := range p.change {
		if holder, held := p.holder[external]; held {
			taker[holder] = id
		}
	}
	through = true
	var open []contact.ID
	seen := map[contact.ID]bool{}
	for _, id := range slices.Sorted(maps.Keys(p.change)) {
		chain := p.chain(id, taker, seen)
		if len(chain) > maxRemapped {
			through = false
			chain = slices.DeleteFunc(chain, func(id contact.ID) bool { p.change[id] = ""; return p.before[id] == "" })
			groups = slices.AppendSeq(groups, slices.Chunk(chain, maxRemapped))
			continue
		}
		if len(open)+len(chain) > maxRemapped {
			groups, open = append(groups, open), nil
		}
		open = append(open, chain...)
	}
	if open != nil {
		groups = append(groups, open)
	}
	return groups, through
}

// chain returns the contacts, not seen before, that external ids reach from one by changing hands.
func (p mappingPlan) chain(id contact.ID, taker map[contact.ID]contact.ID, seen map[contact.ID]bool) []contact.ID {
	var chain []contact.ID
	for next := []contact.ID{id}; len(next) > 0; {
		id, next = next[0], next[1:]
		external, changes := p.change[id]
		if !changes || seen[id] {
			continue
		}
		seen[id] = true
		chain = append(chain, id)
		if holder, held := p.holder[external]; held {
			next = append(next, holder)
		}
		if to, ok := taker[id]; ok {
			next = append(next, to)
		}
	}
	return chain
}
