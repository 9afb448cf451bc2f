package api

import (
	"contacts/pkg/contact"
	"contacts/pkg/details"
	"contacts/pkg/rest"
	"contacts/pkg/store"
	"slices"
)

const (
	individuals = contacts + "/individual"
	individual  = individuals + "/{contact-id}"
)

// Individuals returns the group of individual contacts, their channels and personal relationships.
func Individuals(c Config) rest.Group {
	list, owner := store.Individuals(c.Store), contactOwner(contact.Individual)
	return rest.Group{
		Name: "individuals",
		Routes: slices.Concat(
			[]rest.Route{namedListRoute(c, "Individual", individuals, list)},
			contactRoutes("Individual", individuals, "{contact-id}", list),
			upsertRoutes("Individual", individuals, list),
			[]rest.Route{detailsRoute("getIndividualDetails", individual, list, details.Individual)},
			channels(c.Store, "Individual", individual, owner),
			collection("PersonalRelationship", "PersonalRelationships", individual+"/personal-relationships", "{personal-relationship-id}", owner, store.Relationships(c.Store)),
		),
	}
}
