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
// absence, a number may come as text ("typeId": "1"), as PHP has it, and a flag of 0 and 1 as false and true, a flag in text too.

var decimalText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?$`) })

// vendorToken returns the number that a token stands for where the schema asks for one, 0 or 1 for a flag, else the token.
func vendorToken(s *huma.Schema, token jsontext.Token) jsontext.Token {
	switch kind := token.Kind(); {
	case kind == '"' && (s.Type == huma.TypeInteger || s.Type == huma.TypeNumber):
		if text := token.String(); decimalText().MatchString(text) {
			return numberToken(text)
		}
	case (kind == 't' || kind == 'f') && isFlag(s):
		flag := "0"
		if token.Bool() {
			flag = "1"
		}
		if s.Type == huma.TypeString {
			return jsontext.String(flag)
		}
		return numberToken(flag)
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

// flagFormat is the format of text that a boolean may stand for: "1" for true, "0" for false.
const flagFormat = "flag"

// isFlag reports whether a boolean may stand for what a schema takes: 0 and 1 alone, or text of the format flag.
func isFlag(s *huma.Schema) bool {
	return s.Type == huma.TypeString && s.Format == flagFormat ||
		s.Type == huma.TypeInteger && s.Minimum != nil && *s.Minimum == 0 && s.Maximum != nil && *s.Maximum == 1
}

// Filters makes sure that each parameter of the query is one of the operation's: a filter that is left out of account would return
// everything. (The other dialect asks that of all operations.) page=1 is taken by all, for it asks for what is shown anyway: a client
// of the vendor's sends it with each GET.
type KnownParams struct{}

// Resolve refuses what the operation doesn't know; huma calls it.
func (*KnownParams) Resolve(ctx huma.Context) (errs []error) {
	known := map[string]bool{}
	for _, p := range ctx.Operation().Parameters {
		known[p.Name] = known[p.Name] || p.In == "query"
	}
	query := queryOf(ctx)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if firstPage := name == "page" && slices.Equal(query[name], []string{"1"}); !known[name] && !firstPage {
			errs = append(errs, fault{Fault: contact.Fault{Parameter: shownName(name), Detail: "is none of the parameters that are served here; leave it out"}})
		}
	}
	return errs
}
