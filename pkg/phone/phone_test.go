package phone_test

import (
	"slices"
	"strings"
	"testing"

	"contacts/pkg/phone"

	"github.com/nyaruka/phonenumbers"
)

// foreign are default regions to read international spellings in: with trunk
// prefixes 0, 1, 8 and none, with international prefixes 00, 011, 810 and 010,
// and with rewriting rules.
var foreign = []string{"DE", "US", "RU", "JP", "IT", "AR"}

// digitStyles rewrite the ASCII digits of a number in other characters.
var digitStyles = map[string]*strings.Replacer{
	"full-width":            digitReplacer('０'),
	"Arabic-Indic":          digitReplacer('٠'),
	"extended Arabic-Indic": digitReplacer('۰'),
}

func digitReplacer(zero rune) *strings.Replacer {
	var pairs []string
	for d := range rune(10) {
		pairs = append(pairs, string('0'+d), string(zero+d))
	}
	return strings.NewReplacer(pairs...)
}

// spellings returns the ways a formatted number may be typed: as it is, without
// separators, with other ones, with other digits, with words around it.
func spellings(formatted string) []string {
	bare := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(formatted)
	all := []string{
		formatted,
		bare,
		"  " + formatted + " ",
		"Tel.: " + formatted,
		formatted + " ext. 12",
		bare + " x12",
		bare + ";ext=12",
		strings.Join(strings.Split(bare, ""), " "),
	}
	for _, separator := range []string{".", "/", "-", " - ", "\u00a0", "–"} {
		all = append(all, strings.NewReplacer(" ", separator, "-", separator).Replace(formatted))
	}
	for _, style := range digitStyles {
		all = append(all, style.Replace(formatted))
	}
	return all
}

func TestEveryExampleNumberInEverySpellingEqualsTheOracle(t *testing.T) {
	t.Parallel()
	prefixes := idd()
	for _, region := range regions() {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			for _, ex := range examplesOf(region) {
				for _, spelling := range spellings(phonenumbers.Format(ex.number, phonenumbers.NATIONAL)) {
					equalsOracle(t, spelling, region)
				}
				checkInternational(t, ex, prefixes, slices.Concat(foreign, []string{region, ""}))
			}
		})
	}
	for _, ex := range nonGeographicExamples() {
		checkInternational(t, ex, prefixes, slices.Concat(foreign, []string{""}))
	}
}

// equalsOracle checks against the oracle as it is, without the refusals that
// this package adds: no example number is among them.
func equalsOracle(t *testing.T, number, region string) {
	t.Helper()
	want, wantOK := oracle(number, region)
	if got, ok := phone.E164(number, region); got != want || ok != wantOK {
		t.Errorf("E164(%q, %q) = %q, %t; want %q, %t", number, region, got, ok, want, wantOK)
	}
}

// checkInternational checks the spellings of ex that name its country, with each
// of the default regions.
func checkInternational(t *testing.T, ex example, prefixes map[string]string, defaults []string) {
	t.Helper()
	for _, format := range []phonenumbers.PhoneNumberFormat{
		phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.RFC3966,
	} {
		for _, spelling := range spellings(phonenumbers.Format(ex.number, format)) {
			for _, region := range defaults {
				if got, ok := phone.E164(spelling, region); got != ex.e164 || !ok {
					t.Errorf("E164(%q, %q) = %q, %t; want %q", spelling, region, got, ok, ex.e164)
				}
			}
			if want, ok := oracle(spelling, ""); want != ex.e164 || !ok {
				t.Errorf("the oracle says %q, %t for %q; want %q", want, ok, spelling, ex.e164)
			}
		}
	}
	international := phonenumbers.Format(ex.number, phonenumbers.INTERNATIONAL)[len("+"):]
	for _, region := range defaults {
		prefix := prefixes[region]
		if prefix == "" {
			continue
		}
		dialled := prefix + " " + international
		all := []string{dialled, strings.NewReplacer(" ", "", "-", "").Replace(dialled)}
		if region == ex.region {
			all = spellings(dialled)
		}
		for _, spelling := range all {
			equalsOracle(t, spelling, region)
		}
	}
}

