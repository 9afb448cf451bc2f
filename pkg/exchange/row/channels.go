package row

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/exchange/country"
)

// A group is the columns of a row that describe one channel.
type group struct {
	*reading
	family string
	number int
	preset preset
}

// get returns the text of a part, "" for none.
func (g group) get(part string) string {
	if all := g.values[field{g.family, g.number, part}]; len(all) > 0 {
		return all[0].text
	}
	return ""
}

// keepAll keeps all cells of the group: they make no channel. why is said of its first part.
func (g group) keepAll(why string) {
	for _, part := range append(slices.Clone(channelParts[g.family]), "type", "value") {
		for _, v := range g.values[field{g.family, g.number, part}] {
			g.keep(v, why)
			why = ""
		}
	}
}

// channels sets the channels, in the order of their columns.
func (r *reading) channels() {
	done := map[field]bool{}
	for i, c := range r.table.columns {
		key := field{family: c.field.family, number: c.field.number}
		if c.field.family == "" || done[key] || i >= len(r.cells) || len(r.values[c.field]) == 0 {
			continue
		}
		done[key] = true
		g := group{r, c.field.family, c.field.number, r.table.presetOf(key)}
		switch c.field.family {
		case "email":
			g.email()
		case "phone":
			g.phone()
		case "address":
			g.address()
		case "web_address":
			g.webAddress()
		case "event":
			g.event()
		}
	}
}

// presetOf returns what the headings of a channel say of it.
func (t *Table) presetOf(key field) (p preset) {
	for _, c := range t.columns {
		if c.field.family == key.family && c.field.number == key.number {
			p.typeName, p.usages = cmp.Or(p.typeName, c.preset.typeName), cmp.Or(p.usages, c.preset.usages)
		}
	}
	return p
}

