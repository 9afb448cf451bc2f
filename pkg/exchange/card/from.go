package card

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// reader reads a card into a draft.
type reader struct {
	settings   exchange.Settings
	draft      exchange.Draft
	properties []vcard.Property
	fields     []string          // the field that each property became, "" for none
	as         []string          // the digest of its value there
	known      map[string]string // the digests of channels by what they reach, and tags
}

// FromCard returns the contact that a card describes.
func FromCard(c *vcard.Card, settings exchange.Settings) exchange.Draft {
	r := reader{settings: settings, known: map[string]string{}}
	for _, p := range c.As(vcard.V3).Properties {
		if !p.Is(vcard.ProblemProperty) {
			r.properties = append(r.properties, p)
		}
	}
	r.fields, r.as = make([]string, len(r.properties)), make([]string, len(r.properties))
	r.draft.Kind = r.kind()
	r.readIdentities()
	name, source := nameOf(r.properties)
	r.draft.Name = name
	r.draft.MadeUpName = source == "NICKNAME" || source == "EMAIL" || source == "ORG" && r.draft.Kind == contact.Individual
	for i := range r.properties {
		if r.fields[i] == "" {
			r.readSingle(i)
		}
	}
	r.readChannels()
	r.draft.Kept.Card = r.kept()
	return r.draft
}

// became notes that a property became a field, whose value is given.
func (r *reader) became(index int, field string, value any) {
	r.fields[index], r.as[index] = field, digest(value)
}

// warn notes that a property is kept because its value is no valid one.
func (r *reader) warn(p *vcard.Property, fault string) {
	r.draft.Warnings = append(r.draft.Warnings, exchange.Problem{Field: strings.ToUpper(p.Name), Detail: fault + "; it is kept as it is"})
}

// kind returns the kind of contact: what the card says, else that of the settings.
func (r *reader) kind() contact.Kind {
	if r.settings.Forced {
		return r.settings.Kind
	}
	hasOrganization, hasName, says, kind := false, false, false, contact.Individual
	for i := range r.properties {
		p := &r.properties[i]
		switch value := strings.TrimSpace(p.Text()); {
		case p.Is("KIND") && !says:
			says = true
			if strings.EqualFold(value, "org") {
				kind = contact.Organization
			}
		case p.Is("X-ABShowAs") && strings.EqualFold(value, "COMPANY"):
			return contact.Organization
		case p.Is("ORG"):
			hasOrganization = hasOrganization || strings.Trim(value, "; ") != ""
		case p.Is("N"):
			hasName = hasName || spelledName(p) != ""
		}
	}
	switch {
	case says:
		return kind
	case hasOrganization && !hasName:
		return contact.Organization
	}
	return r.settings.Kind
}

// readIdentities notes the properties of identities that this organization exported, and reads the first ORG and TITLE of a person.
func (r *reader) readIdentities() {
	marks := map[string]string{} // by group
	isPerson := r.draft.Kind == contact.Individual
	for i := range r.properties {
		p := &r.properties[i]
		switch {
		case p.Is("ORG") && isPerson && r.draft.Organization == "":
			for j, list := range p.Components() {
				name := validText(strings.TrimSpace(strings.Join(list, ", ")))
				if j == 0 {
					r.draft.Organization = name
				} else if name != "" {
					r.draft.Departments = append(r.draft.Departments, name)
				}
			}
		case p.Is("TITLE") && isPerson && r.draft.JobTitle == "":
			r.draft.JobTitle = validText(text(p))
		}
		if mark := p.Param(identityParam); strings.HasPrefix(mark, r.settings.Org+":") {
			r.fields[i], r.as[i] = exchange.FieldIdentity, mark
			if p.Group != "" {
				marks[strings.ToLower(p.Group)] = mark
			}
		}
	}
	for i := range r.properties {
		if mark := marks[strings.ToLower(r.properties[i].Group)]; mark != "" {
			r.fields[i], r.as[i] = exchange.FieldIdentity, mark
		}
	}
}

// readSingle reads a property that a card has once.
func (r *reader) readSingle(i int) {
	p := &r.properties[i]
	switch {
	case p.Is("N", "FN"), p.Is("ORG") && r.draft.Kind == contact.Organization && strings.TrimSpace(component(p, 0)) == r.draft.Name:
		if r.draft.Name != "" {
			r.became(i, fieldName, r.draft.Name)
		}
	case p.Is("KIND"):
		kind := contact.Individual
		if strings.EqualFold(strings.TrimSpace(p.Value), "org") {
			kind = contact.Organization
		}
		r.became(i, fieldKind, kind.String())
	case p.Is("X-ABShowAs") && strings.EqualFold(strings.TrimSpace(p.Value), "COMPANY"):
		r.became(i, fieldKind, contact.Organization.String())
	case p.Is("UID"):
		r.readUID(i)
	case p.Is("BDAY") && r.draft.Kind == contact.Organization:
		r.readDate(i, fieldFounded, &r.draft.Founded)
	case p.Is("BDAY"):
		r.readDate(i, fieldDateOfBirth, &r.draft.DateOfBirth)
	case r.draft.Kind == contact.Individual && (p.Is("ANNIVERSARY", "X-ANNIVERSARY") || p.Is("X-ABDATE") && r.labelledAnniversary(p.Group)):
		r.readDate(i, fieldAnniversary, &r.draft.Anniversary)
	case p.Is("CATEGORIES"):
		r.readTags(i)
	case p.Is("PHOTO"):
		r.readPhoto(i)
	}
}

