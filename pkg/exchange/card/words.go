package card

import (
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/vcard"
)

// words are what TYPE says of a channel.
type words struct {
	device string // cell, fax, pager or ""
	place  string // home, work or ""
}

// firstType returns the first of some values that TYPE has, "" if it has none of them.
func firstType(p *vcard.Property, values ...string) string {
	if i := slices.IndexFunc(values, p.HasType); i >= 0 {
		return values[i]
	}
	return ""
}

// types are the types of one kind of channel.
type types struct {
	devices []string
	// read returns the type that words say.
	read func(words) string
	// nearest are the words of the types that have some of their own. All others have the place of their usage context.
	nearest map[string]words
}

// byContext is the place of a type that says none.
const byContext = ""

var emailTypes = types{
	read: func(w words) string {
		return map[string]string{"home": "PERSONAL_EMAIL", "work": "WORK_EMAIL", "": notQualified}[w.place]
	},
	nearest: map[string]words{"PERSONAL_EMAIL": {"", "home"}, "WORK_EMAIL": {"", "work"}},
}

var phoneTypes = types{
	devices: []string{"cell", "fax", "pager"},
	read: func(w words) string {
		switch w.device {
		case "cell":
			return map[string]string{"home": "PERSONAL_MOBILE", "work": "WORK_MOBILE", "": "MOBILE"}[w.place]
		case "fax":
			return map[string]string{"home": "HOME_FAX", "work": "DIRECT_FAX", "": "FAX_LINE"}[w.place]
		case "pager":
			return "PAGER"
		}
		return map[string]string{"home": "HOME_PHONE", "work": "DIRECT_LINE", "": notQualified}[w.place]
	},
	nearest: map[string]words{
		"PERSONAL_MOBILE": {"cell", "home"}, "WORK_MOBILE": {"cell", "work"}, "MOBILE": {"cell", byContext},
		"HOME_FAX": {"fax", "home"}, "DIRECT_FAX": {"fax", "work"}, "FAX_LINE": {"fax", byContext}, "MAIN_FAX": {"fax", byContext},
		"PAGER": {"pager", byContext}, "HOME_PHONE": {"", "home"}, "DIRECT_LINE": {"", "work"}, "DIRECT_EXTENSION": {"", "work"},
	},
}

var addressTypes = types{
	read: func(w words) string {
		return map[string]string{"home": "RESIDENTIAL_HOME", "work": "OFFICE", "": notQualified}[w.place]
	},
	nearest: map[string]words{
		"RESIDENTIAL_HOME": {"", "home"}, "SECOND_HOME": {"", "home"}, "VACATION_HOME": {"", "home"}, "HOME_OFFICE": {"", "home"},
		"OFFICE": {"", "work"}, "OFFICE_CENTER": {"", "work"}, "HEADQUARTERS": {"", "work"}, "FACTORY": {"", "work"},
		"STORE": {"", "work"}, "SUBSIDIARY": {"", "work"}, "WAREHOUSE": {"", "work"},
	},
}

var webTypes = types{
	read: func(w words) string {
		return map[string]string{"home": "PERSONAL_WEBSITE", "work": "PROFESSIONAL_WEBSITE", "": "HOMEPAGE_OR_WEBSITE"}[w.place]
	},
	nearest: map[string]words{
		"PERSONAL_WEBSITE": {"", "home"}, "PERSONAL_BLOG": {"", "home"}, "PERSONAL_PROFILE": {"", "home"},
		"PROFESSIONAL_WEBSITE": {"", "work"}, "PROFESSIONAL_BLOG": {"", "work"}, "PROFESSIONAL_PROFILE": {"", "work"},
	},
}

const (
	notQualified = "NOT_QUALIFIED"

	// What a card has no words for.
	typeParam    = "X-CONTACTS-TYPE"
	contextParam = "X-CONTACTS-CONTEXT"
	usageParam   = "X-CONTACTS-USAGE"
)

const (
	personal       contact.UsageContext = "PERSONAL"
	professional   contact.UsageContext = "PROFESSIONAL"
	organizational contact.UsageContext = "ORGANIZATION"
)

// contextOf returns the usage context that a place says for a channel of a kind of contact.
func contextOf(place string, kind contact.Kind) contact.UsageContext {
	switch {
	case place == "home":
		return personal
	case place == "work":
		return professional
	case kind == contact.Organization:
		return organizational
	}
	return personal
}

// placeOf returns the place that says a usage context; "" for one that needs no word, or has none.
func placeOf(context contact.UsageContext, kind contact.Kind) string {
	switch {
	case context == contextOf("", kind):
		return ""
	case context == personal:
		return "home"
	case context == professional:
		return "work"
	}
	return ""
}

// wordsOf returns the nearest words of a type in a usage context.
func (t types) wordsOf(typeName string, context contact.UsageContext, kind contact.Kind) words {
	w := t.nearest[typeName]
	if w.place == byContext {
		w.place = placeOf(context, kind)
	}
	return w
}

// write adds the words of a type and a usage context to a property, and what they don't say in parameters of ours.
func (t types) write(p *vcard.Property, typeName string, context contact.UsageContext, kind contact.Kind) {
	w := t.wordsOf(typeName, context, kind)
	for _, word := range []string{w.device, w.place} {
		if word != "" {
			p.Add("TYPE", strings.ToUpper(word))
		}
	}
	if t.read(w) != typeName {
		p.Add(typeParam, typeName)
	}
	if contextOf(w.place, kind) != context {
		p.Add(contextParam, string(context))
	}
}

// readWords returns the type and the usage context of a property. The parameters of ours count as long as the words are those that the type
// and context have: another program that changes the words leaves them.
func readWords[T interface {
	~string
	Values() []string
}](t types, p *vcard.Property, kind contact.Kind) (T, contact.UsageContext) {
	w := words{firstType(p, t.devices...), firstType(p, "home", "work")}
	said, saidContext := T(t.read(w)), contextOf(w.place, kind)
	typeName, context := said, saidContext
	if given := T(p.Param(typeParam)); slices.Contains(given.Values(), string(given)) {
		typeName = given
	}
	if given := contact.UsageContext(p.Param(contextParam)); slices.Contains(given.Values(), string(given)) {
		context = given
	}
	if t.wordsOf(string(typeName), context, kind) != w {
		return said, saidContext
	}
	return typeName, context
}

// usages returns the usages that a property of ours names.
func usages[T interface {
	~string
	Values() []string
}](p *vcard.Property) (all []T) {
	for _, value := range p.Values(usageParam) {
		if given := T(value); slices.Contains(given.Values(), value) && !slices.Contains(all, given) {
			all = append(all, given)
		}
	}
	return all
}
