package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A contact is the expected state of a contact: the result of all answered writes.
type contact struct {
	kind       string // Individual, Organization or PlaceholderCustomer, as operations are named
	id         string
	doc        object // as shown, without id, deleted and derived fields
	born       span
	deleted    bool
	parts      map[string]map[string]object // by kind of part and id, as shown without the id
	roles      map[string]object            // Customer, AlternativePayer, Supplier: as sent
	accounts   map[string]string            // debtor, creditor; "" if there is none
	tags       []string                     // their ids, in the order of addition
	identities map[string]*identity
	options    map[string]option // those without a channel, by id; all options if channelled
	// channelled is set if the plentymarkets dialect writes its channels.
	channelled bool
	images     []string // the newest first
	trail      []string // the last writes, for failure messages
}

// An identity is a professional identity.
type identity struct {
	body  object
	parts map[string]map[string]object
}

// An option is an option of the plentymarkets dialect.
type option struct {
	kind, sub, priority int
	value               string
}

// A customerList is a customer list of one client.
type customerList struct{ id, name string }

// A member is a customer in a shared list.
type member struct {
	list, contact string
	added         span
	in            bool
}

// An optionType is an option type of one client.
type optionType struct{ id, name string }

func newContact(kind string) *contact {
	return &contact{kind: kind, parts: map[string]map[string]object{}, roles: map[string]object{}, accounts: map[string]string{},
		identities: map[string]*identity{}, options: map[string]option{}}
}

// note adds a write to the contact's trail.
func (p *contact) note(what string, body any, r *result) {
	status := "no answer"
	if r != nil {
		status = fmt.Sprint(r.status)
	}
	p.trail = append(p.trail, fmt.Sprintf("%s %s: %s", what, encoded(body), status))
	if len(p.trail) > 15 {
		p.trail = p.trail[1:]
	}
}

// history returns the trail for a failure message.
func (p *contact) history() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("\n    %s %s; before that:\n    ", p.kind, p.id) + strings.Join(p.trail, "\n    ")
}

func (p *contact) external() string { s, _ := p.doc["external_id"].(string); return s }

func (p *contact) name() string { s, _ := p.doc["name"].(string); return s }

// shown returns a resource as GET shows it, with its id.
func shown(id string, body object) object {
	o := maps.Clone(body)
	o["id"] = id
	return o
}

// without returns an object without some fields.
func without(o object, fields ...string) object {
	o = maps.Clone(o)
	for _, f := range fields {
		delete(o, f)
	}
	return o
}

// equal reports whether two values are equal as JSON.
func equal(a, b any) bool { return encoded(a) == encoded(b) }

// sortedIDs returns the keys of a map in numeric order, that of creation.
func sortedIDs[T any](m map[string]T) []string {
	return slices.SortedFunc(maps.Keys(m), compareIDs)
}

func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// list returns a field with a list of objects.
func list(o object, field string) (items []object) {
	all, _ := o[field].([]any)
	for _, i := range all {
		if item, ok := i.(object); ok {
			items = append(items, item)
		}
	}
	return items
}
