package store

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/history"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

// allOf is the whole history of a contact, with what its organization no longer shows.
func allOf(org string, id contact.ID) history.Span {
	return history.Span{Org: org, Contact: id, After: 0, Before: history.Newest}
}

// eraseRepresentatives removes an individual from the histories of the organizations that it represents, or did. Its identities must be
// there, without links: nothing adds to those histories any more what this would miss.
func (s *Store) eraseRepresentatives(ctx context.Context, org string, id contact.ID) error {
	represented := map[contact.ID]bool{}
	o := contact.Owner{Org: org, Contact: id}
	if err := s.Query(keys.PartsOf(o)).Prefix(keys.Prefix(o, keys.SegmentIdentity)).Read(ctx, 0, func(i dynamo.Item) {
		represented[contact.ID(i.Number(AttrRepresents))] = true
	}); err != nil {
		return err
	}
	if err := history.Read(ctx, s.Table, allOf(org, id), s.now(), 0, func(e history.Entry, _ int, _ error) bool {
		for _, was := range e.Before {
			key := dynamo.Key{PK: keys.PartsOf(o), SK: was.Part}
			if p := keys.Parse(key); p.Kind != keys.KindPart || p.Segment != keys.SegmentIdentity {
				continue
			}
			item := key.Item()
			item[AttrDoc] = dynamo.String(was.Doc)
			if identity, err := Decode[contact.ProfessionalIdentity](item); err == nil {
				represented[identity.OrganizationContact] = true
			}
		}
		return true
	}); err != nil {
		return err
	}
	for organization := range represented {
		if organization.Kind() != contact.Organization {
			continue // an identity without one
		}
		var damaged error
		err := history.Read(ctx, s.Table, allOf(org, organization), s.now(), 0, func(e history.Entry, _ int, _ error) bool {
			damaged = s.eraseFrom(ctx, org, e, id)
			return damaged == nil
		})
		if err == nil {
			err = damaged
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseFrom removes what an entry of an organization's history says of an individual.
func (s *Store) eraseFrom(ctx context.Context, org string, e history.Entry, id contact.ID) error {
	before := slices.DeleteFunc(slices.Clone(e.Before), func(was history.Image) bool { return isOf(id, e.Contact, was) })
	if len(before) == len(e.Before) {
		return nil
	}
	e.Before = before
	head, err := s.Get(ctx, keys.History(org, e.Contact, e.At, 0))
	if err != nil || head == nil { // it has expired
		return err
	}
	items, err := e.Items(org, head.Number(dynamo.AttrExpires))
	if err != nil {
		return err
	}
	tx := s.begin()
	for n := range history.Following(head) {
		tx.Delete(keys.History(org, e.Contact, e.At, n+1))
	}
	for _, item := range items {
		tx.Put(item)
	}
	return tx.commit(ctx, idempotency.Write{}, contact.Record{})
}

// eraseHistory deletes the history of a contact, and returns how many items it had.
func (s *Store) eraseHistory(ctx context.Context, org string, id contact.ID) (records int, err error) {
	var all []dynamo.Key
	if err := s.Query(keys.Parts(org, id)).Prefix(keys.SegmentHistory+"#").Project("pk", "sk").Read(ctx, 0, func(i dynamo.Item) {
		all = append(all, i.Key())
	}); err != nil {
		return 0, err
	}
	for some := range slices.Chunk(all, dynamo.MaxTransactionItems) {
		tx := s.begin()
		for _, key := range some {
			tx.Delete(key)
		}
		if err := tx.commit(ctx, idempotency.Write{}, contact.Record{}); err != nil {
			return records, err
		}
		records += len(some)
	}
	return records, nil
}
