package store

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// The accounts of a contact. The customer and alternative payer roles share one.
var (
	Debtor   = AccountSeries{keys.CounterDebtor, 10_000}
	Creditor = AccountSeries{keys.CounterCreditor, 70_000}

	// AccountKinds are the accounts that a contact can have.
	AccountKinds = []AccountSeries{Debtor, Creditor}
)

// CustomerRoles are the contacts' roles as customer.
func CustomerRoles(s *Store) Singletons[*contact.CustomerRole] {
	return role[*contact.CustomerRole](s, keys.RoleCustomer, "customer role", Debtor)
}

// AlternativePayerRoles are the contacts' roles as payer for other customers.
func AlternativePayerRoles(s *Store) Singletons[*contact.AlternativePayerRole] {
	return role[*contact.AlternativePayerRole](s, keys.RoleAlternativePayer, "alternative payer role", Debtor)
}

// SupplierRoles are the contacts' roles as supplier.
func SupplierRoles(s *Store) Singletons[*contact.SupplierRole] {
	return role[*contact.SupplierRole](s, keys.RoleSupplier, "supplier role", Creditor)
}

func role[P contact.Resource[P]](s *Store, key, name string, account AccountSeries) Singletons[P] {
	return Singletons[P]{repository: repository[P]{store: s, name: name}, account: account,
		key: func(o contact.Owner) dynamo.Key { return keys.Role(o, key) }}
}

// Configurations are the tenants' configurations.
func Configurations(s *Store) Singletons[*contact.ContactsConfiguration] {
	return Singletons[*contact.ContactsConfiguration]{repository: repository[*contact.ContactsConfiguration]{store: s, name: "configuration"},
		key: func(o contact.Owner) dynamo.Key { return keys.Configuration(o.Org) }, initial: contact.ContactsConfiguration{}}
}
