package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/store"
)

// A crowd is a tenant with many contacts, each with an external id.
type crowd struct {
	org, token string
	contacts   int
}

// crowdOf returns the tenant with a number of contacts. It creates it at the first call.
func (s *stage) crowdOf(ctx context.Context, contacts int) (*crowd, error) {
	if c, made := s.crowds[contacts]; made {
		return c, nil
	}
	progress("adding %d contacts", contacts)
	c := &crowd{org: fmt.Sprintf("crowd-%d", contacts), contacts: contacts}
	if err := s.fillWithCopies(ctx, c.org, contacts); err != nil {
		return nil, err
	}
	var err error
	if c.token, err = s.authorize(ctx, c.org); err != nil {
		return nil, err
	}
	s.crowds[contacts] = c
	return c, nil
}

// eventOf returns the event of a request below the tenant's path. body is JSON, or nil.
func (s *stage) eventOf(c *crowd, method, path, query string, body any) []byte {
	r := request{method: method, path: "/contacts/org/" + c.org + path, query: query, authorization: "Bearer " + c.token}
	if body != nil {
		r.body = string(marshal(body))
	}
	return s.sample.event(r)
}

// fillWithCopies adds one contact through the platform, and the others as copies of its items with smaller ids.
func (s *stage) fillWithCopies(ctx context.Context, org string, contacts int) error {
	made, err := store.Individuals(s.database.Store).Create(ctx, contact.Owner{Org: org}, idempotency.Write{}, &contact.IndividualContact{
		ExternalID: contact.ExternalID(externalID(0)), Name: fullName(0), DateOfBirth: dateOfBirth, Anniversary: anniversary})
	if err != nil {
		return err
	}
	model, err := s.stored(ctx, "T#"+org+"#I", digits(made.ID))
	if err != nil {
		return err
	}
	guard, err := s.stored(ctx, "T#"+org+"#C#"+digits(made.ID), "guard")
	if err != nil {
		return err
	}
	return s.multiply(ctx, made.ID, contacts-1, func(id contact.ID, n int) []item {
		external, name := externalID(n+1), fullName(n+1)
		renamed := strings.NewReplacer(made.ID.String(), id.String(), externalID(0), external, fullName(0), name)
		lookup := keys.NameLookup(name)
		items := []item{
			with(model, item{"sk": text(digits(id)), "doc": text(renamed.Replace(string(made.Doc))),
				"uniques": &types.AttributeValueMemberSS{Value: []string{"INDIVIDUAL#" + external}},
				"lookups": &types.AttributeValueMemberSS{Value: []string{lookup}}}),
			with(guard, item{"pk": text("T#" + org + "#C#" + digits(id))}),
			store.UniqueItem(org, contact.Individual.String(), external, id),
		}
		for _, word := range store.LookupItems(org, lookup, keys.Target{Contact: id}) {
			items = append(items, word)
		}
		return items
	})
}

type item = map[string]types.AttributeValue

// multiply writes copies of a model with smaller ids, without a transaction for each, which would take an hour. They are older than an
// hour, like most of a long list. copies returns the items of one copy.
func (s *stage) multiply(ctx context.Context, model contact.ID, n int, copies func(id contact.ID, n int) []item) error {
	const kinds = 4 // the lowest bits of an id are its kind
	hour := contact.ID(time.Hour/time.Millisecond) << 13
	first := model - hour - contact.ID(n)*kinds
	const most = 25 // the limit of a BatchWriteItem
	together := most / len(copies(first, 0))
	client := s.client()
	return dynamo.EachParallel(ctx, (n+together-1)/together, func(ctx context.Context, batch int) error {
		var writes []types.WriteRequest
		for i := batch * together; i < min((batch+1)*together, n); i++ {
			for _, item := range copies(first+contact.ID(i)*kinds, i) {
				writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
			}
		}
		done, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: writes}})
		if err == nil && len(done.UnprocessedItems) > 0 {
			err = errors.New("the engine left items of a batch out")
		}
		return err
	})
}

// client returns a client of the engine itself.
func (s *stage) client() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.engine.Endpoint()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: dynamo.Parallel}},
	})
}

// stored returns the item with a key.
func (s *stage) stored(ctx context.Context, pk, sk string) (item, error) {
	out, err := s.client().GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(tableName), Key: item{"pk": text(pk), "sk": text(sk)}})
	if err == nil && out.Item == nil {
		err = fmt.Errorf("there is no item %s %s", pk, sk)
	}
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// with returns a copy of an item with other values of some attributes.
func with(model, changes item) item {
	changed := maps.Clone(model)
	maps.Copy(changed, changes)
	return changed
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func digits(id contact.ID) string { return fmt.Sprintf("%016d", int64(id)) }
