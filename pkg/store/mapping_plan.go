package store

import (
	"cmp"
	"maps"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// A mappingPlan is a change of a mapping.
type mappingPlan struct {
	before map[contact.ID]contact.ExternalID
	holder map[contact.ExternalID]contact.ID
	change map[contact.ID]contact.ExternalID // the new external ids of the contacts that change, "" for none
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

// rows returns the rows of a list before the change, with an empty external id for a contact without one.
func (p mappingPlan) rows(list []contact.IDMapping) []contact.IDMapping {
	rows := make([]contact.IDMapping, len(list))
	for i, row := range list {
		rows[i] = contact.IDMapping{Internal: row.Internal, External: p.before[row.Internal]}
	}
	return rows
}

// unchanged returns the contacts of a list that keep their external ids, as they were read; nil if they and the changes exceed a
// transaction.
func (p mappingPlan) unchanged(list []contact.IDMapping, read map[contact.ID]dynamo.Item) []dynamo.Item {
	unchanged := []dynamo.Item{}
	for _, row := range list {
		if _, changes := p.change[row.Internal]; !changes {
			unchanged = append(unchanged, read[row.Internal])
		}
	}
	if itemsPerMapping*len(p.change)+len(unchanged) > dynamo.MaxTransactionItems || len(p.change) > maxMappedTogether || len(list) > len(read) {
		return nil
	}
	return unchanged
}

// after returns the mapping after the change, in the order of external ids.
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

// itemsPerMapping is the most items that change with the external id of a contact: the contact, its guard item, the two entries of its
// change, the external ids before and after.
const itemsPerMapping = 6

// maxMappedTogether is the most contacts that change in one transaction; the run takes an item.
const maxMappedTogether = (dynamo.MaxTransactionItems - 1) / itemsPerMapping

// groups splits the contacts that change into transactions. Contacts that pass external ids to each other stay together. If they are too
// many for a transaction, they only lose their external ids; complete is false then, and the rest needs another plan.
func (p mappingPlan) groups() (groups [][]contact.ID, complete bool) {
	next := map[contact.ID]contact.ID{} // the next holder of a contact's external id
	for id, external := range p.change {
		if holder, taken := p.holder[external]; taken {
			next[holder] = id
		}
	}
	complete = true
	var open []contact.ID
	seen := map[contact.ID]bool{}
	for _, id := range slices.Sorted(maps.Keys(p.change)) {
		chain := p.chain(id, next, seen)
		if len(chain) > maxMappedTogether {
			complete = false
			chain = slices.DeleteFunc(chain, func(id contact.ID) bool { p.change[id] = ""; return p.before[id] == "" })
			groups = slices.AppendSeq(groups, slices.Chunk(chain, maxMappedTogether))
			continue
		}
		if len(open)+len(chain) > maxMappedTogether {
			groups, open = append(groups, open), nil
		}
		open = append(open, chain...)
	}
	if open != nil {
		groups = append(groups, open)
	}
	return groups, complete
}

// chain returns the contacts, not seen before, that pass external ids to or from a contact, directly or through others.
func (p mappingPlan) chain(id contact.ID, nextHolder map[contact.ID]contact.ID, seen map[contact.ID]bool) []contact.ID {
	var chain []contact.ID
	for next := []contact.ID{id}; len(next) > 0; {
		id, next = next[0], next[1:]
		external, changes := p.change[id]
		if !changes || seen[id] {
			continue
		}
		seen[id] = true
		chain = append(chain, id)
		if holder, taken := p.holder[external]; taken {
			next = append(next, holder)
		}
		if to, ok := nextHolder[id]; ok {
			next = append(next, to)
		}
	}
	return chain
}
