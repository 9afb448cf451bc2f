package card

import (
	"encoding/base64"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// outline is a contact as properties, in the usual way: what a card has once, then its channels, tags, picture and identities.
type outline struct {
	kind       contact.Kind
	name       string
	digests    map[string]string // of the fields that a contact has once
	singles    []single
	channels   []channel
	tags       []string
	photo      *vcard.Property // nil for none
	identities []identity
}

// single is a property that a card has once.
type single struct {
	field    string
	property vcard.Property
}

// identity is a professional identity as properties.
type identity struct {
	exchange.Identity
	mark       string // the value of identityParam
	properties []vcard.Property
}

// identityParam marks a property of a professional identity: the organization whose contact it is, a colon, and the identity's id.
const identityParam = "X-CONTACTS-IDENTITY"

// outlineOf returns the outline of a contact.
func outlineOf(c *exchange.Contact) outline {
	o := outline{kind: contact.Individual, name: c.Name(), digests: map[string]string{}, tags: c.Tags}
	var externalID contact.ExternalID
	dates := map[string]contact.Date{}
	if c.Organization != nil {
		o.kind = contact.Organization
		externalID = c.Organization.ExternalID
		dates[fieldFounded] = c.Organization.Founded
	} else {
		externalID = c.Individual.ExternalID
		dates[fieldDateOfBirth], dates[fieldAnniversary] = c.Individual.DateOfBirth, c.Individual.Anniversary
	}
	o.digests[fieldName], o.digests[fieldKind], o.digests[fieldExternalID] = digest(o.name), digest(o.kind.String()), digest(externalID)
	o.digests[fieldPhoto] = ""

	o.add(fieldName, nameProperty(o.name, o.kind))
	o.add(fieldName, textProperty("FN", o.name))
	if o.kind == contact.Organization {
		o.add(fieldKind, vcard.Property{Name: "KIND", Value: "org"})
		o.add(fieldKind, vcard.Property{Name: "X-ABShowAs", Value: "COMPANY"})
		o.add(fieldName, textProperty("ORG", o.name))
	}
	o.add(fieldExternalID, textProperty("UID", c.UID()))
	for _, field := range []string{fieldDateOfBirth, fieldFounded, fieldAnniversary} {
		o.digests[field] = digest(dates[field])
		if date := dates[field]; date != "" {
			o.add(field, vcard.Property{Name: dateProperties[field], Value: string(date)})
		}
	}
	o.channels = channelsOf(c.Channels, o.kind)
	if c.Photo != nil {
		o.photo = photoProperty(c.Photo)
	}
	for _, i := range c.Identities {
		o.identities = append(o.identities, identityOf(c.Org, i))
	}
	return o
}

func (o *outline) add(field string, p vcard.Property) {
	o.singles = append(o.singles, single{field, p})
}

// dateProperties are the properties of dates.
var dateProperties = map[string]string{fieldDateOfBirth: "BDAY", fieldFounded: "BDAY", fieldAnniversary: "ANNIVERSARY"}

func photoProperty(photo *exchange.Photo) *vcard.Property {
	p := &vcard.Property{Name: "PHOTO", Value: base64.StdEncoding.EncodeToString(photo.Data)}
	p.Add("ENCODING", "b")
	if subtype, found := strings.CutPrefix(photo.ContentType, "image/"); found {
		p.Add("TYPE", strings.ToUpper(subtype))
	}
	return p
}

func identityOf(org string, i exchange.Identity) identity {
	all := identity{Identity: i, mark: org + ":" + i.ID.String()}
	if i.Organization != "" || len(i.Departments) > 0 {
		all.properties = append(all.properties, vcard.Property{Name: "ORG", Value: vcard.EscapeComponents(append([]string{i.Organization}, i.Departments...)...)})
	}
	if i.JobTitle != "" {
		all.properties = append(all.properties, textProperty("TITLE", i.JobTitle))
	}
	for j := range all.properties {
		all.properties[j].Add(identityParam, all.mark)
	}
	return all
}

// tail returns the units of properties that follow all others: the channels, the tags and the picture that used does not name.
func (o *outline) tail(used map[string]bool) (units [][]vcard.Property) {
	for _, c := range o.channels {
		if !used[c.field+c.digest] {
			units = append(units, c.properties)
		}
	}
	var tags []string
	for _, tag := range o.tags {
		if !used[fieldTags+contact.Fold(tag)] {
			tags = append(tags, tag)
		}
	}
	if len(tags) > 0 {
		units = append(units, []vcard.Property{{Name: "CATEGORIES", Value: vcard.EscapeList(tags)}})
	}
	if o.photo != nil && !used[fieldPhoto] {
		units = append(units, []vcard.Property{*o.photo})
	}
	return units
}

// value returns the value of the property of a name that a field is written as, if the field still has the value whose digest is as.
func (o *outline) value(field, as, name string) (value string, ok bool) {
	for _, s := range o.singles {
		if s.field == field && s.property.Is(name) {
			return s.property.Value, o.digests[field] == as
		}
	}
	for _, c := range o.channels {
		if c.field != field || c.digest != as {
			continue
		}
		for _, p := range c.properties {
			if p.Is(name) {
				return p.Value, true
			}
		}
	}
	return "", false
}

// has reports whether the contact has the value of a field whose digest is as.
func (o *outline) has(field, as string) bool {
	if current, once := o.digests[field]; once {
		return current == as
	}
	for _, c := range o.channels {
		if c.field == field && c.digest == as {
			return true
		}
	}
	return false
}
