package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"contacts/pkg/search"
)

// finds reports whether a query finds a name, and fails if the prefixes of a word of it don't lead to the name.
func finds(t interface {
	Errorf(string, ...any)
	Helper()
}, query, name string) bool {
	t.Helper()
	q, fault := search.Parse(query)
	if fault != "" {
		t.Errorf("%q %s", query, fault)
	}
	n := search.NewName(name)
	found := q.Matches(n)
	for i := range q.Len() {
		first := n.First(q.Prefixes(i))
		if found && (first.Text == "" || !slices.Contains(n.Terms(), first)) {
			t.Errorf("%q finds %q, but the prefixes %v of word %d lead to %v, none of %v", query, name, q.Prefixes(i), i, first, n.Terms())
		}
	}
	return found
}

func TestAQueryFindsNames(t *testing.T) {
	for _, c := range []struct {
		query, name string
		found       bool
	}{
		{"erika", "Erika Mustermann", true}, {"MUST", "Erika Mustermann", true}, {"must eri", "Erika Mustermann", true}, {"rika", "Erika Mustermann", false},
		{"e must", "Erika Mustermann", true}, {"eri eri", "Erika Mustermann", true}, {"erika x", "Erika Mustermann", false},
		{"müller", "Müller", true}, {"muller", "Müller", true}, {"mueller", "Müller", true}, {"müller", "Mueller", true}, {"müller", "Muller", true},
		{"muller", "Mueller", false}, {"mueller", "Muller", false}, {"mue", "Müller", true}, {"mu", "Müller", true}, {"mue", "Muller", false},
		{"uberlaenge", "Überlänge", true}, {"ueberlange", "Überlänge", true}, {"Überlaenge", "Ueberlänge", true},
		{"Mu\u0308ller", "MÜLLER", true}, {"strasse", "Straße", true}, {"straße", "STRASSE", true}, {"jose", "José", true}, {"lukasz oberg", "Łukasz Øberg", true},
		{"dordevic", "Đorđević", true}, {"istanbul", "İstanbul", true}, {"ilgin", "ılgın", true}, {"hal", "Ħal", true}, {"fish", "\ufb01sh", true}, {"aero", "Ærø", true},
		{"οδυσσευσ", "Οδυσσεύς", true}, {"иванов", "ИВАНО\u0306В", true}, {"елкин", "Ёлкин", true}, {"محمد", "مُحَمَّد", true}, {"שלום", "שָׁלוֹם", true}, {"か", "が", false},
		{"o'brien", "O'Brien", true}, {"obrien", "O’Brien", true}, {"o brien", "O'Brien", true}, {"brien", "O'Brien", true}, {"o'brien", "OBrien", true},
		{"o’brien", "O Brien", true}, {"dallo", "D'All'O", true}, {"all'o", "D'All'O", true}, {"d'all'o", "D'All'O", true},
		{"anna maria", "Anna-Maria", true}, {"maria", "Anna-Maria", true}, {"annamaria", "Anna-Maria", false}, {"3m", "3M Deutschland", true}, {"24", "Auto24", false},
		{"田太", "山田太郎", true}, {"山田太郎", "山田太郎", true}, {"田郎", "山田太郎", false}, {"山", "山田太郎", true}, {"太郎 山田", "山田太郎", true},
		{"민수", "김민수", true}, {"김", "김민수", true}, {"ชาย", "สมชาย", true}, {"カﾞ", "ガチョウ", true}, {"abc株式", "ABC株式会社", true}, {"第3", "第3工場", true},
		{"muller gmbh", "Müller & Söhne GmbH", true}, {"sohne", "Müller & Söhne GmbH", true}, {"müller-söhne", "Müller & Söhne GmbH", true},
	} {
		if got := finds(t, c.query, c.name); got != c.found {
			t.Errorf("%q finds %q: %v, want %v (%v)", c.query, c.name, got, c.found, search.NewName(c.name).Terms())
		}
	}
}

func TestQueriesOutOfBoundsAreRefused(t *testing.T) {
	for query, refused := range map[string]bool{
		"": true, "a": true, " a ": true, "ab": false, "山": false, "김": false, "か": false, "カ": false, "ส": true, "3": true, "!!": false, "a\tb": true,
		"a\x00b": true, "\xff\xff": true, strings.Repeat("x", 256): false, strings.Repeat("x", 257): true, strings.Repeat("ü", 256): false,
		"1 2 3 4 5 6 7 8 9 0": false, "1 2 3 4 5 6 7 8 9 0 1": true,
	} {
		q, fault := search.Parse(query)
		if (fault != "") != refused {
			t.Errorf("%q: %q", query, fault)
		}
		if query == "!!" && !q.IsEmpty() {
			t.Error("a query without letter or digit has words")
		}
	}
}

