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

// Leniency for clients of the plentymarkets dialect. In a body, null counts as absent, numbers may be strings ("typeId":
// "1"), as PHP sends them, and flags of 0 and 1 may be booleans.

var decimalText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?$`) })

// plentymarketsToken converts a token to the type of its schema: a numeric string to a number, a boolean to a flag.
func plentymarketsToken(s *huma.Schema, token jsontext.Token) jsontext.Token {
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

// isCleared reports whether the token is an empty string, which clears a field of another type.
func isCleared(s *huma.Schema, token jsontext.Token) bool {
	return s.Nullable && s.Type != huma.TypeString && token.Kind() == '"' && token.String() == ""
}

// numberToken returns the token of a decimal number.
func numberToken(text string) jsontext.Token {
	token, err := jsontext.NewDecoder(bytes.NewReader([]byte(text))).ReadToken()
	if err != nil {
		panic(err) // can't fail: it matches decimalText
	}
	return token.Clone()
}

// flagFormat is the format of strings that a boolean may replace: "1" for true, "0" for false.
const flagFormat = "flag"

// isFlag reports whether a boolean may replace the schema's values: the integers 0 and 1, or a string of the flag format.
func isFlag(s *huma.Schema) bool {
	return s.Type == huma.TypeString && s.Format == flagFormat ||
		s.Type == huma.TypeInteger && s.Minimum != nil && *s.Minimum == 0 && s.Maximum != nil && *s.Maximum == 1
}

// KnownParams refuses unknown query parameters: ignoring a filter would return everything. (The enfore dialect refuses them
// in all operations.) page=1 is accepted everywhere: a client of the vendor sends it with each GET.
type KnownParams struct{}

// Resolve implements huma.Resolver.
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
