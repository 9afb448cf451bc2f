package dynamo

import (
	"fmt"

	"contacts/pkg/contact"
)

// Names of the roles in their keys.
const (
	roleCustomer         = "CUSTOMER"
	roleAlternativePayer = "ALTERNATIVE_PAYER"
	roleSupplier         = "SUPPLIER"
)

// The accounts of a contact. Customer and alternative payer share theirs.
var (
	debtor   = account{"debtor", 10_000}
	creditor = account{"creditor", 70_000}
)

func roleKey(name string) func(Owner) Key {
	return func(o Owner) Key { return Key{o.partition(), o.prefix(segmentRole) + name} }
}

// CustomerRoles are the contacts' roles as customer. What a role names keeps from being deleted: manager, alternative
// payers, and those of the contact's own addresses.
func CustomerRoles(t *Table) Singles[contact.CustomerRole, *contact.CustomerRole] {
	return Singles[contact.CustomerRole, *contact.CustomerRole]{table: t, noun: "customer role", key: roleKey(roleCustomer), account: debtor,
		ties: func(r *contact.CustomerRole, o Owner) ties {
			t := ties{claims: []claim{{spaceCustomer, r.CustomerID, "customer_id"}}}
			t.refers = append(managerReferences(r.ManagedBy), payerReferences("/alternative_payer", r.AlternativePayer)...)
			for i, c := range r.DeliveryAndInvoicing {
				at := fmt.Sprintf("/delivery_and_invoicing_configurations/%d", i)
				t.refers = append(t.refers, payerReferences(at+"/alternative_payer", c.AlternativePayer)...)
				t.refers = append(t.refers, addressReferences(at+"/invoice_address_id", o, c.InvoiceAddressID)...)
				t.refers = append(t.refers, addressReferences(at+"/delivery_address_id", o, c.DeliveryAddressID)...)
			}
			return t
		}}
}

// AlternativePayerRoles are the contacts' roles as payer for other customers.
func AlternativePayerRoles(t *Table) Singles[contact.AlternativePayerRole, *contact.AlternativePayerRole] {
	return Singles[contact.AlternativePayerRole, *contact.AlternativePayerRole]{table: t, noun: "alternative payer role",
		key: roleKey(roleAlternativePayer), account: debtor,
		ties: func(r *contact.AlternativePayerRole, _ Owner) ties {
			return ties{claims: []claim{{spaceAlternativePayer, r.AlternativePayerID, "alternative_payer_id"}}}
		}}
}

// SupplierRoles are the contacts' roles as supplier.
func SupplierRoles(t *Table) Singles[contact.SupplierRole, *contact.SupplierRole] {
	return Singles[contact.SupplierRole, *contact.SupplierRole]{table: t, noun: "supplier role", key: roleKey(roleSupplier), account: creditor,
		ties: func(r *contact.SupplierRole, _ Owner) ties {
			return ties{claims: []claim{{spaceSupplier, r.SupplierID, "supplier_id"}}, refers: managerReferences(r.ManagedBy)}
		}}
}

// Configurations are the tenants' configurations.
func Configurations(t *Table) Singles[contact.ContactsConfiguration, *contact.ContactsConfiguration] {
	return Singles[contact.ContactsConfiguration, *contact.ContactsConfiguration]{table: t, noun: "configuration",
		key: func(o Owner) Key { return configurationKey(o.Org) }, missing: &contact.ContactsConfiguration{}}
}

// managerReferences are those of managed_by: the contact can't be deleted either.
func managerReferences(r *contact.ProfessionalIdentityRef) []reference {
	if r == nil {
		return nil
	}
	return []reference{
		identityReference("/managed_by", *r),
		{"/managed_by", contactTarget(r.ContactID, contact.Individual), true},
	}
}

func payerReferences(pointer string, r *contact.ContactRef) []reference {
	if r == nil {
		return nil
	}
	return []reference{{pointer, contactTarget(r.ID, contact.Individual, contact.Organization), true}}
}

func addressReferences(pointer string, o Owner, address contact.ID) []reference {
	if address == 0 {
		return nil
	}
	return []reference{{pointer, partTarget(o.Contact, segmentAddress, address), true}}
}
