package card

import (
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// nameOf returns the name that a card has: FN, else N, else the first of ORG, NICKNAME and EMAIL; "" for none. A value that can't be a name
// counts as none. source is the property.
func nameOf(properties []vcard.Property) (name, source string) {
	for _, source := range []struct {
		name string
		text func(*vcard.Property) string
	}{
		{"FN", text},
		{"N", spelledName},
		{"ORG", func(p *vcard.Property) string { return strings.TrimSpace(component(p, 0)) }},
		{"NICKNAME", text},
		{"EMAIL", text},
	} {
		for i := range properties {
			if !properties[i].Is(source.name) {
				continue
			}
			if name, fault := exchange.Text(source.text(&properties[i])); fault == "" && strings.TrimSpace(name) != "" {
				return name, source.name
			}
		}
	}
	return "", ""
}

// blanksParam says that the blanks at the ends of a value of ours belong to it. Those of other programs are sloppy.
const blanksParam = "X-CONTACTS-BLANKS"

// text returns the text of a property.
func text(p *vcard.Property) string {
	if p.Param(blanksParam) != "" {
		return p.Text()
	}
	return strings.TrimSpace(p.Text())
}

// textProperty returns a property of one text.
func textProperty(name, text string) vcard.Property {
	p := vcard.Property{Name: name, Value: vcard.Escape(text)}
	if text != strings.TrimSpace(text) {
		p.Add(blanksParam, "1")
	}
	return p
}

// component returns the text of a component of a structured value, "" if it has none. The texts of a list are joined.
func component(p *vcard.Property, index int) string {
	components := p.Components()
	if index >= len(components) {
		return ""
	}
	list := components[index]
	for i := 1; i < len(list); i++ {
		list[i] = strings.TrimLeft(list[i], " ")
	}
	return strings.Join(list, ", ")
}

// spelledName returns the name that the components of N make up.
func spelledName(n *vcard.Property) string {
	var parts []string
	components := n.Components()
	for _, index := range []int{3, 1, 2, 0, 4} { // prefix, given, additional, family, suffix
		if index < len(components) {
			parts = append(parts, components[index]...)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// makesUp reports whether the words of N are those of a name, in whatever order.
func makesUp(n *vcard.Property, name string) bool {
	return slices.Equal(sortedWords(spelledName(n)), sortedWords(name))
}

func sortedWords(name string) []string {
	all := strings.FieldsFunc(contact.Fold(name), func(r rune) bool { return r == ',' || strings.ContainsRune(" \t\n\u00a0", r) })
	slices.Sort(all)
	return all
}

// nameProperty returns the N of a name: its last word is the family name. Organizations have none.
func nameProperty(name string, kind contact.Kind) vcard.Property {
	family, given := "", ""
	if words := strings.Fields(name); len(words) > 0 && kind == contact.Individual {
		last := len(words) - 1
		family, given = words[last], strings.Join(words[:last], " ")
	}
	return vcard.Property{Name: "N", Value: vcard.EscapeComponents(family, given, "", "", "")}
}
