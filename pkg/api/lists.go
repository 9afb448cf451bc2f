package api

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/search"
	"contacts/pkg/store"
)

type (
	// A listInput selects a page of a list of contacts in the order of creation.
	listInput struct {
		rest.PageParams
		Path    rest.Path
		Deleted string `query:"deleted" enum:"true,false" default:"true"`
	}
	// A namedListInput selects a page of a list of contacts in the order of creation, or of names.
	namedListInput struct {
		rest.PageParams
		Path       rest.Path
		Deleted    string `query:"deleted" enum:"true,false" default:"true"`
		Sort       string `query:"sort" enum:"name"`
		StartsWith string `query:"starts_with" minLength:"1" maxLength:"256"`
	}
)

// listRoute returns the operation that lists one kind of contact in the order of creation.
func listRoute[P contact.Contact[P]](c Config, noun, path string, list store.Contacts[P]) rest.Route {
	return rest.Get("list"+noun+"s", path,
		func(ctx context.Context, in *listInput) (*rest.PageResponse, error) {
			return rest.Page(ctx, c.Keys, &in.Path, &in.PageParams, in.Path.Item, pageReader(list, in.Deleted == "false"))
		})
}

// pageReader returns the reader of a list in the order of creation; living leaves deleted contacts out.
func pageReader[P contact.Contact[P]](list store.Contacts[P], living bool) rest.PageReader {
	return func(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
		q.Living = living
		return list.Page(ctx, org, q)
	}
}

// namedListRoute returns the operation that lists one kind of contact in the order of creation, or of names.
func namedListRoute[P contact.Contact[P]](c Config, noun, path string, list store.Contacts[P]) rest.Route {
	return rest.Get("list"+noun+"s", path,
		func(ctx context.Context, in *namedListInput) (*rest.PageResponse, error) {
			if err := in.check(); err != nil {
				return nil, err
			}
			living := in.Deleted == "false"
			if in.Sort == "" {
				return rest.Page(ctx, c.Keys, &in.Path, &in.PageParams, in.Path.Item, pageReader(list, living))
			}
			position := in.Positions()
			after, err := position.Position(ctx, c.Keys)
			if err != nil {
				return nil, err
			}
			q := store.NameQuery{Limit: in.Limit, Living: living, After: string(after)}
			if in.StartsWith != "" {
				whole := search.Whole(in.StartsWith)
				q.StartsWith = &whole
			}
			page, err := list.PageByName(ctx, in.Path.Org, q)
			if err != nil {
				return nil, err
			}
			var next []byte
			if page.Next != "" {
				next = []byte(page.Next)
			}
			return position.Page(ctx, c.Keys, page.Rows, in.Path.Item, in.Limit, next)
		})
}

// check returns Malformed for parameters that don't go together.
func (in *namedListInput) check() error {
	fault := func(parameter, detail string) error {
		return &contact.Error{Reason: contact.Malformed, Detail: parameter + " " + detail, Faults: []contact.Fault{{Parameter: parameter, Detail: detail}}}
	}
	switch {
	case in.Sort != "" && in.Has("offset"):
		return fault("offset", "can't be combined with sort")
	case in.Sort == "" && in.Has("starts_with"):
		return fault("starts_with", "requires sort=name")
	}
	return nil
}
