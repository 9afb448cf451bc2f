package dynamo

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// Details is a contact with its parts by their kind, each in the order of creation.
type Details struct {
	Contact       Record
	Channels      Channels
	Relationships []Record
	Identities    []IdentityDetails
}

// Channels are the four kinds of channel of one owner.
type Channels struct{ Addresses, Emails, Phones, WebAddresses []Record }

// IdentityDetails is a professional identity with its channels.
type IdentityDetails struct {
	Identity Record
	Channels Channels
}

// Details returns a contact and its parts: a GetItem and a Query, side by side.
func (c Contacts[T, P]) Details(ctx context.Context, org string, id contact.ID) (Details, error) {
	var d Details
	if id.Kind() != c.kind {
		return d, notFound("contact")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var parts sync.WaitGroup
	var failed error
	parts.Go(func() {
		r := &reader{table: c.table, input: dynamodb.QueryInput{
			KeyConditionExpression:    aws.String("pk = :pk AND sk < :sk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": str(partsOf(org, id))},
		}}
		failed = r.read(ctx, endOfDetails, 0, d.add)
	})
	var err error
	if d.Contact, err = c.Get(ctx, org, id); err != nil {
		cancel()
	}
	parts.Wait()
	return d, cmp.Or(err, failed)
}

// add sorts a part in. What can't be read is left out: details have no problems to name it in.
func (d *Details) add(i Item) {
	record := i.record()
	if record.Doc == nil {
		return
	}
	segment, rest, _ := strings.Cut(i.text("sk"), "#")
	switch segment {
	case segmentRelationship:
		d.Relationships = append(d.Relationships, record)
	case segmentIdentity:
		_, rest, nested := strings.Cut(rest, "#")
		if !nested {
			d.Identities = append(d.Identities, IdentityDetails{Identity: record})
		} else if last := len(d.Identities) - 1; last >= 0 { // an identity sorts before its channels
			segment, _, _ := strings.Cut(rest, "#")
			d.Identities[last].Channels.add(segment, record)
		}
	default:
		d.Channels.add(segment, record)
	}
}

func (c *Channels) add(segment string, record Record) {
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
