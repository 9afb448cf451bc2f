// countrygen writes the names of countries that pkg/exchange/country knows, from Unicode's CLDR as golang.org/x/text has it, and the names
// below: a line for each country with its codes (ISO 3166-1 alpha-2 and alpha-3), its English name, and all names in the form in which they
// are compared.
//
//	go run ./tools/countrygen >pkg/exchange/country/names.txt
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange/country"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// languages are those in which every country is known. Each country is known in its own language too.
var languages = strings.Fields("en de fr es it nl pt pl cs sv da nb fi tr hu ro")

// others are names in use that CLDR does not have.
var others = map[contact.CountryCode][]string{
	"AE": {"UAE", "United Arab Emirates"}, "AN": {"Netherlands Antilles", "Niederländische Antillen"}, "BA": {"Bosnia and Herzegovina", "Bosnia"}, "BN": {"Brunei Darussalam"},
	"BO": {"Bolivia, Plurinational State of"}, "BY": {"Weissrussland"}, "CD": {"Democratic Republic of the Congo", "DR Congo"},
	"CG": {"Republic of the Congo"}, "CI": {"Ivory Coast", "Cote d'Ivoire"}, "CN": {"People's Republic of China", "PR China"},
	"CV": {"Cape Verde"}, "CZ": {"Czech Republic", "Tschechische Republik", "Ceska republika"},
	"DE": {"Federal Republic of Germany", "Bundesrepublik Deutschland", "BRD"}, "FM": {"Micronesia, Federated States of"},
	"GB": {"Great Britain", "England", "Scotland", "Wales", "Northern Ireland", "UK", "Grossbritannien", "Vereinigtes Koenigreich",
		"United Kingdom of Great Britain and Northern Ireland"},
	"HK": {"Hong Kong", "Hongkong"}, "IE": {"Republic of Ireland", "Eire"}, "IR": {"Iran, Islamic Republic of"},
	"KP": {"Korea, Democratic People's Republic of", "North Korea"}, "KR": {"Korea, Republic of", "South Korea", "Republic of Korea", "Korea"},
	"LA": {"Lao People's Democratic Republic"}, "MD": {"Moldova, Republic of"}, "MK": {"Macedonia", "North Macedonia", "Nordmazedonien"},
	"MM": {"Burma", "Myanmar"}, "MO": {"Macau", "Macao"}, "NL": {"Holland", "The Netherlands"}, "PS": {"Palestine", "Palestine, State of"},
	"RU": {"Russian Federation"}, "SK": {"Slovak Republic"}, "SY": {"Syrian Arab Republic"}, "SZ": {"Swaziland", "Eswatini"},
	"TL": {"East Timor", "Timor-Leste"}, "TR": {"Turkiye"}, "TW": {"Taiwan, Province of China"}, "TZ": {"Tanzania, United Republic of"},
	"US": {"United States of America", "USA", "America", "Vereinigte Staaten von Amerika"}, "VA": {"Holy See", "Vatican"},
	"VE": {"Venezuela, Bolivarian Republic of"}, "VN": {"Viet Nam"},
}

// preferred are the English names of countries that CLDR has under an old or an awkward one. They are among the others.
var preferred = map[contact.CountryCode]string{"MK": "North Macedonia", "SZ": "Eswatini", "MM": "Myanmar", "CG": "Republic of the Congo",
	"CD": "Democratic Republic of the Congo", "TL": "Timor-Leste", "MO": "Macao"}

func main() {
	codeOf := map[string]contact.CountryCode{}
	for _, value := range contact.CountryCode("").Values() {
		code := contact.CountryCode(value)
		region, err := language.ParseRegion(value)
		if err != nil || region.IsPrivateUse() || region.String() != value {
			continue // WG is no code of ISO 3166-1
		}
		names := others[code]
		for _, name := range languages {
			names = append(names, nameIn(language.Make(name), region))
		}
		own, _ := language.Raw.Compose(region)
		if base, confidence := own.Base(); confidence > language.No {
			names = append(names, nameIn(language.Make(base.String()), region))
		}
		english := strings.NewReplacer("&", "and", " SAR China", "", "St. ", "Saint ").Replace(nameIn(language.English, region))
		if better := preferred[code]; better != "" {
			english = better
		}
		if english == "" {
			english = names[0]
		}
		var keys []string
		for _, name := range append(names, english) {
			for _, key := range country.Keys(name) {
				if known := codeOf[key]; key == "" || known == code {
					continue
				} else if known != "" {
					fmt.Fprintf(os.Stderr, "countrygen: %q is %s and %s\n", key, known, code)
					continue
				}
				codeOf[key] = code
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		fmt.Printf("%s|%s|%s|%s\n", value, region.ISO3(), english, strings.Join(keys, "|"))
	}
}

func nameIn(tag language.Tag, region language.Region) string {
	if namer := display.Regions(tag); namer != nil {
		return namer.Name(region)
	}
	return ""
}
