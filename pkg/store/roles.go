package store

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// The accounts of a contact. The customer and alternative payer roles share one.
var (
	Debtor   = Account{keys.CounterDebtor, 10_000}
	Creditor = Account{keys.CounterCreditor, 70_000}

	// AccountKinds are the accounts that a contact can have.
	AccountKinds = []Account{Debtor, Creditor}
)

// CustomerRoles are the contacts' roles as customer.
func CustomerRoles(s *Store) Singletons[contact.CustomerRole, *contact.CustomerRole] {
	return Singletons[contact.CustomerRole, *contact.CustomerRole]{store: s, noun: "customer role", key: roleKey(keys.RoleCustomer), account: Debtor}
}

// AlternativePayerRoles are the contacts' roles as payer for other customers.
func AlternativePayerRoles(s *Store) Singletons[contact.AlternativePayerRole, *contact.AlternativePayerRole] {
	return Singletons[contact.AlternativePayerRole, *contact.AlternativePayerRole]{store: s, noun: "alternative payer role",
		key: roleKey(keys.RoleAlternativePayer), account: Debtor}
}

// SupplierRoles are the contacts' roles as supplier.
func SupplierRoles(s *Store) Singletons[contact.SupplierRole, *contact.SupplierRole] {
	return Singletons[contact.SupplierRole, *contact.SupplierRole]{store: s, noun: "supplier role", key: roleKey(keys.RoleSupplier), account: Creditor}
}

func roleKey(name string) func(contact.Owner) dynamo.Key {
	return func(o contact.Owner) dynamo.Key { return keys.Role(o, name) }
}

// Configurations are the tenants' configurations.
func Configurations(s *Store) Singletons[contact.ContactsConfiguration, *contact.ContactsConfiguration] {
	return Singletons[contact.ContactsConfiguration, *contact.ContactsConfiguration]{store: s, noun: "configuration",
		key: func(o contact.Owner) dynamo.Key { return keys.Configuration(o.Org) }, missing: &contact.ContactsConfiguration{}}
}
