package rest

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"contacts/pkg/contact"
)

// A Path is the parsed path of a request.
type Path struct {
	// Org is the tenant, from the path or else from the token. The caller is authenticated for it.
	Org string
	// IDs are the ids in the path, in its order.
	IDs []contact.ID
	// ExternalID is the external id at the end of the path, "" for paths without one.
	ExternalID string

	self string
}

// Last returns the last id of the path, 0 if it has none.
func (p *Path) Last() contact.ID {
	if len(p.IDs) == 0 {
		return 0
	}
	return p.IDs[len(p.IDs)-1]
}

// Parent returns the path without its last segment.
func (p *Path) Parent() *Path {
	parent := *p
	parent.self = p.self[:strings.LastIndexByte(p.self, '/')]
	return &parent
}

// Item returns the path of a resource in the collection of the path.
func (p *Path) Item(id contact.ID) string { return p.self + "/" + id.String() }

// Resolve parses the path's parameters, and checks the query. It implements huma.Resolver. Malformed ids and empty external
// ids are NotFound.
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

// wildcard is the parameter for the rest of the path, including slashes.
const wildcard = "external-id"

// parameters yields the names of a path's parameters, in its order.
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
