// Package details has contacts with everything that belongs to them, as the operation "full" and exports show them.
package details

import (
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/store"
)

type (
	individual struct {
		IndividualContact jsontext.Value `json:"individual_contact"`
		channelDocs
		ProfessionalIdentities []Identity       `json:"professional_identities"`
		PersonalRelationships  []jsontext.Value `json:"personal_relationships"`
		roleDocs
	}
	organization struct {
		OrganizationContact jsontext.Value `json:"organization_contact"`
		channelDocs
		Departments []jsontext.Value `json:"departments"`
		Locations   []jsontext.Value `json:"locations"`
		Memberships []jsontext.Value `json:"memberships"`
		roleDocs
	}
	// An Identity is a professional identity with its channels, as stored JSON.
	Identity struct {
		ProfessionalIdentity jsontext.Value `json:"professional_identity"`
		channelDocs
	}
	channelDocs struct {
		Addresses    []jsontext.Value `json:"addresses"`
		Emails       []jsontext.Value `json:"emails"`
		Phones       []jsontext.Value `json:"phones"`
		WebAddresses []jsontext.Value `json:"web_addresses"`
	}
	roleDocs struct {
		CustomerRole         jsontext.Value `json:"customer_role,omitzero"`
		SupplierRole         jsontext.Value `json:"supplier_role,omitzero"`
		AlternativePayerRole jsontext.Value `json:"alternative_payer_role,omitzero"`
	}
)

// Individual returns what is shown of an individual contact.
func Individual(d store.Details) any {
	identities, _ := Identities(d.Identities) // details don't report unreadable ones
	return individual{
		IndividualContact:      d.Resource.Doc,
		channelDocs:            docsOf(d),
		ProfessionalIdentities: identities,
		PersonalRelationships:  Docs(d.Relationships),
		roleDocs:               rolesOf(d),
	}
}

// Organization returns what is shown of an organization contact.
func Organization(d store.Details) any {
	return organization{
		OrganizationContact: d.Resource.Doc,
		channelDocs:         docsOf(d),
		Departments:         Docs(d.Departments),
		Locations:           Docs(d.Locations),
		Memberships:         Docs(d.Memberships),
		roleDocs:            rolesOf(d),
	}
}

// Identities returns the details of professional identities, and the ids of unreadable ones.
func Identities(identities []store.Details) (details []Identity, unreadable []contact.ID) {
	for _, i := range identities {
		if i.Resource.Doc == nil {
			unreadable = append(unreadable, i.Resource.ID)
			continue
		}
		details = append(details, Identity{i.Resource.Doc, docsOf(i)})
	}
	return details, unreadable
}

func docsOf(d store.Details) channelDocs {
	return channelDocs{Docs(d.Addresses), Docs(d.Emails), Docs(d.Phones), Docs(d.WebAddresses)}
}

func rolesOf(d store.Details) roleDocs {
	return roleDocs{d.Customer.Doc, d.Supplier.Doc, d.AlternativePayer.Doc}
}

// Docs returns the JSON of stored resources. Unreadable ones are left out.
func Docs(records []contact.Record) []jsontext.Value {
	docs := make([]jsontext.Value, 0, len(records))
	for _, r := range records {
		if r.Doc != nil {
			docs = append(docs, r.Doc)
		}
	}
	return docs
}
