package phone_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"contacts/pkg/phone"

	"github.com/nyaruka/phonenumbers"
)

// oracle returns what phonenumbers makes of number: its E.164 form if it can be
// parsed and its length is possible. What the port does not trim from the end of
// a number, as Google's library does, is trimmed here.
func oracle(number, region string) (e164 string, ok bool) {
	if !strings.Contains(number, ";phone-context=") {
		number = strings.TrimRightFunc(number, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '#' })
	}
	parsed, err := phonenumbers.Parse(number, region)
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

// strictOracle is oracle with the refusals that the package documents.
func strictOracle(number, region string) (e164 string, ok bool) {
	e164, ok = oracle(number, region)
	if !ok || len(e164) > len("+")+15 {
		return "", false
	}
	if again, ok := oracle(e164, ""); !ok || again != e164 {
		return "", false
	}
	return e164, true
}

// fairToOracle reports whether number has nothing in it that the port gets
// wrong: digits of other scripts than these, which it takes for zero, and a
// context before which nothing stands, which it passes over.
func fairToOracle(number string) bool {
	return !strings.HasPrefix(number, ";phone-context=") && strings.IndexFunc(number, func(r rune) bool {
		return unicode.IsDigit(r) && !strings.ContainsRune(knownDigits, r)
	}) < 0
}

const knownDigits = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹１２３４５６７８９０"

// sameAsOracle fails the test if E164 and strictOracle disagree.
func sameAsOracle(t interface{ Errorf(string, ...any) }, number, region string) {
	if !fairToOracle(number) {
		return
	}
	got, gotOK := phone.E164(number, region)
	want, wantOK := strictOracle(number, region)
	if got != want || gotOK != wantOK {
		t.Errorf("E164(%q, %q) = %q, %t; the oracle says %q, %t", number, region, got, gotOK, want, wantOK)
	}
}

// Every spelling in testdata is read as Google's library reads it: see
// tools/phoneoracle, which writes the file anew.
func TestEverySpellingIsReadAsGooglesLibraryReadsIt(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/oracle.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	regions, read, n := map[string]bool{}, 0, 0
	lines := bufio.NewScanner(file)
	for ; lines.Scan(); n++ {
		var line [3]string
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		number, region, want := line[0], line[1], line[2]
		regions[region] = true
		got, ok := phone.E164(number, region)
		if ok {
			read++
		}
		if again, _ := oracle(want, ""); len(want) > len("+")+15 || again != want {
			want = "" // what the package refuses beyond the library
		}
		if got != want || ok != (want != "") {
			t.Errorf("E164(%q, %q) = %q, %t; Google's library says %q", number, region, got, ok, want)
		}
	}
	if err := lines.Err(); err != nil || n < 15_000 || read < n/2 || len(regions) != len(phonenumbers.GetSupportedRegions())+1 {
		t.Errorf("%d spellings of %d regions, %d of them numbers, %v", n, len(regions), read, err)
	}
}

// example is a number of the metadata.
type example struct {
	region string // "" for a calling code without region
	number *phonenumbers.PhoneNumber
	e164   string
}

// numberTypes are all the types a number can have an example for. The last
// stands for no type in particular.
var numberTypes = []phonenumbers.PhoneNumberType{
	phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE,
	phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST, phonenumbers.VOIP,
	phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN,
	phonenumbers.VOICEMAIL, phonenumbers.UNKNOWN,
}

// regions returns every region phonenumbers supports, sorted.
func regions() []string {
	var all []string
	for region := range phonenumbers.GetSupportedRegions() {
		all = append(all, region)
	}
	slices.Sort(all)
	return all
}

// examplesOf returns the example numbers of a region, of all types.
func examplesOf(region string) []example {
	var found []example
	for _, kind := range numberTypes {
		n := phonenumbers.GetExampleNumberForType(region, kind)
		if n == nil {
			continue
		}
		found = append(found, example{region, n, phonenumbers.Format(n, phonenumbers.E164)})
	}
	return found
}

// nonGeographicExamples returns a number for every calling code without region.
func nonGeographicExamples() []example {
	var found []example
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		n := phonenumbers.GetExampleNumberForNonGeoEntity(code)
		found = append(found, example{"", n, phonenumbers.Format(n, phonenumbers.E164)})
	}
	return found
}

// idd returns what is dialled before a calling code in every region that has
// one usual international prefix, such as "00".
func idd() map[string]string {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		panic(err)
	}
	prefixes := make(map[string]string)
	for _, m := range collection.GetMetadata() {
		prefix := m.GetPreferredInternationalPrefix()
		if prefix == "" {
			prefix = m.GetInternationalPrefix()
		}
		prefix = strings.ReplaceAll(prefix, "~", "") // a pause, not dialled
		if _, err := strconv.Atoi(prefix); err == nil {
			prefixes[m.GetId()] = prefix
		}
	}
	return prefixes
}
