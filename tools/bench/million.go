package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	"contacts/tools/runtime"
)

// A depth is what a page costs behind an offset.
type depth struct {
	offset int
	query  string
	units  float64 // read units
	calls  int     // of the store
	took   float64 // ms
}

const (
	millionOrg = "million"
	million    = 1_000_000
	lastPage   = 999_800
	// batch is DynamoDB's bound on the items of a BatchWriteItem.
	batch = 25
)

// measureMillion takes pages of a list of 1,000,000 contacts, and of a customer list of as many, at several depths. Each depth is
// read once before it is measured: a deep read leaves marks for those behind it.
func (s *stage) measureMillion(ctx context.Context, r *report) error {
	progress("adding %d contacts", million)
	list, err := s.fillMillion(ctx)
	if err != nil {
		return err
	}
	token, err := s.authorize(ctx, millionOrg)
	if err != nil {
		return err
	}
	progress("reading pages")
	for _, pages := range []struct{ group, path, query, what string }{
		{individuals, "/individual", "", ""},
		{individuals, "/individual", "&deleted=false", "&deleted=false"},
		{"customerlists", "/customer-list/" + list.String() + "/item", "", " of a customer list"},
	} {
		for _, offset := range []int{0, 10_000, lastPage} {
			event := s.sample.event(request{method: "GET", path: "/contacts/org/" + millionOrg + pages.path,
				query: fmt.Sprintf("limit=200&offset=%d%s", offset, pages.query), authorization: "Bearer " + token})
			d, err := s.page(ctx, pages.group, event)
			if err != nil {
				return fmt.Errorf("%s, offset %d: %w", pages.path, offset, err)
			}
			d.offset, d.query = offset, pages.what
			r.deep = append(r.deep, d)
		}
	}
	return nil
}

// page is what a page costs that was read before.
func (s *stage) page(ctx context.Context, group string, event []byte) (d depth, err error) {
	lines, log := io.Pipe()
	defer func() { _ = lines.Close() }() // whatever the function still logs goes nowhere
	p, err := runtime.Start(ctx, runtime.Options{Binary: s.binary(group), Env: s.environment, Output: log, Timeout: 10 * time.Minute})
	if err != nil {
		return d, err
	}
	defer p.Stop()
	read := json.NewDecoder(lines)
	for range 2 {
		_, took, err := ask(ctx, p, event)
		if err != nil {
			return d, err
		}
		var line struct {
			ReadUnits  float64 `json:"read_units"`
			StoreCalls int     `json:"store_calls"`
		}
		if err := read.Decode(&line); err != nil {
			return d, err
		}
		d.units, d.calls, d.took = line.ReadUnits, line.StoreCalls, milliseconds(took)
	}
	return d, nil
}

// fillMillion adds one contact, and one customer to a list, as the platform does, and the others as copies of their items: a
// transaction for each would take an hour. It returns the list.
func (s *stage) fillMillion(ctx context.Context) (contact.ID, error) {
	if _, err := dynamo.Individuals(s.table).Create(ctx, millionOrg, contact.IndividualContact{
		Name: fullName(0), DateOfBirth: dateOfBirth, Anniversary: anniversary}); err != nil {
		return 0, err
	}
	if err := s.multiply(ctx, "T#"+millionOrg+"#I"); err != nil {
		return 0, err
	}
	customer, err := dynamo.PlaceholderCustomers(s.table).Create(ctx, millionOrg, contact.PlaceholderCustomer{CustomerID: "till", Name: fullName(0), CustomerSince: anniversary})
	if err != nil {
		return 0, err
	}
	list, err := dynamo.CustomerLists(s.table).Create(ctx, dynamo.Owner{Org: millionOrg}, &contact.CustomerList{Name: fullName(0)})
	if err != nil {
		return 0, err
	}
	if refused, err := dynamo.ListItemsOf(s.table).Add(ctx, millionOrg, list.ID, []contact.ID{customer.ID}); err != nil || len(refused) > 0 {
		return 0, errors.Join(err, refused[0])
	}
	return list.ID, s.multiply(ctx, "T#"+millionOrg+"#L#"+digits(list.ID))
}

// multiply makes a million rows of the first one of a partition: copies under ids before its own, older than an hour as most
// of such a list are.
func (s *stage) multiply(ctx context.Context, pk string) error {
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.engine.Endpoint()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: dynamo.Parallel}},
	})
	out, err := client.Query(ctx, &dynamodb.QueryInput{TableName: aws.String(tableName), Limit: aws.Int32(1),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(pk)}})
	if err != nil {
		return err
	}
	if len(out.Items) == 0 {
		return errors.New("the item of a row is not where it was expected")
	}
	model := out.Items[0]
	doc, ok := model["doc"].(*types.AttributeValueMemberS)
	sk, keyed := model["sk"].(*types.AttributeValueMemberS)
	if !ok || !keyed {
		return errors.New("the item of a row is not as it was expected")
	}
	own, err := contact.ParseID(strings.TrimLeft(sk.Value, "0"))
	if err != nil {
		return err
	}
	const kinds = 4 // an id's lowest bits are its kind, which stays
	hour := contact.ID(time.Hour/time.Millisecond) << 13
	first := own - hour - million*kinds
	return dynamo.EachParallel(ctx, million/batch, func(ctx context.Context, n int) error {
		var writes []types.WriteRequest
		for i := n * batch; i < min((n+1)*batch, million-1); i++ {
			id := first + contact.ID(i)*kinds
			item := maps.Clone(model)
			item["sk"], item["doc"] = text(digits(id)), text(strings.Replace(doc.Value, own.String(), id.String(), 1))
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		done, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: writes}})
		if err == nil && len(done.UnprocessedItems) > 0 {
			err = errors.New("the engine left items of a batch out")
		}
		return err
	})
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func digits(id contact.ID) string { return fmt.Sprintf("%016d", int64(id)) }
