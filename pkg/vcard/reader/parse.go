package reader

import (
	"bytes"
	"strings"

	"contacts/pkg/vcard"
)

// fault is what is wrong with a card, and in which of its lines, from 0.
type fault struct {
	line   int64
	detail string
}

// rawProperty is a property in the bytes of the file, unfolded. A line break in it is part of the value.
type rawProperty struct {
	line   int64
	bytes  []byte
	header int  // the length of what is before the colon; -1 until a colon outside of quotes was read
	base64 bool // from here on known as soon as header is
	quoted bool // quoted-printable
	nested bool // the value is a card
}

// parse returns the card of a text that begins with BEGIN:VCARD and ends with END:VCARD, with CRLF at the ends of lines.
func parse(raw []byte) (*vcard.Card, *fault) {
	if nul := bytes.IndexByte(raw, 0); nul >= 0 {
		return nil, &fault{int64(bytes.Count(raw[:nul], []byte("\n"))), "the card has NUL characters: it is damaged, or the file is no text"}
	}
	c := &vcard.Card{Version: vcard.V3}
	version, known := versionOf(raw)
	if !known {
		return nil, &fault{0, "VERSION is " + strings.ToValidUTF8(version, "?") + ": it must be 2.1, 3.0 or 4.0"}
	}
	if version != "" {
		c.Version = vcard.Version(version)
	}
	unfolded, wrong := unfold(raw, c.Version)
	if wrong != nil {
		return nil, wrong
	}
	for _, u := range unfolded {
		header, value := u.parts()
		if bytes.Count(header, []byte(";"))+bytes.Count(header, []byte(",")) > maxParams {
			return nil, &fault{u.line, "the property has more than 1,000 parameters"}
		}
		p := u.property(header, value, c.Version)
		if p.Is("VERSION") && p.Group == "" {
			continue
		}
		if len(c.Properties) == maxProperties {
			return nil, &fault{u.line, "the card has more than 2,000 properties"}
		}
		c.Properties = append(c.Properties, p)
	}
	if len(c.Properties) == 0 {
		return nil, &fault{0, "the card has no properties"}
	}
	return c, nil
}

