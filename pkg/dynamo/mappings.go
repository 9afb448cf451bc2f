package dynamo

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"contacts/pkg/contact"
)

// The mapping between the ids of contacts and their external ids is the same fact as the contacts' external_id: it is
// read from the claims, and changed by changing the contacts.

// Mappings returns the external ids of all contacts of the kind, in the order of the external ids. ErrTooMuch if an answer can't
// carry them.
func (c Contacts[T, P]) Mappings(ctx context.Context, org string) ([]contact.IDMapping, error) {
	return c.mappings(ctx, org, maxShown)
}

// mappings is Mappings of at most so many bytes as they are shown; 0 for any.
func (c Contacts[T, P]) mappings(ctx context.Context, org string, most int) ([]contact.IDMapping, error) {
	mappings, size := []contact.IDMapping{}, 0
	fits := func() bool { return most == 0 || size <= most }
	err := readEach(ctx, c.table.prefixed(claimPartition(org, c.kind.String())), "", 0, readItem, func(i Item) bool {
		m := contact.IDMapping{Internal: contact.ID(i.number(attrOwner)), External: contact.ExternalID(i.text("sk"))}
		mappings = append(mappings, m)
		size += shownMapping(m)
		return fits()
	})
	if err == nil && !fits() {
		err = ErrTooMuch
	}
	return mappings, err
}

// shownMapping is how many bytes a mapping takes at least where it is shown.
func shownMapping(m contact.IDMapping) int {
	return len(`{"internal":"","external":""},`) + len(m.External)
}

// longestMapping is what shownMapping is at most: an external id has 256 characters.
const longestMapping = 30 + 4*256

// MappingOf returns a contact's mapping, in the version of the contact. NotFound if it has none, or is deleted.
func (c Contacts[T, P]) MappingOf(ctx context.Context, org string, id contact.ID) (Record, error) {
	stored, err := c.table.contact(ctx, org, id, c.kind)
	if err != nil {
		return Record{}, err
	}
	return c.mappingOf(stored)
}

func (c Contacts[T, P]) mappingOf(stored Item) (Record, error) {
	external := c.externalOf(stored)
	if external == "" {
		return Record{}, notFound("mapping")
	}
	doc, err := encode(contact.IDMapping{Internal: stored.id(), External: contact.ExternalID(external)})
	return Record{ID: stored.id(), Version: stored.number(attrVersion), Doc: doc}, err
}

// externalOf is the external id that a contact claims, "" for none.
func (c Contacts[T, P]) externalOf(stored Item) string {
	for _, held := range stored.texts(attrClaims) {
		if external, ok := strings.CutPrefix(held, c.kind.String()+"#"); ok {
			return external
		}
	}
	return ""
}

// MappingTo returns the mapping of an external id. NotFound if no contact has it.
func (c Contacts[T, P]) MappingTo(ctx context.Context, org, externalID string) (Record, error) {
	return untilUnchanged(ctx, func() (Record, error) {
		stored, err := c.holder(ctx, org, externalID)
		if err != nil {
			return Record{}, err
		}
		return c.mappingOf(stored)
	})
}

// holder reads the contact that has an external id. NotFound if none has it, errChanged if it lost it in between.
func (c Contacts[T, P]) holder(ctx context.Context, org, externalID string) (Item, error) {
	claim, err := c.table.get(ctx, claimKey(org, c.kind.String(), externalID))
	if err != nil {
		return nil, err
	}
	if claim == nil {
		return nil, notFound("mapping")
	}
	stored, err := c.table.contact(ctx, org, contact.ID(claim.number(attrOwner)), c.kind)
	if err == nil && c.externalOf(stored) != externalID {
		err = errChanged
	}
	return stored, err
}

// Unmap takes the external id of a contact away. NotFound if it has none, or is deleted.
func (c Contacts[T, P]) Unmap(ctx context.Context, org string, id contact.ID, match Match) error {
	return c.unmap(ctx, org, match, func() (Item, error) {
		stored, err := c.table.contact(ctx, org, id, c.kind)
		if err == nil && c.externalOf(stored) == "" {
			err = cmp.Or(match.check(stored), notFound("mapping"))
		}
		return stored, err
	})
}

// UnmapExternal takes an external id away from its contact. NotFound if no contact has it.
func (c Contacts[T, P]) UnmapExternal(ctx context.Context, org, externalID string, match Match) error {
	return c.unmap(ctx, org, match, func() (Item, error) { return c.holder(ctx, org, externalID) })
}

// unmap takes the external id of the contact away that read returns.
func (c Contacts[T, P]) unmap(ctx context.Context, org string, match Match, read func() (Item, error)) error {
	_, err := untilUnchanged(ctx, func() (Record, error) {
		stored, err := read()
		if err != nil {
			return Record{}, err
		}
		if err := match.check(stored); err != nil {
			return Record{}, err
		}
		tx := c.table.begin()
		if err := c.remap(tx, org, stored, ""); err != nil {
			return Record{}, err
		}
		return Record{}, tx.commit(ctx, Record{ID: stored.id()})
	})
	return err
}

// remap gives a contact another external id.
func (c Contacts[T, P]) remap(tx *transaction, org string, stored Item, externalID string) error {
	value, err := decode[T](stored)
	if err != nil {
		return &unreadable{stored.text("sk")}
	}
	P(&value).SetExternal(externalID)
	doc, err := encode(value)
	if err != nil {
		return err
	}
	next := nextItem(stored, doc, c.table.now())
	tx.tie(org, target{contact: stored.id()}, stored, next, c.tiesOf(&value))
	tx.replace(stored, next, unchanged(stored))
	return nil
}

