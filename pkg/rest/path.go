package rest

import (
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// A Path is what a request's path names.
type Path struct {
	// Org is the tenant, of the path or else of the token: authentication has made sure that the caller belongs to it.
	Org string
	// IDs are the path's ids, in its order.
	IDs []contact.ID
	// Rest is the external id at the path's end, for those that have one.
	ExternalID string

	self string
}

// Last is the id of the resource itself.
func (p *Path) Last() contact.ID { return p.IDs[len(p.IDs)-1] }

// Parent is the path without its last segment.
func (p *Path) Parent() *Path {
	parent := *p
	parent.self = p.self[:strings.LastIndexByte(p.self, '/')]
	return &parent
}

// Item is the path of a resource in the collection that the path names.
func (p *Path) Item(id contact.ID) string { return p.self + "/" + id.String() }

// Resolve reads the path's parameters, and checks the query; huma calls it. A malformed id is not found, nor is an empty
// external id.
func (p *Path) Resolve(ctx huma.Context) []error {
	p.self = pathOf(ctx)
	p.Org = requestOf(ctx.Context()).claims.Organization
	for name := range parameters(ctx.Operation().Path) {
		switch name {
		case "org-id":
			p.Org = ctx.Param(name)
		case wildcard:
			if p.ExternalID = contact.NormalizeText(ctx.Param("*")); p.ExternalID == "" {
				return []error{contact.Refuse(contact.NotFound, "%s is empty", name)}
			}
		default:
			id, err := contact.ParseID(ctx.Param(name))
			if err != nil {
				return []error{contact.Refuse(contact.NotFound, "%s is not an id: ids are decimal numbers", name)}
			}
			p.IDs = append(p.IDs, id)
		}
	}
	return checkQuery(ctx)
}

func pathOf(ctx huma.Context) string {
	u := ctx.URL()
	return u.EscapedPath()
}

// wildcard is the parameter that takes the rest of the path, slashes and all.
const wildcard = "external-id"

// parameters yields the names in braces of a path, in its order.
func parameters(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for {
			_, rest, found := strings.Cut(path, "{")
			if !found {
				return
			}
			var name string
			if name, path, _ = strings.Cut(rest, "}"); !yield(name) {
				return
			}
		}
	}
}

// documentPath adds the path's parameters to the operation.
func documentPath(op *huma.Operation) {
	for name := range parameters(op.Path) {
		s := idSchema{}.Schema(nil)
		s.Pattern, s.PatternDescription = "", "" // a malformed id is answered 404, not 400
		switch name {
		case "org-id":
			s = &huma.Schema{Type: huma.TypeString, Pattern: "^[A-Za-z0-9_-]{1,64}$", Examples: []any{"demo"}}
		case wildcard:
			s.Examples = []any{"crm-4711"}
		default:
			if strings.HasPrefix(op.Path, plentymarkets) {
				s = &huma.Schema{Type: huma.TypeInteger, Examples: []any{8123}} // ids are numbers in that dialect
			}
		}
		s.PrecomputeMessages()
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: s,
			Description: "ID of the " + words(name) + "."})
	}
}

// words is what a parameter names: "contact-id" and "contactId" a contact.
func words(parameter string) string {
	var b strings.Builder
	for _, r := range strings.TrimSuffix(strings.TrimSuffix(parameter, "-id"), "Id") {
		if unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.ReplaceAll(b.String(), "-", " ")
}
