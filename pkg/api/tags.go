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
		rest.Get("list"+noun+"Tags", path,
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
			}),
		rest.WithRequestBody[contact.Tag](rest.Post("add"+noun+"Tag", path,
			func(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
				o, tag, err := readInput[contact.Tag](ctx, owner, &in.Path, &in.RequestBody)
				if err != nil {
					return nil, err
				}
				return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) {
					return tags.Add(ctx, o, w, tag.Name)
				})
			})),
		rest.Delete("remove"+noun+"Tag", path+"/{tag-id}",
			func(ctx context.Context, in *deleteInput) (*struct{}, error) {
				o, err := owner(ctx, &in.Path)
				if err != nil {
					return nil, err
				}
				return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error { return tags.Remove(ctx, o, in.Path.Last(), w) })
			}),
	}
}
