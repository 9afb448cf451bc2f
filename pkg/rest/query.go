package rest

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// queryOf returns the query's parameters, without malformed ones.
func queryOf(ctx huma.Context) url.Values {
	u := ctx.URL()
	return u.Query()
}

// checkQuery returns the faults of the query. Each parameter must have one value, which is text, unless the parameter has a
// pattern or may be empty. The enfore dialect refuses unknown parameters: ignoring a misspelt filter would return
// everything.
func checkQuery(ctx huma.Context) (errs []error) {
	wrong := func(parameter, detail string) {
		errs = append(errs, fault{Fault: contact.Fault{Parameter: parameter, Detail: detail}})
	}
	u := ctx.URL()
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		wrong("query", "must be percent-encoded")
	}
	known := map[string]*huma.Param{}
	for _, p := range ctx.Operation().Parameters {
		if p.In == "query" {
			known[p.Name] = p
		}
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values, p := query[name], known[name]
		switch {
		case p == nil && strings.HasPrefix(ctx.Operation().Path, plentymarkets):
		case p == nil:
			wrong(shownName(name), "unknown parameter")
		case p.Schema.Type == huma.TypeArray: // the handler reads them
		case len(values) > 1:
			wrong(name, "must have one value")
		case p.AllowEmptyValue || p.Schema.Pattern != "":
		case contact.NormalizeText(values[0]) == "":
			wrong(name, "must have one value")
		default:
			if detail := contact.CheckText(contact.NormalizeText(values[0])); detail != "" {
				wrong(name, detail)
			}
		}
	}
	return errs
}

// shownName returns a parameter's name for a problem: valid UTF-8, at most maxPointer bytes.
func shownName(name string) string {
	name = strings.ToValidUTF8(name[:min(len(name), maxPointer)], "\ufffd")
	if name == "" {
		return "query"
	}
	return name
}
