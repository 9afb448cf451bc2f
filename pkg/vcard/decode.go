package vcard

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// property returns the property that is written in the bytes of a card of a version.
func (u *rawProperty) property(version Version, charsets Charsets) Property {
	header, value, _ := bytes.Cut(u.bytes, []byte(":")) // in a quote that nothing closes
	if u.header >= 0 {
		header, value = u.bytes[:u.header], u.bytes[u.header+1:]
	}
	parts := splitOutsideQuotes(charsets.ToUTF8(header, ""), ';')
	var p Property
	p.Name = strings.TrimSpace(parts[0])
	if dot := strings.LastIndexByte(p.Name, '.'); dot >= 0 {
		p.Group, p.Name = p.Name[:dot], p.Name[dot+1:]
	}
	for _, part := range parts[1:] {
		p.addParam(part, version)
	}
	charset := p.Param("CHARSET")
	switch {
	case u.base64:
		p.set("ENCODING", "b")
		p.Value = charsets.ToUTF8(bytes.Join(bytes.Fields(value), nil), "")
		return p
	case u.quoted:
		value = unquote(value)
	}
	if encoding := strings.ToUpper(p.Param("ENCODING")); slices.Contains([]string{"QUOTED-PRINTABLE", "Q", "8BIT", "7BIT"}, encoding) {
		p.Remove("ENCODING")
	}
	if charset != "" && (isASCII(value) || charsets.Knows(charset)) {
		p.Remove("CHARSET")
	}
	text := charsets.ToUTF8(value, charset)
	switch {
	case u.nested:
		p.Value = Escape(text)
	case version == V2:
		p.Value = fromV2(text, &p, u.quoted)
	default:
		p.Value = lineBreaks.Replace(text)
	}
	return p
}

// Parameters without a name, as version 2.1 has them. All others are values of TYPE.
var (
	encodings = []string{"BASE64", "QUOTED-PRINTABLE", "7BIT", "8BIT"}
	locations = []string{"INLINE", "CONTENT-ID", "CID", "URL"}
)

// addParam adds a parameter as it is written.
func (p *Property) addParam(written string, version Version) {
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
		if version != V2 {
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
			high, low := hexDigit(value[i+1]), hexDigit(value[i+2])
			if high >= 0 && low >= 0 {
				decoded = append(decoded, byte(high<<4|low))
				i += 2
				continue
			}
		}
		decoded = append(decoded, value[i])
	}
	return decoded
}

// hexDigit returns the value of a hexadecimal digit, -1 for another character.
func hexDigit(c byte) int {
	if 'a' <= c && c <= 'f' {
		c -= 'a' - 'A'
	}
	return strings.IndexByte("0123456789ABCDEF", c)
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
func fromV2(text string, p *Property, quoted bool) string {
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
	return lineBreaks.Replace(value.String())
}

func isASCII(text []byte) bool {
	return !slices.ContainsFunc(text, func(c byte) bool { return c >= utf8.RuneSelf })
}
