package collation_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"contacts/pkg/collation"
)

// scripts are those of the texts that are compared with the library.
var scripts = []string{"Arabic", "Armenian", "Balinese", "Bengali", "Bopomofo", "Canadian_Aboriginal", "Cherokee", "Coptic", "Cyrillic", "Deseret",
	"Devanagari", "Ethiopic", "Georgian", "Gothic", "Greek", "Gujarati", "Gurmukhi", "Han", "Hangul", "Hebrew", "Hiragana", "Javanese", "Kannada",
	"Katakana", "Khmer", "Lao", "Latin", "Malayalam", "Meetei_Mayek", "Mongolian", "Myanmar", "Nko", "Oriya", "Sinhala", "Sundanese", "Syriac",
	"Tai_Viet", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan", "Tifinagh", "Vai", "Yi"}

// text draws a text of a script, with punctuation, digits and marks of any script in between.
func text(t *rapid.T, label string) string {
	script := rapid.SampledFrom(scripts).Draw(t, label+"'s script")
	letters := rapid.RuneFrom(nil, unicode.Scripts[script])
	char := rapid.OneOf(letters, letters, letters, rapid.RuneFrom([]rune(" '-.019aAbB\u0301\u0308\u0323\u0335\u00ad\u200d")),
		rapid.RuneFrom(nil, unicode.Inherited), rapid.RuneFrom(nil, unicode.Common), rapid.Rune())
	return string(rapid.SliceOfN(char, 1, 12).Draw(t, label))
}

// A library is the second opinion.
type library struct{ *collate.Collator }

func newLibrary() library { return library{collate.New(language.Und)} }

// compare returns the order of two texts; ok is false for those that it orders differently from UTS 10: it moves marks in front of those that
// only a compatibility decomposition has. It knows the marks of Unicode 6.2, so its texts are decomposed.
func (l library) compare(a, b string) (order int, ok bool) {
	for _, text := range []string{a, b} {
		var apart strings.Builder
		for _, r := range norm.NFD.String(text) {
			apart.WriteString(norm.NFKD.String(string(r)))
		}
		if apart.String() != norm.NFKD.String(text) {
			return 0, false
		}
	}
	return l.CompareString(norm.NFD.String(a), norm.NFD.String(b)), true
}

func TestKeysAreInTheOrderOfTheLibrary(t *testing.T) {
	t.Parallel()
	l := newLibrary()
	rapid.Check(t, func(t *rapid.T) {
		a, b := text(t, "a"), text(t, "b")
		switch rapid.IntRange(0, 3).Draw(t, "alike") {
		case 0:
			b = a + b
		case 1: // differs in one character
			runes := []rune(a)
			runes[rapid.IntRange(0, len(runes)-1).Draw(t, "at")] = []rune(b)[0]
			b = string(runes)
		case 2:
			b = strings.ToUpper(a)
		}
		want, ok := l.compare(a, b)
		if got := strings.Compare(collation.Key(a), collation.Key(b)); ok && got != want {
			t.Fatalf("%+q and %+q: %d, the library says %d (%q, %q)", a, b, got, want, collation.Key(a), collation.Key(b))
		}
		if composed, decomposed := collation.Key(norm.NFC.String(a)), collation.Key(norm.NFD.String(a)); composed != decomposed {
			t.Fatalf("%+q: %q composed, %q decomposed", a, composed, decomposed)
		}
	})
}

func TestNamesAreInTheirUsualOrder(t *testing.T) {
	t.Parallel()
	want := strings.Fields("@home #1 10 3M adam Adam Ädam Anna Anna-Maria Annabel Łukasz Masse Maße Muller Müller Mulligan O'Brien Obrist Ølberg Otto Žofia Ωmega Иван Йосип ירון أحمد 김 山田")
	for i := range want[1:] {
		if a, b := want[i], want[i+1]; collation.Key(a) >= collation.Key(b) {
			t.Errorf("%s is not before %s", a, b)
		}
	}
}

// The last of a hundred characters decides, by its letter, its accent and its case.
func TestAKeyHasTheOrderOfAHundredCharacters(t *testing.T) {
	t.Parallel()
	for script, letters := range map[string]string{"Latin": "aAéÉłøñſ", "Vietnamese": "ếẾữỮ", "Greek": "άΆᾦ", "Cyrillic": "йЙґ", "Hebrew": "שׁ", "Arabic": "ؤآ",
		"Devanagari": "क़", "Thai": "ก", "Hangul": "김각", "Kana": "ガがプ", "Han": "山𠀀", "Georgian": "ა", "unassigned": "😀🦊\U0003FFFD"} {
		for _, r := range letters {
			text := strings.Repeat(string(r), 99)
			if !(collation.Key(text+"a") < collation.Key(text+"A") && collation.Key(text+"A") < collation.Key(text+"á") && collation.Key(text+"á") < collation.Key(text+"b")) {
				t.Errorf("%s: the character after 99 times %q doesn't count", script, r)
			}
			if collation.Key(text+"ab") != collation.Key(text+"ac") {
				t.Errorf("%s: the 101st character counts after %q", script, r)
			}
		}
	}
}

// checkKey checks the form of a key.
func checkKey(t interface{ Fatalf(string, ...any) }, text string) string {
	key := collation.Key(text)
	if len(key) > collation.MaxKey || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '}' }) || strings.HasSuffix(key, " ") {
		t.Fatalf("%+q has the key %q", text, key)
	}
	return key
}

func FuzzKey(f *testing.F) {
	f.Add("Maria Schneider", "maría schneider")
	f.Add("\u0fb2\u0f71\u0f80", "\u0438\u0323\u0306\u0306")
	f.Add("\xff\u1100\u1161\u11a8", "가각")
	f.Add(strings.Repeat("\ufdfa", 200), strings.Repeat("a\u0301", 200))
	l := newLibrary()
	f.Fuzz(func(t *testing.T, a, b string) {
		got := strings.Compare(checkKey(t, a), checkKey(t, b))
		if !utf8.ValidString(a+b) || max(utf8.RuneCountInString(a), utf8.RuneCountInString(b)) > 20 {
			return
		}
		if want, ok := l.compare(a, b); ok && got != want {
			t.Fatalf("%+q and %+q: %d, the library says %d", a, b, got, want)
		}
	})
}

func BenchmarkKey(b *testing.B) {
	for b.Loop() {
		collation.Key("Maria Schneider-Müller")
	}
}
