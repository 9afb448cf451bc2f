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
		Name: "idmappings", Description: "The mapping of internal to external ids: the same fact as the contacts' external_id.",
		Routes: slices.Concat(
			mappingRoutes("Individual", individuals, store.Individuals(c.Store)),
			mappingRoutes("Organization", organizations, store.Organizations(c.Store)),
		),
	}
}

// IDMappingList is a mapping of internal to external ids.
type IDMappingList struct {
	Items []contact.IDMapping `json:"items" doc:"Each contact and each external id once."`
}

// mappingRoutes returns the operations on the mapping of one kind of contact, whose list is at a path.
func mappingRoutes[P contact.Contact[P]](noun, contacts string, list store.Contacts[P]) []rest.Route {
	path := contacts + "-id-mapping"
	external, internal := path+"/external/{external-id}", path+"/internal/{contact-id}"
	byExternal := func(ctx context.Context, in *itemInput) (*rest.ResourceResponse, error) {
		return rest.Show(list.MappingTo(ctx, in.Path.Org, in.Path.ExternalID))
	}
	return []rest.Route{
		rest.WithResponseBody[IDMappingList](rest.Get("list"+noun+"IDMappings", path, "Get the mapping of all contacts",
			func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
				all, err := list.Mappings(ctx, in.Path.Org)
				if err != nil {
					return nil, err
				}
				return rest.JSON(IDMappingList{all})
			})).WithErrors(413),
		mapping("replace"+noun+"IDMappings", http.MethodPut, path, "Replace the mapping of all contacts: one that isn't named loses its external id", list, true),
		mapping("merge"+noun+"IDMappings", http.MethodPatch, path, "Replace the mapping of the contacts and external ids that are named; the answer is the rows that were sent", list, false),
		rest.WithResponseBody[contact.IDMapping](rest.Get("get"+noun+"IDMappingByExternal", external, "Get the mapping of an external id", byExternal)).WithErrors(404),
		rest.WithResponseBody[contact.IDMapping](rest.Get("find"+noun+"IDByExternalID", contacts+"/id-from-external-id/{external-id}",
			"Get the mapping of an external id, on the path of older clients", byExternal)).WithErrors(404),
		rest.Delete("delete"+noun+"IDMappingByExternal", external, "Take an external id away from its contact",
			func(ctx context.Context, in *deleteInput) (*struct{}, error) {
				return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error {
					return list.UnmapExternal(ctx, in.Path.Org, in.Path.ExternalID, w)
				})
			}).WithErrors(404),
		getRoute[contact.IDMapping]("get"+noun+"IDMappingByInternal", internal, "Get the mapping of a contact", tenantOwner, list.MappingOf),
		deleteRoute("delete"+noun+"IDMappingByInternal", internal, "Take a contact's external id away", tenantOwner, list.Unmap),
	}
}

// mapping returns the operation that assigns external ids to contacts. It responds with the whole mapping, or with the rows
// of the request.
func mapping[P contact.Contact[P]](operation, method, path, summary string, list store.Contacts[P], whole bool) rest.Route {
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
	route := rest.Put(operation, path, summary, handler)
	if method == http.MethodPatch {
		route = rest.Patch(operation, path, summary, handler)
	}
	return rest.WithRequestBody[IDMappingList](rest.WithResponseBody[IDMappingList](route)).WithMaxBody(rest.MaxBatchBody).MultiTransaction()
}
