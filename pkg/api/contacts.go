package api

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

type (
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

// contactRoutes returns the operations on one kind of contact but its list. path ends in the list's segment; id is the parameter of a contact.
func contactRoutes[P contact.Contact[P]](noun, path, id string, list store.Contacts[P]) []rest.Route {
	item := path + "/" + id
	return []rest.Route{
		createRoute("create"+noun, path, tenantOwner, func(ctx context.Context, o contact.Owner, w idempotency.Write, value P) (contact.Record, error) {
			return list.Create(ctx, o, w, value)
		}),
		getRoute("get"+noun, item, tenantOwner, list.Get),
		replaceRoute("replace"+noun, item, tenantOwner, list.Replace),
		deleteRoute("delete"+noun, item, tenantOwner, list.Delete),
	}
}

// upsertRoutes returns the operations that create or replace contacts by their external id.
func upsertRoutes[P contact.Contact[P]](noun, path string, list store.Contacts[P]) []rest.Route {
	return []rest.Route{
		rest.WithRequestBody[P](rest.Put("upsert"+noun+"ByExternalID", path,
			func(ctx context.Context, in *upsertInput) (*rest.UpsertResponse, error) {
				externalID, err := rest.ExternalIDParam("external_id", in.ExternalID)
				if err != nil {
					return nil, err
				}
				value, err := rest.Decode[P](&in.RequestBody)
				if own := value.External(); err == nil && own != "" && own != externalID {
					err = contact.RefuseAt(contact.Impossible, "/external_id", "differs from the external_id of the query, %s", externalID)
				}
				if err != nil {
					return nil, err
				}
				return rest.Upsert(ctx, &in.Path, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
					return list.Upsert(ctx, contact.Owner{Org: in.Path.Org}, externalID, w, value)
				})
			})).WithStatus(200),
		rest.WithRequestBody[ContactBatch[P]](rest.Post("batchUpsert"+noun+"s", path+"/batch",
			func(ctx context.Context, in *batchInput) (*rest.Response, error) {
				o, places := contact.Owner{Org: in.Path.Org}, list.InOrder(in.BatchBody.Len())
				return rest.Batch(ctx, &in.BatchBody, P.External, func(ctx context.Context, w idempotency.Write, i int, value P) (contact.Record, error) {
					if externalID := value.External(); externalID != "" {
						return places[i].Upsert(ctx, o, externalID, w, value)
					}
					return places[i].Create(ctx, o, w, value)
				})
			})).WithStatus(200).WithMaxBody(rest.MaxBatchBody).MultiTransaction(),
	}
}
