package api

import (
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

// Placeholders is the group of placeholder customers.
func Placeholders(c rest.Config) rest.Group {
	return rest.Group{
		Name: "placeholders", Description: "Stand-ins for customers that aren't known by name.",
		Routes: contactRoutes(c, "PlaceholderCustomer", contacts+"/placeholder-customers", "{placeholder-customer-id}", dynamo.PlaceholderCustomers(c.Table)),
	}
}
