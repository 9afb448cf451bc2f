package api

import (
	"context"
	"maps"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

const (
	customerLists = contacts + "/customer-lists"
	customerList  = customerLists + "/{list-id}"
)

// CustomerLists returns the group of customer lists and their items.
func CustomerLists(c Config) rest.Group {
	items := store.ListItemsOf(c.Store)
	return rest.Group{
		Name: "customerlists",
		Routes: slices.Concat(
			collection("CustomerList", "CustomerLists", customerLists, "{list-id}", tenantOwner, store.CustomerLists(c.Store)),
			[]rest.Route{
				rest.Get("listCustomerListItems", customerList+"/items", listItems(c, items)),
				rest.WithRequestBody[CustomerListAddition](rest.Post("addCustomerListItems", customerList+"/items", addListItems(items))).
					WithStatus(200).WithMaxBody(rest.MaxBatchBody).MultiTransaction(),
				rest.Delete("removeCustomerListItem", customerList+"/items/{contact-id}",
					func(ctx context.Context, in *deleteInput) (*struct{}, error) {
						return rest.Remove(ctx, in.Precondition, func(w idempotency.Write) error {
							return items.Remove(ctx, in.Path.Org, in.Path.IDs[0], in.Path.IDs[1], w)
						})
					}),
			},
		),
	}
}

// A pageInput selects a page of a list.
type pageInput struct {
	rest.PageParams
	Path rest.Path
}

func listItems(c Config, items store.ListItems) rest.Handler[pageInput, rest.PageResponse] {
	return func(ctx context.Context, in *pageInput) (*rest.PageResponse, error) {
		return rest.Page(ctx, c.Keys, &in.Path, &in.PageParams, in.Path.Item, func(ctx context.Context, org string, q contact.Query) (contact.Page, error) {
			return items.Page(ctx, org, in.Path.Last(), q)
		})
	}
}

// A CustomerListAddition has customers to be added to a list.
type CustomerListAddition struct {
	Items []contact.ContactRef `json:"items" maxItems:"5000"`
}

func addListItems(items store.ListItems) rest.Handler[batchInput, rest.Response] {
	return func(ctx context.Context, in *batchInput) (*rest.Response, error) {
		customers, faults := make([]contact.ID, in.BatchBody.Len()), map[int]error{}
		seen := map[contact.ID]bool{}
		for i := range customers {
			ref, err := rest.DecodeItem[contact.ContactRef](&in.BatchBody, i)
			if err != nil {
				faults[i] = err
			} else if !seen[ref.ID] { // duplicates are added once
				seen[ref.ID] = true
				customers[i] = ref.ID
			}
		}
		if err := rest.CheckBatchSize(ctx, refsTo(customers, faults), faults); err != nil {
			return nil, err
		}
		refused, err := items.Add(ctx, in.Path.Org, in.Path.Last(), customers)
		if err != nil {
			return nil, err
		}
		maps.Copy(faults, refused)
		return rest.PartialResponse(ctx, refsTo(customers, faults), faults)
	}
}

// refsTo returns references to the customers without faults. 0 stands for no customer.
func refsTo(customers []contact.ID, faults map[int]error) (refs []any) {
	for i, id := range customers {
		if id != 0 && faults[i] == nil {
			refs = append(refs, contact.ContactRef{ID: id})
		}
	}
	return refs
}
