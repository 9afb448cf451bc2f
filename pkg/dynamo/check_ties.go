package dynamo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// The rules of what a resource's document says, what is kept of that beside it, and the entries that follow from what is
// kept. A repair goes one step at a time: what is kept is made what the document says, then the entries what is kept.

// declared reads a resource's document, and returns the ties that follow from it; telephone numbers are read as they are dialled in
// region.
func (t *Table) declared(p place, i Item, region string) (ties, error) {
	o := Owner{Org: p.org, Contact: p.owner, Identity: p.identity, Region: region}
	switch {
	case p.kind == placeContact && p.owner.Kind() == contact.Individual:
		return Individuals(t).declared(i)
	case p.kind == placeContact && p.owner.Kind() == contact.Organization:
		return Organizations(t).declared(i)
	case p.kind == placeContact:
		return PlaceholderCustomers(t).declared(i)
	case p.kind == placeTag:
		tag, err := decode[contact.Tag](i)
		return ties{finds: []string{FindTag(tag.Name)}}, err
	case p.kind == placeList:
		return CustomerLists(t).declared(i, o)
	case p.kind == placeConfiguration:
		return Configurations(t).declared(i, o)
	case p.segment != segmentRole:
		return partKinds[p.segment](t).declared(i, o)
	}
	switch strings.TrimPrefix(i.text("sk"), o.prefix(segmentRole)) {
	case roleCustomer:
		return CustomerRoles(t).declared(i, o)
	case roleSupplier:
		return SupplierRoles(t).declared(i, o)
	}
	return AlternativePayerRoles(t).declared(i, o)
}

func (c Contacts[T, P]) declared(i Item) (ties, error) {
	value, err := decode[T](i)
	if err != nil {
		return ties{}, err
	}
	return c.tiesOf(&value), nil
}

func (p Parts) declared(i Item, o Owner) (ties, error) {
	value := p.blank()
	if err := json.Unmarshal([]byte(i.text(attrDoc)), value); err != nil {
		return ties{}, err
	}
	value.SetID(i.id()) // by its key: what its document says is another rule
	return p.tiesOf(o, i, value), nil
}

func (s Singles[T, P]) declared(i Item, o Owner) (ties, error) {
	value, err := decode[T](i)
	if err != nil || s.ties == nil {
		return ties{}, err
	}
	return s.ties(&value, o), nil
}

// rewrite is what somebody has to do about a document that can't be what was written.
const rewrite = "write the resource anew with PUT, or bring it back from a backup"

// document holds what is stored to be readable, to be what its key says, and to have the ties that are kept beside it.
func (j *judgement) document() {
	j.versioned()
	doc := []byte(j.item.text(attrDoc))
	var named struct {
		ID      jsontext.Value `json:"id"`
		Deleted bool           `json:"deleted"`
	}
	if !isObject(doc) || json.Unmarshal(doc, &named) != nil {
		j.byHand(FoundDocument, "its document is no JSON object", rewrite)
		return
	}
	want := j.item.id().String()
	switch j.place.kind {
	case placeSharedTag:
		want = contact.ID(j.item.number(attrTag)).String()
	case placeImage:
		want = (contact.MaxID - j.item.id()).String()
	}
	if got := strings.Trim(string(named.ID), `"`); got != want && j.place.segment != segmentRole && j.place.kind != placeConfiguration {
		j.byHand(FoundDocument, fmt.Sprintf("its document says that its id is %s", got), rewrite)
	}
	if j.place.kind == placeContact && named.Deleted != j.isDeleted(j.item) {
		j.byHand(FoundDocument, fmt.Sprintf("its document says deleted: %t, what stands beside it %t", named.Deleted, j.item.is(attrDeleted)),
			"bring the contact back from a backup")
	}
}

// kept holds the claims, finds and references that are kept beside a document to be those that follow from it; of what is
// released, that it holds nothing. Whatever it does keep is held to its entries.
func (j *judgement) kept(released bool) {
	if released {
		j.released()
	} else if t, err := j.check.table.declared(j.place, j.item, j.region()); err == nil {
		var refers []string
		for _, r := range t.refers {
			if name := r.name(); !slices.Contains(refers, name) {
				refers = append(refers, name)
			}
		}
		j.keeps(attrClaims, claimed(t.claims))
		j.keeps(attrFinds, j.finds(t.finds))
		j.keeps(attrRefers, refers)
	} else if isObject([]byte(j.item.text(attrDoc))) {
		j.byHand(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), rewrite)
	}
	j.claims()
	j.lookups()
	j.references()
}

const phoneSpace = "PHONE#"

// region is that of the organization, by which a telephone number is read that is not found by any; "" for what is none.
func (j *judgement) region() string {
	if j.place.segment != segmentPhone {
		return ""
	}
	return j.at(organizationKey(j.place.org)).text("region")
}

// finds are those that follow from a document. A telephone number stays found as it was read when it was written, by the
// region that the organization had then.
func (j *judgement) finds(declared []string) []string {
	isPhone := func(f string) bool { return strings.HasPrefix(f, phoneSpace) }
	kept := slices.DeleteFunc(slices.Clone(j.item.texts(attrFinds)), func(f string) bool { return !isPhone(f) })
	if j.place.segment != segmentPhone || len(kept) == 0 {
		return declared
	}
	return append(slices.DeleteFunc(slices.Clone(declared), isPhone), kept...)
}

// keeps holds a set that is kept beside a document.
func (j *judgement) keeps(attribute string, want []string) {
	have := j.item.texts(attribute)
	lacks, extra := missing(want, have), missing(have, want)
	if len(lacks)+len(extra) == 0 {
		return
	}
	j.find(FoundTies, fmt.Sprintf("its %s are not those of its document: %q lacks, %q is not there", attribute, lacks, extra), "keep those of the document",
		func(tx *transaction) {
			next := Item{}
			next.setTexts(attribute, want)
			j.change(tx, func(u *update) {
				if next[attribute] == nil {
					u.remove(attribute)
				} else {
					u.set(attribute, next[attribute])
				}
			})
		})
}

