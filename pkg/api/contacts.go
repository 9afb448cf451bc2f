package api

import (
	"context"

	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

// A listIn asks for part of a list.
type listIn struct {
	rest.Paging
	Path rest.Path
}

// contactRoutes is the five operations on one kind of contact itself.
func contactRoutes[T any, P dynamo.Resource[T]](c rest.Config, noun, path string, list dynamo.Contacts[T, P]) []rest.Route {
	item := path + "/{contact-id}"
	return []rest.Route{
		rest.Shows[rest.List[T]](rest.Get("list"+noun+"s", path, "List contacts in the order of their creation, deleted ones too",
			func(ctx context.Context, in *listIn) (*rest.PageView, error) {
				return rest.Page(ctx, c.Keys, &in.Path, &in.Paging, list.Page)
			})).Refuses(400, 413),
		rest.Takes[T](rest.Shows[T](rest.Post("create"+noun, path, "Add a contact",
			func(ctx context.Context, in *createIn) (*rest.Creation, error) {
				value, err := rest.Value[T](&in.Payload)
				if err != nil {
					return nil, err
				}
				return rest.Create(ctx, &in.Path, func(ctx context.Context) (dynamo.Record, error) {
					return list.Create(ctx, in.Path.Org, value)
				})
			}))),
		rest.Shows[T](rest.Get("get"+noun, item, "Get a contact",
			func(ctx context.Context, in *itemIn) (*rest.Resource, error) {
				return rest.Show(list.Get(ctx, in.Path.Org, in.Path.Last()))
			})).Refuses(404),
		rest.Takes[T](rest.Shows[T](rest.Put("replace"+noun, item, "Replace a contact",
			func(ctx context.Context, in *replaceIn) (*rest.Resource, error) {
				value, err := rest.Value[T](&in.Payload)
				if err != nil {
					return nil, err
				}
				return rest.Replace(ctx, func(ctx context.Context) (dynamo.Record, error) {
					return list.Replace(ctx, in.Path.Org, in.Path.Last(), in.Match, value)
				})
			}))).Refuses(404),
		rest.Delete("delete"+noun, item, "Delete a contact: it stays, marked as deleted, and can't be changed any more",
			func(ctx context.Context, in *deleteIn) (*struct{}, error) {
				return rest.Remove(ctx, func(ctx context.Context) error {
					return list.Delete(ctx, in.Path.Org, in.Path.Last(), in.Match)
				})
			}).Refuses(404),
	}
}
