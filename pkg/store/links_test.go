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

func TestAPartWithLinksCountsAsAChangeForTheDeletionOfItsContact(t *testing.T) {
	t.Parallel()
	s := New(dynamo.Open(dynamo.Options{Name: "table", Region: "us-east-1", Endpoint: "http://127.0.0.1:1"}), time.Now, contact.NewSequence(time.Now))
	o := contact.Owner{Org: "acme", Contact: 8193}
	leader := contact.ProfessionalIdentityRef{ContactID: 8192, ProfessionalIdentityID: 8195}
	for name, c := range map[string]struct {
		part    NewPart
		counted bool
	}{
		"an email":                  {Emails(s).New(&contact.Email{Address: "zoe@a.example"}), true},
		"an address":                {Addresses(s).New(&contact.Address{}), false},
		"a location with a leader":  {Locations(s).New(&contact.Location{Leaders: []contact.ProfessionalIdentityRef{leader}}), true},
		"a location without leader": {Locations(s).New(&contact.Location{}), false},
		"a membership, which keeps": {Memberships(s).New(&contact.Membership{OrganizationContact: 8197}), false},
	} {
		tx := s.begin()
		if err := c.part(tx, o, s.partIDs()); err != nil {
			t.Fatal(err)
		}
		if counted := tx.Update(keys.Guard(o.Org, o.Contact)).Changes(AttrChildren); counted != c.counted {
			t.Errorf("%s is counted: %t, want %t", name, counted, c.counted)
		}
	}
}
