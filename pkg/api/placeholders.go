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
	list := store.PlaceholderCustomers(c.Store)
	return rest.Group{
		Name: "placeholders",
		Routes: append([]rest.Route{listRoute(c, "PlaceholderCustomer", placeholders, list)},
			contactRoutes("PlaceholderCustomer", placeholders, "{placeholder-customer-id}", list)...),
	}
}