// versionOf returns the version that a card names, in the spelling of vcard.Version; "" if it names none. known reports whether it is one of
// them.
func versionOf(raw []byte) (version string, known bool) {
	depth := 0
	for line := range bytes.Lines(raw) {
		line = bytes.TrimSpace(line)
		switch {
		case isBegin(line):
			depth++
		case isEnd(line):
			depth--
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		name, _, _ = bytes.Cut(name, []byte(";"))
		if depth != 1 || !found || !bytes.EqualFold(name, []byte("VERSION")) {
			continue
		}
		switch version = string(bytes.TrimSpace(value)); version {
		case "2.1", "2.0", "2":
			return string(vcard.V2), true
		case "3.0", "3":
			return string(vcard.V3), true
		case "4.0", "4":
			return string(vcard.V4), true
		}
		return version, false
	}
	return "", true
}

// unfolder puts the lines of a card together to properties.
type unfolder struct {
	version    vcard.Version
	properties []rawProperty
	open       bool // the last property may go on
	blanks     int  // blank lines before this one
	lastLength int  // of the last line
	line       int64
	rest       []byte
}

// unfold returns the properties of a card. Lines that are no properties belong to the one before: some programs fold without a blank, and
// some write line breaks as they are.
func unfold(raw []byte, version vcard.Version) ([]rawProperty, *fault) {
	u := &unfolder{version: version, rest: raw, line: -1}
	u.next() // BEGIN
	for len(u.rest) > 0 {
		line := u.next()
		if len(u.rest) == 0 && isEnd(line) {
			break
		}
		if u.isBlank(line) {
			u.blanks++
			continue
		}
		if wrong := u.add(line); wrong != nil {
			return nil, wrong
		}
		u.lastLength, u.blanks = len(line), 0
	}
	return u.properties, nil
}

func (u *unfolder) next() (line []byte) {
	line, u.rest, _ = bytes.Cut(u.rest, []byte("\r\n"))
	u.line++
	return line
}

// isBlank reports whether a line separates properties, rather than being a part of one.
func (u *unfolder) isBlank(line []byte) bool {
	switch {
	case len(bytes.TrimSpace(line)) > 0, u.soft():
		return false
	case len(line) == 0 || !u.open || u.version == vcard.V2:
		return true
	}
	return u.properties[len(u.properties)-1].base64
}

// soft reports whether the last property ends in a soft line break of quoted-printable.
func (u *unfolder) soft() bool {
	if !u.open {
		return false
	}
	last := &u.properties[len(u.properties)-1]
	return last.quoted && bytes.HasSuffix(last.bytes, []byte("="))
}

// add adds a line to the last property, or begins one with it.
func (u *unfolder) add(line []byte) *fault {
	var last *rawProperty
	if u.open {
		last = &u.properties[len(u.properties)-1]
	}
	if last != nil && last.base64 && u.blanks > 0 {
		last = nil // a blank line ends it
	}
	folded := u.blanks == 0 && (line[0] == ' ' || line[0] == '\t')
	switch {
	case u.soft():
		last.bytes = append(last.bytes[:len(last.bytes)-1], line...)
	case last != nil && folded && last.base64:
		last.bytes = append(last.bytes, bytes.TrimSpace(line)...)
	case last != nil && folded && u.version == vcard.V2:
		last.bytes = append(last.bytes, line...) // version 2.1 folds where a blank is
	case last != nil && folded:
		last.bytes = append(last.bytes, line[1:]...)
	case u.isProperty(line):
		u.start(bytes.TrimLeft(line, " \t"))
		return nil
	case last == nil:
		return &fault{u.line, "the line is no property: it has no name and colon"}
	case last.base64:
		last.bytes = append(last.bytes, bytes.TrimSpace(line)...)
	case u.lastLength >= 70 && u.blanks == 0:
		last.bytes = append(last.bytes, line...) // folded without a blank
	default:
		last.bytes = append(append(last.bytes, bytes.Repeat([]byte("\n"), 1+u.blanks)...), line...)
	}
	if last.header < 0 && len(last.bytes) <= maxHeader {
		last.measure()
	}
	return nil
}

// maxHeader is the length up to which the colon of a folded property is looked for outside of quotes.
const maxHeader = 16 << 10

// isProperty reports whether a line begins a property: a name, and perhaps parameters, before a colon. The colon may be in the next line,
// if that is a folded one. The address of a web page is none.
func (u *unfolder) isProperty(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	end := bytes.IndexFunc(line, func(r rune) bool { return !isNameRune(r) && r != '.' })
	if end <= 0 || line[end] != ':' && line[end] != ';' {
		return false
	}
	if scheme := strings.ToLower(string(line[:end])); scheme == "http" || scheme == "https" {
		return false
	}
	return bytes.IndexByte(line, ':') >= 0 || len(u.rest) > 0 && (u.rest[0] == ' ' || u.rest[0] == '\t')
}

func isNameRune(r rune) bool {
	return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}

// start begins a property with its first line.
func (u *unfolder) start(line []byte) {
	p := rawProperty{line: u.line, bytes: bytes.Clone(line)}
	p.measure()
	if isAgent(line) && p.header >= 0 {
		p.nest(u)
	}
	u.properties = append(u.properties, p)
	u.open = !p.nested
}

// nest reads the card that is the value of AGENT in version 2.1.
func (p *rawProperty) nest(u *unfolder) {
	value := bytes.TrimSpace(p.bytes[p.header+1:])
	rest, line := u.rest, u.line
	for len(value) == 0 && len(u.rest) > 0 {
		value = bytes.TrimSpace(u.next())
	}
	if !isBegin(value) {
		u.rest, u.line = rest, line // an AGENT without a card
		return
	}
	p.nested = true
	p.bytes = append(p.bytes[:p.header+1], "BEGIN:VCARD"...)
	for depth := 1; depth > 0 && len(u.rest) > 0; {
		inner := u.next()
		switch {
		case isBegin(inner):
			depth++
		case isEnd(inner):
			depth--
		}
		p.bytes = append(append(p.bytes, '\n'), inner...)
	}
}

// measure finds the end of the header and the encoding of the value, as soon as the colon was read.
func (p *rawProperty) measure() {
	p.header = colon(p.bytes)
	if p.header < 0 {
		return
	}
	for _, param := range splitOutsideQuotes(string(p.bytes[:p.header]), ';') {
		name, value, named := strings.Cut(param, "=")
		if !named {
			value = name
		}
		value = strings.ToUpper(strings.Trim(value, ` "`))
		isEncoding := named && strings.EqualFold(strings.TrimSpace(name), "ENCODING")
		p.base64 = p.base64 || value == "BASE64" && (isEncoding || !named) || value == "B" && isEncoding
		p.quoted = p.quoted || value == "QUOTED-PRINTABLE" && (isEncoding || !named) || value == "Q" && isEncoding
	}
}

// colon returns the index of the colon between header and value, the first one outside of quotes; -1 for none.
func colon(line []byte) int {
	quoted := false
	for i, c := range line {
		switch c {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return i
			}
		}
	}
	return -1
}
