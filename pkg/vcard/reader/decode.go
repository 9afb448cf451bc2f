package reader

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"contacts/pkg/vcard"
)

// parts returns what is before and after the colon.
func (p *rawProperty) parts() (header, value []byte) {
	if p.header >= 0 {
		return p.bytes[:p.header], p.bytes[p.header+1:]
	}
	header, value, _ = bytes.Cut(p.bytes, []byte(":")) // in a quote that nothing closes
	return header, value
}

// property returns the property that has a header and a value, in a card of a version.
func (p *rawProperty) property(header, value []byte, version vcard.Version) vcard.Property {
	parts := splitOutsideQuotes(toUTF8(header, ""), ';')
	var read vcard.Property
	read.Name = strings.TrimSpace(parts[0])
	if dot := strings.LastIndexByte(read.Name, '.'); dot >= 0 {
		read.Group, read.Name = read.Name[:dot], read.Name[dot+1:]
	}
	for _, part := range parts[1:] {
		addParam(&read, part, version)
	}
	charset := read.Param("CHARSET")
	switch {
	case p.base64:
		read.Set("ENCODING", "b")
		read.Value = toUTF8(bytes.Join(bytes.Fields(value), nil), "")
		return read
	case p.quoted:
		value = unquote(value)
	}
	if encoding := strings.ToUpper(read.Param("ENCODING")); slices.Contains([]string{"QUOTED-PRINTABLE", "Q", "8BIT", "7BIT"}, encoding) {
		read.Remove("ENCODING")
	}
	if charset != "" && (isASCII(value) || knows(charset)) {
		read.Remove("CHARSET")
	}
	text := toUTF8(value, charset)
	switch {
	case p.nested:
		read.Value = vcard.Escape(text)
	case version == vcard.V2:
		read.Value = fromV2(text, &read, p.quoted)
	default:
		read.Value = vcard.OneLine(text)
	}
	return read
}

// Parameters without a name, as version 2.1 has them. All others are values of TYPE.
var (
	encodings = []string{"BASE64", "QUOTED-PRINTABLE", "7BIT", "8BIT"}
	locations = []string{"INLINE", "CONTENT-ID", "CID", "URL"}
)

// addParam adds a parameter as it is written.
func addParam(p *vcard.Property, written string, version vcard.Version) {
	name, value, named := strings.Cut(written, "=")
	name = strings.ToUpper(strings.TrimSpace(name))
	if !named {
		value, name = strings.TrimSpace(written), "TYPE"
		switch upper := strings.ToUpper(value); {
		case value == "":
			return
		case slices.Contains(encodings, upper):
			name = "ENCODING"
		case slices.Contains(locations, upper):
			name = "VALUE"
		}
	}
	if name == "VALUE" && (strings.EqualFold(value, "URL") || strings.EqualFold(value, "URI")) {
		value = "uri"
	}
	for _, v := range splitOutsideQuotes(value, ',') {
		v = strings.TrimSpace(v)
		quoted := len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"'
		if quoted {
			v = v[1 : len(v)-1]
		}
		if version != vcard.V2 {
			v = fromCarets(v)
		}
		if quoted && name == "TYPE" { // a list in quotes: TYPE="voice,home"
			p.Add(name, strings.Split(v, ",")...)
		} else {
			p.Add(name, v)
		}
	}
}

// fromCarets decodes a parameter's value (RFC 6868, section 3.2). A caret before another character is one.
func fromCarets(value string) string {
	if !strings.Contains(value, "^") {
		return value
	}
	return caretCodes.Replace(value)
}

var caretCodes = strings.NewReplacer("^^", "^", "^n", "\n", "^N", "\n", "^'", `"`)

// splitOutsideQuotes returns the parts of a text between separators that are not in quotes. A quote that nothing closes is a character.
func splitOutsideQuotes(s string, separator byte) (parts []string) {
	quoted, start := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted && strings.IndexByte(s[i+1:], '"') >= 0
		case s[i] == separator && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// unquote decodes quoted-printable (RFC 2045, section 6.7). An equals sign that encodes nothing is one.
func unquote(value []byte) []byte {
	var decoded []byte
	for i := 0; i < len(value); i++ {
		if value[i] == '=' && i+2 < len(value) {
			if octet, err := hex.AppendDecode(decoded, value[i+1:i+3]); err == nil {
				decoded = octet
				i += 2
				continue
			}
		}
		decoded = append(decoded, value[i])
	}
	return decoded
}

// Properties of version 2.1 whose values have parts.
var (
	structured = []string{"N", "ADR", "ORG", "GEO"}
	lists      = []string{"CATEGORIES", "NICKNAME"}
	uris       = []string{"URL", "SOURCE", "FBURL", "CALURI", "CALADRURI"}
)

// fromV2 returns a value of version 2.1 in the escaped form of 3.0. In 2.1 a backslash escapes a semicolon and, as programs write it, a
// comma, a colon, a backslash and, where line breaks are not in quoted-printable, a line break. Commas and, in most properties, semicolons
// are characters.
func fromV2(text string, p *vcard.Property, quoted bool) string {
	extension := len(p.Name) > 1 && strings.EqualFold(p.Name[:2], "X-")
	raw := extension || p.Is(uris...) || p.Param("VALUE") == "uri"
	keepsSemicolons, keepsCommas := raw || p.Is(structured...), raw || p.Is(lists...)
	var value strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch {
		case c == '\\' && (next == ';' || next == ',' || next == '\\'):
			value.WriteByte(c)
			value.WriteByte(next)
			i++
		case c == '\\' && next == ':':
			value.WriteByte(next)
			i++
		case c == '\\' && (next == 'n' || next == 'N') && !quoted:
			value.WriteString(`\n`)
			i++
		case c == '\\':
			value.WriteString(`\\`)
		case c == ';' && !keepsSemicolons, c == ',' && !keepsCommas:
			value.WriteByte('\\')
			value.WriteByte(c)
		default:
			value.WriteByte(c)
		}
	}
	return vcard.OneLine(value.String())
}

func isASCII(text []byte) bool {
	return !slices.ContainsFunc(text, func(c byte) bool { return c >= utf8.RuneSelf })
}
