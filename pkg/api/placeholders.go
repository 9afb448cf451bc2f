package api

import (
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

const (
	placeholders = contacts + "/placeholder-customers"
	placeholder  = placeholders + "/{placeholder-customer-id}"
)

// Placeholders returns the group of placeholder customers.
func Placeholders(c Config) rest.Group {
	return rest.Group{
		Name:   "placeholders",
		Routes: contactRoutes(c, "PlaceholderCustomer", placeholders, "{placeholder-customer-id}", store.PlaceholderCustomers(c.Store)),
	}
}