// several returns the values of a cell that has several: Google separates them by " ::: ", others by line ends or the separator.
func (g group) several(text, separator string) []string {
	if g.table.own {
		return []string{text}
	}
	for _, other := range []string{strings.TrimSpace(googleSeparator), "\r", separator} {
		text = strings.ReplaceAll(text, other, "\n")
	}
	var all []string
	for one := range strings.SplitSeq(text, "\n") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

func (g group) email() {
	var found []contact.Email
	for _, text := range g.several(strings.TrimPrefix(g.get("address"), "mailto:"), ";") {
		all := []string{text}
		if _, fault := exchange.Formatted("email", text); fault != "" && !g.table.own {
			all = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		}
		for _, one := range all {
			address, fault := exchange.Formatted("email", one)
			if fault != "" {
				g.keepAll("the email address " + fault)
				return
			}
			found = append(found, contact.Email{Address: contact.EmailAddress(address)})
		}
	}
	kind, context, description := read[contact.EmailType](g, emailWords)
	for _, e := range found {
		e.Type, e.UsageContext, e.Description = kind, context, description
		g.draft.Emails = append(g.draft.Emails, e)
	}
	if found == nil {
		g.keepAll("")
	}
}

func (g group) phone() {
	var found []contact.Phone
	separator := ";"
	if strings.Contains(g.get("number"), ";ext=") { // parameters of RFC 3966
		separator = "\n"
	}
	for _, one := range g.several(g.get("number"), separator) {
		number, fault := exchange.Text(one)
		switch {
		case isShortened(one):
			fault = shortenedNumber
		case fault == "" && !g.table.own && !strings.ContainsFunc(number, isDigit):
			fault = "has no digits"
		}
		if fault != "" {
			g.keepAll("the telephone number " + fault)
			return
		}
		found = append(found, contact.Phone{Number: number})
	}
	kind, context, description := read[contact.PhoneType](g, phoneWords)
	usages := usages[contact.PhoneUsage](g)
	for _, p := range found {
		p.Type, p.UsageContext, p.Description, p.Usages = kind, context, description, usages
		g.draft.Phones = append(g.draft.Phones, p)
	}
	if found == nil {
		g.keepAll("")
	}
}

func (g group) webAddress() {
	var found []contact.WebAddress
	for _, one := range g.several(g.get("url"), "; ") {
		url, fault := exchange.Formatted("uri", withScheme(one))
		if fault != "" {
			g.keepAll("the web address " + fault)
			return
		}
		found = append(found, contact.WebAddress{URL: contact.WebURL(url)})
	}
	kind, context, description := read[contact.WebAddressType](g, webWords)
	for _, w := range found {
		w.Type, w.UsageContext, w.Description = kind, context, description
		g.draft.WebAddresses = append(g.draft.WebAddresses, w)
	}
	if found == nil {
		g.keepAll("")
	}
}

// withScheme returns a web address with https where it has no scheme. Google wrote http\:// once.
func withScheme(url string) string {
	url = strings.Replace(url, `\://`, "://", 1)
	if scheme, _, found := strings.Cut(url, "://"); !found || strings.ContainsAny(scheme, "./?#") {
		return "https://" + url
	}
	return url
}

func (g group) address() {
	a := contact.Address{}
	parts := map[string]string{}
	for _, part := range channelParts["address"] {
		for _, v := range g.values[field{g.family, g.number, part}] {
			text, fault := exchange.Text(v.text)
			switch {
			case part == "zip" && isShortened(text):
				g.keep(v, "the postcode "+shortenedNumber)
			case fault != "":
				g.keep(v, fault)
			case parts[part] != "":
				parts[part] += ", " + text
			default:
				parts[part] = text
			}
		}
	}
	a.RecipientName, a.CareOf, a.StreetName, a.StreetNumber = parts["recipient_name"], parts["care_of"], parts["street_name"], parts["street_number"]
	a.Additional, a.City, a.Zip = valid(parts["additional"]), parts["city"], parts["zip"]
	a.CountryCode = countryCode(parts["country_code"])
	full := parts["full_address"]
	if full == "" {
		full = joinLines(parts["recipient_name"], parts["care_of"], parts["post_office_box"], joinWords(a.StreetName, a.StreetNumber), parts["additional"],
			joinWords(a.Zip, a.City), parts["region"], parts["country_code"])
	}
	// Outlook gives contacts without an address its own country.
	if parts["full_address"]+a.RecipientName+a.CareOf+a.StreetName+a.StreetNumber+parts["additional"]+a.City+a.Zip+parts["post_office_box"] == "" {
		g.keepAll("")
		return
	}
	var fault string
	if a.FullAddress, fault = exchange.Text(full); fault != "" || strings.TrimSpace(a.FullAddress) == "" {
		g.keepAll(fault)
		return
	}
	for _, part := range []string{"region", "post_office_box", "country_code", "additional"} {
		for _, v := range g.values[field{g.family, g.number, part}] {
			switch {
			case part == "country_code" && a.CountryCode == "":
				g.keep(v, "is no country that is known here: it is kept as text")
			case part == "region", part == "post_office_box", part == "additional" && a.Additional == "":
				g.keep(v, "")
			}
		}
	}
	if a.CountryCode == "DE" && len(a.Zip) == 4 && !strings.ContainsFunc(a.Zip, func(r rune) bool { return !isDigit(r) }) {
		g.warn(g.values[field{g.family, g.number, "zip"}][0], "has four digits, but a postcode of Germany has five: if a spreadsheet dropped a zero, format the column as text and save the file again")
	}
	a.Type, a.UsageContext, a.Description = read[contact.AddressType](g, addressWords)
	a.Usages = usages[contact.AddressUsage](g)
	g.draft.Addresses = append(g.draft.Addresses, a)
}

// event sets the anniversary by an event of Google's that is labelled so.
func (g group) event() {
	label := headingKey(strings.TrimPrefix(g.get("type"), googleSystem))
	if label == "anniversary" || label == "jahrestag" {
		if date, fault := parseDate(g.get("value"), DayFirst); fault == "" && date != "" && g.draft.Anniversary == "" && g.draft.Kind == contact.Individual {
			g.draft.Anniversary = date
			return
		}
	}
	g.keepAll("")
}

// countryCode returns the country of a name or code, or of one of the letters by which German files call their neighbours.
func countryCode(name string) contact.CountryCode {
	if code := country.Code(name); code != "" {
		return code
	}
	return map[string]contact.CountryCode{"D": "DE", "A": "AT", "F": "FR", "I": "IT", "E": "ES", "B": "BE", "L": "LU", "FL": "LI"}[name]
}

const shortenedNumber = "is a number that a spreadsheet shortened (such as 4.91512E+12), its digits are lost: format the column as text and save the file again from the original data"

var shortNotation = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?\d([.,]\d+)?E\+\d{1,3}$`) })

// isShortened reports whether a number is in the notation that spreadsheets use for long ones.
func isShortened(text string) bool { return shortNotation().MatchString(strings.TrimSpace(text)) }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func joinLines(lines ...string) string { return joinSome("\n", lines) }

func joinWords(words ...string) string { return joinSome(" ", words) }

func joinSome(separator string, texts []string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), separator)
}
