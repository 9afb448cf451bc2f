package row

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"contacts/pkg/contact"
	"contacts/pkg/csvfile"
	"contacts/pkg/exchange"
)

// texts are texts in their stored form, many of them special in CSV files, lists and spreadsheets.
var texts = rapid.Custom(func(t *rapid.T) string {
	raw := rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom([]rune("aB1 ,;|\t\"'=+-@\nä漢🙂#:.*")), 1, 12, -1),
		rapid.StringMatching(`[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?`),
		rapid.SampledFrom([]string{"'=1", "=\"01\"", "12E4", "* myContacts", "a ::: b", "kept:x", " x ", "01.02.03", "Herr"}),
	).Draw(t, "text")
	text, fault := exchange.Text(raw)
	if fault != "" || text == "" || len(raw) > 200 {
		return "text"
	}
	if trimmed, _ := exchange.TagName(text); trimmed == "" {
		return "blank " + text + "."
	}
	return text
})

// maybe returns some texts, and "" for some.
func maybe(t *rapid.T, label string) string {
	if rapid.Bool().Draw(t, "has "+label) {
		return texts.Draw(t, label)
	}
	return ""
}

func sample[T enumeration](t *rapid.T) T {
	var zero T
	return T(rapid.SampledFrom(zero.Values()).Draw(t, "enumeration"))
}

func some[T enumeration](t *rapid.T) []T {
	var zero T
	return convert[T](rapid.SliceOfNDistinct(rapid.SampledFrom(zero.Values()), 0, 2, rapid.ID[string]).Draw(t, "usages"))
}

func convert[T ~string](values []string) (all []T) {
	for _, value := range values {
		all = append(all, T(value))
	}
	return all
}

func anyDate(t *rapid.T) contact.Date {
	return contact.Date(rapid.SampledFrom([]string{"", "1980-05-17", "2000-02-29", "0001-01-01", "1900-12-01"}).Draw(t, "date"))
}

func channelsWithin(t *rapid.T, most int) (c exchange.Channels) {
	list := func(label string, add func()) {
		for range rapid.IntRange(0, most).Draw(t, label) {
			add()
		}
	}
	list("emails", func() {
		c.Emails = append(c.Emails, contact.Email{Type: sample[contact.EmailType](t), UsageContext: sample[contact.UsageContext](t), Description: maybe(t, "description"),
			Address: contact.EmailAddress(rapid.SampledFrom([]string{"a@example.org", "=1@example.org", `"a;b"@example.org`, "A.B+c@EXAMPLE.com"}).Draw(t, "address"))})
	})
	list("phones", func() {
		c.Phones = append(c.Phones, contact.Phone{Type: sample[contact.PhoneType](t), UsageContext: sample[contact.UsageContext](t), Description: maybe(t, "description"),
			Usages: some[contact.PhoneUsage](t), Number: rapid.OneOf(rapid.SampledFrom([]string{"+49 30 123456", "030/12 34", "(0)17", "0049;5"}), texts).Draw(t, "number")})
	})
	list("addresses", func() {
		a := contact.Address{Type: sample[contact.AddressType](t), UsageContext: sample[contact.UsageContext](t), Description: maybe(t, "description"),
			Usages: some[contact.AddressUsage](t), FullAddress: texts.Draw(t, "full address"), RecipientName: maybe(t, "recipient"), CareOf: maybe(t, "care of"),
			StreetName: maybe(t, "street"), StreetNumber: maybe(t, "number"), Additional: maybe(t, "additional"), City: maybe(t, "city"), Zip: maybe(t, "zip")}
		if rapid.Bool().Draw(t, "country") {
			a.CountryCode = sample[contact.CountryCode](t)
		}
		c.Addresses = append(c.Addresses, a)
	})
	list("pages", func() {
		c.WebAddresses = append(c.WebAddresses, contact.WebAddress{Type: sample[contact.WebAddressType](t), UsageContext: sample[contact.UsageContext](t),
			Description: maybe(t, "description"), URL: contact.WebURL(rapid.SampledFrom([]string{"https://example.org/a;b", "HTTP://example.org", "https://example.org/?a=1,2"}).Draw(t, "url"))})
	})
	return c
}

