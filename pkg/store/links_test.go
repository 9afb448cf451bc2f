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