// change makes another version of the item.
func (j *judgement) change(tx *transaction, change func(*update)) {
	u := &tx.step(j.item.key()).update
	change(u)
	u.count(attrVersion, 1)
}

// released holds that what belongs to a deleted contact claims nothing, is found by nothing, and keeps nothing else from being
// deleted.
func (j *judgement) released() {
	if !j.item.holds() && !j.item.is(attrActive) {
		return
	}
	j.find(FoundDeletion, "its contact is deleted, and it still holds unique values, look-ups or references, or is active", "let go of them", func(tx *transaction) {
		j.change(tx, func(u *update) {
			u.remove(attrClaims)
			u.remove(attrFinds)
			u.remove(attrRefers)
			if j.item.is(attrActive) {
				u.remove(attrActive)
				u.set(attrDeactivated, num(j.check.table.now().UnixMilli()))
			}
		})
	})
}

// claims holds that each value that the item claims is its contact's.
func (j *judgement) claims() {
	for _, held := range j.item.texts(attrClaims) {
		space, value, _ := strings.Cut(held, "#")
		key := claimKey(j.place.org, space, value)
		switch entry := j.at(key); {
		case !key.possible(): // told of what is kept
		case entry == nil:
			j.find(FoundClaim, "it claims "+held+", which has no entry", "put the entry", func(tx *transaction) { tx.claim(key, j.place.owner, space) })
		case contact.ID(entry.number(attrOwner)) != j.place.owner:
			j.byHand(FoundClaim, fmt.Sprintf("it claims %s, which contact %d has", held, entry.number(attrOwner)), "give one of the two contacts another value")
		}
	}
}

// lookups holds that each value that the item is found by leads to it.
func (j *judgement) lookups() {
	for _, f := range j.item.texts(attrFinds) {
		entry := findEntry(j.place.org, f, j.self())
		switch there := j.at(entry.key()); {
		case there == nil:
			j.find(FoundLookup, "it is to be found by "+f+", which has no entry", "put the entry", func(tx *transaction) {
				tx.put(entry, absent(func(Item) error { return errChanged }))
			})
		case !isOption(f) || optionOf(there) == j.self():
		case !slices.Contains(j.at(optionOf(there).key(j.place.org)).texts(attrFinds), f):
			j.find(FoundLookup, "it is to be found by "+f+", which leads elsewhere", "let it lead there", func(tx *transaction) {
				tx.put(entry, asIs(attrOwner, there), asIs(attrPart, there))
			})
		default:
			j.byHand(FoundID, "its id is that of "+optionOf(there).describe()+" too", "delete one of the two, and make it anew")
		}
	}
}

// references holds that what the item refers to is there and knows of it, and who refers to the item is counted.
func (j *judgement) references() {
	for _, name := range lastingOf(j.item) {
		to := parseTarget(name)
		target, key := j.at(to.guard(j.place.org)), referenceKey(j.place.org, to, j.self())
		switch {
		case target == nil && to.part == "" && j.at(to.key(j.place.org)) != nil:
			// Told of the contact, which has lost its guard.
		case target == nil:
			j.byHand(FoundReference, "it refers to "+to.describe()+", which is not there", "change the resource so that it refers to another, or bring that back from a backup")
		case to.part == "" && target.is(attrDeleted) && !target.is(attrErased) && to.contact != j.place.owner && !j.isLeft(to):
			j.byHand(FoundReference, "it refers to "+to.describe()+", which is deleted", "change the resource so that it refers to another")
		case j.at(key) == nil:
			// It is counted where the references are, once it is there.
			j.find(FoundReference, "it refers to "+to.describe()+", which doesn't know", "put the reference beside it", func(tx *transaction) {
				tx.require(to.guard(j.place.org), present(errChanged))
				tx.put(key.entry(), absent(func(Item) error { return errChanged }))
			})
		}
	}
	j.referred()
}

// referred holds that as many refer to the item as it counts.
func (j *judgement) referred() {
	if n, sound := j.item.number(attrReferrers), j.item[attrReferrers] == nil || j.item.isNumber(attrReferrers); n != 0 || !sound {
		if found := j.referrers(j.self()); j.err == nil && (int64(len(found)) != n || !sound) {
			j.recount(n, int64(len(found)))
		}
	}
}

// isLeft reports whether references may lead to a contact whose guard says that it is deleted: it is being erased, or is not deleted
// in truth, of which is told there.
func (j *judgement) isLeft(to target) bool {
	stored := j.at(to.key(j.place.org))
	return stored.is(attrErasing) || !stored.is(attrDeleted)
}

// recount sets how many lasting references lead to the item.
func (j *judgement) recount(counted, found int64) {
	j.find(FoundCount, fmt.Sprintf("it counts %d references to it, and there are %d", counted, found), fmt.Sprintf("count %d", found), func(tx *transaction) {
		tx.require(j.item.key(), asIs(attrReferrers, j.item))
		tx.step(j.item.key()).update.set(attrReferrers, num(found))
	})
}

// referrers are what is noted beside an item as referring to it.
func (j *judgement) referrers(to target) (by []target) {
	prefix := referencePrefix(to)
	err := j.check.table.prefixed(partsOf(j.place.org, to.contact)).read(j.ctx, prefix, 0, func(i Item) {
		by = append(by, parseTarget(strings.TrimPrefix(i.text("sk"), prefix)))
	})
	j.note(err)
	return by
}
