package api

import (
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

const (
	organizations = contacts + "/organization"
	organization  = organizations + "/{contact-id}"
)

// Organizations returns the group of organization contacts, their channels, departments, locations and memberships.
func Organizations(c rest.Config) rest.Group {
	list, owner := dynamo.Organizations(c.Table), contactOwner(contact.Organization)
	return rest.Group{
		Name: "organizations", Description: "Businesses and other organizations, how to reach them, and what they are made of.",
		Routes: slices.Concat(
			contactRoutes(c, "Organization", organizations, "{contact-id}", list),
			upsertRoutes("Organization", organizations, list),
			[]rest.Route{detailsRoute[OrganizationContactDetails]("getOrganizationDetails", organization, list, organizationDetails)},
			channels(c.Table, "Organization", organization, owner),
			collection(partOf[contact.Department](), "Department", "Departments", organization+"/departments", "{department-id}", owner, dynamo.Departments(c.Table)),
			collection(partOf[contact.Location](), "Location", "Locations", organization+"/locations", "{location-id}", owner, dynamo.Locations(c.Table)),
			collection(partOf[contact.Membership](), "Membership", "Memberships", organization+"/memberships", "{membership-id}", owner, dynamo.Memberships(c.Table)),
		),
	}
}
