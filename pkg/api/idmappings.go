package api

import (
	"context"
	"net/http"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// IDMappings returns the group of the mappings between ids of contacts and their external ids.
func IDMappings(c Config) rest.Group {
	return rest.Group{
		Name: "idmappings",
		Routes: slices.Concat(
			mappingRoutes("Individual", individuals, store.Individuals(c.Store)),
			mappingRoutes("Organization", organizations, store.Organizations(c.Store)),
		),
	}
}

// IDMappingList is a mapping of internal to external ids.
type IDMappingList struct {
	Items []contact.IDMapping `json:"items"`
}

// mappingRoutes returns the operations on the mapping of one kind of contact, whose list is at a path.
func mappingRoutes[P contact.Contact[P]](noun, contacts string, list store.Contacts[P]) []rest.Route {
	path := contacts + "-id-mapping"
	external, internal := path+"/external/{external-id}", path+"/internal/{contact-id}"
	byExternal := func(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
		return rest.Show(list.MappingTo(ctx, in.Path.Org, in.Path.ExternalID))
	}
	return []rest.Route{
		rest.Get("list"+noun+"IDMappings", path,
			func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
				all, err := list.Mappings(ctx, in.Path.Org)
				if err != nil {
					return nil, err
				}
				return rest.JSON(IDMappingList{all})
			}),
		mapping("replace"+noun+"IDMappings", http.MethodPut, path, list, true),
		mapping("merge"+noun+"IDMappings", http.MethodPatch, path, list, false),
		rest.Get("get"+noun+"IDMappingByExternal", external, byExternal),
		rest.Get("find"+noun+"IDByExternalID", contacts+"/id-from-external-id/{external-id}", byExternal),
		rest.Delete("delete"+noun+"IDMappingByExternal", external,
			func(ctx context.Context, in *deleteInput) (*struct{}, error) {
				return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error {
					return list.UnmapExternal(ctx, in.Path.Org, in.Path.ExternalID, w)
				})
			}),
		getRoute("get"+noun+"IDMappingByInternal", internal, tenantOwner, list.MappingOf),
		deleteRoute("delete"+noun+"IDMappingByInternal", internal, tenantOwner, list.Unmap),
	}
}

// mapping returns the operation that assigns external ids to contacts. It responds with the whole mapping, or with the rows
// of the request.
func mapping[P contact.Contact[P]](operation, method, path string, list store.Contacts[P], whole bool) rest.Route {
	match, show := (*rest.ConditionalHeaders).MatchSelection, rest.ShowSelection
	if whole {
		match, show = (*rest.ConditionalHeaders).MatchComposed, rest.ShowComposed
	}
	handler := func(ctx context.Context, in *replaceInput) (*rest.ResourceResponse, error) {
		wanted, err := rest.Decode[IDMappingList](&in.RequestBody)
		if err != nil {
			return nil, err
		}
		after, err := list.Map(ctx, in.Path.Org, store.MappingChange{List: wanted.Items, Whole: whole, Exclusive: in.Precondition.Given(),
			Check: func(before, after []contact.IDMapping) error {
				if err := match(&in.ConditionalHeaders, IDMappingList{before}); err != nil {
					return err
				}
				_, err := show(IDMappingList{after})
				return err
			}})
		if err != nil {
			return nil, err
		}
		return show(IDMappingList{after})
	}
	route := rest.Put(operation, path, handler)
	if method == http.MethodPatch {
		route = rest.Patch(operation, path, handler)
	}
	return rest.WithRequestBody[IDMappingList](route).WithMaxBody(rest.MaxBatchBody).MultiTransaction()
}
