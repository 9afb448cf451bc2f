package api

import (
	"context"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// IndividualContactDetails is an individual contact with all its resources.
type IndividualContactDetails struct {
	IndividualContact      contact.IndividualContact      `json:"individual_contact"`
	Addresses              []contact.Address              `json:"addresses"`
	Emails                 []contact.Email                `json:"emails"`
	Phones                 []contact.Phone                `json:"phones"`
	WebAddresses           []contact.WebAddress           `json:"web_addresses"`
	ProfessionalIdentities []ProfessionalIdentityDetails  `json:"professional_identities"`
	PersonalRelationships  []contact.PersonalRelationship `json:"personal_relationships"`
	CustomerRole           *contact.CustomerRole          `json:"customer_role,omitempty"`
	SupplierRole           *contact.SupplierRole          `json:"supplier_role,omitempty"`
	AlternativePayerRole   *contact.AlternativePayerRole  `json:"alternative_payer_role,omitempty"`
}

// OrganizationContactDetails is an organization contact with all its resources.
type OrganizationContactDetails struct {
	OrganizationContact  contact.OrganizationContact   `json:"organization_contact"`
	Addresses            []contact.Address             `json:"addresses"`
	Emails               []contact.Email               `json:"emails"`
	Phones               []contact.Phone               `json:"phones"`
	WebAddresses         []contact.WebAddress          `json:"web_addresses"`
	Departments          []contact.Department          `json:"departments"`
	Locations            []contact.Location            `json:"locations"`
	Memberships          []contact.Membership          `json:"memberships"`
	CustomerRole         *contact.CustomerRole         `json:"customer_role,omitempty"`
	SupplierRole         *contact.SupplierRole         `json:"supplier_role,omitempty"`
	AlternativePayerRole *contact.AlternativePayerRole `json:"alternative_payer_role,omitempty"`
}

// ProfessionalIdentityDetails is a professional identity with its channels.
type ProfessionalIdentityDetails struct {
	ProfessionalIdentity contact.ProfessionalIdentity `json:"professional_identity"`
	Addresses            []contact.Address            `json:"addresses"`
	Emails               []contact.Email              `json:"emails"`
	Phones               []contact.Phone              `json:"phones"`
	WebAddresses         []contact.WebAddress         `json:"web_addresses"`
}

// The same types with stored JSON: these are marshaled, those above describe them.
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

// detailsRoute returns the operation that gets a contact with all its resources, as a D.
func detailsRoute[D any, P contact.Contact[P]](operation, path string, list store.Contacts[P], show func(store.Details) any) rest.Route {
	return rest.WithResponseBody[D](rest.Get(operation, path+"/full", "Get a contact with everything that belongs to it",
		func(ctx context.Context, in *itemInput) (*rest.Response, error) {
			d, err := list.Details(ctx, contact.Owner{Org: in.Path.Org}, in.Path.Last())
			if err != nil {
				return nil, err
			}
			return rest.JSON(show(d))
		})).WithErrors(404, 413)
}

func individualDetails(d store.Details) any {
	identities, _ := identityDetails(d.Identities, contact.ID.String) // details don't report unreadable ones
	return individualContactDetails{
		IndividualContact:      d.Contact.Doc,
		channelDocs:            docsOf(d.Channels),
		ProfessionalIdentities: identities,
		PersonalRelationships:  rest.Docs(d.Relationships),
		roleDocs:               rolesOf(d),
	}
}

func organizationDetails(d store.Details) any {
	return organizationContactDetails{
		OrganizationContact: d.Contact.Doc,
		channelDocs:         docsOf(d.Channels),
		Departments:         rest.Docs(d.Departments),
		Locations:           rest.Docs(d.Locations),
		Memberships:         rest.Docs(d.Memberships),
		roleDocs:            rolesOf(d),
	}
}

// identityDetails returns the details of professional identities, and a problem for each unreadable one.
func identityDetails(identities []store.IdentityDetails, at rest.Locator) (details []professionalIdentityDetails, problems []rest.ListProblem) {
	for _, i := range identities {
		if i.Identity.Doc == nil {
			problems = append(problems, rest.UnreadableProblem(at(i.Identity.ID)))
			continue
		}
		details = append(details, professionalIdentityDetails{i.Identity.Doc, docsOf(i.Channels)})
	}
	return details, problems
}

func docsOf(c store.Channels) channelDocs {
	return channelDocs{rest.Docs(c.Addresses), rest.Docs(c.Emails), rest.Docs(c.Phones), rest.Docs(c.WebAddresses)}
}

func rolesOf(d store.Details) roleDocs {
	return roleDocs{d.Customer.Doc, d.Supplier.Doc, d.AlternativePayer.Doc}
}
