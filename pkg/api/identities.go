package api

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

const (
	identities = individual + "/professional-identities"
	identity   = identities + "/{professional-identity-id}"
)

// Identities is the group of the individuals' professional identities and their channels.
func Identities(c rest.Config) rest.Group {
	own := partCollection{partOf[contact.ProfessionalIdentity](),
		"ProfessionalIdentity", "ProfessionalIdentities", identities, identity, contactOwner(contact.Individual), dynamo.Identities(c.Table)}
	return rest.Group{
		Name: "identities", Description: "Individuals in their capacity of representing organizations.",
		Routes: slices.Concat(
			[]rest.Route{
				own.list(), own.create(), own.get(), own.replace(identityUpdate), own.delete(),
				rest.Shows[rest.List[ProfessionalIdentityDetails]](rest.Get("listProfessionalIdentityDetails", identities+"/full",
					"List all professional identities with their channels", identityDetailsList(c.Table))).Refuses(400, 404, 413),
				rest.Shows[ProfessionalIdentityDetails](rest.Get("getProfessionalIdentityDetails", identity+"/full",
					"Get a professional identity with its channels", identityDetailsOfOne(c.Table))).Refuses(404, 413),
			},
			channels(c.Table, "ProfessionalIdentity", identity, identityOwner),
		),
	}
}

// identityUpdate is what replaces a professional identity: its organization may be left out.
var identityUpdate = partType{
	read: func(body *rest.Payload) (dynamo.Part, error) {
		value, err := rest.Value[contact.ProfessionalIdentityUpdate](body)
		identity := contact.ProfessionalIdentity(value)
		return &identity, err
	},
	takes: rest.Takes[contact.ProfessionalIdentityUpdate],
}

func identityDetailsList(t *dynamo.Table) rest.Handler[collectionIn, rest.View] {
	return func(ctx context.Context, in *collectionIn) (*rest.View, error) {
		o, err := contactOwner(contact.Individual)(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		all, err := t.IdentityDetails(ctx, o, 0)
		if err != nil {
			return nil, err
		}
		items, problems := identityDetails(all, in.Path.Parent().Item)
		return rest.Together(rest.List[professionalIdentityDetails]{Items: items, Problems: problems})
	}
}

func identityDetailsOfOne(t *dynamo.Table) rest.Handler[itemIn, rest.View] {
	return func(ctx context.Context, in *itemIn) (*rest.View, error) {
		o, err := contactOwner(contact.Individual)(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		one, err := t.IdentityDetails(ctx, o, in.Path.Last())
		if err != nil {
			return nil, err
		}
		items, _ := identityDetails(one, in.Path.Parent().Item)
		return rest.Together(items[0])
	}
}
