// Package country knows countries by their names in the languages of Europe and in their own.
package country

import (
	_ "embed"
	"strings"
	"sync"

	"contacts/pkg/contact"
	"contacts/pkg/search"
)

//go:generate sh -c "cd ../../.. && go run ./tools/countrygen >names.txt.new && mv names.txt.new pkg/exchange/country/names.txt"

// names has a line for each country: its codes, its English name and the keys of all its names.
//
//go:embed names.txt
var names string

// Code returns the country of a name, or of a code of ISO 3166-1 (alpha-2, alpha-3, in any case), or of a code of the API; "" for an unknown
// one.
func Code(name string) contact.CountryCode {
	t := table()
	if code := t.byCode[strings.ToUpper(strings.TrimSpace(name))]; code != "" {
		return code
	}
	for _, key := range Keys(name) {
		if code := t.byKey[key]; code != "" {
			return code
		}
	}
	return ""
}

// Name returns the English name of a country; of a code that has none the code.
func Name(code contact.CountryCode) string {
	if name := table().nameOf[code]; name != "" {
		return name
	}
	return string(code)
}

// Keys returns the forms in which a name is compared: without case, accents and what separates words.
func Keys(name string) []string {
	keys := search.Whole(name)
	for i, key := range keys {
		keys[i] = strings.ReplaceAll(key, " ", "")
	}
	return keys
}

type countries struct {
	byCode, byKey map[string]contact.CountryCode
	nameOf        map[contact.CountryCode]string
}

var table = sync.OnceValue(func() countries {
	t := countries{map[string]contact.CountryCode{}, map[string]contact.CountryCode{}, map[contact.CountryCode]string{}}
	for _, value := range contact.CountryCode("").Values() {
		t.byCode[value] = contact.CountryCode(value)
	}
	for line := range strings.Lines(names) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		code := contact.CountryCode(fields[0])
		t.byCode[fields[1]], t.nameOf[code] = code, fields[2]
		for _, key := range fields[3:] {
			t.byKey[key] = code
		}
	}
	return t
})
