// Package dynamo keeps contacts in one DynamoDB table. It is where the rules that span items are held: each is a
// condition inside a transaction, never a read before a write. It knows nothing of HTTP or of dialects.
//
// A refusal that the caller can do something about is a *contact.Error; any other error is a fault.
package dynamo

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	endpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/retries"
)

// Table is the platform's table.
type Table struct {
	client *dynamodb.Client
	name   string
	now    func() time.Time
	ids    *contact.Sequence
	cuts   cuts
	chunks *chunkCache
	tries  openTries
	// crowded are organizations on whose items there was no room for another representative.
	crowded *keySet
}

// Options says where the table is.
type Options struct {
	Name        string
	Region      string
	Endpoint    string // "" for AWS's own
	Credentials aws.CredentialsProvider
	HTTPClient  *http.Client // nil for the default one
	Now         func() time.Time
	IDs         *contact.Sequence // nil for that of the process
}

// Open returns the table; nothing is asked of it yet.
func Open(o Options) *Table {
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	client := dynamodb.New(dynamodb.Options{
		Region:             o.Region,
		Credentials:        o.Credentials,
		HTTPClient:         o.HTTPClient,
		EndpointResolverV2: &resolvedOnce{rules: dynamodb.NewDefaultEndpointResolverV2()},
		// The code is that of a single write that met a transaction: the SDK doesn't try it again.
		Retryer:    retries.Retryer("TransactionConflictException"),
		APIOptions: []func(*middleware.Stack) error{retries.AddLastError},
	}, func(d *dynamodb.Options) {
		if o.Endpoint != "" {
			d.BaseEndpoint = aws.String(o.Endpoint)
		}
	})
	t := &Table{client: client, name: o.Name, now: time.Now, ids: ids, cuts: usualCuts, chunks: newChunkCache(), crowded: new(keySet)}
	if o.Now != nil {
		t.now, t.ids = o.Now, contact.NewSequence(o.Now)
	}
	if o.IDs != nil {
		t.ids = o.IDs
	}
	return t
}

// A resolvedOnce asks the SDK's rules for the address of DynamoDB once: region and account, which it follows from, never change, and
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

// ids are those that this process makes: on a laptop it is all functions, and what one makes behind another has the greater id,
// in the same millisecond too.
var ids = contact.NewSequence(time.Now)

// Name is what the table is called.
func (t *Table) Name() string { return t.name }

// Units sums what a request consumed, in DynamoDB's capacity units, and counts its calls.
type Units struct {
	mu          sync.Mutex
	Read, Write float64
	Calls       int
	// Conflicts counts the transactions that met another on the same item and were tried again.
	Conflicts int
}

type unitsKey struct{}

// WithUnits returns a context whose calls are summed in the returned Units, to be read when all calls are done.
func WithUnits(ctx context.Context) (context.Context, *Units) {
	u := new(Units)
	return context.WithValue(ctx, unitsKey{}, u), u
}

func units(ctx context.Context) *Units {
	if u, ok := ctx.Value(unitsKey{}).(*Units); ok {
		return u
	}
	return new(Units)
}

func (u *Units) read(c *types.ConsumedCapacity) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Calls++
	if c != nil {
		u.Read += aws.ToFloat64(c.CapacityUnits)
	}
}

func (u *Units) wrote(consumed []types.ConsumedCapacity) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Calls++
	for _, c := range consumed {
		u.Write += aws.ToFloat64(c.CapacityUnits)
	}
}

// backoff waits before the next try of something that lost a race, which met says: full jitter, 1 ms doubling to 256 ms.
// It returns an error, which wraps met, when the request's time is over.
func backoff(ctx context.Context, try int, met error) error {
	timer := time.NewTimer(rand.N(time.Millisecond << min(try, 8)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return unavailable(retries.WithLastError(ctx, ctx.Err(), met))
	}
}

func unavailable(cause error) error {
	return &contact.Error{Reason: contact.Unavailable, Detail: "the store is busy or out of reach; try again", Cause: cause}
}

// failure sorts an error of the SDK: what a later try may cure, and what is a fault.
func failure(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return unavailable(err) // never reached the store, or the answer never came back
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError",
		"ServiceUnavailable", "TransactionInProgressException", "TransactionConflictException", "LimitExceededException":
		return unavailable(err)
	}
	if api.ErrorFault() == smithy.FaultServer {
		return unavailable(err)
	}
	return err
}

// get reads one item, strongly consistent. A missing one is nil.
func (t *Table) get(ctx context.Context, key Key) (Item, error) {
	a := newAnswer()
	defer a.free()
	if _, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: key.attributes(), ConsistentRead: aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}, a.keep(&dynamodb.GetItemOutput{})); err != nil {
		return nil, failure(err)
	}
	var found Item
	_, consumed, err := a.read(func(d *jsontext.Decoder) (err error) {
		found, err = readItem(d)
		return err
	})
	units(ctx).read(consumed)
	return found, err
}

// exists tells whether there is such an item.
func (t *Table) exists(ctx context.Context, key Key) (bool, error) {
	item, err := t.get(ctx, key)
	return item != nil, err
}
