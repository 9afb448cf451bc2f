package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/option"
	"contacts/pkg/store"
)

// Conversion between options and the records that store them.

func (c ContactOption) pair() option.Pair { return option.Pair{Type: c.TypeID, SubType: c.SubTypeID} }

// dialectDataOf returns the dialect data of a record.
func dialectDataOf(m store.Option) (data option.DialectData) {
	if m.DialectData != nil {
		_ = json.Unmarshal(m.DialectData, &data) // malformed data counts as none
	}
	return data
}

// show returns a record as an option of its owner.
func show(owner contact.ID, m store.Option) ContactOption {
	data := dialectDataOf(m)
	pair, value := option.FromRecord(m.Record, data)
	seconds := func(milliseconds int64) string { return strconv.FormatInt(milliseconds/1000, 10) }
	return ContactOption{ID: int64(m.ID), ContactID: int64(owner), TypeID: pair.Type, SubTypeID: pair.SubType, Value: value,
		Priority: &data.Priority, CreatedAt: seconds(m.Created), UpdatedAt: seconds(m.Updated)}
}

// showAll returns the options, sorted by priority and id.
func showAll(owner contact.Owner, records []store.Option) []ContactOption {
	records = slices.Clone(records)
	byPriority(records)
	shown := make([]ContactOption, len(records))
	for i, m := range records {
		shown[i] = show(owner.Contact, m)
	}
	return shown
}

func byPriority(records []store.Option) {
	slices.SortFunc(records, func(a, b store.Option) int {
		return cmp.Or(cmp.Compare(dialectDataOf(a).Priority, dialectDataOf(b).Priority), cmp.Compare(a.ID, b.ID))
	})
}

// duplicatePair is the message of the API document's exception.
const duplicatePair = "the same combination of IDs cannot be used twice"

// set assigns the sent options to the records at indexes, and returns the faults. Their pointers begin with at's.
func (o options) set(records []store.Option, indexes []int, sent []ContactOption, at func(int) string) (faults []contact.Fault) {
	var moved []int // indexes of options whose pair changes
	for i, s := range sent {
		m := &records[indexes[i]]
		var before ContactOption
		if m.Record != nil {
			before = show(0, *m)
		}
		if before.pair() != s.pair() {
			moved = append(moved, i)
		}
		if detail := option.CheckValue(s.TypeID, s.Value); detail != "" && (before.Value != s.Value || before.TypeID != s.TypeID) {
			faults = append(faults, contact.Fault{Pointer: at(i) + "/value", Detail: detail})
		}
		next, data := option.ToRecord(m.Record, dialectDataOf(*m), s.pair(), s.Value)
		if s.Priority != nil {
			data.Priority = *s.Priority
		}
		m.Record, m.DialectData, m.DialectReferences = next, nil, o.references(s.pair())
		if data != (option.DialectData{}) {
			m.DialectData, _ = json.Marshal(data) // can't fail: three numbers
		}
	}
	for _, i := range moved {
		for j, other := range records {
			if j != indexes[i] && show(0, other).pair() == sent[i].pair() {
				faults = append(faults, contact.Fault{Pointer: at(i) + "/typeId", Detail: duplicatePair})
				break
			}
		}
	}
	return faults
}

// references returns the tenant's own types in a pair.
func (o options) references(p option.Pair) (references []contact.Target) {
	if !o.types.isDefault(p.Type) {
		references = append(references, contact.Target{Part: contact.AnOptionType, ID: contact.ID(p.Type)})
	}
	if !o.subTypes.isDefault(p.SubType) {
		references = append(references, contact.Target{Part: contact.AnOptionSubType, ID: contact.ID(p.SubType)})
	}
	return references
}

// findUnknown returns a fault for each type and sub-type that the tenant doesn't have. It reads each once.
func (o options) findUnknown(ctx context.Context, org string, sent []ContactOption, at func(int) string) (faults []contact.Fault, err error) {
	for _, field := range []struct {
		name  string
		types optionTypes
		id    func(ContactOption) int64
	}{
		{"/typeId", o.types, func(c ContactOption) int64 { return c.TypeID }},
		{"/subTypeId", o.subTypes, func(c ContactOption) int64 { return c.SubTypeID }},
	} {
		known := map[int64]bool{}
		for i, s := range sent {
			id := field.id(s)
			if _, looked := known[id]; !looked {
				if known[id], err = field.types.has(ctx, org, id); err != nil {
					return nil, err
				}
			}
			if !known[id] {
				faults = append(faults, contact.Fault{Pointer: at(i) + field.name, Detail: "there is no " + field.types.noun + " " + strconv.FormatInt(id, 10)})
			}
		}
	}
	return faults, nil
}

// atTop returns the pointer of a body that is one option.
func atTop(int) string { return "" }

// faultsError returns an Impossible error with the faults, nil for none.
func faultsError(faults []contact.Fault) error {
	if len(faults) == 0 {
		return nil
	}
	return &contact.Error{Reason: contact.Impossible, Detail: faults[0].Detail, Faults: faults}
}
