package card_test

import (
	"slices"
	"strings"
	"testing"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/exchange/card"
	"contacts/pkg/vcard"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cardWith returns a card of version 3.0.
func cardWith(t *testing.T, lines ...string) *vcard.Card {
	t.Helper()
	return readAll(t, []byte("BEGIN:VCARD\r\nVERSION:3.0\r\n"+strings.Join(lines, "\r\n")+"\r\nEND:VCARD\r\n"))[0]
}

// written returns the properties of a card without UID, a line each.
func written(c *exchange.Contact) (all []string) {
	for _, p := range card.ToCard(c, vcard.V3).Properties {
		if !p.Is("UID") {
			all = append(all, one(p))
		}
	}
	return all
}

func one(p vcard.Property) string {
	var text strings.Builder
	if err := vcard.Write(&text, &vcard.Card{Version: vcard.V3, Properties: []vcard.Property{p}}); err != nil {
		panic(err)
	}
	lines := strings.Split(strings.ReplaceAll(text.String(), "\r\n ", ""), "\r\n")
	return lines[2]
}

func TestTheContactWinsOverWhatIsKept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		card   []string
		change func(*exchange.Contact)
		want   []string
	}{
		"nothing changed": {
			[]string{"N:Huber;Eva;Maria;Dr.;", "FN;LANGUAGE=de:Eva Huber", "NOTE:n", "item1.EMAIL;TYPE=INTERNET,HOME;X-A=1:e@example.com", "item1.X-ABLabel:Privat"},
			func(*exchange.Contact) {},
			[]string{"N:Huber;Eva;Maria;Dr.;", "FN;LANGUAGE=de:Eva Huber", "NOTE:n", "item1.EMAIL;TYPE=INTERNET,HOME;X-A=1:e@example.com", "item1.X-ABLabel:Privat"},
		},
		"another name": {
			[]string{"N:Huber;Eva;Maria;Dr.;", "FN;LANGUAGE=de:Eva Huber", "NOTE:n"},
			func(c *exchange.Contact) { c.Individual.Name = "Eva Maria Gruber" },
			[]string{"N:Gruber;Eva Maria;;;", "FN:Eva Maria Gruber", "NOTE:n"},
		},
		"the name in another order": {
			[]string{"N:Huber;Eva;Maria;Dr.;", "FN:Eva Huber", "NOTE:n"},
			func(c *exchange.Contact) { c.Individual.Name = "Huber, Dr. Eva Maria" },
			[]string{"N:Huber;Eva;Maria;Dr.;", "FN:Huber\\, Dr. Eva Maria", "NOTE:n"},
		},
		"an email removed, one added": {
			[]string{"FN:E", "item1.EMAIL;X-A=1:old@example.com", "item1.X-ABLabel:Privat", "item1.X-EXTRA:x", "item2.X-ABLabel:y", "NOTE:n"},
			func(c *exchange.Contact) {
				c.Emails = []contact.Email{{Type: "WORK_EMAIL", UsageContext: "PROFESSIONAL", Address: "new@example.com", Description: "Büro"}}
			},
			[]string{"N:E;;;;", "FN:E", "item2.X-ABLabel:y", "NOTE:n", "item3.EMAIL;TYPE=WORK:new@example.com", "item3.X-ABLabel:Büro"},
		},
		"another type": {
			[]string{"FN:E", "TEL;TYPE=CELL;X-A=1:1", "NOTE:n"},
			func(c *exchange.Contact) { c.Phones[0].Type = "WORK_MOBILE"; c.Phones[0].UsageContext = "PROFESSIONAL" },
			[]string{"N:E;;;;", "FN:E", "NOTE:n", "TEL;TYPE=CELL,WORK:1"},
		},
		"another city": {
			[]string{"FN:E", "ADR;TYPE=HOME:PO 1;;S 1;Ulm;BW;89073;Deutschland", "NOTE:n"},
			func(c *exchange.Contact) {
				c.Addresses[0].City = "Neu-Ulm"
				c.Addresses[0].FullAddress = "S 1\n89073 Neu-Ulm\nGermany"
			},
			[]string{"N:E;;;;", "FN:E", "NOTE:n", "ADR;TYPE=HOME:;;S 1;Neu-Ulm;;89073;Germany"},
		},
		"a birthday without a year, and one with": {
			[]string{"FN:E", "BDAY:--04-12", "NOTE:n"},
			func(c *exchange.Contact) { c.Individual.DateOfBirth = "1980-04-12" },
			[]string{"N:E;;;;", "FN:E", "BDAY:1980-04-12", "NOTE:n"},
		},
		"an anniversary removed": {
			[]string{"FN:E", "item1.X-ABDATE:2010-05-01", "item1.X-ABLabel:_$!<Anniversary>!$_", "NOTE:n"},
			func(c *exchange.Contact) { c.Individual.Anniversary = "" },
			[]string{"N:E;;;;", "FN:E", "NOTE:n"},
		},
		"an anniversary moved": {
			[]string{"FN:E", "X-ANNIVERSARY:2010-05-01", "ANNIVERSARY:2010-05-01", "NOTE:n"},
			func(c *exchange.Contact) { c.Individual.Anniversary = "2011-05-01" },
			[]string{"N:E;;;;", "FN:E", "ANNIVERSARY:2011-05-01", "NOTE:n"},
		},
		"tags": {
			[]string{"FN:E", "CATEGORIES:Friends,Work,myContacts", "NOTE:n"},
			func(c *exchange.Contact) { c.Tags = []string{"friends", "VIP"} },
			[]string{"N:E;;;;", "FN:E", "CATEGORIES:Friends,myContacts", "NOTE:n", "CATEGORIES:VIP"},
		},
		"a picture removed": {
			[]string{"FN:E", "PHOTO;ENCODING=b;X-CROP=1:/9j/", "NOTE:n"},
			func(c *exchange.Contact) { c.Photo = nil },
			[]string{"N:E;;;;", "FN:E", "NOTE:n"},
		},
		"another picture": {
			[]string{"FN:E", "PHOTO;ENCODING=b;X-CROP=1:/9j/", "NOTE:n"},
			func(c *exchange.Contact) { c.Photo = &exchange.Photo{ContentType: "image/png", Data: []byte("x")} },
			[]string{"N:E;;;;", "FN:E", "PHOTO;X-CROP=1;ENCODING=b;TYPE=PNG:eA==", "NOTE:n"},
		},
		"an identity of the organization that is kept": {
			[]string{"N:E;;;;", "FN:E", "ORG;X-A=1:Acme;Sales;East", "TITLE:Seller", "NOTE:n"},
			func(c *exchange.Contact) {
				c.Identities = []exchange.Identity{{ID: 7, Organization: "ACME", JobTitle: "Seller", Departments: []string{"sales"}}}
			},
			[]string{"N:E;;;;", "FN:E", "ORG;X-A=1;X-CONTACTS-IDENTITY=\"acme:7\":Acme;Sales;East", "TITLE;X-CONTACTS-IDENTITY=\"acme:7\":Seller", "NOTE:n"},
		},
		"an identity with another job": {
			[]string{"N:E;;;;", "FN:E", "ORG:Acme", "TITLE:Seller", "NOTE:n", "ORG:Other", "TITLE:Owner"},
			func(c *exchange.Contact) {
				c.Identities = []exchange.Identity{{ID: 7, Organization: "Acme", JobTitle: "Boss", Departments: []string{"Sales"}}}
			},
			[]string{"N:E;;;;", "FN:E", "ORG;X-CONTACTS-IDENTITY=\"acme:7\":Acme;Sales", "TITLE;X-CONTACTS-IDENTITY=\"acme:7\":Boss", "NOTE:n", "ORG:Other",
				"TITLE:Owner"},
		},
		"a web address with commas": {
			[]string{"FN:E", "URL:http\\://a.example/x\\,y", "NOTE:n"},
			func(c *exchange.Contact) {
				c.WebAddresses = append(c.WebAddresses, contact.WebAddress{Type: "HOMEPAGE_OR_WEBSITE", URL: "https://b.example/?a=1,2;c", UsageContext: "PERSONAL"})
			},
			[]string{"N:E;;;;", "FN:E", "URL:http\\://a.example/x\\,y", "NOTE:n", "URL:https://b.example/?a=1\\,2;c"},
		},
		"the kind": {
			[]string{"FN:E", "KIND:individual", "NOTE:n"},
			func(c *exchange.Contact) {
				c.Individual, c.Organization = nil, &contact.OrganizationContact{ID: 5, Name: "E"}
			},
			[]string{"N:;;;;", "FN:E", "X-ABShowAs:COMPANY", "ORG:E", "KIND:org", "NOTE:n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := contactOf(card.FromCard(cardWith(t, test.card...), settings))
			test.change(c)
			if diff := cmp.Diff(test.want, written(c)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUIDIsTheExternalIDOrTheContactItself(t *testing.T) {
	t.Parallel()
	uid := func(c *exchange.Contact) string {
		properties := card.ToCard(c, vcard.V4).Properties
		return properties[slices.IndexFunc(properties, func(p vcard.Property) bool { return p.Is("UID") })].Text()
	}
	own := contactOf(card.FromCard(cardWith(t, "FN:E", "NOTE:n"), settings))
	if got := uid(own); got != "urn:contacts:acme:4" {
		t.Errorf("without an external id it is %s", got)
	}
	if d := card.FromCard(cardWith(t, "FN:E", "UID:urn:contacts:acme:4"), settings); d.Self != 4 || d.ExternalID != "" {
		t.Errorf("the contact itself is %d, %q", d.Self, d.ExternalID)
	}
	if d := card.FromCard(cardWith(t, "FN:E", "UID:urn:contacts:other:4"), settings); d.Self != 0 || d.ExternalID != "urn:contacts:other:4" {
		t.Errorf("another organization's is %d, %q", d.Self, d.ExternalID)
	}
	given := contactOf(card.FromCard(cardWith(t, "FN:E", "UID;X-A=1:a1", "NOTE:n"), settings))
	if got := uid(given); given.Individual.ExternalID != "a1" || got != "a1" {
		t.Errorf("the external id is %s, the UID %s", given.Individual.ExternalID, got)
	}
	given.Individual.ExternalID = ""
	if got := uid(given); got != "urn:contacts:acme:4" {
		t.Errorf("after the external id went it is %s", got)
	}
	bad := card.FromCard(cardWith(t, "FN:E", "UID:what?"), settings)
	c := contactOf(bad)
	if got := uid(c); bad.BadExternalID == "" || bad.ExternalID != "" || got != "what?" {
		t.Errorf("one that can't be the external id is %q: %s", got, bad.BadExternalID)
	}
	c.Individual.ExternalID = "b2"
	if got := uid(c); got != "b2" {
		t.Errorf("it is %s, the external id b2", got)
	}
}

func TestNamesAreFoundWhereTheyAre(t *testing.T) {
	t.Parallel()
	for want, lines := range map[string][]string{
		"Ann Lee":            {"N:Other;Name;;;", "FN: Ann Lee "},
		"Dr. Ann B. Lee jr.": {"FN:", "N:Lee;Ann;B.;Dr.;jr."},
		"Ann Mary Lee":       {"N:Lee;Ann,Mary;;;"},
		"Acme":               {"ORG:Acme;Sales", "N:;;;;"},
		"Annie":              {"NICKNAME:Annie", "EMAIL:a@example.com"},
		"a@example.com":      {"TEL:1", "EMAIL:a@example.com"},
		"":                   {"TEL:1"},
		"Short":              {"FN:" + strings.Repeat("x", 1_025), "N:Short;;;;"},
	} {
		if got := card.FromCard(cardWith(t, lines...), settings).Name; got != want {
			t.Errorf("%q has the name %q, want %q", lines, got, want)
		}
	}
}

func TestOrganizationsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		lines []string
		want  contact.Kind
	}{
		{[]string{"FN:A"}, contact.Individual},
		{[]string{"FN:A", "ORG:A", "N:A;;;;"}, contact.Individual},
		{[]string{"FN:A", "ORG:A"}, contact.Organization},
		{[]string{"FN:A", "ORG:A;", "N:;;;;"}, contact.Organization},
		{[]string{"FN:A", "ORG:;", "N:;;;;"}, contact.Individual},
		{[]string{"FN:A", "KIND:Org", "N:A;;;;"}, contact.Organization},
		{[]string{"FN:A", "KIND:individual", "ORG:A"}, contact.Individual},
		{[]string{"FN:A", "X-ABShowAs:COMPANY", "N:A;B;;;"}, contact.Organization},
	} {
		d := card.FromCard(cardWith(t, test.lines...), settings)
		forced := card.FromCard(cardWith(t, test.lines...), exchange.Settings{Org: org, Kind: contact.Organization, Forced: true})
		if d.Kind != test.want || forced.Kind != contact.Organization {
			t.Errorf("%q is %s, and %s where all are organizations", test.lines, d.Kind, forced.Kind)
		}
	}
}

func TestAnUpdateKeepsWhatTheNewCardLacks(t *testing.T) {
	t.Parallel()
	kept := func(lines ...string) exchange.Kept { return card.FromCard(cardWith(t, lines...), settings).Kept }
	old := kept("FN:E", "NOTE:old", "item1.X-A:1", "REV:1", "PRODID:x")
	for name, test := range map[string]struct{ newer, want exchange.Kept }{
		"the same":   {old, old},
		"less":       {kept("FN:E", "NOTE:old"), old},
		"none":       {exchange.Kept{}, old},
		"more":       {kept("FN:E", "NOTE:new", "item1.X-B:2", "REV:2"), kept("FN:E", "NOTE:new", "item1.X-B:2", "REV:2", "NOTE:old", "item2.X-A:1", "PRODID:x")},
		"identities": {kept("N:E;;;;", "FN:E", "ORG;X-CONTACTS-IDENTITY=\"acme:7\":Acme"), old},
	} {
		t.Run(name, func(t *testing.T) {
			got := old.With(test.newer)
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(got, got.With(test.newer), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("a second time: %s", diff)
			}
		})
	}
}
