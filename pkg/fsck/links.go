package fsck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// The rules of what a resource's document says, what is kept of that beside it, and the entries that follow from what is
// kept. A repair goes one step at a time: what is kept is made what the document says, then the entries what is kept.

// rewrite is what somebody has to do about a document that can't be what was written.
const rewrite = "write the resource anew with PUT, or bring it back from a backup"

// document holds what is stored to be readable, to be what its key says, and to have the ties that are kept beside it.
func (j *judgement) document() {
	j.versioned()
	doc := []byte(j.item.String(store.AttrDoc))
	var named struct {
		ID      jsontext.Value `json:"id"`
		Deleted bool           `json:"deleted"`
	}
	if !store.IsObject(doc) || json.Unmarshal(doc, &named) != nil {
		j.byHand(FoundDocument, "its document is no JSON object", rewrite)
		return
	}
	want := store.IDOf(j.item).String()
	switch j.key.Kind {
	case keys.KindSharedTag:
		want = contact.ID(j.item.Number(store.AttrTag)).String()
	case keys.KindImage:
		want = (contact.MaxID - store.IDOf(j.item)).String()
	}
	if got := strings.Trim(string(named.ID), `"`); got != want && j.key.Segment != keys.SegmentRole && j.key.Kind != keys.KindConfiguration {
		j.byHand(FoundDocument, fmt.Sprintf("its document says that its id is %s", got), rewrite)
	}
	if j.key.Kind == keys.KindContact && named.Deleted != j.isDeleted(j.item) {
		j.byHand(FoundDocument, fmt.Sprintf("its document says deleted: %t, its item %t", named.Deleted, j.item.Bool(store.AttrDeleted)),
			"bring the contact back from a backup")
	}
}

// kept holds the claims, finds and references that are kept beside a document to be those that follow from it; of what is
// released, that it holds nothing. Whatever it does keep is held to its entries.
func (j *judgement) kept(released bool) {
	if released {
		j.released()
	} else if t, err := j.check.store.DeclaredLinks(j.key, j.item, j.region()); err == nil {
		var references []string
		for _, r := range t.References {
			if name := r.Name(); !slices.Contains(references, name) {
				references = append(references, name)
			}
		}
		j.keeps(store.AttrUniques, store.UniqueNames(t.Uniques))
		j.keeps(store.AttrLookups, j.wantedLookups(t.Lookups))
		j.keeps(store.AttrReferences, references)
	} else if store.IsObject([]byte(j.item.String(store.AttrDoc))) {
		j.byHand(FoundDocument, fmt.Sprintf("its document can't be read: %v", err), rewrite)
	}
	j.uniques()
	j.lookups()
	j.references()
}

const phoneSpace = "PHONE#"

// region is that of the organization, by which a telephone number is read that is not found by any; "" for what is none.
func (j *judgement) region() string {
	if j.key.Segment != keys.SegmentPhone {
		return ""
	}
	return j.at(keys.Organization(j.key.Org)).String("region")
}

// finds are those that follow from a document. A telephone number stays found as it was read when it was written, by the
// region that the organization had then.
func (j *judgement) wantedLookups(declared []string) []string {
	isPhone := func(f string) bool { return strings.HasPrefix(f, phoneSpace) }
	kept := slices.DeleteFunc(slices.Clone(j.item.Strings(store.AttrLookups)), func(f string) bool { return !keys.IsPhoneLookup(f) })
	if j.key.Segment != keys.SegmentPhone || len(kept) == 0 {
		return declared
	}
	return append(slices.DeleteFunc(slices.Clone(declared), isPhone), kept...)
}

// keeps holds a set that is kept beside a document.
func (j *judgement) keeps(attribute string, want []string) {
	have := j.item.Strings(attribute)
	lacks, extra := store.Difference(want, have), store.Difference(have, want)
	if len(lacks)+len(extra) == 0 {
		return
	}
	j.find(FoundLinks, fmt.Sprintf("its %s are not those of its document: %q lacks, %q is not there", attribute, lacks, extra), "keep those of the document",
		func(tx *dynamo.Tx) {
			next := dynamo.Item{}
			next.SetStrings(attribute, want)
			j.change(tx, func(u *dynamo.Update) {
				if next[attribute] == nil {
					u.Remove(attribute)
				} else {
					u.Set(attribute, next[attribute])
				}
			})
		})
}

// change makes another version of the item.
func (j *judgement) change(tx *dynamo.Tx, change func(*dynamo.Update)) {
	u := tx.Update(j.item.Key())
	change(u)
	u.Add(dynamo.AttrVersion, 1)
}

// released holds that what belongs to a deleted contact claims nothing, is found by nothing, and keeps nothing else from being
// deleted.
func (j *judgement) released() {
	if !store.HasLinks(j.item) && !j.item.Bool(store.AttrActive) {
		return
	}
	j.find(FoundDeletion, "its contact is deleted, and it still holds unique values, look-ups or references, or is active", "let go of them", func(tx *dynamo.Tx) {
		j.change(tx, func(u *dynamo.Update) {
			u.Remove(store.AttrUniques)
			u.Remove(store.AttrLookups)
			u.Remove(store.AttrReferences)
			if j.item.Bool(store.AttrActive) {
				u.Remove(store.AttrActive)
				u.Set(store.AttrDeactivated, dynamo.Number(j.check.now().UnixMilli()))
			}
		})
	})
}

