package card_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
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

// understood is a card as PyPI's vobject understands it.
type understood struct {
	Properties [][2]any
	Written    string
}

// vobject returns what vobject understands of cards.
func vobject(t *testing.T, cards []*vcard.Card) (all []understood) {
	t.Helper()
	var file bytes.Buffer
	for _, c := range cards {
		if err := vcard.Write(&file, c); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "bash", "-euc",
		`. tools/python-environment.sh; python_environment vobject tools/vobject/requirements.txt >&2; "$environment/bin/python" tools/vobject/read.py understand`)
	command.Dir = filepath.Join("..", "..", "..")
	var stderr strings.Builder
	command.Stdin, command.Stderr = &file, &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("vobject: %v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(out, &all); err != nil || len(all) != len(cards) {
		t.Fatalf("vobject reads %d cards of %d, %v", len(all), len(cards), err)
	}
	return all
}

func TestVObjectUnderstandsExportedCards(t *testing.T) {
	t.Parallel()
	var cards []*vcard.Card
	var drafts []exchange.Draft
	for _, some := range samples(t) {
		for _, c := range some {
			d := card.FromCard(c, settings)
			c := contactOf(d)
			c.Kept = exchange.Kept{} // what other programs wrote is theirs
			cards, drafts = append(cards, card.ToCard(c, vcard.V3)), append(drafts, d)
		}
	}
	for i, got := range vobject(t, cards) {
		d := drafts[i]
		values := func(name string) (all []any) {
			for _, p := range got.Properties {
				if p[0] == name {
					all = append(all, p[1])
				}
			}
			return all
		}
		var phones, emails, places []any
		for _, p := range d.Phones {
			phones = append(phones, p.Number)
		}
		for _, e := range d.Emails {
			emails = append(emails, string(e.Address))
		}
		for _, a := range d.Addresses {
			places = append(places, []any{"", a.Additional, a.StreetName, a.City, "", a.Zip})
		}
		addresses := values("ADR")
		for j, a := range addresses {
			addresses[j] = a.([]any)[:6] // without the country
		}
		last := d.Name[strings.LastIndex(d.Name, " ")+1:]
		name := []any{last, strings.TrimSpace(strings.TrimSuffix(d.Name, last)), "", "", ""}
		if d.Kind == contact.Organization {
			name = []any{"", "", "", "", ""}
		}
		want := map[string][]any{"FN": {d.Name}, "N": {name}, "TEL": phones, "EMAIL": emails, "ADR": places}
		for property, expected := range want {
			have := values(property)
			if property == "ADR" {
				have = addresses
			}
			if diff := cmp.Diff(expected, have); diff != "" {
				t.Errorf("%s, %s: %s", d.Name, property, diff)
			}
		}

		again := card.FromCard(readAll(t, []byte(got.Written))[0], settings)
		again.Kept, again.Self, d.Kept, d.Warnings = exchange.Kept{}, 0, exchange.Kept{}, nil
		d.Organization, d.JobTitle, d.Departments = "", "", nil
		d.BadExternalID = ""
		if diff := cmp.Diff(d, again, cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b contact.Phone) bool { return a.Number < b.Number })); diff != "" {
			t.Errorf("%s, as vobject writes it: %s", d.Name, diff)
		}
	}
}

// Programs that drop what they don't know leave the cards of random contacts readable, with their channels.
func TestVObjectUnderstandsAnyContact(t *testing.T) {
	t.Parallel()
	var cards []*vcard.Card
	var contacts []*exchange.Contact
	for seed := range 100 {
		c := contactGenerator.Example(seed)
		cards, contacts = append(cards, card.ToCard(c, vcard.V3)), append(contacts, c)
	}
	for i, got := range vobject(t, cards) {
		var want, have []string
		for _, e := range contacts[i].Emails {
			want = append(want, string(e.Address))
		}
		for _, identity := range contacts[i].Identities {
			for _, e := range identity.Emails {
				want = append(want, string(e.Address))
			}
		}
		for _, p := range got.Properties {
			if p[0] == "EMAIL" {
				have = append(have, p[1].(string))
			}
		}
		if slices.Sort(want); cmp.Diff(want, sorted(have)) != "" {
			t.Errorf("the emails are %q, want %q", have, want)
		}
	}
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
