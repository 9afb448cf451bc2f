// Package phone turns any usual spelling of a telephone number into E.164.
//
// The numbering plans in plans.txt come from Google's libphonenumber metadata
// (Apache License 2.0), read through github.com/nyaruka/phonenumbers by
// tools/phonegen. That library is also an oracle of this package's tests; where
// it departs from Google's, the other one, the results of Python's phonenumbers in
// testdata, decides. It is never linked into a program that imports phone: it costs megabytes and
// milliseconds before main starts. This package has no init work at all; the
// plan of a region is decoded, and its regular expressions are compiled, when a
// number first needs it.
//
// A number is accepted when it can be read and the length of its national part
// is one its country uses. That is a test of shape, not of service: nobody need
// answer, and digits that no operator was ever given are accepted. Lengths that
// only work when dialled inside one area (seven digits in the US) count as
// possible, as they do for the oracle.
//
// A few numbers that the oracles accept are refused here, because what would be
// stored is not a usable E.164 number:
//
//   - more than 15 digits, the limit of ITU-T E.164;
//   - a result that would be a different number if read again, because of
//     several trunk prefixes in a row.
package phone

import "strings"

//go:generate go run contacts/tools/phonegen

const (
	// maxInput is the longest text, in bytes, that is looked at: far beyond any
	// spelling of a number, and a bound on the work one call can cause.
	maxInput = 250
	// maxDigits is the ITU-T limit: calling code and national number together.
	maxDigits = 15
)

// E164 returns number in E.164 form, such as "+4930123456": a plus sign and at
// most 15 digits.
//
// number may be spelled with spaces, dots, slashes, brackets, hyphens and the
// like, with the digits of any script, with a leading plus sign or the
// international prefix of region (00, 011, …), as a "tel:" URI, or with letters
// for the digits of a keypad if there are at least three (1-800-FLOWERS). Text
// before the number and an extension after it are dropped, and so is what is
// neither letter nor digit nor "#" at its end: blanks, punctuation, marks of text
// direction. Any other text after it makes it no number.
//
// region is the ISO 3166-1 alpha-2 code, in capitals, of the place a national
// number belongs to. With "" or a region not Known, only a number that starts
// with a plus sign can be read.
//
// ok is false, and e164 empty, when number is no possible number or is longer
// than 250 bytes. E164 never panics and is safe for concurrent use.
func E164(number, region string) (e164 string, ok bool) {
	if len(number) > maxInput {
		return "", false
	}
	spelled, ok := candidate(number)
	if !ok || !viable(spelled) {
		return "", false
	}
	rest, plus := cutPlus(withoutExtension(spelled))
	code, national, ok := split(dialled(rest), plus, regionPlan(region))
	if !ok {
		return "", false
	}
	// Regions that share a calling code share the lengths of its main region,
	// so that a number means the same wherever it is read from.
	main := codePlan(code)
	switch {
	case !main.possible(len(national)),
		len(code)+len(national) > maxDigits,
		main.withoutTrunk(national) != national:
		return "", false
	}
	return "+" + code + national, true
}

// Known reports whether region is an ISO 3166-1 alpha-2 code, in capitals, of a
// region whose national numbers E164 can read.
func Known(region string) bool { return regionPlan(region) != nil }

// split separates what was dialled into calling code and national number, the
// latter without trunk prefix. plus says that a plus sign came first; home is
// the plan to read other numbers by, nil for none.
func split(digits string, plus bool, home *plan) (code, national string, ok bool) {
	if plus {
		if code, national = cutCode(digits); code != "" {
			return code, codePlan(code).withoutTrunk(national), true
		}
	}
	if home == nil {
		return "", "", false
	}
	// A plus sign that no calling code follows may stand before the
	// international prefix ("+00 49 …"), and before nothing else.
	if abroad, found := home.cutInternational(digits); found {
		if code, national = cutCode(abroad); code == "" {
			return "", "", false
		}
		return code, codePlan(code).withoutTrunk(national), true
	}
	if plus {
		return "", "", false
	}
	if national, ok = home.cutOwnCode(digits); ok {
		return home.code, codePlan(home.code).withoutTrunk(national), true
	}
	return home.code, home.withoutTrunk(digits), true
}

// cutPlus removes the plus signs, plain and full-width, that start s.
func cutPlus(s string) (rest string, found bool) {
	rest = strings.TrimLeft(s, plusSigns)
	return rest, len(rest) < len(s)
}

// Digits returns the digits of a text, of any script, as ASCII digits.
func Digits(text string) string { return strings.Map(decimal, text) }