// keptRows are rows whose cells have distinct headings and numbers, with no gaps.
var keptRows = rapid.Custom(func(t *rapid.T) *exchange.KeptRow {
	headings := rapid.SliceOfNDistinct(rapid.OneOf(rapid.SampledFrom([]string{"Notes", "E-mail 1 - Value", "email.1.address", "name", "kept:a", "import_problem",
		"=x", "'=x", "kept", "identity.1.id", "Column 7"}), texts), 0, 4, rapid.ID[string]).Draw(t, "headings")
	row := &exchange.KeptRow{}
	for _, heading := range headings {
		row.Cells = append(row.Cells, exchange.KeptCell{Heading: heading, Value: texts.Draw(t, "value")})
		if rapid.Bool().Draw(t, "twice") {
			row.Cells = append(row.Cells, exchange.KeptCell{Heading: heading, Number: 2, Value: texts.Draw(t, "value")})
		}
	}
	if len(row.Cells) == 0 {
		return nil
	}
	return row
})

const org = "demo"

var contacts = rapid.Custom(func(t *rapid.T) *exchange.Contact {
	id := contact.ID(rapid.Int64Range(1, 1<<40).Draw(t, "id")) << 2
	c := &exchange.Contact{Org: org, Channels: channelsWithin(t, 3), Kept: exchange.Kept{Row: keptRows.Draw(t, "kept")}}
	external := contact.ExternalID("")
	if text, fault := exchange.Formatted("external-id", maybe(t, "external id")); fault == "" && !isShortened(text) {
		external = contact.ExternalID(text)
	}
	if rapid.Bool().Draw(t, "individual") {
		c.Individual = &contact.IndividualContact{ID: id | contact.ID(contact.Individual), ExternalID: external, Name: texts.Draw(t, "name"),
			DateOfBirth: anyDate(t), Anniversary: anyDate(t)}
		for i := range rapid.IntRange(0, 2).Draw(t, "identities") {
			c.Identities = append(c.Identities, exchange.Identity{ID: contact.ID(i+1)<<2 | 3, Organization: texts.Draw(t, "organization"), JobTitle: maybe(t, "job"),
				Departments: rapid.SliceOfN(texts, 0, 2).Draw(t, "departments"), Channels: channelsWithin(t, 1)})
		}
	} else {
		c.Organization = &contact.OrganizationContact{ID: id | contact.ID(contact.Organization), ExternalID: external, Name: texts.Draw(t, "name"), Founded: anyDate(t)}
	}
	seen := map[string]bool{}
	for _, tag := range rapid.SliceOfN(texts, 0, 3).Draw(t, "tags") {
		if name, fault := exchange.TagName(tag); fault == "" && !seen[contact.Fold(name)] {
			seen[contact.Fold(name)] = true
			c.Tags = append(c.Tags, name)
		}
	}
	return c
})

// failing is a test, or a check of a property.
type failing interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// imported returns the drafts of the rows of an export.
func imported(t failing, all []*exchange.Contact) (file []byte, drafts []exchange.Draft) {
	var layout Layout
	for _, c := range all {
		layout.Add(c)
	}
	var out bytes.Buffer
	w := csvfile.NewWriter(&out, csvfile.Export)
	err := w.Write(layout.Headings())
	for _, c := range all {
		for _, row := range layout.Rows(c) {
			err = errors.Join(err, w.Write(row))
		}
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		t.Fatal(err)
	}
	table, err := Open(out.Bytes(), true, nil)
	if err != nil {
		t.Fatalf("%v: %q", err, out.Bytes())
	}
	r := table.NewReader(bytes.NewReader(out.Bytes()), csvfile.Position{})
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out.Bytes(), drafts
		} else if err != nil {
			t.Fatal(err)
		}
		drafts = append(drafts, table.Draft(row, Orders{}, exchange.Settings{Org: org, Region: "DE"}))
	}
}

func TestTheImportOfAnExportIsTheContact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(contacts, 1, 3).Draw(t, "contacts")
		file, drafts := imported(t, all)
		if len(drafts) != len(all) {
			t.Fatalf("%d drafts of %d contacts: %q", len(drafts), len(all), file)
		}
		for i, c := range all {
			want := exchange.Draft{Kind: c.ID().Kind(), Name: c.Name(), Channels: c.Channels, Tags: c.Tags, Kept: c.Kept}
			if c.Individual != nil {
				want.ExternalID, want.DateOfBirth, want.Anniversary = c.Individual.ExternalID, c.Individual.DateOfBirth, c.Individual.Anniversary
			} else {
				want.ExternalID, want.Founded = c.Organization.ExternalID, c.Organization.Founded
			}
			if want.ExternalID == "" {
				want.Self = c.ID()
			}
			if len(c.Identities) > 0 {
				first := c.Identities[0]
				want.Organization, want.JobTitle, want.Departments = first.Organization, first.JobTitle, first.Departments
			}
			got := drafts[i]
			got.Kept = c.Kept.With(got.Kept)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s\n%q", diff, file)
			}
		}
	})
}
