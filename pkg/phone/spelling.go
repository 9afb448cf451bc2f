package phone

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	plusSigns = "+＋"
	blanks    = " \u00a0\t"

	// Parameters of a "tel:" URI, RFC 3966.
	telScheme    = "tel:"
	phoneContext = ";phone-context="
	subaddress   = ";isub="
)

// candidate returns the part of text that may be a number: from its first digit
// or plus sign to its last letter, digit or "#", up to a second number ("/x…") or
// an ISDN subaddress. In a "tel:"
// URI with a numeric context, the context comes first. ok is false when the
// context is malformed.
func candidate(text string) (number string, ok bool) {
	before, after, hasContext := strings.Cut(text, phoneContext)
	context, _, _ := strings.Cut(after, ";")
	if hasContext && !isGlobalNumber(context) && !isDomain(context) {
		return "", false
	}
	if hasContext {
		if _, local, found := strings.Cut(before, telScheme); found {
			before = local
		}
		number = before
		if strings.HasPrefix(context, "+") {
			number = context + before
		}
	} else {
		number = untilSecondNumber(untilEnd(fromStart(text)))
	}
	if i := strings.Index(number, subaddress); i > 0 {
		number = number[:i]
	}
	return number, true
}

// fromStart drops everything before the first digit or plus sign.
func fromStart(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsDigit(r) || strings.ContainsRune(plusSigns, r)
	})
	if i < 0 {
		return ""
	}
	return text[i:]
}

// untilEnd drops everything after the last letter, digit or "#", which may end an
// extension.
func untilEnd(text string) string {
	return strings.TrimRightFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '#'
	})
}

// untilSecondNumber drops a second extension, which makes a second number of
// "583-6985 x302/x2303".
func untilSecondNumber(text string) string {
	for i := range len(text) {
		if text[i] != '/' && text[i] != '\\' {
			continue
		}
		if strings.HasPrefix(strings.TrimLeft(text[i+1:], " "), "x") {
			return text[:i]
		}
	}
	return text
}

// isGlobalNumber reports whether context is a plus sign and digits, with the
// separators RFC 3966 allows.
func isGlobalNumber(context string) bool {
	rest, found := strings.CutPrefix(context, "+")
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-.()", r) {
			return -1
		}
		return r
	}, rest)
	return found && digits != "" && strings.TrimFunc(digits, unicode.IsDigit) == ""
}

// isDomain reports whether context is a domain name as RFC 3966 has it: labels
// of letters, digits and inner hyphens, the last of which starts with a letter.
func isDomain(context string) bool {
	labels := strings.Split(strings.TrimSuffix(context, "."), ".")
	for _, label := range labels {
		inner := strings.TrimFunc(label, func(r rune) bool {
			return isLetter(r) || unicode.IsDigit(r) || r == '-'
		})
		if label == "" || inner != "" || strings.Trim(label, "-") != label {
			return false
		}
	}
	return isLetter(rune(labels[len(labels)-1][0]))
}

// viable reports whether s looks like a number at all: two digits and no more,
// or at least three digits, at first among nothing but separators, then letters
// too, with perhaps an extension.
func viable(s string) bool {
	rest, _ := cutPlus(s)
	digits, third, end := 0, 0, len(rest)
scan:
	for i, r := range rest {
		switch {
		case unicode.IsDigit(r):
			if digits++; digits == 3 {
				third = i + utf8.RuneLen(r)
			}
		case isSeparator(r), r == '*':
		case digits >= 3 && foldsToLetter(r):
		default:
			end = i
			break scan
		}
	}
	if digits < 3 {
		return digits == 2 && utf8.RuneCountInString(s) == 2
	}
	return end == len(rest) || extensionStart(rest, third, end) >= 0
}

// withoutExtension drops the extension from the end of s, if what is left looks
// like a number.
func withoutExtension(s string) string {
	if i := extensionStart(s, 0, len(s)); i >= 0 && viable(s[:i]) {
		return s[:i]
	}
	return s
}

// extensionStart returns the first index between from and to, both included,
// such that the rest of s is an extension with its label; -1 when there is none.
func extensionStart(s string, from, to int) int {
	unhashed, hash := strings.CutSuffix(s, "#")
	head := strings.TrimRightFunc(unhashed, unicode.IsDigit)
	digits := utf8.RuneCountInString(unhashed[len(head):])
	if digits == 0 {
		return -1
	}
	// No label has digits in it, so it starts after the last one.
	last := len(strings.TrimRightFunc(head, isNoDigit))
	for i := range head[last:] {
		i += last
		if from <= i && i <= to && digits <= extensionDigits(head[i:], hash) {
			return i
		}
	}
	return -1
}

func isNoDigit(r rune) bool { return !unicode.IsDigit(r) }

