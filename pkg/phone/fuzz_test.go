package phone_test

import (
	"strings"
	"testing"

	"contacts/pkg/phone"
)

// Whatever a number was read as: each way to spell that again, at home or abroad, is the same number. (FuzzE164 holds what
// one reading promises, and compares it with the oracle.)
func FuzzRespelled(f *testing.F) {
	for _, number := range []string{"030 123456", "+49 (0)30 123456", "0049 30 123456", "+1 650 253 0000", "1-800-FLOWERS",
		"+39 06 1234 5678", "8 (495) 123-45-67",
		"+54 9 11 2345-6789", "011 15-2345-6789", "+800 1234 5678", "+883 5100 0000 0000", "＋４９３０１２３４５６", "٠٣٠١٢٣٤٥٦",
		"+229 01 23 45 67 89", "110", "+49 1"} {
		for _, region := range []string{"", "DE", "US", "AR", "RU", "IT", "xx"} {
			f.Add(number, region, 3, " - ")
		}
	}
	f.Add("030 123456", "DE", 1, ")(/.")
	separators := " -./()[]\u00a0\u2011–\u3000－．（）"
	f.Fuzz(func(t *testing.T, number, region string, at int, separator string) {
		e164, ok := phone.E164(number, region)
		if unknown, okUnknown := phone.E164(number, ""); !phone.Known(region) && (unknown != e164 || okUnknown != ok) {
			t.Fatalf("%q is %q in %q, which is no region, and %q in none", number, e164, region, unknown)
		}
		if !ok {
			return
		}
		digits := strings.TrimPrefix(e164, "+")
		for _, again := range []string{"tel:" + e164, "Tel.: " + e164, " " + e164 + " ", e164 + " ext. 12", e164 + ";ext=7", "+" + e164} {
			wantNumber(t, again, region, e164)
		}
		for _, style := range digitStyles {
			wantNumber(t, "＋"+style.Replace(digits), region, e164)
		}
		for home, prefix := range map[string]string{"DE": "00", "US": "011", "JP": "010", "FI": "00", "AU": "0011"} {
			wantNumber(t, prefix+digits, home, e164)
		}
		// Separators change nothing wherever they stand.
		separator = strings.Map(func(r rune) rune {
			if strings.ContainsRune(separators, r) {
				return r
			}
			return -1
		}, separator)
		if at = int(uint(at) % uint(len(digits))); len(separator) < 100 {
			wantNumber(t, "+"+digits[:at]+separator+digits[at:], region, e164)
		}
	})
}

func wantNumber(t *testing.T, number, region, want string) {
	t.Helper()
	if got, ok := phone.E164(number, region); got != want || !ok {
		t.Fatalf("E164(%q, %q) = %q, %t; want %q", number, region, got, ok, want)
	}
}
