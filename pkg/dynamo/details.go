package dynamo

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"contacts/pkg/contact"
)

// Details is a contact with its parts by their kind, each in the order of creation.
type Details struct {
	Contact contact.Record
	Channels
	Relationships, Departments, Locations, Memberships []contact.Record
	Identities                                         []IdentityDetails
	// Customer, AlternativePayer and Supplier are the contact's roles; their Doc is nil where it has none.
	Customer, AlternativePayer, Supplier contact.Record
}

// Channels are the four kinds of channel of one owner.
type Channels struct{ Addresses, Emails, Phones, WebAddresses []contact.Record }

// IdentityDetails is a professional identity with its channels. The Doc of one that can't be read is nil.
type IdentityDetails struct {
	Identity contact.Record
	Channels
}

// Details returns a contact and its parts: a GetItem and a Query, side by side. ErrTooMuch if an answer can't carry them.
func (c Contacts[T, P]) Details(ctx context.Context, org string, id contact.ID) (Details, error) {
	var d Details
	stored, err := c.withParts(ctx, org, id, d.add)
	if err == nil {
		stored, err = c.table.gathered(ctx, org, stored)
	}
	if err == nil {
		d.Contact, err = stored.readable()
	}
	return d, err
}

// withParts reads a contact, and hands each of its parts on that details show; each returns how many bytes of it.
func (c Contacts[T, P]) withParts(ctx context.Context, org string, id contact.ID, each func(row) int) (Item, error) {
	if id.Kind() != c.kind {
		return nil, notFound("contact")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var parts sync.WaitGroup
	var failed error
	parts.Go(func() {
		failed = c.table.details(org, id).show(ctx, startOfParts, 0, each)
	})
	stored, err := c.table.contact(ctx, org, id, c.kind)
	if err != nil {
		cancel()
	}
	parts.Wait()
	return stored, cmp.Or(err, failed)
}

// details reads a contact's parts that details show, from the sort key on that read is given.
func (t *Table) details(org string, owner contact.ID) *reader {
	return &reader{table: t, input: dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :sk AND :end"),
		ExpressionAttributeValues: values{":pk": str(partsOf(org, owner)), ":end": str(endOfDetails)},
	}}
}

// IdentityDetails returns the professional identities of an individual with their channels, in one Query; only one of
// them, that can be read, if id is not 0.
func (t *Table) IdentityDetails(ctx context.Context, o Owner, id contact.ID) ([]IdentityDetails, error) {
	prefix := o.prefix(segmentIdentity)
	if id != 0 {
		prefix += digits(id)
	}
	var d Details
	r := t.prefixed(o.partition())
	switch err := r.show(ctx, prefix, 0, d.add); {
	case err != nil:
		return nil, err
	case id == 0 && len(d.Identities) == 0:
		return nil, t.requireThere(ctx, o)
	case id == 0:
		return d.Identities, nil
	case len(d.Identities) == 0:
		return nil, notFound("professional identity")
	case d.Identities[0].Identity.Doc == nil:
		return nil, &unreadable{prefix}
	}
	return d.Identities, nil
}

// add sorts a part in, and returns how many bytes of it are shown. What can't be read is left out, but for identities: they have
// a list of their own, which has problems to name them in.
func (d *Details) add(r row) int {
	record := r.Record
	segment, rest, _ := strings.Cut(r.sk, "#")
	if record.Doc == nil && (segment != segmentIdentity || strings.Contains(rest, "#")) {
		return 0
	}
	switch segment {
	case segmentRelationship:
		d.Relationships = append(d.Relationships, record)
	case segmentDepartment:
		d.Departments = append(d.Departments, record)
	case segmentLocation:
		d.Locations = append(d.Locations, record)
	case segmentMembership:
		d.Memberships = append(d.Memberships, record)
	case segmentRole:
		switch rest {
		case roleCustomer:
			d.Customer = record
		case roleAlternativePayer:
			d.AlternativePayer = record
		case roleSupplier:
			d.Supplier = record
		}
	case segmentIdentity:
		identity, rest, nested := strings.Cut(rest, "#")
		if !nested {
			d.Identities = append(d.Identities, IdentityDetails{Identity: record})
		} else if last := len(d.Identities) - 1; last >= 0 && digits(d.Identities[last].Identity.ID) == identity {
			// An identity sorts before its channels.
			segment, _, _ := strings.Cut(rest, "#")
			d.Identities[last].add(segment, record)
		} else {
			return 0
		}
	default:
		d.Channels.add(segment, record)
	}
	return len(record.Doc)
}

func (c *Channels) add(segment string, record contact.Record) {
	switch segment {
	case segmentAddress:
		c.Addresses = append(c.Addresses, record)
	case segmentEmail:
		c.Emails = append(c.Emails, record)
	case segmentPhone:
		c.Phones = append(c.Phones, record)
	case segmentWebAddress:
		c.WebAddresses = append(c.WebAddresses, record)
	}
}
