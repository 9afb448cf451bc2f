package rest

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// What clients of the plentymarkets dialect send that the other dialect refuses. In a body, null for a field is as good as its
// absence, a number may come as text ("typeId": "1"), as PHP has it, and a flag of 0 and 1 as false and true.

var decimalText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?$`) })

// vendorToken returns the number that a token stands for where the schema asks for one, else the token.
func vendorToken(s *huma.Schema, token jsontext.Token) jsontext.Token {
	if s.Type != huma.TypeInteger && s.Type != huma.TypeNumber {
		return token
	}
	switch token.Kind() {
	case '"':
		if text := token.String(); decimalText().MatchString(text) {
			return numberToken(text)
		}
	case 't', 'f':
		if isFlag(s) && token.Bool() {
			return jsontext.Int(1)
		} else if isFlag(s) {
			return jsontext.Int(0)
		}
	}
	return token
}

// isCleared reports whether a token, empty text, clears a field that is no text.
func isCleared(s *huma.Schema, token jsontext.Token) bool {
	return s.Nullable && s.Type != huma.TypeString && token.Kind() == '"' && token.String() == ""
}

// numberToken returns the token of a decimal number.
func numberToken(text string) jsontext.Token {
	token, err := jsontext.NewDecoder(bytes.NewReader([]byte(text))).ReadToken()
	if err != nil {
		panic(err) // decimalText took it
	}
	return token.Clone()
}

// isFlag reports whether a schema takes 0 and 1 alone.
func isFlag(s *huma.Schema) bool {
	return s.Type == huma.TypeInteger && s.Minimum != nil && *s.Minimum == 0 && s.Maximum != nil && *s.Maximum == 1
}

// Filters makes sure that each parameter of the query is one of the operation's: a filter that is left out of account would return
// everything. (The other dialect asks that of all operations.)
type Filters struct{}

// Resolve refuses what the operation doesn't know; huma calls it.
func (*Filters) Resolve(ctx huma.Context) (errs []error) {
	known := map[string]bool{}
	for _, p := range ctx.Operation().Parameters {
		known[p.Name] = known[p.Name] || p.In == "query"
	}
	for _, name := range slices.Sorted(maps.Keys(queryOf(ctx))) {
		if !known[name] {
			errs = append(errs, fault{Fault: contact.Fault{Parameter: shownName(name), Detail: "is none of the parameters that are served here; leave it out"}})
		}
	}
	return errs
}
