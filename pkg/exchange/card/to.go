// Package card maps cards to contacts and contacts to cards.
package card

import (
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// ToCard returns a contact as a card of version 3.0 or 4.0. What the contact keeps of a card is written again, in its order, unless the
// contact contradicts it.
func ToCard(c *exchange.Contact, version vcard.Version) *vcard.Card {
	o := outlineOf(c)
	card := &vcard.Card{Version: vcard.V3, Properties: o.write(c.Kept.Card)}
	return card.As(version)
}

// writer writes an outline over what is kept of a card.
type writer struct {
	*outline
	done    map[string]bool // keys of singles, fields and digests of channels, tags and the picture that are written
	kept    []vcard.Property
	fields  []string        // of kept
	hasTag  map[string]bool // by the folded name
	groups  map[string]string
	dropped map[string]bool // groups whose fields the contact has no longer
}

// write returns the properties of the outline: what it has once and kept has not, kept, and all else.
func (o *outline) write(kept *exchange.KeptCard) []vcard.Property {
	w := writer{outline: o, done: map[string]bool{}, hasTag: map[string]bool{}, groups: map[string]string{}, dropped: map[string]bool{}}
	for _, tag := range o.tags {
		w.hasTag[contact.Fold(tag)] = true
	}
	identities := slices.Clone(o.identities)
	if kept != nil {
		for _, p := range kept.Properties {
			w.groups[strings.ToLower(p.Group)] = p.Group
		}
		for _, p := range kept.Properties {
			w.keep(p)
		}
		w.dropOrphans()
		identities = w.keepIdentities()
	}
	var all []vcard.Property
	for _, s := range o.singles {
		if !w.done[singleKey(s.field, s.property.Name)] {
			all = append(all, s.property)
		}
	}
	all = append(all, w.kept...)
	for _, unit := range o.tail(w.done) {
		all = append(all, w.grouped(unit)...)
	}
	for _, i := range identities {
		all = append(all, i.properties...)
		for _, c := range channelsOf(i.Channels, o.kind) {
			c.properties[0].Add(identityParam, i.mark) // those of its group belong to it
			all = append(all, w.grouped(c.properties)...)
		}
	}
	return all
}

// singleKey returns what properties of a single field have in common one of which replaces the other.
func singleKey(field, name string) string {
	if dateProperties[field] != "" {
		return field
	}
	return strings.ToUpper(name)
}

// grouped returns properties in a group of their own, if there are several.
func (w *writer) grouped(properties []vcard.Property) []vcard.Property {
	if len(properties) == 1 {
		return properties
	}
	group := exchange.FreeGroup(w.groups)
	all := slices.Clone(properties)
	for i := range all {
		all[i].Group = group
	}
	return all
}

// keep writes a kept property, what the contact has in its place, or nothing.
func (w *writer) keep(k exchange.KeptProperty) {
	p := k.Property()
	switch {
	case k.Field == "":
	case k.Field == exchange.FieldIdentity:
		if slices.ContainsFunc(w.identities, func(i identity) bool { return i.mark == k.As }) {
			return
		}
	case k.Field == fieldTags:
		if !w.keepTags(&p) {
			return
		}
	case k.Field == fieldPhoto:
		if w.photo == nil || w.done[fieldPhoto] {
			return
		}
		w.done[fieldPhoto] = true
		for _, name := range []string{"ENCODING", "TYPE", "VALUE"} {
			p.Remove(name)
		}
		p.Params = append(p.Params, w.photo.Params...)
		p.Value = w.photo.Value
	case w.has(k.Field, k.As) || p.Is("N") && k.Field == fieldName && w.makesUp(p, k):
		if p.Value == "" {
			p.Value, _ = w.value(k.Field, k.As, p.Name)
		}
		w.done[w.doneKey(k)] = true
	default:
		w.dropped[strings.ToLower(k.Group)] = true
		key := w.doneKey(k)
		i := slices.IndexFunc(w.singles, func(s single) bool { return singleKey(s.field, s.property.Name) == key })
		if i < 0 || w.done[key] {
			return
		}
		w.done[key] = true
		p = w.singles[i].property
	}
	w.kept = append(w.kept, p)
	w.fields = append(w.fields, k.Field)
}

// doneKey returns the key of what a kept property writes.
func (w *writer) doneKey(k exchange.KeptProperty) string {
	if _, once := w.digests[k.Field]; once {
		return singleKey(k.Field, k.Name)
	}
	return k.Field + k.As
}

// makesUp reports whether the words of a kept N make up the contact's name.
func (w *writer) makesUp(p vcard.Property, k exchange.KeptProperty) bool {
	return k.Value != "" && makesUp(&p, w.name)
}

// keepTags leaves in CATEGORIES what is a tag of the contact, or can't be one. It reports whether anything is left.
func (w *writer) keepTags(p *vcard.Property) bool {
	list := p.List()
	left := slices.DeleteFunc(slices.Clone(list), func(value string) bool {
		tag := tagName(value)
		known := w.hasTag[contact.Fold(tag)]
		if known {
			w.done[fieldTags+contact.Fold(tag)] = true
		}
		return tag != "" && !known
	})
	if len(left) < len(list) {
		p.Value = vcard.EscapeList(left)
	}
	return len(left) > 0
}

// tagName returns the tag that a value of CATEGORIES names, "" for none: Google files all contacts under myContacts.
func tagName(value string) string {
	tag, fault := exchange.TagName(value)
	if fault != "" || strings.EqualFold(tag, "myContacts") {
		return ""
	}
	return tag
}

// dropOrphans removes kept properties of groups whose other properties the contact has no longer, such as Apple's X-ABADR of an address.
func (w *writer) dropOrphans() {
	for i, p := range w.kept {
		if w.fields[i] != "" {
			delete(w.dropped, strings.ToLower(p.Group))
		}
	}
	delete(w.dropped, "")
	w.kept = slices.DeleteFunc(w.kept, func(p vcard.Property) bool { return w.dropped[strings.ToLower(p.Group)] })
}

// keepIdentities marks kept properties ORG and TITLE that describe an identity of the contact, and writes the identity's where they
// contradict it. It returns the identities with the properties that are still to be written. The first TITLE goes with the first ORG, and so
// on.
func (w *writer) keepIdentities() []identity {
	rest := slices.Clone(w.identities)
	if w.kind == contact.Organization {
		return rest
	}
	indexes := func(name string) (all []int) {
		for i := range w.kept {
			if w.kept[i].Is(name) {
				all = append(all, i)
			}
		}
		return all
	}
	titles := indexes("TITLE")
	taken, drop := map[int]bool{}, map[int]bool{}
	for n, org := range indexes("ORG") {
		at := slices.IndexFunc(rest, func(i identity) bool { return organizationOf(&w.kept[org]) == contact.Fold(i.Organization) })
		if at < 0 || taken[at] {
			continue
		}
		taken[at] = true
		id := rest[at]
		w.placeIdentity(org, id, "ORG", hasDepartments(&w.kept[org], id.Departments))
		rest[at].properties = without(id.properties, "ORG")
		if n < len(titles) {
			drop[titles[n]] = !w.placeIdentity(titles[n], id, "TITLE", text(&w.kept[titles[n]]) == id.JobTitle)
			rest[at].properties = nil
		}
	}
	var kept []vcard.Property
	for i, p := range w.kept {
		if !drop[i] {
			kept = append(kept, p)
		}
	}
	w.kept = kept
	return rest
}

// placeIdentity marks a kept property as that of an identity if it says the same, else replaces it by the identity's. It reports whether the
// identity has one.
func (w *writer) placeIdentity(index int, id identity, name string, same bool) bool {
	at := slices.IndexFunc(id.properties, func(p vcard.Property) bool { return p.Is(name) })
	switch {
	case at < 0:
		return false
	case same:
		w.kept[index].Set(identityParam, id.mark)
	default:
		w.kept[index] = id.properties[at]
	}
	return true
}

func without(properties []vcard.Property, name string) []vcard.Property {
	return slices.DeleteFunc(slices.Clone(properties), func(p vcard.Property) bool { return p.Is(name) })
}

// organizationOf returns the name of the organization in an ORG, folded.
func organizationOf(org *vcard.Property) string {
	return contact.Fold(strings.TrimSpace(component(org, 0)))
}

// hasDepartments reports whether an ORG names departments, among others.
func hasDepartments(org *vcard.Property, departments []string) bool {
	var units []string
	for i := range org.Components() {
		units = append(units, contact.Fold(strings.TrimSpace(component(org, i))))
	}
	return !slices.ContainsFunc(departments, func(d string) bool { return !slices.Contains(units[1:], contact.Fold(d)) })
}
