package api

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/details"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

const (
	identities = individual + "/professional-identities"
	identity   = identities + "/{professional-identity-id}"
)

// Identities returns the group of the individuals' professional identities and their channels.
func Identities(c Config) rest.Group {
	own := store.Identities(c.Store)
	replace := func(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write, update *contact.ProfessionalIdentityUpdate) (contact.Record, error) {
		return own.Replace(ctx, o, id, w, (*contact.ProfessionalIdentity)(update))
	}
	return rest.Group{
		Name: "identities",
		Routes: slices.Concat(
			collectionOf("ProfessionalIdentity", "ProfessionalIdentities", identities, "{professional-identity-id}", contactOwner(contact.Individual), own, replace),
			[]rest.Route{
				rest.Get("listProfessionalIdentityDetails", identities+"/full", identityDetailsList(c.Store)),
				rest.Get("getProfessionalIdentityDetails", identity+"/full", identityDetailsOfOne(c.Store)),
			},
			channels(c.Store, "ProfessionalIdentity", identity, identityOwner),
		),
	}
}

func identityDetailsList(t *store.Store) rest.Handler[collectionInput, rest.Response] {
	return func(ctx context.Context, in *collectionInput) (*rest.Response, error) {
		o, err := contactOwner(contact.Individual)(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		all, err := t.IdentityDetails(ctx, o, 0)
		if err != nil {
			return nil, err
		}
		items, unreadable := details.Identities(all)
		var problems []rest.ListProblem
		for _, id := range unreadable {
			problems = append(problems, rest.UnreadableProblem(ctx, in.Path.Parent().Item(id)))
		}
		return rest.JSON(rest.List[details.Identity]{Items: items, Problems: problems})
	}
}

func identityDetailsOfOne(t *store.Store) rest.Handler[itemInput, rest.Response] {
	return func(ctx context.Context, in *itemInput) (*rest.Response, error) {
		o, err := contactOwner(contact.Individual)(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		one, err := t.IdentityDetails(ctx, o, in.Path.Last())
		if err != nil {
			return nil, err
		}
		items, _ := details.Identities(one)
		return rest.JSON(items[0])
	}
}
