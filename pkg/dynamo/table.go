// Package dynamo is the driver of a DynamoDB table with the keys pk and sk: transactions whose conditions know their refusals, queries,
// retries, and the capacity that a request consumed. It knows nothing of what the items are.
package dynamo

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	endpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"

	"contacts/pkg/retries"
)

// Table is one table.
type Table struct {
	client *dynamodb.Client
	name   string
}

// Options locate the table.
type Options struct {
	Name        string
	Region      string
	Endpoint    string // "" for AWS's own
	Credentials aws.CredentialsProvider
	HTTPClient  *http.Client // nil for the default one
	TraceDaemon string       // the X-Ray daemon's address, as in AWS_XRAY_DAEMON_ADDRESS; "" for no traces
}

// Open returns the table. It makes no call.
func Open(o Options) *Table {
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	steps := []func(*middleware.Stack) error{retries.AddLastError}
	if o.TraceDaemon != "" {
		steps = append(steps, newTracer(o.TraceDaemon, o.Region, o.Name).add)
	}
	client := dynamodb.New(dynamodb.Options{
		Region:             o.Region,
		Credentials:        o.Credentials,
		HTTPClient:         o.HTTPClient,
		EndpointResolverV2: &resolvedOnce{rules: dynamodb.NewDefaultEndpointResolverV2()},
		// The code is that of a single write that met a transaction: the SDK doesn't try it again.
		Retryer:    retries.Retryer("TransactionConflictException"),
		APIOptions: steps,
	}, func(d *dynamodb.Options) {
		if o.Endpoint != "" {
			d.BaseEndpoint = aws.String(o.Endpoint)
		}
	})
	return &Table{client: client, name: o.Name}
}

// A resolvedOnce resolves the address of DynamoDB by the SDK's rules once: it depends on region and account, which never change, and
// the rules cost each request as much as its signature.
type resolvedOnce struct {
	rules dynamodb.EndpointResolverV2
	found atomic.Pointer[endpoints.Endpoint]
}

// ResolveEndpoint returns the address; the SDK calls it.
func (r *resolvedOnce) ResolveEndpoint(ctx context.Context, p dynamodb.EndpointParameters) (endpoints.Endpoint, error) {
	if e := r.found.Load(); e != nil {
		return *e, nil
	}
	e, err := r.rules.ResolveEndpoint(ctx, p)
	if err == nil {
		r.found.Store(&e)
	}
	return e, err
}

// Name returns the name of the table.
func (t *Table) Name() string { return t.name }

// Backoff waits before the next try of a call that failed with met: full jitter, 1 ms doubling to 256 ms. It returns an *UnavailableError
// that wraps met after the context's end.
func Backoff(ctx context.Context, try int, met error) error {
	timer := time.NewTimer(rand.N(time.Millisecond << min(try, 8)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return Unavailable(retries.WithLastError(ctx, ctx.Err(), met))
	}
}

// Get reads one item, strongly consistent. A missing one is nil.
func (t *Table) Get(ctx context.Context, key Key) (Item, error) {
	a := newAnswer()
	defer a.free()
	if _, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: key.Item(), ConsistentRead: aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}, a.keep(&dynamodb.GetItemOutput{})); err != nil {
		return nil, classify(err)
	}
	var found Item
	_, consumed, err := a.read(func(d *Decoder) (err error) {
		found, err = ReadItem(d)
		return err
	})
	addRead(ctx, consumed)
	return found, err
}

// Exists reports whether an item exists.
func (t *Table) Exists(ctx context.Context, key Key) (bool, error) {
	item, err := t.Get(ctx, key)
	return item != nil, err
}
