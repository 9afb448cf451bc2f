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

// measureMillion takes pages of a list of 1,000,000 contacts at several depths. Each depth is read once before it is
// measured, because a deep read may leave marks for those behind it.
func (s *stage) measureMillion(ctx context.Context, r *report) error {
	progress("adding %d contacts", million)
	if err := s.fillMillion(ctx); err != nil {
		return err
	}
	token, err := s.authorize(ctx, millionOrg)
	if err != nil {
		return err
	}
	lines, log := io.Pipe()
	defer func() { _ = lines.Close() }() // whatever the function still logs goes nowhere
	p, err := runtime.Start(ctx, runtime.Options{Binary: s.binary(individuals), Env: s.environment, Output: log, Timeout: 10 * time.Minute})
	if err != nil {
		return err
	}
	defer p.Stop()
	progress("reading pages")
	read := json.NewDecoder(lines)
	for _, query := range []string{"", "&deleted=false"} {
		for _, offset := range []int{0, 10_000, lastPage} {
			d := depth{offset: offset, query: query}
			event := s.sample.event(request{method: "GET", path: "/contacts/org/" + millionOrg + "/individual",
				query: fmt.Sprintf("limit=200&offset=%d%s", offset, query), authorization: "Bearer " + token})
			for range 2 {
				_, took, err := ask(ctx, p, event)
				if err != nil {
					return fmt.Errorf("offset %d: %w", offset, err)
				}
				var line struct {
					ReadUnits  float64 `json:"read_units"`
					StoreCalls int     `json:"store_calls"`
				}
				if err := read.Decode(&line); err != nil {
					return err
				}
				d.units, d.calls, d.took = line.ReadUnits, line.StoreCalls, milliseconds(took)
			}
			r.deep = append(r.deep, d)
		}
	}
	return nil
}

// fillMillion adds one contact as the platform does, and the others as copies of its item under ids before it: a transaction
// for each would take an hour. They are older than an hour, as most contacts of such a tenant are.
func (s *stage) fillMillion(ctx context.Context) error {
	model, err := dynamo.Individuals(s.table).Create(ctx, millionOrg, contact.IndividualContact{
		Name: fullName(0), DateOfBirth: dateOfBirth, Anniversary: anniversary})
	if err != nil {
		return err
	}
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.engine.Endpoint()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: dynamo.Parallel}},
	})
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(tableName), Key: map[string]types.AttributeValue{
		"pk": text("T#" + millionOrg + "#I"), "sk": text(digits(model.ID)),
	}})
	if err != nil {
		return err
	}
	doc, ok := out.Item["doc"].(*types.AttributeValueMemberS)
	if !ok {
		return errors.New("the item of a contact is not where it was expected")
	}
	const kinds = 4 // an id's lowest bits are its kind, which stays
	hour := contact.ID(time.Hour/time.Millisecond) << 13
	first := model.ID - hour - million*kinds
	return dynamo.EachParallel(ctx, million/batch, func(ctx context.Context, n int) error {
		var writes []types.WriteRequest
		for i := n * batch; i < min((n+1)*batch, million-1); i++ {
			id := first + contact.ID(i)*kinds
			item := maps.Clone(out.Item)
			item["sk"], item["doc"] = text(digits(id)), text(strings.Replace(doc.Value, model.ID.String(), id.String(), 1))
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
