package phone_test

import (
	"regexp"
	"strings"
	"testing"

	"contacts/pkg/phone"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

// drawExample draws an example number of any region.
func drawExample(t *rapid.T) example {
	region := rapid.SampledFrom(regions()).Draw(t, "region")
	return rapid.SampledFrom(examplesOf(region)).Draw(t, "example")
}

func TestRandomSeparatorsDoNotChangeTheAnswer(t *testing.T) {
	t.Parallel()
	separators := []string{
		"", "", "", " ", "-", ".", "/", "(", ")", "[", "]",
		"\u00a0", "\u2011", "–", "\u3000", "－", "．", "（", "）",
	}
	rapid.Check(t, func(t *rapid.T) {
		ex := drawExample(t)
		format := rapid.SampledFrom([]phonenumbers.PhoneNumberFormat{
			phonenumbers.E164, phonenumbers.NATIONAL,
		}).Draw(t, "format")
		plain := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").
			Replace(phonenumbers.Format(ex.number, format))
		var spelled strings.Builder
		for _, r := range plain {
			spelled.WriteRune(r)
			for range rapid.IntRange(0, 2).Draw(t, "many") {
				spelled.WriteString(rapid.SampledFrom(separators).Draw(t, "separator"))
			}
		}
		want, wantOK := phone.E164(plain, ex.region)
		if got, ok := phone.E164(spelled.String(), ex.region); got != want || ok != wantOK {
			t.Errorf("E164(%q, %q) = %q, %t; without separators %q, %t",
				spelled.String(), ex.region, got, ok, want, wantOK)
		}
		sameAsOracle(t, spelled.String(), ex.region)
	})
}

func TestRandomDigitsAreReadAsTheOracleReadsThem(t *testing.T) {
	t.Parallel()
	prefixes := idd()
	rapid.Check(t, func(t *rapid.T) {
		ex := drawExample(t)
		national := phonenumbers.GetNationalSignificantNumber(ex.number)
		trunk := phonenumbers.GetNddPrefixForRegion(ex.region, true)
		start := rapid.SampledFrom([]string{
			"", "+", "0", "1", "8", "00", trunk + national, trunk + trunk + national, national, ex.e164,
			ex.e164[len("+"):], prefixes[ex.region] + ex.e164[len("+"):], "+" + prefixes[ex.region],
		}).Draw(t, "start")
		cut := rapid.IntRange(0, len(start)).Draw(t, "cut")
		digits := rapid.StringMatching(`[0-9]{0,15}`).Draw(t, "digits")
		sameAsOracle(t, start[:cut]+digits, ex.region)
	})
}

func TestRandomTextIsReadAsTheOracleReadsIt(t *testing.T) {
	t.Parallel()
	pieces := []string{
		"+", "＋", "00", "011", "0", "1", "49", "44", "30", "123456", "5550123", "７", "٤", "۹", "९",
		" ", "\u00a0", "\t", "\n", "-", "–", ".", "．", ",", ";", ":", "/", "\\", "(", ")", "*", "#", "＃", "~", "～", "=", "&",
		"x", "X", "ｘ", "ext", "Ext.", "e", "extn", "extension", "extensión", "EXTENSIO\u0301N", "xtensi", "ｅｘｔ", "ｎ",
		"доб", "ДОБ", "anexo", "int", "ｉｎｔ", "n", "a", "FLOWERS", "ſ", "\u212a", "\xff", "\u0301",
		";ext=", "tel:", "TEL:", ";phone-context=", ";phone-context=+49", ";phone-context=example.com", ";isub=",
		"a.b", "-a", "1.a", ".",
	}
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom([]string{"", "DE", "US", "GB", "IT", "RU", "AR", "BR"}).Draw(t, "region")
		text := rapid.SampledFrom([]string{"", "030123456", "+493012345", "+1 212 555 01"}).Draw(t, "start") +
			strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
		sameAsOracle(t, text, region)
	})
}

// FuzzE164 checks what callers rely on for any input whatever, and that the
// oracle agrees.
func FuzzE164(f *testing.F) {
	for _, number := range []string{
		"", "+", "030 123456", "+49 (0)30 123456", "0049 30 123456", "011 44 20 7946 0958",
		"tel:30-123456;phone-context=+49;isub=1", "1-800-FLOWERS", "(530) 583-6985 x302/x2303",
		"030 123456;ext=12", "030 123456,,7#", "＋４９３０１２３４５６", "٠٣٠١٢٣٤٥٦", "00 0207 94609",
		"011 15-2345-6789", "\xff030123456", "+49 1234 5678 9012 34",
	} {
		for _, region := range []string{"", "DE", "US", "GB", "AR", "zz"} {
			f.Add(number, region)
		}
	}
	form := regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
	f.Fuzz(func(t *testing.T, number, region string) {
		got, ok := phone.E164(number, region)
		if !ok {
			if got != "" {
				t.Errorf("E164(%q, %q) = %q with ok = false", number, region, got)
			}
		} else if !form.MatchString(got) {
			t.Errorf("E164(%q, %q) = %q", number, region, got)
		} else {
			for _, again := range []string{"", region, "US", "DE"} {
				if e164, ok := phone.E164(got, again); e164 != got || !ok {
					t.Errorf("E164(%q, %q) = %q, %t; it came from %q in %q", got, again, e164, ok, number, region)
				}
			}
		}
		sameAsOracle(t, number, region)
	})
}