func TestKnownIsExactlyTheRegionsOfTheOracle(t *testing.T) {
	t.Parallel()
	supported := phonenumbers.GetSupportedRegions()
	for _, region := range regions() {
		if !phone.Known(region) {
			t.Errorf("Known(%q) = false", region)
		}
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if region := string([]rune{a, b}); phone.Known(region) != supported[region] {
				t.Errorf("Known(%q) = %t", region, phone.Known(region))
			}
		}
	}
	for _, other := range []string{"", "de", "De", "DEU", "D", "001", "800", "49", "ZZ", "\n", ";;", "DE;49", "Ä"} {
		if phone.Known(other) {
			t.Errorf("Known(%q) = true", other)
		}
	}
}

func TestSpellingsPeopleUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ number, region, want string }{
		{"030 123456", "DE", "+4930123456"},
		{"(030) 12 34 56", "DE", "+4930123456"},
		{"030/123456", "DE", "+4930123456"},
		{"+49 (0)30 123456", "", "+4930123456"},
		{"0049 30 123456", "DE", "+4930123456"},
		{"+0049 30 123456", "DE", "+4930123456"},
		{"011 49 30 123456", "US", "+4930123456"},
		{"49 30 123456", "DE", "+4930123456"},
		{"tel:+49-30-123456", "", "+4930123456"},
		{"tel:30-123456;phone-context=+49", "", "+4930123456"},
		{"tel:030-123456;phone-context=example.com", "DE", "+4930123456"},
		{"tel:+49-30-123456;isub=42", "", "+4930123456"},
		{"＋４９ ３０ １２３４５６", "", "+4930123456"},
		{"٠٣٠ ١٢٣٤٥٦", "DE", "+4930123456"},
		{"030 123456 Ext. 7", "DE", "+4930123456"},
		{"030 123456,,7", "DE", "+4930123456"},
		{"(530) 583-6985 x302/x2303", "US", "+15305836985"},
		{"1-800-FLOWERS", "US", "+18003569377"},
		{"1 (800) 555-0199", "CA", "+18005550199"},
		{"06 698 12345", "IT", "+390669812345"},
		{"+39 06 698 12345", "DE", "+390669812345"},
		{"011 15-2345-6789", "AR", "+5491123456789"},
		{"8 (912) 345-67-89", "RU", "+79123456789"},
		{"0 15 11 96123-4567", "BR", "+5511961234567"},
		{"456-1234", "BS", "+12424561234"},
		{"+800 1234 5678", "", "+80012345678"},
		{"०३० १२३४५६", "DE", "+4930123456"},
	} {
		if got, ok := phone.E164(c.number, c.region); got != c.want || !ok {
			t.Errorf("E164(%q, %q) = %q, %t; want %q", c.number, c.region, got, ok, c.want)
		}
		sameAsOracle(t, c.number, c.region)
	}
}

// What follows the last letter, digit or "#" is not part of a number.
func TestWhatFollowsANumberIsDropped(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"030 123456", "+49 30 123456", "0049 30 123456", "030 123456 ext. 7", "030 123456 x7#"} {
		for _, end := range []string{"\t", "\n", "\r\n", ",", ";", "\"", "'", "!", ".", ")", " ?", ":", "\u200b", "\u202c", "\u200e", " \u2013 ", "*", "_", "&&", "&&]]", " ,;!\t\n"} {
			if got, ok := phone.E164(number+end, "DE"); got != "+4930123456" || !ok {
				t.Errorf("%q: %q, %t", number+end, got, ok)
			}
		}
	}
	for _, end := range []string{" oder so", "&&x]", " \u00b2", " = 7"} {
		if got, ok := phone.E164("030 123456"+end, "DE"); ok {
			t.Errorf("%q: %q", "030 123456"+end, got)
		}
	}
}

