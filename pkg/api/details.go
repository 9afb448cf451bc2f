package api

import (
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

// IndividualContactDetails is an individual contact with everything that belongs to it.
type IndividualContactDetails struct {
	IndividualContact      contact.IndividualContact      `json:"individual_contact"`
	Addresses              []contact.Address              `json:"addresses"`
	Emails                 []contact.Email                `json:"emails"`
	Phones                 []contact.Phone                `json:"phones"`
	WebAddresses           []contact.WebAddress           `json:"web_addresses"`
	ProfessionalIdentities []ProfessionalIdentityDetails  `json:"professional_identities"`
	PersonalRelationships  []contact.PersonalRelationship `json:"personal_relationships"`
}

// ProfessionalIdentityDetails is a professional identity with its channels.
type ProfessionalIdentityDetails struct {
	ProfessionalIdentity contact.ProfessionalIdentity `json:"professional_identity"`
	Addresses            []contact.Address            `json:"addresses"`
	Emails               []contact.Email              `json:"emails"`
	Phones               []contact.Phone              `json:"phones"`
	WebAddresses         []contact.WebAddress         `json:"web_addresses"`
}

// The same in stored JSON: this is what is answered, those above are what it looks like.
type (
	individualContactDetails struct {
		IndividualContact rest.Raw `json:"individual_contact"`
		channelDocs
		ProfessionalIdentities []professionalIdentityDetails `json:"professional_identities"`
		PersonalRelationships  []rest.Raw                    `json:"personal_relationships"`
	}
	professionalIdentityDetails struct {
		ProfessionalIdentity rest.Raw `json:"professional_identity"`
		channelDocs
	}
	channelDocs struct {
		Addresses    []rest.Raw `json:"addresses"`
		Emails       []rest.Raw `json:"emails"`
		Phones       []rest.Raw `json:"phones"`
		WebAddresses []rest.Raw `json:"web_addresses"`
	}
)

func docsOf(c dynamo.Channels) channelDocs {
	return channelDocs{rest.Docs(c.Addresses), rest.Docs(c.Emails), rest.Docs(c.Phones), rest.Docs(c.WebAddresses)}
}