// claims holds that each value that the item claims is its contact's.
func (j *judgement) uniques() {
	for _, held := range j.item.Strings(store.AttrUniques) {
		space, value, _ := strings.Cut(held, "#")
		key := keys.Unique(j.key.Org, space, value)
		switch entry := j.at(key); {
		case !key.IsValid(): // told of what is kept
		case entry == nil:
			j.find(FoundUnique, "it has the unique value "+held+", which has no entry", "put the entry", func(tx *dynamo.Tx) { store.PutUnique(tx, key, j.key.Owner, space) })
		case contact.ID(entry.Number(store.AttrOwner)) != j.key.Owner:
			j.byHand(FoundUnique, fmt.Sprintf("it has the unique value %s, which is that of contact %d", held, entry.Number(store.AttrOwner)), "give one of the two contacts another value")
		}
	}
}

// lookups holds that each value that the item is found by leads to it.
func (j *judgement) lookups() {
	for _, f := range j.item.Strings(store.AttrLookups) {
		entry := store.LookupItem(j.key.Org, f, j.self())
		switch there := j.at(entry.Key()); {
		case there == nil:
			j.find(FoundLookup, "it is to be found by "+f+", which has no entry", "put the entry", func(tx *dynamo.Tx) {
				tx.Put(entry, dynamo.NotExists())
			})
		case !keys.IsOptionLookup(f) || store.OptionTarget(there) == j.self():
		case !slices.Contains(j.at(store.OptionTarget(there).Key(j.key.Org)).Strings(store.AttrLookups), f):
			j.find(FoundLookup, "it is to be found by "+f+", which leads elsewhere", "let it lead there", func(tx *dynamo.Tx) {
				tx.Put(entry, dynamo.SameAttribute(store.AttrOwner, there), dynamo.SameAttribute(store.AttrPart, there))
			})
		default:
			j.byHand(FoundID, "its id is that of "+store.OptionTarget(there).Describe()+" too", "delete one of the two, and make it anew")
		}
	}
}

// references holds that what the item refers to is there and knows of it, and who refers to the item is counted.
func (j *judgement) references() {
	for _, name := range store.RestrictReferences(j.item) {
		to := keys.ParseTarget(name)
		target, key := j.at(to.Guard(j.key.Org)), keys.Reference(j.key.Org, to, j.self())
		switch {
		case target == nil && to.Part == "" && j.at(to.Key(j.key.Org)) != nil:
			// Told of the contact, which has lost its guard.
		case target == nil:
			j.byHand(FoundReference, "it refers to "+to.Describe()+", which is not there", "change the resource so that it refers to another, or bring that back from a backup")
		case to.Part == "" && target.Bool(store.AttrDeleted) && !target.Bool(store.AttrErased) && to.Contact != j.key.Owner && !j.isLeft(to):
			j.byHand(FoundReference, "it refers to "+to.Describe()+", which is deleted", "change the resource so that it refers to another")
		case j.at(key) == nil:
			// It is counted where the references are, once it is there.
			j.find(FoundReference, "it refers to "+to.Describe()+", which doesn't know", "put the reference", func(tx *dynamo.Tx) {
				tx.Check(to.Guard(j.key.Org), dynamo.Exists(dynamo.ErrConflict))
				tx.Put(key.Item(), dynamo.NotExists())
			})
		}
	}
	j.referred()
}

// referred holds that as many refer to the item as it counts.
func (j *judgement) referred() {
	if n, sound := j.item.Number(store.AttrReferenceCount), j.item[store.AttrReferenceCount] == nil || j.item.IsNumber(store.AttrReferenceCount); n != 0 || !sound {
		if found := j.referrers(j.self()); j.err == nil && (int64(len(found)) != n || !sound) {
			j.recount(n, int64(len(found)))
		}
	}
}

// isLeft reports whether references may lead to a contact whose guard says that it is deleted: it is being erased, or is not deleted
// in truth, of which is told there.
func (j *judgement) isLeft(to keys.Target) bool {
	stored := j.at(to.Key(j.key.Org))
	return stored.Bool(store.AttrErasing) || !stored.Bool(store.AttrDeleted)
}

// recount sets how many lasting references lead to the item.
func (j *judgement) recount(counted, found int64) {
	j.find(FoundCount, fmt.Sprintf("it counts %d references to it, and there are %d", counted, found), fmt.Sprintf("count %d", found), func(tx *dynamo.Tx) {
		tx.Check(j.item.Key(), dynamo.SameAttribute(store.AttrReferenceCount, j.item))
		tx.Update(j.item.Key()).Set(store.AttrReferenceCount, dynamo.Number(found))
	})
}

// referrers are what is noted beside an item as referring to it.
func (j *judgement) referrers(to keys.Target) (by []keys.Target) {
	prefix := keys.ReferencePrefix(to)
	err := j.check.store.Query(keys.Parts(j.key.Org, to.Contact)).Prefix(prefix).Read(j.ctx, 0, func(i dynamo.Item) {
		by = append(by, keys.ParseTarget(strings.TrimPrefix(i.String("sk"), prefix)))
	})
	j.note(err)
	return by
}