// A Remapping asks for external ids: those of List, and if that is the Whole mapping, no others.
type Remapping struct {
	List  []contact.IDMapping
	Whole bool
	// Check is given the mapping as it is and as it will be before anything is written, and can refuse. Exclusive says
	// that what it is given must not be replaced meanwhile.
	Check     func(before, after []contact.IDMapping) error
	Exclusive bool
}

// Map gives contacts the external ids of a list, and returns the whole mapping as it is then. Who else had one of them
// loses it; if the list is the whole mapping, so does every contact that it does not name. Impossible, and nothing is
// changed, if the list isn't one to one or names a contact that is not there or deleted.
//
// What one transaction can't hold is a sequence of them, each whole: the same list again finishes what was begun.
func (c Contacts[T, P]) Map(ctx context.Context, org string, r Remapping) ([]contact.IDMapping, error) {
	var order []condition
	if r.Whole || r.Exclusive {
		var err error
		if order, err = c.order(ctx, org); err != nil {
			return nil, err
		}
	}
	most := 0
	if !r.Whole { // what the list doesn't name stays, and is answered; each of its rows lets two go at most
		most = maxShown + 2*len(r.List)*longestMapping
	}
	checked := false
	return untilUnchanged(ctx, func() ([]contact.IDMapping, error) {
		before, err := c.mappings(ctx, org, most)
		if err != nil {
			return nil, err
		}
		plan := planMapping(before, r.List, r.Whole)
		if err := c.checkMapping(ctx, org, r.List, plan); err != nil {
			return nil, err
		}
		after := plan.after()
		if !checked {
			if err := r.Check(before, after); err != nil {
				return nil, err
			}
			checked = true
		}
		groups, through := plan.groups()
		err = EachParallel(withoutAttempt(ctx), len(groups), func(ctx context.Context, i int) error {
			return c.remapGroup(ctx, org, groups[i], plan.change, order)
		})
		switch {
		case errors.Is(err, errSuperseded) && r.Exclusive:
			err = ErrStale
		case errors.Is(err, errSuperseded):
			err = nil // as if it had been through before the other began
		case err == nil && !through:
			err = errChanged // what is left is planned anew
		}
		return after, err
	})
}

// errSuperseded says that a later replacement of the whole mapping has begun.
var errSuperseded = errors.New("dynamo: superseded")

// order returns what must hold in each transaction of a replacement of the mapping: that none began after it. So of two
// at once the one that began last is left, whole.
func (c Contacts[T, P]) order(ctx context.Context, org string) ([]condition, error) {
	run := rand.Text()
	tx := c.table.begin()
	item := planKey(org, c.kind).entry()
	item[attrRun] = str(run)
	tx.put(item)
	return []condition{{text: "run = :run", values: values{":run": str(run)}, explain: func(Item) error { return errSuperseded }}},
		tx.commit(withoutAttempt(ctx), Record{})
}

// checkMapping holds that a list is one to one, and that its contacts are there and not deleted.
func (c Contacts[T, P]) checkMapping(ctx context.Context, org string, list []contact.IDMapping, plan mappingPlan) error {
	faults := contact.TwiceMapped(list)
	var keys []Key
	var places []int
	for i, m := range list {
		switch {
		case m.Internal.Kind() != c.kind:
			faults = append(faults, unknownContact(i))
		case plan.before[m.Internal] == "": // one that has an external id is living
			keys, places = append(keys, contactKey(org, m.Internal)), append(places, i)
		}
	}
	unique := slices.Compact(slices.SortedFunc(slices.Values(keys), func(a, b Key) int { return strings.Compare(a.SK, b.SK) }))
	items, err := c.table.gets(ctx, unique, "pk, sk, deleted")
	if err != nil {
		return err
	}
	living := map[Key]bool{}
	for _, item := range items {
		if item != nil && !item.is(attrDeleted) {
			living[item.key()] = true
		}
	}
	for i, key := range keys {
		if !living[key] {
			faults = append(faults, unknownContact(places[i]))
		}
	}
	if faults != nil {
		return &contact.Error{Reason: contact.Impossible, Faults: faults,
			Detail: "the mapping must be one to one, between external ids and contacts that exist and are not deleted"}
	}
	return nil
}

func unknownContact(i int) contact.Fault {
	return contact.Fault{Pointer: fmt.Sprintf("/items/%d/internal", i), Detail: "there is no such contact, or it is deleted"}
}

// remapGroup changes the external ids of some contacts in one transaction.
func (c Contacts[T, P]) remapGroup(ctx context.Context, org string, ids []contact.ID, change map[contact.ID]contact.ExternalID, order []condition) error {
	keys := make([]Key, len(ids))
	for i, id := range ids {
		keys[i] = contactKey(org, id)
	}
	items, err := c.table.gets(ctx, keys, "")
	if err != nil {
		return err
	}
	tx := c.table.begin()
	for i, stored := range items {
		if stored == nil || stored.is(attrDeleted) {
			return errChanged
		}
		if err := c.remap(tx, org, stored, string(change[ids[i]])); err != nil {
			return err
		}
	}
	if order != nil {
		tx.require(planKey(org, c.kind), order...)
	}
	err = tx.commit(ctx, Record{})
	if contact.IsRefused(err, contact.Taken) {
		err = errChanged // somebody claimed one meanwhile
	}
	return err
}

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
const maxRemapped = (maxSteps - 1) / 3

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
