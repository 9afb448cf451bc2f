package api

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

const (
	individuals = contacts + "/individual"
	individual  = individuals + "/{contact-id}"
)

// Individuals is the group of individual contacts, their channels and personal relationships.
func Individuals(c rest.Config) rest.Group {
	list, owner := dynamo.Individuals(c.Table), contactOwner(contact.Individual)
	return rest.Group{
		Name: "individuals", Description: "Human persons, how to reach them, and what they are to each other.",
		Routes: slices.Concat(
			contactRoutes(c, "Individual", individuals, list),
			[]rest.Route{rest.Shows[IndividualContactDetails](rest.Get("getIndividualDetails", individual+"/details",
				"Get a contact with everything that belongs to it", individualDetails(list))).Refuses(404, 413)},
			channels(c.Table, "Individual", individual, owner),
			collection("PersonalRelationship", "PersonalRelationships", individual+"/personal-relationship", owner, dynamo.Relationships(c.Table)),
		),
	}
}

func individualDetails(list dynamo.Contacts[contact.IndividualContact, *contact.IndividualContact]) rest.Handler[itemIn, rest.View] {
	return func(ctx context.Context, in *itemIn) (*rest.View, error) {
		d, err := list.Details(ctx, in.Path.Org, in.Path.Last())
		if err != nil {
			return nil, err
		}
		details := individualContactDetails{
			IndividualContact:     d.Contact.Doc,
			channelDocs:           docsOf(d.Channels),
			PersonalRelationships: rest.Docs(d.Relationships),
		}
		for _, i := range d.Identities {
			details.ProfessionalIdentities = append(details.ProfessionalIdentities, professionalIdentityDetails{i.Identity.Doc, docsOf(i.Channels)})
		}
		return rest.Together(details)
	}
}
