// Package api defines the operations: one file per resource group, with its routes and handlers.
package api

import (
	"context"
	"slices"

	"contacts/pkg/contact"
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

// A partType is the type of a part in requests.
type partType struct {
	read        func(*rest.RequestBody) (store.Part, error)
	requestBody func(rest.Route) rest.Route
}

// partOf returns the partType of T.
func partOf[T any, P interface {
	*T
	store.Part
}]() partType {
	return partType{
		read: func(body *rest.RequestBody) (store.Part, error) {
			value, err := rest.Decode[T](body)
			return P(&value), err
		},
		requestBody: rest.WithRequestBody[T],
	}
}

// A partCollection is the collection of one type of part, for one kind of owner.
type partCollection struct {
	of               partType
	singular, plural string // in operation IDs
	path, item       string // of the collection, and of a part in it
	owner            ownerOf
	parts            store.Parts
}

// collection returns the five operations on one type of part.
func collection(of partType, singular, plural, path, id string, owner ownerOf, parts store.Parts) []rest.Route {
	c := partCollection{of, singular, plural, path, path + "/" + id, owner, parts}
	return []rest.Route{c.list(), c.create(), c.get(), c.replace(of), c.delete()}
}

func (c partCollection) list() rest.Route {
	return rest.Get("list"+c.plural, c.path,
		func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
			o, err := c.owner(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			rows, err := c.parts.List(ctx, o)
			return rest.All(&in.Path, rows, err)
		})
}

func (c partCollection) create() rest.Route {
	return c.of.requestBody(rest.Post("create"+c.singular, c.path,
		func(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
			o, value, err := c.readInput(ctx, c.of, &in.Path, &in.RequestBody)
			if err != nil {
				return nil, err
			}
			return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) {
				return c.parts.Create(ctx, o, w, value)
			})
		}))
}

func (c partCollection) get() rest.Route {
	return rest.Get("get"+c.singular, c.item,
		func(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
			o, err := c.owner(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			return rest.Show(c.parts.Get(ctx, o, in.Path.Last()))
		})
}

// replace returns the operation that replaces a part with a body of another type.
func (c partCollection) replace(by partType) rest.Route {
	return by.requestBody(rest.Put("replace"+c.singular, c.item,
		func(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
			o, value, err := c.readInput(ctx, by, &in.Path, &in.RequestBody)
			if err != nil {
				return nil, err
			}
			return rest.Replace(ctx, in.Precondition, func(w idempotency.Write) (contact.Record, error) {
				return c.parts.Replace(ctx, o, in.Path.Last(), w, value)
			})
		}))
}

func (c partCollection) delete() rest.Route {
	return rest.Delete("delete"+c.singular, c.item,
		func(ctx context.Context, in *deleteInput) (*struct{}, error) {
			o, err := c.owner(ctx, &in.Path)
			if err != nil {
				return nil, err
			}
			return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error {
				return c.parts.Delete(ctx, o, in.Path.Last(), w)
			})
		})
}

// readInput returns the owner of the part, and the part in the body.
func (c partCollection) readInput(ctx context.Context, of partType, p *rest.Path, body *rest.RequestBody) (o contact.Owner, value store.Part, err error) {
	if o, err = c.owner(ctx, p); err == nil {
		value, err = of.read(body)
	}
	return o, value, err
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
		collection(partOf[contact.Address](), noun+"Address", noun+"Addresses", path+"/addresses", "{address-id}", owner, store.Addresses(t)),
		collection(partOf[contact.Email](), noun+"Email", noun+"Emails", path+"/emails", "{email-id}", owner, store.Emails(t)),
		collection(partOf[contact.Phone](), noun+"Phone", noun+"Phones", path+"/phones", "{phone-id}", owner, store.Phones(t)),
		collection(partOf[contact.WebAddress](), noun+"WebAddress", noun+"WebAddresses", path+"/web-addresses", "{web-address-id}", owner, store.WebAddresses(t)),
	)
}
