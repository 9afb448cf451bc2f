// Package api holds the operations: one file per resource group, with its route table and what is particular to it.
package api

import (
	"context"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

// contacts begins the paths of the enfore dialect.
const contacts = "/contacts/org/{org-id}"

// What operations are given. (huma finds parameters in embedded structs alone.)
type (
	// A collectionIn names a collection.
	collectionIn struct{ Path rest.Path }
	// An itemIn names a resource.
	itemIn struct{ Path rest.Path }
	// A createIn brings a new resource for a collection.
	createIn struct {
		Path    rest.Path
		Payload rest.Payload
	}
	// A replaceIn brings what a resource becomes.
	replaceIn struct {
		rest.Precondition
		Path    rest.Path
		Payload rest.Payload
	}
	// A deleteIn names a resource that shall go.
	deleteIn struct {
		rest.Precondition
		Path rest.Path
	}
)

// An ownerOf finds out whose parts a path is about.
type ownerOf func(context.Context, *rest.Path) (dynamo.Owner, error)

// contactOwner is the contact of a kind that the path names first.
func contactOwner(kind contact.Kind) ownerOf {
	return func(ctx context.Context, p *rest.Path) (dynamo.Owner, error) {
		if p.IDs[0].Kind() != kind {
			return dynamo.Owner{}, contact.Refuse(contact.NotFound, "no such contact, or its id is not one")
		}
		return dynamo.Owner{Org: p.Org, Contact: p.IDs[0], Region: rest.Caller(ctx).Region}, nil
	}
}

// collection is the five operations on one kind of part, under one kind of owner. Path ends in the part's segment,
// which names its id too.
func collection[T any, P dynamo.Part[T]](singular, plural, path string, owner ownerOf, parts dynamo.Parts[T, P]) []rest.Route {
	words := strings.ReplaceAll(path[strings.LastIndexByte(path, '/')+1:], "-", " ")
	item := path + "/{" + strings.ReplaceAll(words, " ", "-") + "-id}"
	return []rest.Route{
		rest.Shows[rest.List[T]](rest.Get("list"+plural, path, "List all of the "+words+" resources",
			func(ctx context.Context, in *collectionIn) (*rest.View, error) {
				o, err := owner(ctx, &in.Path)
				if err != nil {
					return nil, err
				}
				return rest.All(parts.List(ctx, o))
			})).Refuses(400, 404),
		rest.Takes[T](rest.Shows[T](rest.Post("create"+singular, path, "Add a "+words,
			func(ctx context.Context, in *createIn) (*rest.Creation, error) {
				o, value, err := bring[T](ctx, owner, &in.Path, &in.Payload)
				if err != nil {
					return nil, err
				}
				return rest.Create(ctx, &in.Path, func(ctx context.Context) (dynamo.Record, error) {
					return parts.Create(ctx, o, value)
				})
			}))).Refuses(404),
		rest.Shows[T](rest.Get("get"+singular, item, "Get a "+words,
			func(ctx context.Context, in *itemIn) (*rest.Resource, error) {
				o, err := owner(ctx, &in.Path)
				if err != nil {
					return nil, err
				}
				return rest.Show(parts.Get(ctx, o, in.Path.Last()))
			})).Refuses(404),
		rest.Takes[T](rest.Shows[T](rest.Put("replace"+singular, item, "Replace a "+words,
			func(ctx context.Context, in *replaceIn) (*rest.Resource, error) {
				o, value, err := bring[T](ctx, owner, &in.Path, &in.Payload)
				if err != nil {
					return nil, err
				}
				return rest.Replace(ctx, func(ctx context.Context) (dynamo.Record, error) {
					return parts.Replace(ctx, o, in.Path.Last(), in.Match, value)
				})
			}))).Refuses(404),
		rest.Delete("delete"+singular, item, "Delete a "+words,
			func(ctx context.Context, in *deleteIn) (*struct{}, error) {
				o, err := owner(ctx, &in.Path)
				if err != nil {
					return nil, err
				}
				return rest.Remove(ctx, func(ctx context.Context) error {
					return parts.Delete(ctx, o, in.Path.Last(), in.Match)
				})
			}).Refuses(404),
	}
}

// bring returns whose part a request is about, and what it brings.
func bring[T any](ctx context.Context, owner ownerOf, p *rest.Path, body *rest.Payload) (o dynamo.Owner, value T, err error) {
	if o, err = owner(ctx, p); err == nil {
		value, err = rest.Value[T](body)
	}
	return o, value, err
}

// channels is the four collections that every kind of owner has. Noun begins the names of their operations.
func channels(t *dynamo.Table, noun, path string, owner ownerOf) []rest.Route {
	var routes []rest.Route
	routes = append(routes, collection(noun+"Address", noun+"Addresses", path+"/address", owner, dynamo.Addresses(t))...)
	routes = append(routes, collection(noun+"Email", noun+"Emails", path+"/email", owner, dynamo.Emails(t))...)
	routes = append(routes, collection(noun+"Phone", noun+"Phones", path+"/phone", owner, dynamo.Phones(t))...)
	routes = append(routes, collection(noun+"WebAddress", noun+"WebAddresses", path+"/web-address", owner, dynamo.WebAddresses(t))...)
	return routes
}
