package card_test

import (
	"bytes"
	"strings"
	"testing"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/exchange/card"
	"contacts/pkg/vcard"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

const org = "acme"

var settings = exchange.Settings{Org: org, Region: "DE", Kind: contact.Individual}

// anyText draws a text in its stored form, with what cards have to escape.
func anyText(least int) *rapid.Generator[string] {
	runes := rapid.OneOf(rapid.SampledFrom([]rune("abcXYZ019 ,;:\\\"^'\n\t=-/äöüß€漢😀")), rapid.Rune())
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.StringOfN(runes, least, 40, -1).Filter(func(s string) bool {
			text, fault := exchange.Text(s)
			return text == s && fault == "" && (least == 0 || strings.TrimSpace(s) != "")
		}).Draw(t, "text")
	})
}

func anyOf[T interface {
	~string
	Values() []string
}]() *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T { return T(rapid.SampledFrom(T("").Values()).Draw(t, "value")) })
}

func anySet[T interface {
	~string
	Values() []string
}]() *rapid.Generator[[]T] {
	return rapid.Custom(func(t *rapid.T) []T { return rapid.SliceOfNDistinct(anyOf[T](), 0, 3, rapid.ID).Draw(t, "set") })
}

func anyChannels(t *rapid.T) (c exchange.Channels) {
	for i := range rapid.IntRange(0, 3).Draw(t, "emails") {
		address := rapid.StringMatching(`[a-z]{1,6}[0-9]\+?[A-Z]{1,3}`).Draw(t, "local") + string(rune('a'+i)) + "@example.com"
		c.Emails = append(c.Emails, contact.Email{Type: anyOf[contact.EmailType]().Draw(t, "type"), Address: contact.EmailAddress(address),
			Description: anyText(0).Draw(t, "description"), UsageContext: anyOf[contact.UsageContext]().Draw(t, "context")})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "phones") {
		number := rapid.OneOf(rapid.Just("+49 30 12345"), rapid.Just("030/999-"), anyText(1)).Draw(t, "number") + string(rune('1'+i))
		c.Phones = append(c.Phones, contact.Phone{Type: anyOf[contact.PhoneType]().Draw(t, "type"), Number: number,
			Description: anyText(0).Draw(t, "description"), Usages: anySet[contact.PhoneUsage]().Draw(t, "usages"),
			UsageContext: anyOf[contact.UsageContext]().Draw(t, "context")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "addresses") {
		c.Addresses = append(c.Addresses, contact.Address{Type: anyOf[contact.AddressType]().Draw(t, "type"),
			FullAddress: anyText(1).Draw(t, "full"), RecipientName: anyText(0).Draw(t, "recipient"), CareOf: anyText(0).Draw(t, "care of"),
			StreetName: anyText(0).Draw(t, "street"), StreetNumber: anyText(0).Draw(t, "number"), Additional: anyText(0).Draw(t, "additional"),
			City: anyText(0).Draw(t, "city"), Zip: anyText(0).Draw(t, "zip"),
			CountryCode: rapid.OneOf(rapid.Just(contact.CountryCode("")), anyOf[contact.CountryCode]()).Draw(t, "country"),
			Description: anyText(0).Draw(t, "description"), Usages: anySet[contact.AddressUsage]().Draw(t, "usages"),
			UsageContext: anyOf[contact.UsageContext]().Draw(t, "context")})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "web addresses") {
		url := "https://example.com/" + rapid.StringMatching(`[a-zA-Z0-9,;=&]{0,8}`).Draw(t, "path") + string(rune('a'+i))
		c.WebAddresses = append(c.WebAddresses, contact.WebAddress{Type: anyOf[contact.WebAddressType]().Draw(t, "type"),
			URL: contact.WebURL(url), Description: anyText(0).Draw(t, "description"), UsageContext: anyOf[contact.UsageContext]().Draw(t, "context")})
	}
	// Contacts have no channels twice.
	return exchange.Channels{}.Missing(c, settings.Region)
}

func anyContact(t *rapid.T) *exchange.Contact {
	c := &exchange.Contact{Org: org, Channels: anyChannels(t)}
	id := contact.ID(rapid.Int64Range(1, 1<<40).Draw(t, "id")) << 2
	externalID := contact.ExternalID(rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-zA-Z0-9:;, /%-]{0,12}[a-z]`)).Draw(t, "external id"))
	name := anyText(1).Draw(t, "name")
	date := func(name string) contact.Date {
		return contact.Date(rapid.OneOf(rapid.Just(""), rapid.StringMatching(`(0001|19[0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`)).Draw(t, name))
	}
	if rapid.Bool().Draw(t, "organization") {
		c.Organization = &contact.OrganizationContact{ID: id | 1, ExternalID: externalID, Name: name, Founded: date("founded")}
	} else {
		c.Individual = &contact.IndividualContact{ID: id, ExternalID: externalID, Name: name, DateOfBirth: date("birth"), Anniversary: date("anniversary")}
		for i := range rapid.IntRange(0, 2).Draw(t, "identities") {
			c.Identities = append(c.Identities, exchange.Identity{ID: id + contact.ID(4*i+3), Organization: anyText(1).Draw(t, "organization"),
				JobTitle: anyText(0).Draw(t, "job title"), Departments: rapid.SliceOfN(anyText(1), 0, 2).Draw(t, "departments"), Channels: anyChannels(t)})
		}
	}
	tags := rapid.SliceOfNDistinct(anyText(1).Filter(func(s string) bool {
		name, fault := exchange.TagName(s)
		return name == s && fault == "" && !strings.EqualFold(s, "myContacts")
	}), 0, 3, func(s string) string { return contact.Fold(s) })
	c.Tags = tags.Draw(t, "tags")
	if rapid.Bool().Draw(t, "photo") {
		c.Photo = &exchange.Photo{ContentType: "image/png", Data: []byte("\x89PNG\x0d\x0a\x1a\x0a" + rapid.StringN(0, 200, -1).Draw(t, "picture"))}
	}
	return c
}

// sent returns a card as it arrives elsewhere.
func sent(t failer, c *vcard.Card) *vcard.Card {
	var file bytes.Buffer
	if err := vcard.Write(&file, c); err != nil {
		t.Fatalf("%v", err)
	}
	cards := readAll(t, file.Bytes())
	if len(cards) != 1 {
		t.Fatalf("%d cards in\n%s", len(cards), file.String())
	}
	return cards[0]
}

// draftOf returns the draft that makes a contact.
func draftOf(c *exchange.Contact) exchange.Draft {
	d := exchange.Draft{Kind: contact.Individual, Name: c.Name(), Channels: c.Channels, Tags: c.Tags, Photo: c.Photo}
	if c.Organization != nil {
		d.Kind, d.ExternalID, d.Founded = contact.Organization, c.Organization.ExternalID, c.Organization.Founded
	} else {
		d.ExternalID, d.DateOfBirth, d.Anniversary = c.Individual.ExternalID, c.Individual.DateOfBirth, c.Individual.Anniversary
	}
	if d.ExternalID == "" {
		d.Self = c.ID()
	}
	return d
}

var contactGenerator = rapid.Custom(anyContact)

var versions = []vcard.Version{vcard.V3, vcard.V4}

func TestAContactGoesOutAndInUnchanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyContact(t)
		written := sent(t, card.ToCard(c, rapid.SampledFrom(versions).Draw(t, "version")))
		got := card.FromCard(written, settings)
		got.Kept = exchange.Kept{}.With(got.Kept)
		got.Organization, got.JobTitle, got.Departments = "", "", nil
		if diff := cmp.Diff(draftOf(c), got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%+v", diff, written)
		}
	})
}

func TestTheFirstIdentityIsThatOfTheDraft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyContact(t)
		if len(c.Identities) == 0 {
			return
		}
		got := card.FromCard(sent(t, card.ToCard(c, vcard.V4)), settings)
		if want := strings.TrimSpace(c.Identities[0].Organization); got.Organization != want {
			t.Fatalf("organization %q, want %q", got.Organization, want)
		}
	})
}
