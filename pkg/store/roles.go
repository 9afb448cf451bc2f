package store

import (
	"fmt"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// The accounts of a contact. Customer and alternative payer share theirs.
var (
	Debtor   = Account{keys.CounterDebtor, 10_000}
	Creditor = Account{keys.CounterCreditor, 70_000}

	// AccountKinds are the accounts that a contact can have.
	AccountKinds = []Account{Debtor, Creditor}
)

// CustomerRoles are the contacts' roles as customer. What a role names keeps from being deleted: manager, alternative
// payers, and those of the contact's own addresses.
func CustomerRoles(s *Store) Singletons[contact.CustomerRole, *contact.CustomerRole] {
	return Singletons[contact.CustomerRole, *contact.CustomerRole]{store: s, noun: "customer role", key: func(o contact.Owner) dynamo.Key { return keys.Role(o, keys.RoleCustomer) }, account: Debtor,
		links: func(r *contact.CustomerRole, o contact.Owner) Links {
			t := Links{Uniques: []Unique{{keys.SpaceCustomer, r.CustomerID, "customer_id"}}}
			t.References = append(managerReferences(r.ManagedBy), payerReferences("/alternative_payer", r.AlternativePayer)...)
			for i, c := range r.DeliveryAndInvoicing {
				at := fmt.Sprintf("/delivery_and_invoicing_configurations/%d", i)
				t.References = append(t.References, payerReferences(at+"/alternative_payer", c.AlternativePayer)...)
				t.References = append(t.References, addressReferences(at+"/invoice_address_id", o, c.InvoiceAddressID)...)
				t.References = append(t.References, addressReferences(at+"/delivery_address_id", o, c.DeliveryAddressID)...)
			}
			return t
		}}
}

// AlternativePayerRoles are the contacts' roles as payer for other customers.
func AlternativePayerRoles(s *Store) Singletons[contact.AlternativePayerRole, *contact.AlternativePayerRole] {
	return Singletons[contact.AlternativePayerRole, *contact.AlternativePayerRole]{store: s, noun: "alternative payer role",
		key: func(o contact.Owner) dynamo.Key { return keys.Role(o, keys.RoleAlternativePayer) }, account: Debtor,
		links: func(r *contact.AlternativePayerRole, _ contact.Owner) Links {
			return Links{Uniques: []Unique{{keys.SpaceAlternativePayer, r.AlternativePayerID, "alternative_payer_id"}}}
		}}
}

// SupplierRoles are the contacts' roles as supplier.
func SupplierRoles(s *Store) Singletons[contact.SupplierRole, *contact.SupplierRole] {
	return Singletons[contact.SupplierRole, *contact.SupplierRole]{store: s, noun: "supplier role", key: func(o contact.Owner) dynamo.Key { return keys.Role(o, keys.RoleSupplier) }, account: Creditor,
		links: func(r *contact.SupplierRole, _ contact.Owner) Links {
			return Links{Uniques: []Unique{{keys.SpaceSupplier, r.SupplierID, "supplier_id"}}, References: managerReferences(r.ManagedBy)}
		}}
}

// Configurations are the tenants' configurations.
func Configurations(s *Store) Singletons[contact.ContactsConfiguration, *contact.ContactsConfiguration] {
	return Singletons[contact.ContactsConfiguration, *contact.ContactsConfiguration]{store: s, noun: "configuration",
		key: func(o contact.Owner) dynamo.Key { return keys.Configuration(o.Org) }, missing: &contact.ContactsConfiguration{}}
}

// managerReferences are those of managed_by: the contact can't be deleted either.
func managerReferences(r *contact.ProfessionalIdentityRef) []Reference {
	if r == nil {
		return nil
	}
	return []Reference{
		identityReference("/managed_by", *r),
		{"/managed_by", keys.ContactTarget(r.ContactID, contact.Individual), true},
	}
}

func payerReferences(pointer string, r *contact.ContactRef) []Reference {
	if r == nil {
		return nil
	}
	return []Reference{{pointer, keys.ContactTarget(r.ID, contact.Individual, contact.Organization), true}}
}

func addressReferences(pointer string, o contact.Owner, address contact.ID) []Reference {
	if address == 0 {
		return nil
	}
	return []Reference{{pointer, keys.PartTarget(o.Contact, keys.SegmentAddress, address), true}}
}
