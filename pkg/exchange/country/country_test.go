package country_test

import (
	"testing"

	"contacts/pkg/contact"
	"contacts/pkg/exchange/country"
)

func TestEveryCountryIsKnownByItsName(t *testing.T) {
	t.Parallel()
	for _, value := range contact.CountryCode("").Values() {
		code := contact.CountryCode(value)
		if name := country.Name(code); name == "" || country.Code(name) != code || country.Code(value) != code {
			t.Errorf("%s is %q, which is %q", code, name, country.Code(name))
		}
	}
}

func TestCountriesAreKnownInManySpellings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]contact.CountryCode{
		"Deutschland": "DE", "GERMANY": "DE", " Allemagne ": "DE", "deu": "DE", "de": "DE", "BRD": "DE",
		"Österreich": "AT", "Oesterreich": "AT", "OSTERREICH": "AT", "Suisse": "CH", "Schweiz": "CH", "Côte d'Ivoire": "CI",
		"USA": "US", "U.S.A.": "US", "United States of America": "US", "UK": "GB", "England": "GB", "The Netherlands": "NL",
		"Česko": "CZ", "Czech Republic": "CZ", "日本": "JP", "대한민국": "KR", "Россия": "RU", "España": "ES", "Korea, Republic of": "KR",
		"": "", "Atlantis": "", "Bayern": "",
	} {
		if got := country.Code(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
