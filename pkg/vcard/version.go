package vcard

import (
	"slices"
	"strings"
)

// As returns the card with its properties in the forms of version 3.0 or 4.0. What one of them has no form for stays as it is.
func (c *Card) As(version Version) *Card {
	as := &Card{Version: version, Properties: slices.Clone(c.Properties)}
	switch {
	case version == V4 && c.Version != V4:
		as.Properties = withLabelParams(as.Properties)
		for i := range as.Properties {
			as.Properties[i].toV4()
		}
	case version != V4 && c.Version == V4:
		for i := range as.Properties {
			as.Properties[i].toV3()
		}
		as.Properties = withLabels(as.Properties)
	}
	return as
}

// Canonical returns the property without its group, in a form that is the same for properties that say the same in whatever version and
// order: names and types in one case, parameters and types sorted.
func (p Property) Canonical() Property {
	p.toV4()
	p.toV3()
	p.Group, p.Name, p.Params = "", strings.ToUpper(p.Name), slices.Clone(p.Params)
	for i, param := range p.Params {
		if param.Name == "TYPE" {
			types := strings.Split(strings.ToLower(strings.Join(param.Values, "\n")), "\n")
			slices.Sort(types)
			p.Params[i].Values = slices.Compact(types)
		}
	}
	slices.SortStableFunc(p.Params, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
	return p
}

var (
	media = []string{"PHOTO", "LOGO", "SOUND", "KEY"}
	dates = []string{"BDAY", "ANNIVERSARY", "REV", "DEATHDATE"}
)

func (p *Property) toV4() {
	if p.Param("PREF") == "" && p.removeValue("TYPE", "pref") {
		p.Add("PREF", "1")
	}
	switch {
	case p.Is(media...) && strings.EqualFold(p.Param("ENCODING"), "b"):
		p.Value = "data:" + p.takeMediaType() + ";base64," + p.Value
		p.Remove("ENCODING")
	case p.Is(media...) && strings.EqualFold(p.Param("VALUE"), "uri"):
		if mediaType := p.takeMediaType(); mediaType != "" {
			p.Add("MEDIATYPE", mediaType)
		}
		p.Remove("VALUE")
	case p.Is(dates...):
		p.Value = basicDate(p.Value)
		if strings.HasPrefix(strings.ToLower(p.Param("VALUE")), "date") {
			p.Remove("VALUE")
		}
	case p.Is("GEO"):
		if latitude, longitude, found := strings.Cut(p.Value, ";"); found && !strings.Contains(p.Value, ":") {
			p.Value = "geo:" + latitude + "," + longitude
		}
	case p.Is("AGENT"):
		p.Name = "RELATED"
		p.Add("TYPE", "agent")
		if p.Param("VALUE") == "" {
			p.Add("VALUE", "text")
		}
	case p.Is("TEL") && p.Param(valueParam) == "uri":
		p.Remove(valueParam)
		p.Add("VALUE", "uri")
		p.Value = telScheme + p.Value
	}
}

func (p *Property) toV3() {
	if p.Param("PREF") == "1" {
		p.Remove("PREF")
		p.Add("TYPE", "pref")
	}
	switch {
	case p.Is(media...):
		p.mediaToV3()
	case p.Is(dates...):
		p.Value = extendedDate(p.Value)
		if p.Param("VALUE") == "date-and-or-time" {
			p.Remove("VALUE")
		}
	case p.Is("GEO"):
		if place, found := strings.CutPrefix(p.Value, "geo:"); found && strings.Count(place, ",") == 1 && !strings.Contains(place, ";") {
			p.Value = strings.Replace(place, ",", ";", 1)
		}
	case p.Is("RELATED") && slices.Equal(p.Values("TYPE"), []string{"agent"}):
		p.Name = "AGENT"
		p.Remove("TYPE")
		if p.Param("VALUE") == "text" {
			p.Remove("VALUE")
		}
	case p.Is("TEL") && p.Param("VALUE") == "uri" && strings.HasPrefix(p.Value, telScheme):
		p.Remove("VALUE")
		p.Add(valueParam, "uri")
		p.Value = strings.TrimPrefix(p.Value, telScheme)
	}
}

func (p *Property) mediaToV3() {
	mediaType, data, found := strings.Cut(strings.TrimPrefix(p.Value, "data:"), ";base64,")
	switch {
	case strings.HasPrefix(p.Value, "data:") && found && !strings.ContainsAny(mediaType, ";,"):
		p.Value = data
		p.Remove("VALUE")
		p.Add("ENCODING", "b")
		p.addMediaType(mediaType)
	case p.Param("ENCODING") == "" && strings.Contains(p.Value, ":") && p.Param("VALUE") == "":
		p.Add("VALUE", "uri")
		if mediaType = p.Param("MEDIATYPE"); mediaType != "" {
			p.Remove("MEDIATYPE")
			p.addMediaType(mediaType)
		}
	}
}

const (
	telScheme = "tel:"
	// valueParam says in a card of version 3.0 that the TEL of a card of version 4.0 was a URI.
	valueParam = "X-CONTACTS-VALUE"
)

// basicDate returns a date, with or without a time, without separators, as version 4.0 has it; any other value unchanged.
func basicDate(value string) string {
	date, time, timed := strings.Cut(value, "T")
	if !looksLike(date, "0000-00-00") && !looksLike(date, "--00-00") || strings.Trim(time, "0123456789:.+-Z") != "" {
		return value
	}
	basic := strings.ReplaceAll(date, "-", "")
	if strings.HasPrefix(date, "--") {
		basic = "--" + basic
	}
	if timed {
		basic += "T" + strings.ReplaceAll(time, ":", "")
	}
	return basic
}

// extendedDate returns a date, with or without a time, with separators, as version 3.0 has it; any other value unchanged.
func extendedDate(value string) string {
	date, time, timed := strings.Cut(value, "T")
	switch {
	case looksLike(date, "00000000"):
		date = date[:4] + "-" + date[4:6] + "-" + date[6:]
	case looksLike(date, "--0000"):
		date = date[:4] + "-" + date[4:]
	default:
		return value
	}
	if !timed {
		return date
	}
	if len(time) >= 6 && looksLike(time[:6], "000000") {
		time = time[:2] + ":" + time[2:4] + ":" + time[4:]
	}
	if hours := len(time) - 2; hours >= 3 && (looksLike(time[hours-3:], "+0000") || looksLike(time[hours-3:], "-0000")) {
		time = time[:hours] + ":" + time[hours:]
	}
	return date + "T" + time
}

// looksLike reports whether s has the form of a pattern, whose zeros stand for any digit.
func looksLike(s, pattern string) bool {
	for i := range len(s) {
		if i >= len(pattern) || s[i] != pattern[i] && (pattern[i] != '0' || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return len(s) == len(pattern)
}

// defaultMedia are the classes of media types that version 3.0 names by their subtype alone.
var defaultMedia = map[string]string{"PHOTO": "image/", "LOGO": "image/", "SOUND": "audio/", "KEY": "application/"}

// takeMediaType removes the type of a property's data, which version 3.0 has in TYPE, and returns its media type; "" for none.
func (p *Property) takeMediaType() string {
	for _, value := range p.Values("TYPE") {
		lower := strings.ToLower(value)
		if lower == "home" || lower == "work" || lower == "pref" {
			continue
		}
		p.removeValue("TYPE", value)
		switch {
		case strings.Contains(lower, "/"):
			return lower
		case lower == "jpg":
			return "image/jpeg"
		case lower == "pgp":
			return "application/pgp-keys"
		case lower == "x509":
			return "application/pkix-cert"
		}
		return defaultMedia[strings.ToUpper(p.Name)] + lower
	}
	return ""
}

func (p *Property) addMediaType(mediaType string) {
	switch mediaType {
	case "":
	case "application/pgp-keys":
		p.Add("TYPE", "PGP")
	case "application/pkix-cert":
		p.Add("TYPE", "X509")
	default:
		subtype, isDefault := strings.CutPrefix(mediaType, defaultMedia[strings.ToUpper(p.Name)])
		if isDefault {
			subtype = strings.ToUpper(subtype)
		}
		p.Add("TYPE", subtype)
	}
}

// Labels returns the properties LABEL that belong to a property ADR, by the indexes of both: that of its group, else the next one, else
// those with the same of the types home and work, in their order.
func Labels(properties []Property) (labelOf map[int]int) {
	labelOf = map[int]int{}
	taken := map[int]bool{}
	for _, belongs := range []func(adr, label int) bool{
		func(adr, label int) bool {
			return properties[adr].Group != "" && strings.EqualFold(properties[adr].Group, properties[label].Group)
		},
		func(adr, label int) bool { return label == adr+1 && sameAddress(&properties[adr], &properties[label]) },
		func(adr, label int) bool { return sameAddress(&properties[adr], &properties[label]) },
	} {
		for i := range properties {
			if _, labelled := labelOf[i]; labelled || !properties[i].Is("ADR") {
				continue
			}
			for j := range properties {
				if !taken[j] && properties[j].Is("LABEL") && belongs(i, j) {
					labelOf[i], taken[j] = j, true
					break
				}
			}
		}
	}
	return labelOf
}

// sameAddress reports whether a LABEL without a group may belong to an ADR by the types of both.
func sameAddress(adr, label *Property) bool {
	return label.Group == "" && adr.HasType("home") == label.HasType("home") && adr.HasType("work") == label.HasType("work")
}

// withLabelParams makes parameters of the properties LABEL, as version 4.0 has them.
func withLabelParams(properties []Property) []Property {
	labelOf := Labels(properties)
	taken := map[int]bool{}
	for _, label := range labelOf {
		taken[label] = true
	}
	var all []Property
	for i, p := range properties {
		label, labelled := labelOf[i]
		switch {
		case taken[i]:
			continue
		case labelled:
			p.Add("LABEL", labelParam(&properties[label]))
		case p.Is("LABEL"):
			p.Add("LABEL", labelParam(&p))
			p.Name, p.Value = "ADR", emptyAddress
		}
		all = append(all, p)
	}
	return all
}

// labelParam returns a LABEL as a parameter. RFC 6350 has line breaks as \n in it, before RFC 6868: a backslash is escaped.
func labelParam(label *Property) string { return strings.ReplaceAll(label.Text(), `\`, `\\`) }

// emptyAddress is the value of an ADR that has a LABEL alone.
const emptyAddress = ";;;;;;"

// withLabels makes properties of the parameters LABEL, as version 3.0 has them.
func withLabels(properties []Property) []Property {
	var all []Property
	for _, p := range properties {
		label := p.Param("LABEL")
		if !p.Is("ADR") || label == "" {
			all = append(all, p)
			continue
		}
		p.Remove("LABEL")
		all = append(all, p)
		l := Property{Group: p.Group, Name: "LABEL", Value: Escape(unescape(label))}
		if types := p.Values("TYPE"); types != nil {
			l.Add("TYPE", types...)
		}
		all = append(all, l)
	}
	return all
}
