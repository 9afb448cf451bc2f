package row

import "strings"

// joinList returns some texts as one cell of our own: separated by semicolons, in quotes where they would be read as others.
func joinList(texts []string) string {
	all := make([]string, len(texts))
	for i, text := range texts {
		if text == "" || strings.ContainsAny(text, ";\"") || text != strings.TrimSpace(text) {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		all[i] = text
	}
	return strings.Join(all, "; ")
}

// splitList returns the texts of a cell that joinList made, or a person wrote. Empty ones are left out.
func splitList(cell string) []string {
	var all []string
	for rest := cell; rest != ""; {
		rest = strings.TrimLeft(rest, " ")
		if inner, quoted := strings.CutPrefix(rest, `"`); quoted {
			if text, after, closed := cutQuoted(inner); closed {
				all, rest = append(all, text), after
				continue
			}
		}
		var text string
		text, rest, _ = strings.Cut(rest, ";")
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// cutQuoted returns the text up to the quote that closes it, in front of a semicolon or the end, and what follows.
func cutQuoted(s string) (text, after string, closed bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		rest := strings.TrimLeft(s[i+1:], " ")
		if rest == "" {
			return b.String(), "", true
		}
		if after, found := strings.CutPrefix(rest, ";"); found {
			return b.String(), after, true
		}
		return "", "", false
	}
	return "", "", false
}
