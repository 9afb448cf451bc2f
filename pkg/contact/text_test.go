package contact

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestTextIsHeldToItsRules(t *testing.T) {
	t.Parallel()
	acute := func(n int) string { return strings.Repeat("\u0301", n) }
	for s, good := range map[string]bool{
		"": true, "a\tb\nc": true, "Köln 😀": true, "\u00a0": true, "\u200d": true,
		"\r": false, "\x00": false, "\x1b": false, "\x7f": false, "\u0085": false, "\xff": false, "a\xc3": false,
		"x" + acute(30): true, "x" + acute(31): false, acute(30) + "x" + acute(30): true, "x" + acute(30) + "\u034f": false,
		"x" + acute(15) + strings.Repeat("\u20dd", 15): true, "x" + acute(15) + strings.Repeat("\u20dd", 16): false, // Me
		"\u0915" + strings.Repeat("\u093e", 31): true, // Mc doesn't count
	} {
		if got := CheckText(s) == ""; got != good {
			t.Errorf("CheckText(%q) is %v", s, got)
		}
	}
}

func TestTextIsKeptInOneForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sent, kept string }{
		{"a\r\nb\rc\nd\r\r\ne\n\r", "a\nb\nc\nd\n\ne\n\n"},
		{"A\u0308rger", "Ärger"},
		{" a ", " a "},
		{"", ""}, {" \t\r\n\u00a0\u3000", ""}, {"\u200b", ""}, {"\u2060\ufeff\u00ad\u034f", ""}, {"\u3164\u115f\uffa0", ""},
		{"\ufe0f\U000e0001\u180e\u2065\U000e0fff", ""}, {"\u2800", "\u2800"}, {"\u200bx", "\u200bx"}, {"\u0600", "\u0600"}, {"\ufff9", "\ufff9"},
		{"\x0b", "\x0b"}, {"\u0085", "\u0085"}, // to be refused
		// The library would put U+034F in here.
		{"e" + strings.Repeat("\u0301", 31), "é" + strings.Repeat("\u0301", 30)},
		{"ế" + strings.Repeat("\u0316", 29), "ế" + strings.Repeat("\u0316", 29)},
		{"x" + strings.Repeat("\u0301", 20) + strings.Repeat("\u0316", 20), "x" + strings.Repeat("\u0316", 20) + strings.Repeat("\u0301", 20)},
		{"a\u0323" + strings.Repeat("\u0302", 31), "ậ" + strings.Repeat("\u0302", 30)},
		{"q" + strings.Repeat("\u0344", 16), "q" + strings.Repeat("\u0308\u0301", 16)},
		{"가\u11a8" + strings.Repeat("\u0301", 31) + "\u1100\u1161\u11a8", "각" + strings.Repeat("\u0301", 31) + "각"},
	} {
		if got := NormalizeText(c.sent); got != c.kept {
			t.Errorf("NormalizeText(%+q) is %+q, want %+q", c.sent, got, c.kept)
		}
	}
}

// marked draws texts in which combining marks stand in runs of any length, among few other characters.
var marked = rapid.Custom(func(t *rapid.T) string {
	starter := rapid.SampledFrom([]rune{'a', 'E', 'ế', 'ǖ', 'α', 'ᾇ', 'क', '가', '\u1100', '\u1161', '\u11a8', '\u09c7', ' ', '\r', '\u200b'})
	mark := rapid.SampledFrom([]rune{'\u0300', '\u0301', '\u0302', '\u0308', '\u0316', '\u0323', '\u0327', '\u0345', '\u0344', '\u0f73', '\u0f71', '\u0f72',
		'\u093c', '\u09be', '\u3099', '\u20dd', '\u034f', '\u302e', '\U0001d165', '\U0001d16d', '\U00011127', '\U00011131', '\ufe0f'})
	var b strings.Builder
	for range rapid.IntRange(0, 4).Draw(t, "clusters") {
		b.WriteString(string(rapid.SliceOfN(starter, 0, 2).Draw(t, "starters")))
		b.WriteString(string(rapid.SliceOfN(mark, 0, 50).Draw(t, "marks")))
	}
	return b.String()
})

func TestTextThatIsNormalizedStaysAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkNormalized(t, rapid.OneOf(rapid.String(), marked).Draw(t, "text")) })
}

func FuzzNormalizeText(f *testing.F) {
	for _, s := range []string{"", "a\r\nb\r", "\u200b", "A\u0308", "e" + strings.Repeat("\u0301", 40), strings.Repeat("\u0344\u0316", 20), "\u1100\u1161" + strings.Repeat("\U0001d165\u0301", 20),
		strings.Repeat("\u0301", 700), "\xff" + strings.Repeat("\u0301", 40), "\U00011131\U00011127", "\u0f73\u0f71"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkNormalized(t, s) })
}

// checkNormalized fails unless s is kept in form C, with nothing added to it, in one way.
func checkNormalized(t interface {
	Fatalf(format string, args ...any)
}, s string) {
	kept := NormalizeText(s)
	if twice := NormalizeText(kept); twice != kept {
		t.Fatalf("%+q becomes %+q, and that %+q", s, kept, twice)
	}
	if strings.Count(kept, "\u034f") > strings.Count(s, "\u034f") {
		t.Fatalf("%+q becomes %+q: there is a U+034F more", s, kept)
	}
	if CheckText(kept) != "" {
		return
	}
	if strings.Contains(kept, "\r") || !utf8.ValidString(kept) {
		t.Fatalf("%+q is kept as %+q", s, kept)
	}
	shown := strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune("\u200b\u200d\ufeff\u00ad", r) })
	if kept != "" && !shown {
		t.Fatalf("%+q is kept as %+q", s, kept)
	}
	if want := norm.NFC.String(newlines.Replace(s)); kept != "" && kept != want && strings.Count(want, "\u034f") == strings.Count(s, "\u034f") {
		t.Fatalf("%+q is kept as %+q; the library says %+q", s, kept, want)
	}
	// The same characters in form D, in another order where that means the same, are the same text.
	if parts := decomposed(newlines.Replace(s)); kept != "" && compose(parts) != kept {
		t.Fatalf("%+q is kept as %+q, composed from its parts as %+q", s, kept, compose(parts))
	}
}

// The order in which marks of different classes were typed does not matter.
func TestMarksInAnyOrderAreTheSameText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		above := rapid.SliceOfN(rapid.SampledFrom([]rune{'\u0301', '\u0308'}), 0, 25).Draw(t, "above")
		below := rapid.SliceOfN(rapid.SampledFrom([]rune{'\u0316', '\u0323'}), 0, 25).Draw(t, "below")
		var mixed []rune
		for a, b := above, below; len(a)+len(b) > 0; {
			if len(b) == 0 || len(a) > 0 && rapid.Bool().Draw(t, "first above") {
				mixed, a = append(mixed, a[0]), a[1:]
			} else {
				mixed, b = append(mixed, b[0]), b[1:]
			}
		}
		one, other := "e"+string(mixed), "e"+string(slices.Concat(above, below))
		if NormalizeText(one) != NormalizeText(other) {
			t.Fatalf("%+q is kept as %+q, %+q as %+q", one, NormalizeText(one), other, NormalizeText(other))
		}
	})
}