// extensionDigits returns how many digits of extension may follow label; 0 when
// it is no label. The vaguer a label, the fewer, lest a second number be taken
// for an extension. hash says that "#" follows the digits.
func extensionDigits(label string, hash bool) int {
	if !hash && strings.EqualFold(label, ";ext=") {
		return 20
	}
	start := strings.TrimLeft(label, blanks)
	if rest, found := cutWord(strings.TrimLeft(start, blanks+",")); found && isPadding(rest) {
		return 20
	}
	// What a telephone dials by itself once the call is answered.
	for _, pause := range [...]string{";", ",,"} {
		if rest, found := strings.CutPrefix(start, pause); found && isPadding(rest) {
			return 15
		}
	}
	if rest := strings.TrimLeft(start, ","); rest != start && isPadding(rest) {
		return 9
	}
	for _, sign := range [...]string{"x", "ｘ", "#", "＃", "~", "～", "int", "ｉｎｔ"} {
		rest, found := cutFold(strings.TrimLeft(start, blanks+","), sign)
		if found && isPadding(rest) {
			return 9
		}
	}
	if hash && strings.Trim(label, "- ") == "" {
		return 6
	}
	return 0
}

// cutWord removes a word that can only announce an extension, in any case:
// "ext", "extension", "extensión", "anexo", … and their shortened forms.
func cutWord(s string) (rest string, found bool) {
	for _, word := range [...]string{"доб", "anexo"} {
		if rest, found = cutFold(s, word); found {
			return rest, true
		}
	}
	if rest, found = cutFold(maybeFold(s, "ｅ"), "ｘｔ"); found {
		return maybeFold(rest, "ｎ"), true
	}
	if rest, found = cutFold(maybeFold(s, "e"), "xt"); !found {
		return s, false
	}
	if plain, long := cutFold(rest, "ensio"); long {
		rest = maybeFold(plain, "\u0301") // the accent as a character of its own
	} else {
		rest = maybeFold(rest, "ensió")
	}
	return maybeFold(rest, "n"), true
}

// isPadding reports whether s is what may stand between a label and its digits.
func isPadding(s string) bool {
	for _, stop := range [...]string{":", ".", "．"} {
		if rest, found := strings.CutPrefix(s, stop); found {
			s = rest
			break
		}
	}
	return strings.Trim(s, blanks+",-") == ""
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (rest string, found bool) {
	rest = s
	for _, want := range prefix {
		got, size := utf8.DecodeRuneInString(rest)
		if got != want && !strings.EqualFold(string(got), string(want)) {
			return s, false
		}
		rest = rest[size:]
	}
	return rest, true
}

// maybeFold is cutFold for a prefix that need not be there.
func maybeFold(s, prefix string) string {
	rest, _ := cutFold(s, prefix)
	return rest
}

// isSeparator reports whether r may stand between the digits of a number. "x"
// may, as a place-holder for the code of a carrier.
func isSeparator(r rune) bool {
	switch r {
	case ' ', '-', '.', '/', '(', ')', '[', ']', '~', 'x', 'X',
		'\u00a0',                                                   // no-break space
		'\u00ad',                                                   // soft hyphen
		'\u200b',                                                   // zero-width space
		'\u2060',                                                   // word joiner
		'\u3000',                                                   // ideographic space
		'\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', // hyphens and dashes
		'\u2212', // minus sign
		'\u30fc', // prolonged sound mark
		'－', '．', '／', '（', '）', '［', '］', '～',
		'\u2053', '\u223c': // swung dash, tilde operator
		return true
	}
	return false
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// foldsToLetter is isLetter for comparison without regard to case, in which the
// long s and the Kelvin sign equal s and k.
func foldsToLetter(r rune) bool { return isLetter(r) || r == 'ſ' || r == '\u212a' }

// dialled returns the ASCII digits that s stands for. With three letters or more
// the letters count, by their place on a keypad, and then only ASCII digits do.
func dialled(s string) (digits string) {
	letters := 0
	for _, r := range s {
		if isLetter(r) {
			letters++
		}
	}
	if letters >= 3 {
		return strings.Map(keypad, s)
	}
	return strings.Map(decimal, s)
}

// noDigit is what decimal and keypad say of a character that is skipped.
const noDigit = -1

// decimal returns the ASCII digit for a digit of any script. In Unicode each
// range of them consists of whole rows from zero to nine.
func decimal(r rune) rune {
	if '0' <= r && r <= '9' {
		return r
	}
	const digits = "0123456789"
	for _, row := range unicode.Nd.R16 {
		if low := int64(row.Lo); low <= int64(r) && int64(r) <= int64(row.Hi) {
			return rune(digits[(int64(r)-low)%10])
		}
	}
	for _, row := range unicode.Nd.R32 {
		if low := int64(row.Lo); low <= int64(r) && int64(r) <= int64(row.Hi) {
			return rune(digits[(int64(r)-low)%10])
		}
	}
	return noDigit
}

// keypad returns the ASCII digit of the key that r is printed on, as in ITU-T
// E.161.
func keypad(r rune) rune {
	const keys = "22233344455566677778889999" // A to Z
	switch r = unicode.ToUpper(r); {
	case '0' <= r && r <= '9':
		return r
	case 'A' <= r && r <= 'Z':
		return rune(keys[r-'A'])
	}
	return noDigit
}
