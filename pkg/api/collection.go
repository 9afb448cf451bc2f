// Package api defines the operations: one file per resource group, with its routes and handlers.
package api

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/details"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// contacts is the path prefix of the enfore dialect.
const contacts = "/contacts/org/{org-id}"

// Inputs of the operations. (huma finds parameters in embedded structs only.)
type (
	// A collectionInput identifies a collection.
	collectionInput struct{ Path rest.Path }
	// An itemInput identifies a resource.
	itemInput struct{ Path rest.Path }
	// A createInput has a new resource for a collection.
	createInput struct {
		Path        rest.Path
		RequestBody rest.RequestBody
	}
	// A replaceInput has the new state of a resource.
	replaceInput struct {
		rest.ConditionalHeaders
		Path        rest.Path
		RequestBody rest.RequestBody
	}
	// A deleteInput identifies a resource to delete.
	deleteInput struct {
		rest.ConditionalHeaders
		Path rest.Path
	}
)

// An ownerOf returns the owner of the resources at a path.
type ownerOf func(context.Context, *rest.Path) (contact.Owner, error)

// contactOwner returns the contact that comes first in the path, or NotFound if it is of another kind.
func contactOwner(kind contact.Kind) ownerOf {
	return func(ctx context.Context, p *rest.Path) (contact.Owner, error) {
		if p.IDs[0].Kind() != kind {
			return contact.Owner{}, contact.Refuse(contact.NotFound, "contact not found")
		}
		return contact.Owner{Org: p.Org, Contact: p.IDs[0], Region: rest.Caller(ctx).Region}, nil
	}
}

// tenantOwner returns the tenant.
func tenantOwner(_ context.Context, p *rest.Path) (contact.Owner, error) {
	return contact.Owner{Org: p.Org}, nil
}

// identityOwner returns the professional identity that comes second in the path.
func identityOwner(ctx context.Context, p *rest.Path) (contact.Owner, error) {
	o, err := contactOwner(contact.Individual)(ctx, p)
	if err == nil {
		o.Identity = p.IDs[1]
	}
	return o, err
}

// The operations on a resource whose owner follows from the path.

func getRoute(operation, path string, owner ownerOf, get func(context.Context, contact.Owner, contact.ID) (contact.Record, error)) rest.Route {
	return rest.Get(operation, path,
		func(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
			o, err := owner(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			return rest.Show(get(ctx, o, in.Path.Last()))
		})
}

func createRoute[T any](operation, path string, owner ownerOf, create func(context.Context, contact.Owner, idempotency.Write, T) (contact.Record, error)) rest.Route {
	return rest.WithRequestBody[T](rest.Post(operation, path,
		func(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
			o, value, err := readInput[T](ctx, owner, &in.Path, &in.RequestBody)
			if err != nil {
				return nil, err
			}
			return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) { return create(ctx, o, w, value) })
		}))
}

func replaceRoute[B any](operation, path string, owner ownerOf, replace func(context.Context, contact.Owner, contact.ID, idempotency.Write, B) (contact.Record, error)) rest.Route {
	return rest.WithRequestBody[B](rest.Put(operation, path,
		func(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
			o, value, err := readInput[B](ctx, owner, &in.Path, &in.RequestBody)
			if err != nil {
				return nil, err
			}
			return rest.Replace(ctx, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
				return replace(ctx, o, in.Path.Last(), w, value)
			})
		}))
}

func deleteRoute(operation, path string, owner ownerOf, remove func(context.Context, contact.Owner, contact.ID, idempotency.Write) error) rest.Route {
	return rest.Delete(operation, path,
		func(ctx context.Context, in *deleteInput) (*struct{}, error) {
			o, err := owner(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error { return remove(ctx, o, in.Path.Last(), w) })
		})
}

// itemsRoute returns the operation that lists resources without pages.
func itemsRoute(operation, path string, owner ownerOf, list func(context.Context, contact.Owner) ([]contact.Record, error)) rest.Route {
	return rest.Get(operation, path,
		func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
			o, err := owner(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			rows, err := list(ctx, o)
			if err != nil {
				return nil, err
			}
			return rest.JSON(rest.Items[jsontext.Value]{Items: details.Docs(rows)})
		})
}

// collection returns the five operations on one type of part, for one kind of owner. singular and plural are its names in operation IDs, id is
// the parameter of a part.
func collection[P contact.Resource[P]](singular, plural, path, id string, owner ownerOf, parts store.Parts[P]) []rest.Route {
	return collectionOf(singular, plural, path, id, owner, parts, parts.Replace)
}

// collectionOf is collection with parts that are replaced by bodies of type B.
func collectionOf[B any, P contact.Resource[P]](singular, plural, path, id string, owner ownerOf, parts store.Parts[P],
	replace func(context.Context, contact.Owner, contact.ID, idempotency.Write, B) (contact.Record, error)) []rest.Route {
	item := path + "/" + id
	return []rest.Route{
		rest.Get("list"+plural, path,
			func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
				o, err := owner(ctx, &in.Path)
				if err != nil {
					return nil, err
				}
				rows, err := parts.List(ctx, o)
				return rest.All(ctx, &in.Path, rows, err)
			}),
		createRoute("create"+singular, path, owner, parts.Create),
		getRoute("get"+singular, item, owner, parts.Get),
		replaceRoute("replace"+singular, item, owner, replace),
		deleteRoute("delete"+singular, item, owner, parts.Delete),
	}
}

// readInput returns the owner of the resource, and the body.
func readInput[T any](ctx context.Context, owner ownerOf, p *rest.Path, body *rest.RequestBody) (o contact.Owner, value T, err error) {
	if o, err = owner(ctx, p); err == nil {
		value, err = rest.Decode[T](body)
	}
	return o, value, err
}

// channels returns the routes of the four collections that every kind of owner has. noun begins their operation IDs.
func channels(t *store.Store, noun, path string, owner ownerOf) []rest.Route {
	return slices.Concat(
		collection(noun+"Address", noun+"Addresses", path+"/addresses", "{address-id}", owner, store.Addresses(t)),
		collection(noun+"Email", noun+"Emails", path+"/emails", "{email-id}", owner, store.Emails(t)),
		collection(noun+"Phone", noun+"Phones", path+"/phones", "{phone-id}", owner, store.Phones(t)),
		collection(noun+"WebAddress", noun+"WebAddresses", path+"/web-addresses", "{web-address-id}", owner, store.WebAddresses(t)),
	)
}
