// Package vcard has cards of vCard and writes them in versions 3.0 (RFC 2426) and 4.0 (RFC 6350). It knows the syntax alone: package
// reader reads files, package exchange/card maps cards to contacts.
package vcard

import (
	"slices"
	"strings"
)

// Version is a version of vCard.
type Version string

// The versions.
const (
	V2 Version = "2.1"
	V3 Version = "3.0"
	V4 Version = "4.0"
)

// Card is one vCard.
type Card struct {
	Version Version
	// Properties are in the order of the card, without BEGIN, VERSION and END.
	Properties []Property
}

// Property is a property of a card.
type Property struct {
	Group  string // "item1" of item1.TEL, "" for none
	Name   string // in the case of the card; names are compared without case
	Params []Param
	// Value is the value in the escaped form of versions 3.0 and 4.0, without what only carries it: folding, quoted-printable, character
	// sets and blanks in base64 are gone. It has no line breaks.
	Value string
}

// Param is a parameter of a property. Params with one name in a card are one Param; parameters without a name (2.1) are values of TYPE,
// ENCODING or VALUE.
type Param struct {
	Name   string // in capitals
	Values []string
}

// Is reports whether the property has one of the names.
func (p *Property) Is(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(p.Name, name) })
}

// Param returns the first value of a parameter, "" if there is none.
func (p *Property) Param(name string) string {
	if values := p.Values(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values returns the values of a parameter.
func (p *Property) Values(name string) []string {
	for _, param := range p.Params {
		if param.Name == name {
			return param.Values
		}
	}
	return nil
}

// HasType reports whether TYPE has a value, in any case.
func (p *Property) HasType(value string) bool {
	return slices.ContainsFunc(p.Values("TYPE"), func(v string) bool { return strings.EqualFold(v, value) })
}

// Add adds values to a parameter.
func (p *Property) Add(name string, values ...string) {
	p.Params = slices.Clone(p.Params)
	for i, param := range p.Params {
		if param.Name == name {
			p.Params[i].Values = slices.Concat(param.Values, values)
			return
		}
	}
	p.Params = append(p.Params, Param{name, values})
}

// Set sets a parameter to one value, in its place.
func (p *Property) Set(name, value string) {
	for i, param := range p.Params {
		if param.Name == name {
			p.Params = slices.Clone(p.Params)
			p.Params[i].Values = []string{value}
			return
		}
	}
	p.Add(name, value)
}

// Remove removes a parameter.
func (p *Property) Remove(name string) {
	p.Params = slices.DeleteFunc(slices.Clone(p.Params), func(param Param) bool { return param.Name == name })
	if len(p.Params) == 0 {
		p.Params = nil
	}
}

// removeValue removes a value of a parameter, in any case, and reports whether it was there.
func (p *Property) removeValue(name, value string) (found bool) {
	values := slices.DeleteFunc(slices.Clone(p.Values(name)), func(v string) bool { return strings.EqualFold(v, value) })
	if found = len(values) < len(p.Values(name)); !found {
		return false
	}
	p.Params = slices.Clone(p.Params)
	for i, param := range p.Params {
		if param.Name == name {
			p.Params[i].Values = values
		}
	}
	if len(values) == 0 {
		p.Remove(name)
	}
	return true
}

// Text returns the value of a property that is one text.
func (p *Property) Text() string { return unescape(p.Value) }

// List returns the values of a property that is a list of texts, such as CATEGORIES.
func (p *Property) List() []string {
	list := split(p.Value, ',')
	for i, value := range list {
		list[i] = unescape(value)
	}
	return list
}

// Components returns the components of a structured value, such as those of N and ADR: each a list, mostly of one text.
func (p *Property) Components() [][]string {
	var components [][]string
	for _, component := range split(p.Value, ';') {
		list := split(component, ',')
		for i, value := range list {
			list[i] = unescape(value)
		}
		components = append(components, list)
	}
	return components
}

// Escape returns the value of a property that is one text.
func Escape(text string) string { return escapes.Replace(text) }

// EscapeList returns the value of a property that is a list of texts.
func EscapeList(texts []string) string { return escapeEach(texts, ",") }

// EscapeComponents returns the structured value of components with one text each.
func EscapeComponents(texts ...string) string { return escapeEach(texts, ";") }

func escapeEach(texts []string, separator string) string {
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = Escape(text)
	}
	return strings.Join(escaped, separator)
}

var escapes = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// unescape returns the text of an escaped value. Apple escapes colons too. A backslash before any other character is one.
func unescape(value string) string {
	if !strings.Contains(value, `\`) {
		return value
	}
	var text strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) {
			switch next := value[i+1]; next {
			case 'n', 'N':
				c = '\n'
				i++
			case '\\', ',', ';', ':':
				c = next
				i++
			}
		}
		text.WriteByte(c)
	}
	return text.String()
}

// split returns the parts of an escaped value between separators that are not escaped.
func split(value string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, value[start:i])
			start = i + 1
		}
	}
	return append(parts, value[start:])
}
