package store

import (
	"context"
	"strings"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Represented has the names of what professional identities name. Those that can't be read are missing.
type Represented struct {
	Organizations map[contact.ID]string
	Departments   map[contact.DepartmentRef]string
}

// Represented returns the names of the organizations and departments that professional identities name.
func (s *Store) Represented(ctx context.Context, org string, identities []contact.ProfessionalIdentity) (Represented, error) {
	names := Represented{Organizations: map[contact.ID]string{}, Departments: map[contact.DepartmentRef]string{}}
	var wanted []dynamo.Key
	seen := map[dynamo.Key]bool{}
	want := func(key dynamo.Key) {
		if !seen[key] {
			seen[key], wanted = true, append(wanted, key)
		}
	}
	for _, i := range identities {
		want(keys.Contact(org, i.OrganizationContact))
		for _, d := range i.Departments {
			want(keys.Part(contact.Owner{Org: org, Contact: d.ContactID}, keys.SegmentDepartment, d.DepartmentID))
		}
	}
	items, err := s.BatchGet(ctx, wanted, "")
	for n, item := range items {
		if item == nil {
			continue
		}
		named, unreadable := Decode[struct {
			Name string `json:"name"`
		}](item)
		if unreadable != nil {
			continue
		}
		if p := keys.Parse(wanted[n]); p.Kind == keys.KindContact {
			names.Organizations[p.Owner] = named.Name
		} else {
			names.Departments[contact.DepartmentRef{ContactID: p.Owner, DepartmentID: IDOf(item)}] = named.Name
		}
	}
	return names, err
}

// Default returns a contact's newest image that is READY; false if it has none.
func (i Images) Default(ctx context.Context, o contact.Owner) (p Picture, found bool, err error) {
	err = dynamo.ReadEach(ctx, i.store.Query(keys.PartsOf(o)).Prefix(keys.Prefix(o, keys.SegmentImage)), 0, dynamo.ReadItem, func(item dynamo.Item) bool {
		picture, unreadable := PictureOf(item)
		if unreadable == nil && item[AttrState] == nil && picture.Status == contact.ImageReady {
			p, found = picture, true
		}
		return !found
	})
	return p, found, err
}

// A Selection says which contacts are listed: those of a kind, that aren't deleted.
type Selection struct {
	Kind contact.Kind
	// Tag selects those with a tag; "" for any.
	Tag string
	// ChangedSince selects those that changed at the time or later, Unix microseconds; 0 for any.
	ChangedSince int64
}

// Select returns the ids of contacts after another one, in the order of their creation, and the last id that was looked at, 0 if none
// follows. It looks at limit contacts, so that it may return fewer, or none, while others follow.
func (s *Store) Select(ctx context.Context, org string, by Selection, after contact.ID, limit int) (ids []contact.ID, last contact.ID, err error) {
	read := 0
	if by.Tag == "" {
		err = s.Query(keys.Contacts(org, by.Kind)).Between(keys.After(after), keys.EndOfIDs).Project("sk", AttrDeleted).Read(ctx, limit, func(i dynamo.Item) {
			read, last = read+1, IDOf(i)
			if !i.Bool(AttrDeleted) {
				ids = append(ids, last)
			}
		})
	} else {
		entries := keys.Lookup(org, keys.TagLookup(by.Tag))
		err = s.Query(entries.PK).Between(entries.Prefix+keys.After(after), entries.Prefix+keys.EndOfIDs).Read(ctx, limit, func(i dynamo.Item) {
			read, last = read+1, keys.ParseTarget(strings.TrimPrefix(i.String("sk"), entries.Prefix)).Contact
			if last.Kind() == by.Kind {
				ids = append(ids, last)
			}
		})
	}
	if err == nil && by.ChangedSince != 0 {
		ids, err = s.changedSince(ctx, org, ids, by.ChangedSince)
	}
	if read < limit {
		last = 0
	}
	return ids, last, err
}

// changedSince returns those of some contacts that changed at a time or later.
func (s *Store) changedSince(ctx context.Context, org string, ids []contact.ID, since int64) (changed []contact.ID, err error) {
	guards := make([]dynamo.Key, len(ids))
	for i, id := range ids {
		guards[i] = keys.Guard(org, id)
	}
	items, err := s.BatchGet(ctx, guards, "pk, sk, "+changes.AttrChanged)
	for i, guard := range items {
		if guard.Number(changes.AttrChanged) >= since {
			changed = append(changed, ids[i])
		}
	}
	return changed, err
}
