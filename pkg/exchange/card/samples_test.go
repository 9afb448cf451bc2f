package card_test

import (
	"encoding/json"
	"fmt"
	"os"
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

// samples returns the cards in the manner of each program, by the names of their files.
func samples(t *testing.T) map[string][]*vcard.Card {
	t.Helper()
	files, err := filepath.Glob("testdata/cards/*.vcf")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	all := map[string][]*vcard.Card{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = readAll(t, text)
	}
	return all
}

// contactOf returns the contact that a draft makes.
func contactOf(d exchange.Draft) *exchange.Contact {
	c := &exchange.Contact{Org: org, Channels: d.Channels, Tags: d.Tags, Photo: d.Photo, Kept: d.Kept}
	if d.Kind == contact.Organization {
		c.Organization = &contact.OrganizationContact{ID: 5, ExternalID: d.ExternalID, Name: d.Name, Founded: d.Founded}
	} else {
		c.Individual = &contact.IndividualContact{ID: 4, ExternalID: d.ExternalID, Name: d.Name, DateOfBirth: d.DateOfBirth, Anniversary: d.Anniversary}
	}
	return c
}

// TestEveryProgramsCardsBecomeContacts compares the drafts with those in testdata/cards/*.json, aside from what they keep.
func TestEveryProgramsCardsBecomeContacts(t *testing.T) {
	t.Parallel()
	for file, cards := range samples(t) {
		var got []any
		for _, c := range cards {
			got = append(got, shown(t, card.FromCard(c, settings)))
		}
		text, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".vcf") + ".json")
		if diff := cmp.Diff(strings.TrimSpace(string(want)), string(text)); err != nil || diff != "" {
			t.Errorf("%s, %v: %s\nthe drafts are\n%s", file, err, diff, text)
		}
	}
}

// shown returns a draft as JSON for people: without what is empty, without what it keeps, with the size of its picture.
func shown(t *testing.T, d exchange.Draft) any {
	t.Helper()
	d.Kept = exchange.Kept{}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	all["Kind"] = d.Kind.String()
	if d.Photo != nil {
		all["Photo"] = fmt.Sprintf("%s, %d bytes", d.Photo.ContentType, len(d.Photo.Data))
	}
	return withoutEmpty(all)
}

func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			if field = withoutEmpty(field); field == nil || field == "" || field == "0" || field == false {
				delete(value, name)
			} else {
				value[name] = field
			}
		}
		if len(value) == 0 {
			return nil
		}
	case []any:
		for i := range value {
			value[i] = withoutEmpty(value[i])
		}
	}
	return value
}

// added are the names of properties that an export adds to a card that lacks them.
var added = []string{"N", "FN", "UID", "KIND", "X-ABSHOWAS", "ORG"}

// lines returns properties as comparable lines.
func lines(properties []vcard.Property) (all []string) {
	for _, p := range properties {
		c := p.Canonical()
		all = append(all, fmt.Sprintf("%s|%s|%q|%s", p.Group, c.Name, c.Params, c.Value))
	}
	return all
}

// requireSame requires got to have all properties of want in their order, and no others than an export adds.
func requireSame(t failer, want, got *vcard.Card) {
	left := lines(want.As(vcard.V3).Properties)
	as := got.As(vcard.V3)
	for i, line := range lines(as.Properties) {
		switch {
		case len(left) > 0 && left[0] == line:
			left = left[1:]
		case !slices.Contains(added, strings.ToUpper(as.Properties[i].Name)):
			t.Fatalf("%s is not in the card, or not there", line)
		}
	}
	if len(left) > 0 {
		t.Fatalf("from %s on it is lost in\n%s", left[0], strings.Join(lines(as.Properties), "\n"))
	}
}

func TestNothingOfACardIsLost(t *testing.T) {
	t.Parallel()
	for file, cards := range samples(t) {
		for i, c := range cards {
			for _, version := range versions {
				t.Run(fmt.Sprintf("%s %d %s", filepath.Base(file), i+1, version), func(t *testing.T) {
					d := card.FromCard(c, settings)
					out := sent(t, card.ToCard(contactOf(d), version))
					requireSame(t, c, out)
					again := card.FromCard(out, settings)
					again.Self = 0
					if d.Kept.Card != nil {
						again.Kept = d.Kept.With(again.Kept)
					}
					if diff := cmp.Diff(d, again, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("it comes back otherwise: %s", diff)
					}
				})
			}
		}
	}
}
