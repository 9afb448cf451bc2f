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
		Name: "tags", Description: "Words that contacts are marked with, shared by all contacts of the organization.",
		Routes: slices.Concat(
			tagRoutes(c.Store, "Individual", individual, contactOwner(contact.Individual)),
			tagRoutes(c.Store, "Organization", organization, contactOwner(contact.Organization)),
		),
	}
}

func tagRoutes(t *store.Store, noun, path string, owner ownerOf) []rest.Route {
	tags, path := store.TagsOf(t), path+"/tags"
	return []rest.Route{
		rest.WithResponseBody[rest.Items[contact.Tag]](rest.Get("list"+noun+"Tags", path, "List all tags of a contact, in the order in which it got them",
			func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
				o, err := owner(ctx, &in.Path)
				if err != nil {
					return nil, err
				}
				rows, err := tags.List(ctx, o)
				if err != nil {
					return nil, err
				}
				return rest.JSON(rest.Items[rest.RawJSON]{Items: rest.Docs(rows)})
			})).WithErrors(400, 404, 413),
		createRoute("add"+noun+"Tag", path, "Mark a contact with a tag", owner,
			func(ctx context.Context, o contact.Owner, w idempotency.Write, tag contact.Tag) (contact.Record, error) {
				return tags.Add(ctx, o, w, tag.Name)
			}).WithErrors(404),
		deleteRoute("remove"+noun+"Tag", path+"/{tag-id}", "Take a tag off a contact", owner, tags.Remove),
	}
}
