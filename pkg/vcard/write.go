package vcard

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// lineLength is the greatest length of a line, in octets, without its line break (RFC 6350, section 3.2).
const lineLength = 75

// Write writes a card of version 3.0 or 4.0 in UTF-8. The properties are written as they are: Card.As brings those of another version into
// the forms of the card's.
func Write(w io.Writer, c *Card) error {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCARD\r\nVERSION:" + string(c.Version) + "\r\n")
	for i := range c.Properties {
		fold(&b, c.Properties[i].line())
	}
	b.WriteString("END:VCARD\r\n")
	_, err := w.Write(b.Bytes())
	return err
}

// ProblemProperty says in a card that was not imported what is wrong with it. Imports ignore it.
const ProblemProperty = "X-IMPORT-PROBLEM"

// line returns the property as one line.
func (p *Property) line() string {
	var line strings.Builder
	if p.Group != "" {
		line.WriteString(p.Group + ".")
	}
	line.WriteString(p.Name)
	for _, param := range p.Params {
		line.WriteString(";" + param.Name + "=")
		for i, value := range param.Values {
			if i > 0 {
				line.WriteByte(',')
			}
			line.WriteString(paramValue(value))
		}
	}
	line.WriteByte(':')
	line.WriteString(OneLine(p.Value))
	return line.String()
}

// OneLine returns an escaped value whose line breaks are escaped too.
func OneLine(value string) string { return lineBreaks.Replace(value) }

var lineBreaks = strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// paramValue returns a parameter's value as RFC 6868 encodes it, in quotes where it needs them.
func paramValue(value string) string {
	value = carets.Replace(value)
	if value == "" || strings.ContainsAny(value, ",;:") || value != strings.TrimSpace(value) {
		return `"` + value + `"`
	}
	return value
}

var carets = strings.NewReplacer("^", "^^", `"`, "^'", "\r\n", "^n", "\n", "^n", "\r", "^n")

// fold writes a line in lines of at most lineLength octets, each but the first of which begins with a blank. No character is divided.
func fold(b *bytes.Buffer, line string) {
	most := lineLength
	for len(line) > most {
		end := foldAt(line, most)
		b.WriteString(line[:end] + "\r\n ")
		line, most = line[end:], lineLength-1 // the blank counts
	}
	b.WriteString(line + "\r\n")
}

// foldAt returns where to divide a line, at most octets from its beginning. That is inside a word, if one is near: programs take lines of
// blanks for blank ones, and cut blanks off the ends of lines.
func foldAt(line string, most int) int {
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(line[end]) {
		end--
	}
	for at := end; at > end-20; at-- {
		if utf8.RuneStart(line[at]) && !isBlank(line[at]) && !isBlank(line[at-1]) {
			return at
		}
	}
	return end
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
