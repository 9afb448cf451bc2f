package api

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Tags returns the group of the contacts' tags.
func Tags(c Config) rest.Group {
	return rest.Group{
		Name: "tags",
		Routes: slices.Concat(
			tagRoutes(c.Store, "Individual", individual, contactOwner(contact.Individual)),
			tagRoutes(c.Store, "Organization", organization, contactOwner(contact.Organization)),
		),
	}
}

func tagRoutes(t *store.Store, noun, path string, owner ownerOf) []rest.Route {
	tags, path := store.TagsOf(t), path+"/tags"
	return []rest.Route{
		itemsRoute("list"+noun+"Tags", path, owner, tags.List),
		createRoute("add"+noun+"Tag", path, owner,
			func(ctx context.Context, o contact.Owner, w idempotency.Write, tag contact.Tag) (contact.Record, error) {
				return tags.Add(ctx, o, w, tag.Name)
			}),
		deleteRoute("remove"+noun+"Tag", path+"/{tag-id}", owner, tags.Remove),
	}
}
