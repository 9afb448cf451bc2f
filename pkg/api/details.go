package api

import (
	"context"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Contacts with everything that belongs to them, as stored JSON.
type (
	individualContactDetails struct {
		IndividualContact rest.RawJSON `json:"individual_contact"`
		channelDocs
		ProfessionalIdentities []professionalIdentityDetails `json:"professional_identities"`
		PersonalRelationships  []rest.RawJSON                `json:"personal_relationships"`
		roleDocs
	}
	organizationContactDetails struct {
		OrganizationContact rest.RawJSON `json:"organization_contact"`
		channelDocs
		Departments []rest.RawJSON `json:"departments"`
		Locations   []rest.RawJSON `json:"locations"`
		Memberships []rest.RawJSON `json:"memberships"`
		roleDocs
	}
	professionalIdentityDetails struct {
		ProfessionalIdentity rest.RawJSON `json:"professional_identity"`
		channelDocs
	}
	channelDocs struct {
		Addresses    []rest.RawJSON `json:"addresses"`
		Emails       []rest.RawJSON `json:"emails"`
		Phones       []rest.RawJSON `json:"phones"`
		WebAddresses []rest.RawJSON `json:"web_addresses"`
	}
	roleDocs struct {
		CustomerRole         rest.RawJSON `json:"customer_role,omitzero"`
		SupplierRole         rest.RawJSON `json:"supplier_role,omitzero"`
		AlternativePayerRole rest.RawJSON `json:"alternative_payer_role,omitzero"`
	}
)

// detailsRoute returns the operation that gets a contact with all its resources, now or as they were.
func detailsRoute[P contact.Contact[P]](operation, path string, list store.Contacts[P], show func(store.Details) any) rest.Route {
	return rest.Get(operation, path+"/full",
		func(ctx context.Context, in *detailsInput) (*rest.Response, error) {
			o := contact.Owner{Org: in.Path.Org}
			var d store.Details
			var err error
			if in.AsOf == "" {
				d, err = list.Details(ctx, o, in.Path.Last())
			} else {
				var at time.Time
				if at, err = time.Parse(time.RFC3339, in.AsOf); err == nil { // as its format requires
					d, err = list.DetailsAt(ctx, o, in.Path.Last(), at.UnixMicro())
				}
			}
			if err != nil {
				return nil, err
			}
			return rest.JSON(show(d))
		}).LiteralPlus()
}

func individualDetails(d store.Details) any {
	identities, _ := identityDetails(d.Identities) // details don't report unreadable ones
	return individualContactDetails{
		IndividualContact:      d.Resource.Doc,
		channelDocs:            docsOf(d),
		ProfessionalIdentities: identities,
		PersonalRelationships:  rest.Docs(d.Relationships),
		roleDocs:               rolesOf(d),
	}
}

func organizationDetails(d store.Details) any {
	return organizationContactDetails{
		OrganizationContact: d.Resource.Doc,
		channelDocs:         docsOf(d),
		Departments:         rest.Docs(d.Departments),
		Locations:           rest.Docs(d.Locations),
		Memberships:         rest.Docs(d.Memberships),
		roleDocs:            rolesOf(d),
	}
}

// identityDetails returns the details of professional identities, and the ids of unreadable ones.
func identityDetails(identities []store.Details) (details []professionalIdentityDetails, unreadable []contact.ID) {
	for _, i := range identities {
		if i.Resource.Doc == nil {
			unreadable = append(unreadable, i.Resource.ID)
			continue
		}
		details = append(details, professionalIdentityDetails{i.Resource.Doc, docsOf(i)})
	}
	return details, unreadable
}

func docsOf(d store.Details) channelDocs {
	return channelDocs{rest.Docs(d.Addresses), rest.Docs(d.Emails), rest.Docs(d.Phones), rest.Docs(d.WebAddresses)}
}

func rolesOf(d store.Details) roleDocs {
	return roleDocs{d.Customer.Doc, d.Supplier.Doc, d.AlternativePayer.Doc}
}
