package api

import (
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/details"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

const (
	organizations = contacts + "/organization"
	organization  = organizations + "/{contact-id}"
)

// Organizations returns the group of organization contacts, their channels, departments, locations and memberships.
func Organizations(c Config) rest.Group {
	list, owner := store.Organizations(c.Store), contactOwner(contact.Organization)
	return rest.Group{
		Name: "organizations",
		Routes: slices.Concat(
			[]rest.Route{namedListRoute(c, "Organization", organizations, list)},
			contactRoutes("Organization", organizations, "{contact-id}", list),
			upsertRoutes("Organization", organizations, list),
			[]rest.Route{detailsRoute("getOrganizationDetails", organization, list, details.Organization)},
			channels(c.Store, "Organization", organization, owner),
			collection("Department", "Departments", organization+"/departments", "{department-id}", owner, store.Departments(c.Store)),
			collection("Location", "Locations", organization+"/locations", "{location-id}", owner, store.Locations(c.Store)),
			collection("Membership", "Memberships", organization+"/memberships", "{membership-id}", owner, store.Memberships(c.Store)),
		),
	}
}
