package card

import (
	"reflect"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// kept returns what a contact that is made of the draft keeps of the card: nothing of what ToCard writes in the same way without it. Only
// the beginning and the end of a card can be left out: all else would lose its place.
func (r *reader) kept() *exchange.KeptCard {
	c := r.contact()
	o := outlineOf(c)
	var own, identities []exchange.KeptProperty
	var card []vcard.Property
	for i, p := range r.properties {
		k := exchange.KeptProperty{Group: p.Group, Name: p.Name, Value: p.Value, Field: r.fields[i], As: r.as[i]}
		for _, param := range p.Params {
			k.Params = append(k.Params, exchange.KeptParam(param))
		}
		if k.Field == exchange.FieldIdentity {
			identities = append(identities, k)
			continue
		}
		if value, known := o.value(k.Field, k.As, k.Name); k.Field == fieldPhoto || known && value == k.Value {
			k.Value = ""
		}
		own, card = append(own, k), append(card, p)
	}
	from := o.usualBeginning(card)
	kept := own[from:o.usualEnd(card, from)]
	if !writes(&o, kept, card) {
		kept = own[from:]
	}
	if kept = append(slices.Clip(kept), identities...); len(kept) == 0 {
		return nil
	}
	return &exchange.KeptCard{Properties: kept}
}

// contact returns the contact that the draft makes.
func (r *reader) contact() *exchange.Contact {
	d := &r.draft
	c := &exchange.Contact{Org: r.settings.Org, Channels: d.Channels, Tags: d.Tags, Photo: d.Photo}
	if d.Kind == contact.Organization {
		c.Organization = &contact.OrganizationContact{ID: d.Self, ExternalID: d.ExternalID, Name: d.Name, Founded: d.Founded}
	} else {
		c.Individual = &contact.IndividualContact{ID: d.Self, ExternalID: d.ExternalID, Name: d.Name, DateOfBirth: d.DateOfBirth,
			Anniversary: d.Anniversary}
	}
	return c
}

// usualBeginning returns how many of a card's first properties are singles in the usual order and way.
func (o *outline) usualBeginning(card []vcard.Property) (n int) {
	for _, s := range o.singles {
		if n < len(card) && reflect.DeepEqual(card[n], s.property) {
			n++
		}
	}
	return n
}

// usualEnd returns the index of the property from which on a card has the last channels, the tags and the picture in the usual order and
// way. It is at least from.
func (o *outline) usualEnd(card []vcard.Property, from int) int {
	end := len(card)
	units := o.tail(nil)
	for i := len(units) - 1; i >= 0; i-- {
		unit := units[i]
		start := end - len(unit)
		if start < from {
			break
		}
		for j, p := range card[start:end] {
			p.Group = ""
			if !reflect.DeepEqual(p, unit[j]) {
				return end
			}
		}
		end = start
	}
	return end
}

// writes reports whether a contact that keeps these properties is written as the card, aside from singles that the card lacks.
func writes(o *outline, kept []exchange.KeptProperty, card []vcard.Property) bool {
	for _, p := range o.write(&exchange.KeptCard{Properties: kept}) {
		switch {
		case len(card) > 0 && reflect.DeepEqual(p, card[0]):
			card = card[1:]
		case !slices.ContainsFunc(o.singles, func(s single) bool { return reflect.DeepEqual(s.property, p) }):
			return false
		}
	}
	return len(card) == 0
}