func TestTheFirstFortyWordsOfANameCount(t *testing.T) {
	var words []string
	for i := range 60 {
		words = append(words, "w"+string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	name := strings.Join(append([]string{words[0], words[1]}, words...), " ")
	for i, word := range words {
		if got := finds(t, word, name); got != (i < 40) {
			t.Errorf("word %d is found: %v", i, got)
		}
	}
	run := strings.Repeat("山田太郎花子一二三四五六七八九十", 10)
	if n := len(search.NewName(run).Terms()); n > 40 {
		t.Errorf("%d pairs", n)
	}
}

var alphabet = []rune("aäoöuüeßÉé'’ x-łøæ1山田民ガ")

// What a name consists of finds it, in each spelling of its umlauts and in capitals.
func TestANameIsFoundByItsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom(alphabet), 1, 30, -1).Draw(t, "name")
		n := search.NewName(name)
		if len(n.Terms()) > search.MaxTerms {
			t.Fatalf("%q has %d terms", name, len(n.Terms()))
		}
		for _, query := range []string{name, strings.ToUpper(name)} {
			if q, fault := search.Parse(query); fault == "" && !q.IsEmpty() && !finds(t, query, name) {
				t.Fatalf("%q does not find %q: %v", query, name, n.Terms())
			}
		}
		for _, term := range n.Terms() {
			if utf8.RuneCountInString(term.Text) > 1 && !finds(t, term.Text, name) {
				t.Fatalf("%q does not find %q", term.Text, name)
			}
		}
	})
}

func TestWholeNamesAreTheSameInAnySpelling(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Erika Mustermann", "erika  MUSTERMANN", true}, {"Müller", "Mueller", true}, {"Müller", "muller", true}, {"Mueller", "muller", false},
		{"Mu\u0308ller", "Müller", true}, {"Jörg Müller", "Joerg Muller", true}, {"Weiß", "WEISS", true}, {"José", "jose", true}, {"Łukasz Øberg", "lukasz oberg", true},
		{"O'Neil", "ONeil", true}, {"O’Neil", "o neil", true}, {"Anna-Maria", "anna maria", true}, {"Anna-Maria", "Annamaria", false},
		{"Οδυσσεύς", "οδυσσευσ", true}, {"\ufb01sh", "fish", true}, {"が", "か", false}, {"Erika", "Erik", false}, {"!", "?", false}, {"ъйц", "ъиц", true},
	} {
		if got := search.Whole(c.a).Same(search.Whole(c.b)); got != c.same {
			t.Errorf("%q and %q: %v (%q, %q)", c.a, c.b, got, search.Whole(c.a), search.Whole(c.b))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOf(rapid.RuneFrom(alphabet)).Draw(t, "name")
		whole := search.Whole(name)
		if len(whole) > 0 && !whole.Same(search.Whole(strings.ToUpper(name))) {
			t.Fatalf("%q and its capitals", name)
		}
		if len(whole) > 64 {
			t.Fatalf("%d spellings of %q", len(whole), name)
		}
	})
}

func FuzzSearch(f *testing.F) {
	for _, seed := range [][2]string{{"müller", "Müller"}, {"o'b", "O'Brien"}, {"田太", "山田太郎"}, {"\xff", "\xff"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, query, name string) {
		n := search.NewName(name)
		if terms := n.Terms(); len(terms) > search.MaxTerms || slices.Contains(terms, search.Term{}) {
			t.Errorf("%q has the terms %v", name, terms)
		}
		for _, term := range n.Terms() {
			if text := term.Text; len(text) > 200 || strings.ContainsAny(text, " #$\x00") || !utf8.ValidString(text) {
				t.Errorf("%q has the term %q", name, term.Text)
			}
		}
		if len(n.Folded()) > 400 {
			t.Errorf("%q is folded to %q", name, n.Folded())
		}
		if _, fault := search.Parse(query); fault == "" {
			finds(t, query, name)
		}
		search.Whole(name).Same(search.Whole(query))
	})
}