func (r *reader) readUID(i int) {
	p := &r.properties[i]
	uid, fault := exchange.Formatted("external-id", text(p))
	if p.Param(blanksParam) != "" {
		uid = p.Text()
	}
	switch {
	case uid == "" || r.draft.ExternalID != "" || r.draft.Self != 0:
	case exchange.SelfID(uid, r.settings.Org) != 0:
		r.draft.Self = exchange.SelfID(uid, r.settings.Org)
	case fault != "":
		r.draft.BadExternalID = fault
		r.warn(p, "the UID can't be the external id: it "+fault)
	default:
		r.draft.ExternalID = contact.ExternalID(uid)
	}
	r.became(i, fieldExternalID, r.draft.ExternalID)
}

// readDate reads a date; the first of several counts, and one without a year is kept as long as the contact has no date there.
func (r *reader) readDate(i int, field string, into *contact.Date) {
	p := &r.properties[i]
	date, fault := dateOf(p)
	switch {
	case fault != "":
		r.warn(p, fault)
		if *into != "" {
			return
		}
	case *into == "":
		*into = date
		for j := range i { // those before without a valid value
			if r.fields[j] == field {
				r.fields[j], r.as[j] = "", ""
			}
		}
	case *into != date:
		return
	}
	r.became(i, field, *into)
}

// labelledAnniversary reports whether a group has the label of an anniversary.
func (r *reader) labelledAnniversary(group string) bool {
	description, _ := descriptionOf(r.properties, group)
	return strings.EqualFold(description, "Anniversary")
}

func (r *reader) readTags(i int) {
	r.became(i, fieldTags, "")
	for _, value := range r.properties[i].List() {
		if tag := tagName(value); tag != "" && r.known["tag "+contact.Fold(tag)] == "" {
			r.known["tag "+contact.Fold(tag)] = tag
			r.draft.Tags = append(r.draft.Tags, tag)
		}
	}
}

// readPhoto reads a picture that is in the card; the first of several counts.
func (r *reader) readPhoto(i int) {
	p := &r.properties[i]
	if r.draft.Photo != nil || !strings.EqualFold(p.Param("ENCODING"), "b") {
		return
	}
	data, err := base64.StdEncoding.DecodeString(p.Value)
	if err != nil {
		data, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(p.Value, "="))
	}
	contentType := http.DetectContentType(data)
	switch {
	case err != nil:
		r.warn(p, "the picture is not valid base64")
	case contentType != "image/jpeg" && contentType != "image/png":
		r.warn(p, "the picture is neither JPEG nor PNG")
	default:
		r.draft.Photo = &exchange.Photo{ContentType: contentType, Data: data}
		r.fields[i], r.as[i] = fieldPhoto, ""
	}
}

// readChannels reads the channels.
func (r *reader) readChannels() {
	d := &r.draft
	labelOf := vcard.Labels(r.properties)
	labelled := map[int]bool{}
	for _, label := range labelOf {
		labelled[label] = true
	}
	for i := range r.properties {
		p := &r.properties[i]
		if r.fields[i] != "" || !p.Is("EMAIL", "TEL", "URL", "ADR", "LABEL") || labelled[i] {
			continue
		}
		description, described := descriptionOf(r.properties, p.Group)
		belonging := []int{i}
		if described >= 0 && r.fields[described] == "" {
			belonging = append(belonging, described)
		}
		switch {
		case p.Is("EMAIL"):
			e, fault := readEmail(p, description, d.Kind)
			add(r, &d.Emails, e, fault, belonging, func() string { return "email " + contact.Fold(string(e.Address)) }, emailChannel)
		case p.Is("TEL"):
			t, fault := readPhone(p, description, d.Kind)
			add(r, &d.Phones, t, fault, belonging, func() string { return "phone " + exchange.PhoneKey(t.Number, r.settings.Region) }, phoneChannel)
		case p.Is("URL"):
			w, fault := readWeb(p, description, d.Kind)
			add(r, &d.WebAddresses, w, fault, belonging, func() string { return "web " + exchange.WebKey(string(w.URL)) }, webChannel)
		default:
			adr, label := p, (*vcard.Property)(nil)
			if index, found := labelOf[i]; found {
				label = &r.properties[index]
				belonging = append(belonging, index)
			} else if p.Is("LABEL") {
				adr, label = nil, p
			}
			a, fault := readAddress(adr, label, description, d.Kind)
			add(r, &d.Addresses, a, fault, belonging, func() string { return "address " + exchange.AddressKey(a) }, addressChannel)
		}
	}
}

// add adds a channel to those of the draft, unless it is at fault or reaches what one of them reaches. belonging are the properties that
// describe it; reaches returns what a valid one reaches.
func add[T any](r *reader, channels *[]T, value T, fault string, belonging []int, reaches func() string, write func(T, contact.Kind) channel) {
	if fault != "" {
		p := &r.properties[belonging[0]]
		r.warn(p, fmt.Sprintf("%.80q %s", p.Text(), fault))
		return
	}
	c, key := write(value, r.draft.Kind), reaches()
	if r.known[key] == "" {
		r.known[key] = c.digest
		*channels = append(*channels, value)
	}
	for _, i := range belonging {
		r.fields[i], r.as[i] = c.field, r.known[key]
	}
}
