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
)

// A crowd is a tenant with many contacts, each with an external id.
type crowd struct {
	org, token string
	contacts   int
}

// crowdOf returns the tenant of so many contacts, which is made when it is first asked for.
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

// event is that of a request below the tenant's path. body is JSON, or nil for none.
func (s *stage) eventOf(c *crowd, method, path, query string, body any) []byte {
	r := request{method: method, path: "/contacts/org/" + c.org + path, query: query, authorization: "Bearer " + c.token}
	if body != nil {
		r.body = string(marshal(body))
	}
	return s.sample.event(r)
}

// copied is how many contacts a BatchWriteItem adds: DynamoDB takes 25 items, and each has an external id.
const copied = 25 / 2

// fillWithCopies adds one contact as the platform does, and the others as copies of its items under ids before it: a transaction
// for each would take an hour. They are older than an hour, as most contacts of a large tenant are.
func (s *stage) fillWithCopies(ctx context.Context, org string, contacts int) error {
	made, err := dynamo.Individuals(s.table).Create(ctx, org, contact.IndividualContact{
		ExternalID: externalID(0), Name: fullName(0), DateOfBirth: dateOfBirth, Anniversary: anniversary})
	if err != nil {
		return err
	}
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.engine.Endpoint()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: dynamo.Parallel}},
	})
	read := func(pk, sk string) (map[string]types.AttributeValue, error) {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(tableName), Key: map[string]types.AttributeValue{"pk": text(pk), "sk": text(sk)}})
		if err != nil {
			return nil, err
		}
		if out.Item == nil {
			return nil, fmt.Errorf("an item of a contact is not where it was expected: %s %s", pk, sk)
		}
		return out.Item, nil
	}
	model, err := read("T#"+org+"#I", digits(made.ID))
	if err != nil {
		return err
	}
	claim, err := read("T#"+org+"#U#INDIVIDUAL", externalID(0))
	if err != nil {
		return err
	}
	const kinds = 4 // an id's lowest bits are its kind, which stays
	hour := contact.ID(time.Hour/time.Millisecond) << 13
	first := made.ID - hour - contact.ID(contacts)*kinds
	copies := contacts - 1
	return dynamo.EachParallel(ctx, (copies+copied-1)/copied, func(ctx context.Context, n int) error {
		var writes []types.WriteRequest
		for i := n * copied; i < min((n+1)*copied, copies); i++ {
			id, external := first+contact.ID(i)*kinds, externalID(i+1)
			renamed := strings.NewReplacer(made.ID.String(), id.String(), externalID(0), external)
			for _, item := range []map[string]types.AttributeValue{
				with(model, map[string]types.AttributeValue{"sk": text(digits(id)), "doc": text(renamed.Replace(string(made.Doc))),
					"claims": &types.AttributeValueMemberSS{Value: []string{"INDIVIDUAL#" + external}}}),
				with(claim, map[string]types.AttributeValue{"sk": text(external), "owner": &types.AttributeValueMemberN{Value: id.String()}}),
			} {
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

// with is a copy of an item with other values of some attributes.
func with(item, changes map[string]types.AttributeValue) map[string]types.AttributeValue {
	item = maps.Clone(item)
	maps.Copy(item, changes)
	return item
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func digits(id contact.ID) string { return fmt.Sprintf("%016d", int64(id)) }
