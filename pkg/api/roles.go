package api

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Roles returns the group of the contacts' roles: customer, alternative payer, supplier.
func Roles(c Config) rest.Group {
	return rest.Group{
		Name: "roles",
		Routes: slices.Concat(
			roleRoutes(c.Store, "Individual", individual, contactOwner(contact.Individual)),
			roleRoutes(c.Store, "Organization", organization, contactOwner(contact.Organization)),
		),
	}
}

func roleRoutes(t *store.Store, noun, path string, owner ownerOf) []rest.Route {
	return slices.Concat(
		single("get"+noun+"Customer", "put"+noun+"Customer", path+"/roles/customer", owner, store.CustomerRoles(t)),
		single("get"+noun+"AlternativePayer", "put"+noun+"AlternativePayer", path+"/roles/alternative-payer", owner, store.AlternativePayerRoles(t)),
		single("get"+noun+"Supplier", "put"+noun+"Supplier", path+"/roles/supplier", owner, store.SupplierRoles(t)),
		[]rest.Route{rest.Get("resolve"+noun+"DeliveryAndInvoicing", path+"/roles/customer/delivery-and-invoicing", resolve(t, owner))},
	)
}

// single returns the two operations on a resource of which an owner has at most one.
func single[P contact.Resource[P]](get, put, path string, owner ownerOf, singles store.Singletons[P]) []rest.Route {
	return []rest.Route{
		getRoute(get, path, owner, func(ctx context.Context, o contact.Owner, _ contact.ID) (contact.Record, error) {
			return singles.Get(ctx, o)
		}),
		replaceRoute(put, path, owner, func(ctx context.Context, o contact.Owner, _ contact.ID, w idempotency.Write, value P) (contact.Record, error) {
			return singles.Put(ctx, o, w, value)
		}),
	}
}

// A resolveInput has the context of a delivery or an invoice.
type resolveInput struct {
	Path    rest.Path
	BrandID string `query:"brand_id" maxLength:"1024"`
}

// ResolvedDeliveryAndInvoicing is what applies to a delivery or an invoice.
type ResolvedDeliveryAndInvoicing struct {
	Configuration     *contact.DeliveryAndInvoicing `json:"configuration,omitempty"`
	InvoiceAddressID  contact.ID                    `json:"invoice_address_id,omitzero"`
	DeliveryAddressID contact.ID                    `json:"delivery_address_id,omitzero"`
	AlternativePayer  *contact.ContactRef           `json:"alternative_payer,omitempty"`
}

func resolve(t *store.Store, owner ownerOf) rest.Handler[resolveInput, rest.Response] {
	return func(ctx context.Context, in *resolveInput) (*rest.Response, error) {
		o, err := owner(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		role, err := store.CustomerRoles(t).Value(ctx, o)
		if err != nil {
			return nil, err
		}
		var r ResolvedDeliveryAndInvoicing
		if picked := contact.ApplicableDelivery(role.DeliveryAndInvoicing, contact.Limitations{BrandID: contact.NormalizeText(in.BrandID)}); picked != nil {
			r = ResolvedDeliveryAndInvoicing{picked, picked.InvoiceAddressID, picked.DeliveryAddressID, picked.AlternativePayer}
		}
		if r.InvoiceAddressID == 0 || r.DeliveryAddressID == 0 {
			addresses, err := store.Addresses(t).Values(ctx, o)
			if err != nil {
				return nil, err
			}
			if r.InvoiceAddressID == 0 {
				r.InvoiceAddressID = contact.DefaultAddress(addresses, "INVOICES")
			}
			if r.DeliveryAddressID == 0 {
				r.DeliveryAddressID = contact.DefaultAddress(addresses, "SHIPPING")
			}
		}
		return rest.JSON(r)
	}
}
