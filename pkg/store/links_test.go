package store

import (
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
)

func TestTooManyReferencesAreRefusedWhateverElseTheTransactionWrites(t *testing.T) {
	t.Parallel()
	s := New(dynamo.Open(dynamo.Options{Name: "table", Region: "us-east-1", Endpoint: "http://127.0.0.1:1"}), time.Now, contact.NewSequence(time.Now))
	var organization contact.OrganizationContact
	for i := range maxReferences + 1 {
		organization.Leaders = append(organization.Leaders, contact.ProfessionalIdentityRef{ContactID: 8192, ProfessionalIdentityID: contact.ID(8195 + 4*i)})
	}
	o := contact.Owner{Org: "acme", Contact: 8193}
	email := contact.Email{Address: "zoe@a.example"}
	tx := s.begin()
	tx.link(o.Org, keys.Target{Contact: o.Contact}, nil, dynamo.Item{}, resolve(organization.Links(o), o.Region))
	tx.link(o.Org, keys.PartTarget(o.Contact, keys.SegmentEmail, 8195), nil, dynamo.Item{}, resolve(email.Links(o), o.Region))
	if err := tx.commit(t.Context(), idempotency.Write{}, contact.Record{}); !contact.IsRefused(err, contact.Impossible) {
		t.Errorf("%d references: %v, want an Impossible error", maxReferences+1, err)
	}
}

func TestCollectionsKnowWhetherTheirPartsHaveLinks(t *testing.T) {
	t.Parallel()
	const person, firm, part = contact.ID(8192), contact.ID(8193), contact.ID(8195)
	leader := contact.ProfessionalIdentityRef{ContactID: person, ProfessionalIdentityID: part}
	samples := map[string]Part{ // with all fields that can make links
		keys.SegmentAddress:       &contact.Address{ID: part},
		keys.SegmentEmail:         &contact.Email{ID: part, Address: "zoe@a.example"},
		keys.SegmentPhone:         &contact.Phone{ID: part, Number: "+49 30 901820"},
		keys.SegmentWebAddress:    &contact.WebAddress{ID: part},
		keys.SegmentOption:        &contact.Option{ID: part},
		keys.SegmentRelationship:  &contact.PersonalRelationship{IndividualContact: person},
		keys.SegmentIdentity:      &contact.ProfessionalIdentity{OrganizationContact: firm, IsActive: true},
		keys.SegmentDepartment:    &contact.Department{ID: part},
		keys.SegmentLocation:      &contact.Location{Leaders: []contact.ProfessionalIdentityRef{leader}},
		keys.SegmentMembership:    &contact.Membership{OrganizationContact: firm},
		keys.SegmentOptionType:    &contact.OptionType{},
		keys.SegmentOptionSubType: &contact.OptionType{},
	}
	for segment, of := range partsOfSegment {
		sample := samples[segment]
		if sample == nil {
			t.Errorf("no sample of %s", segment)
			continue
		}
		item := dynamo.Item{}
		links := resolve(sample.Links(contact.Owner{Org: "acme", Contact: person}), "DE").names()
		item.SetStrings(AttrUniques, links.Uniques)
		item.SetStrings(AttrLookups, links.Lookups)
		item.SetStrings(AttrReferences, links.References)
		if parts := of(nil); parts.hasLinks != HasLinks(item) {
			t.Errorf("%s: hasLinks is %t, but a part has %+v", segment, parts.hasLinks, links)
		}
	}
}
