package collation_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"contacts/pkg/collation"
	"contacts/pkg/search"
)

// Each letter and digit is where a Prefix looks for what it is folded to.
func TestAPrefixFindsEachLetter(t *testing.T) {
	t.Parallel()
	for r := rune(' '); r <= unicode.MaxRune; r++ {
		if isSame := unicode.In(r, unicode.Han, unicode.Hangul) && r%97 != 0; isSame || !unicode.In(r, unicode.L, unicode.Nd) || norm.NFKD.String(string(r)) != norm.NFD.String(string(r)) {
			continue
		}
		name := "«O’" + string(r) + "x"
		key := collation.Key(name)
		if next, ok := collation.NewPrefix(search.Whole(name)...).Seek(key); !ok || next != key {
			t.Errorf("%q is not found by itself: %q, %q", name, key, next)
		}
	}
}

// name draws a name of letters, marks, apostrophes and separators that folding and sorting treat in different ways.
func name(t *rapid.T, label string) string {
	char := rapid.OneOf(rapid.RuneFrom([]rune("aeouäöüAEOÜßœijnsłøđħıß")), rapid.RuneFrom([]rune("aeouäöüAEOÜßœijnsłøđħıß")), rapid.RuneFrom([]rune(" '’ʼ-.&(\u00ad\u0301\u0308🦊")),
		rapid.RuneFrom([]rune("019²½иИйёїאشأا田郎山김민ガカมเกक")))
	return string(rapid.SliceOfN(char, 1, 8).Draw(t, label))
}

// Whoever reads a sorted list from one place to the next that Seek returns misses no name, and reads few others.
func TestSeekingFindsAllNamesWithAPrefix(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var names []string
		for range rapid.IntRange(1, 20).Draw(t, "names") {
			names = append(names, name(t, "name"))
		}
		slices.SortFunc(names, func(a, b string) int { return cmp.Compare(collation.Key(a), collation.Key(b)) })
		first := []rune(rapid.SampledFrom(names).Draw(t, "one of them"))
		text := search.Whole(string(first[:rapid.IntRange(1, len(first)).Draw(t, "length")]))
		if len(text) == 0 {
			return
		}
		prefix := collation.NewPrefix(text...)
		for _, name := range names {
			key := collation.Key(name)
			next, ok := prefix.Seek(key)
			if ok && next < key {
				t.Fatalf("after %q (%q) it goes back to %q", name, key, next)
			}
			for _, other := range names {
				between := collation.Key(other) >= key && (!ok || collation.Key(other) < next)
				if between && search.Whole(other).BeginsWith(text) {
					t.Fatalf("from %q (%q) it goes to %q, %t, past %q, which begins with %q", name, key, next, ok, other, text)
				}
			}
		}
	})
}

func TestSeekingSkipsNamesWithoutThePrefix(t *testing.T) {
	t.Parallel()
	prefix := collation.NewPrefix(search.Whole("anna m")...)
	for _, name := range []string{"Anna", "Anna Lena", "Anna-Lena", "Annabel", "An", "(Firma) Anna", "Berta"} {
		if next, ok := prefix.Seek(collation.Key(name)); ok && next == collation.Key(name) {
			t.Errorf("%q is taken for one", name)
		}
	}
	if next, ok := prefix.Seek(collation.Key("Anna Lena")); !ok || next > collation.Key("Anna Maria") || next <= collation.Key("Anna Luise") {
		t.Errorf("after Anna Lena comes %q, %t", next, ok)
	}
}

func FuzzSeek(f *testing.F) {
	f.Add("anna m", "Anna-Maria")
	f.Add("mueller", "Müller")
	f.Add("o b", "O'Brien")
	f.Add(strings.Repeat("ae'", 80), strings.Repeat("äe'", 80))
	f.Fuzz(func(t *testing.T, text, name string) {
		prefix, key := collation.NewPrefix(search.Whole(text)...), checkKey(t, name)
		if next, ok := prefix.Seek(key); ok && next < key {
			t.Fatalf("from %q it goes back to %q", key, next)
		}
	})
}
