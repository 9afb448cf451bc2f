package row

import (
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
)

// words are the labels of a kind of channel, by their keys, with their types.
type words map[string]string

var (
	emailWords = words{"home": "PERSONAL_EMAIL", "work": "WORK_EMAIL"}
	phoneWords = words{"home": "HOME_PHONE", "work": "DIRECT_LINE", "mobile": "MOBILE", "homemobile": "PERSONAL_MOBILE", "workmobile": "WORK_MOBILE",
		"fax": "FAX_LINE", "homefax": "HOME_FAX", "workfax": "DIRECT_FAX", "main": "MAIN", "mainfax": "MAIN_FAX", "pager": "PAGER"}
	addressWords = words{"home": "RESIDENTIAL_HOME", "work": "OFFICE"}
	webWords     = words{"home": "PERSONAL_WEBSITE", "work": "PROFESSIONAL_WEBSITE", "": "HOMEPAGE_OR_WEBSITE", "blog": "BLOG",
		"homepage": "HOMEPAGE_OR_WEBSITE", "profile": "PERSONAL_PROFILE"}
)

// labels are further spellings of labels.
var labels = map[string]string{
	"privat": "home", "private": "home", "personal": "home", "zuhause": "home", "business": "work", "geschäftlich": "work", "arbeit": "work",
	"office": "work", "büro": "work", "dienstlich": "work", "other": "", "sonstige": "", "sonstiges": "", "weitere": "", "andere": "",
	"cell": "mobile", "mobil": "mobile", "handy": "mobile", "iphone": "mobile", "mobilprivat": "homemobile", "privatmobile": "homemobile",
	"mobilgeschäftlich": "workmobile", "faxprivat": "homefax", "businessfax": "workfax", "faxgeschäftlich": "workfax", "faxarbeit": "workfax",
	"otherfax": "fax", "telefax": "fax", "haupt": "main", "zentrale": "main",
}

const notQualified = "NOT_QUALIFIED"

// An enumeration is a type of the API with its values.
type enumeration interface {
	~string
	Values() []string
}

// read returns what a group says of a channel: its type, usage context and description. A label that is no type is the description.
func read[T enumeration](g group, w words) (kind T, context contact.UsageContext, description string) {
	description, fault := exchange.Text(g.get("description"))
	if fault != "" {
		description = ""
		g.keep(g.values[field{g.family, g.number, "description"}][0], fault)
	}
	label := strings.TrimPrefix(g.get("type"), googleSystem)
	kind, known := typeOf[T](w, label)
	switch {
	case label == "" && g.preset.typeName != "":
		kind = T(g.preset.typeName)
	case !known && description == "":
		if text := valid(label); text != "" {
			description = text
		} else {
			g.keep(g.values[field{g.family, g.number, "type"}][0], "is no type")
		}
	case !known:
		g.keep(g.values[field{g.family, g.number, "type"}][0], "is no type that is known here: it is kept as text")
	}
	context = contact.UsageContext(enumerationKey(g.get("usage_context")))
	if !slices.Contains(context.Values(), string(context)) {
		if text := g.get("usage_context"); text != "" {
			g.keep(g.values[field{g.family, g.number, "usage_context"}][0], "is no usage context: write PERSONAL, PROFESSIONAL or ORGANIZATION")
		}
		context = contextOf(string(kind), g.draft.Kind)
	}
	return kind, context, description
}

// typeOf returns the type that a label says: a value of the API, or a word for one. No label is a type too.
func typeOf[T enumeration](w words, label string) (kind T, known bool) {
	if value := T(enumerationKey(label)); slices.Contains(value.Values(), string(value)) {
		return value, true
	}
	key := headingKey(label)
	known = label == ""
	if other, found := labels[key]; found {
		key, known = other, true
	}
	if name, found := w[key]; found && (key != "" || known) {
		return T(name), true
	}
	return T(notQualified), known
}

// enumerationKey returns a text in the form of a value of the API.
func enumerationKey(s string) string {
	return blanksToLines.Replace(strings.ToUpper(strings.TrimSpace(s)))
}

var blanksToLines = strings.NewReplacer(" ", "_", "-", "_")

// contextOf returns the usage context that a type says for a channel of a kind of contact.
func contextOf(typeName string, kind contact.Kind) contact.UsageContext {
	switch {
	case strings.HasPrefix(typeName, "HOME_") && typeName != "HOMEPAGE_OR_WEBSITE" && typeName != "HOME_OFFICE",
		strings.HasPrefix(typeName, "PERSONAL_"), typeName == "RESIDENTIAL_HOME", typeName == "SECOND_HOME", typeName == "VACATION_HOME":
		return "PERSONAL"
	case strings.HasPrefix(typeName, "WORK_"), strings.HasPrefix(typeName, "DIRECT_"), strings.HasPrefix(typeName, "PROFESSIONAL_"),
		strings.HasPrefix(typeName, "OFFICE"):
		return "PROFESSIONAL"
	case kind == contact.Organization:
		return "ORGANIZATION"
	}
	return "PERSONAL"
}

// usages returns the usages that a group says.
func usages[T enumeration](g group) (all []T) {
	text := g.get("usages")
	if text == "" {
		text = g.preset.usages
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",; ", r) }) {
		usage := T(strings.ToUpper(word))
		switch {
		case !slices.Contains(usage.Values(), string(usage)):
			g.keep(g.values[field{g.family, g.number, "usages"}][0], "has no usage "+word+": write some of "+strings.Join(usage.Values(), ", "))
		case !slices.Contains(all, usage):
			all = append(all, usage)
		}
	}
	return all
}