func TestExtensionsAreDropped(t *testing.T) {
	t.Parallel()
	for _, extension := range []string{
		";ext=7", " ext 7", " Ext. 7", "ext:7", " xt 7", " extn. 7#", " extension 7", " EXTENSIÓN 7",
		" extensio\u0301n 7", " extensi\u00f3 7", " ｅｘｔｎ 7", " ｘｔ 7", " доб. 7", " ДОБ 7", " anexo 7",
		" x7", " X 7", " ｘ7", " #7", " ＃7", " ~ 7", " int 7", " ｉｎｔ7", " - 7#", " ;7", ",,7", ", 7", " ,,,: 7",
	} {
		if got, ok := phone.E164("030 123456"+extension, "DE"); got != "+4930123456" || !ok {
			t.Errorf("extension %q: %q, %t", extension, got, ok)
		}
		sameAsOracle(t, "030 123456"+extension, "DE")
	}
	// The vaguer the label, the fewer digits it may announce.
	for _, c := range []struct {
		label string
		most  int
		hash  string
	}{
		{";ext=", 20, ""}, {" ext. ", 20, ""}, {",,", 15, ""}, {";", 15, ""}, {" x", 9, ""}, {",", 9, ""}, {" - ", 6, "#"},
	} {
		for digits := c.most; digits <= c.most+1; digits++ {
			number := "+4930123456" + c.label + strings.Repeat("7", digits) + c.hash
			if got, ok := phone.E164(number, ""); ok != (digits == c.most) {
				t.Errorf("%d digits after %q: %q, %t", digits, c.label, got, ok)
			}
			sameAsOracle(t, number, "")
		}
	}
}

func TestWhatIsNoPossibleNumberIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, number, region string }{
		{"empty", "", "DE"},
		{"no digits", "ask Anna", "DE"},
		{"one digit", "7", "DE"},
		{"national without region", "030 123456", ""},
		{"national in an unknown region", "030 123456", "ZZ"},
		{"region in small letters", "030 123456", "de"},
		{"region that is a calling code", "12345678", "800"},
		{"too short", "+49 1", ""},
		{"too long", "+1 212 555 0123 4567", ""},
		{"calling code nobody has", "+999 123 456 789", ""},
		{"calling code nobody has, dialled", "00 999 123 456 789", "DE"},
		{"plus sign before a national number", "+030 123456", "DE"},
		{"plus sign only", "+", "DE"},
		{"calling code only", "+49", "DE"},
		{"international prefix only", "00", "DE"},
		{"two numbers", "030 123456 or 030 123457", "DE"},
		{"letters first", "FLOWERS", "US"},
		{"malformed phone context", "tel:30-123456;phone-context=+", "DE"},
		{"invalid UTF-8", "030 12\xff3456", "DE"},
	} {
		if got, ok := phone.E164(c.number, c.region); got != "" || ok {
			t.Errorf("%s: E164(%q, %q) = %q, %t", c.why, c.number, c.region, got, ok)
		}
		sameAsOracle(t, c.number, c.region)
	}
}

func TestInputLongerThan250BytesIsRefused(t *testing.T) {
	t.Parallel()
	const number = "+4930123456"
	longest := strings.Repeat(" ", 250-len(number)) + number
	if got, ok := phone.E164(longest, ""); got != number || !ok {
		t.Errorf("250 bytes: %q, %t", got, ok)
	}
	if got, ok := phone.E164(" "+longest, ""); got != "" || ok {
		t.Errorf("251 bytes: %q, %t", got, ok)
	}
}

// The oracle accepts these; what it returns is not fit to be stored.
func TestNumbersWithoutStableE164FormAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, number, region string }{
		{"16 digits", "+49 1234 5678 9012 34", ""},
		{"two trunk prefixes", "00 0207 94609", "GB"},
	} {
		if e164, ok := oracle(c.number, c.region); !ok {
			t.Errorf("%s: the oracle refuses %q too: %q", c.why, c.number, e164)
		}
		if got, ok := phone.E164(c.number, c.region); got != "" || ok {
			t.Errorf("%s: E164(%q, %q) = %q, %t", c.why, c.number, c.region, got, ok)
		}
	}
}

func BenchmarkE164(b *testing.B) {
	for _, c := range []struct{ name, number, region string }{
		{"international", "+49 30 123456", ""},
		{"national", "030 / 12 34 56", "DE"},
		{"rewritten", "011 15-2345-6789", "AR"},
		{"refused", "030 123456 or 030 123457", "DE"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				phone.E164(c.number, c.region)
			}
		})
	}
}
