package contact_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
)

func TestNamesAreTheSameInAnySpelling(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Erika Mustermann", "erika  MUSTERMANN", true}, {"Müller", "Mueller", true}, {"Müller", "muller", true}, {"Mueller", "muller", false},
		{"Mu\u0308ller", "Müller", true}, {"Jörg Müller", "Joerg Muller", true}, {"Weiß", "WEISS", true}, {"José", "jose", true}, {"Łukasz Øberg", "lukasz oberg", true},
		{"O'Neil", "ONeil", true}, {"O’Neil", "o neil", true}, {"Anna-Maria", "anna maria", true}, {"Anna-Maria", "Annamaria", false},
		{"Οδυσσεύς", "οδυσσευσ", true}, {"\ufb01sh", "fish", true}, {"が", "か", false}, {"Erika", "Erik", false}, {"!", "?", false}, {"ъйц", "ъиц", true},
	} {
		if got := contact.FoldName(c.a).Same(contact.FoldName(c.b)); got != c.same {
			t.Errorf("%q and %q: %v (%q, %q)", c.a, c.b, got, contact.FoldName(c.a), contact.FoldName(c.b))
		}
	}
}

func TestANameIsTheSameAsItselfInCapitals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOf(rapid.RuneFrom([]rune("aäöüßé'’ x-łø1"))).Draw(t, "name")
		folded := contact.FoldName(name)
		if len(folded) > 0 && !folded.Same(contact.FoldName(strings.ToUpper(name))) {
			t.Fatalf("%q and its capitals", name)
		}
		if len(folded) > 64 {
			t.Fatalf("%d spellings of %q", len(folded), name)
		}
	})
}
