package api

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

type (
	// A listInput selects a page of a list of contacts.
	listInput struct {
		rest.PageParams
		Path    rest.Path
		Deleted string `query:"deleted" enum:"true,false" default:"true"`
	}
	// An upsertInput has the new state of the contact with an external id.
	upsertInput struct {
		rest.ConditionalHeaders
		Path        rest.Path
		ExternalID  string `query:"external_id" required:"true" minLength:"1" format:"external-id"`
		RequestBody rest.RequestBody
	}
	// A batchInput has many resources.
	batchInput struct {
		Path      rest.Path
		BatchBody rest.BatchBody
	}
)

// A ContactBatch has contacts to be created or replaced.
type ContactBatch[T any] struct {
	Items []T `json:"items" maxItems:"500"`
}

// contactRoutes returns the five operations on one kind of contact. path ends in the list's segment; id is the parameter of
// a contact.
func contactRoutes[T any, P store.Contact[T]](c Config, noun, path, id string, list store.Contacts[T, P]) []rest.Route {
	item := path + "/" + id
	return []rest.Route{
		rest.Get("list"+noun+"s", path,
			func(ctx context.Context, in *listInput) (*rest.PageResponse, error) {
				return rest.Page(ctx, c.Keys, &in.Path, &in.PageParams, in.Path.Item, func(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
					q.Living = in.Deleted == "false"
					return list.Page(ctx, org, q)
				})
			}),
		rest.WithRequestBody[T](rest.Post("create"+noun, path,
			func(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
				value, err := rest.Decode[T](&in.RequestBody)
				if err != nil {
					return nil, err
				}
				return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) {
					return list.Create(ctx, in.Path.Org, w, value)
				})
			})),
		rest.Get("get"+noun, item,
			func(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
				return rest.Show(list.Get(ctx, in.Path.Org, in.Path.Last()))
			}),
		rest.WithRequestBody[T](rest.Put("replace"+noun, item,
			func(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
				value, err := rest.Decode[T](&in.RequestBody)
				if err != nil {
					return nil, err
				}
				return rest.Replace(ctx, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
					return list.Replace(ctx, in.Path.Org, in.Path.Last(), w, value)
				})
			})),
		rest.Delete("delete"+noun, item,
			func(ctx context.Context, in *deleteInput) (*struct{}, error) {
				return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error {
					return list.Delete(ctx, in.Path.Org, in.Path.Last(), w)
				})
			}),
	}
}

// upsertRoutes returns the operations that create or replace contacts by their external id.
func upsertRoutes[T any, P store.Contact[T]](noun, path string, list store.Contacts[T, P]) []rest.Route {
	return []rest.Route{
		rest.WithRequestBody[T](rest.Put("upsert"+noun+"ByExternalID", path,
			func(ctx context.Context, in *upsertInput) (*rest.UpsertResponse, error) {
				externalID, err := rest.ExternalIDParam("external_id", in.ExternalID)
				if err != nil {
					return nil, err
				}
				value, err := rest.Decode[T](&in.RequestBody)
				if own := P(&value).External(); err == nil && own != "" && own != externalID {
					err = contact.RefuseAt(contact.Impossible, "/external_id", "differs from the external_id of the query, %s", externalID)
				}
				if err != nil {
					return nil, err
				}
				return rest.Upsert(ctx, &in.Path, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
					return list.Upsert(ctx, in.Path.Org, externalID, w, value)
				})
			})).WithStatus(200),
		rest.WithRequestBody[ContactBatch[T]](rest.Post("batchUpsert"+noun+"s", path+"/batch",
			func(ctx context.Context, in *batchInput) (*rest.Response, error) {
				external := func(value *T) string { return P(value).External() }
				places := list.InOrder(in.BatchBody.Len())
				return rest.Batch(ctx, &in.BatchBody, external, func(ctx context.Context, w idempotency.Write, i int, value T) (contact.Record, error) {
					if externalID := P(&value).External(); externalID != "" {
						return places[i].Upsert(ctx, in.Path.Org, externalID, w, value)
					}
					return places[i].Create(ctx, in.Path.Org, w, value)
				})
			})).WithStatus(200).WithMaxBody(rest.MaxBatchBody).MultiTransaction(),
	}
}
