package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/dynamo"
	"contacts/pkg/local"
	"contacts/pkg/wiring"
	"contacts/tools/simulator"
)

// through returns a client of DynamoDB that never tries again, before a simulator and an engine with an empty table.
func through(t *testing.T, o simulator.Options) (*simulator.Simulator, *dynamodb.Client) {
	t.Helper()
	if o.Engine == "" {
		o.Engine = engineOf(t)
	}
	s, err := simulator.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	keys := credentials.NewStaticCredentialsProvider("local", "local", "")
	if err := wiring.Open(dynamo.Options{Name: "table", Region: "us-east-1", Endpoint: s.Endpoint(), Credentials: keys}).Table.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, dynamodb.New(dynamodb.Options{Region: "us-east-1", Credentials: keys, BaseEndpoint: aws.String(s.Endpoint()), Retryer: aws.NopRetryer{}})
}

func engineOf(t *testing.T) string {
	t.Helper()
	engine, err := local.StartEngine(t.Context(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	return engine.Endpoint()
}

type attributes = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func thing(pk, sk string) attributes { return attributes{"pk": text(pk), "sk": text(sk)} }

// transact puts things in one transaction.
func transact(ctx context.Context, c *dynamodb.Client, things ...attributes) error {
	in := &dynamodb.TransactWriteItemsInput{}
	for _, i := range things {
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: aws.String("table"), Item: i}})
	}
	_, err := c.TransactWriteItems(ctx, in)
	return err
}

// reasons are those for which a transaction was cancelled.
func reasons(t *testing.T, err error) (codes []string) {
	t.Helper()
	cancelled := new(types.TransactionCanceledException)
	if !errors.As(err, &cancelled) {
		t.Fatalf("not cancelled: %v", err)
	}
	for _, r := range cancelled.CancellationReasons {
		codes = append(codes, aws.ToString(r.Code))
	}
	return codes
}

func TestAPartitionTakesItsUnitsInASecondAndNoMore(t *testing.T) {
	t.Parallel()
	var second atomic.Int64
	s, client := through(t, simulator.Options{Limits: simulator.Limits{Write: 20}, Now: func() time.Time { return time.Unix(second.Load(), 0) }})
	for range 2 {
		second.Add(1)
		done := 0
		var err error
		for ; err == nil; done++ {
			err = transact(t.Context(), client, thing("free"+fmt.Sprint(done), "1"), thing("bound", fmt.Sprint(done)))
		}
		if got := strings.Join(reasons(t, err), " "); got != "None ThrottlingError" {
			t.Errorf("cancelled for %s", got)
		}
		if done-1 != 10 { // of 2 units each
			t.Errorf("%d transactions went through in a second", done-1)
		}
		_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("table"), Item: thing("bound", "x")})
		throttled := new(types.ProvisionedThroughputExceededException)
		if !errors.As(err, &throttled) {
			t.Errorf("a write of one item is answered %v", err)
		}
	}
	if u := s.Measure(); u.Throttled["bound"] == 0 || len(u.Throttled) != 1 {
		t.Errorf("throttled are %v", u.Throttled)
	}
}

func TestWritesOfItemsUnderWayAreRefused(t *testing.T) {
	t.Parallel()
	engine, err := url.Parse(engineOf(t))
	if err != nil {
		t.Fatal(err)
	}
	// The first transaction is under way until all others are answered.
	arrived, release, held := make(chan struct{}), make(chan struct{}), atomic.Bool{}
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") && held.CompareAndSwap(false, true) {
			close(arrived)
			<-release
		}
		httputil.NewSingleHostReverseProxy(engine).ServeHTTP(w, r)
	}))
	t.Cleanup(gate.Close)
	_, client := through(t, simulator.Options{Engine: gate.URL, Conflicts: true})
	answered := make(chan error)
	go func() { answered <- transact(t.Context(), client, thing("a", "1"), thing("b", "1")) }()
	<-arrived
	if got := strings.Join(reasons(t, transact(t.Context(), client, thing("c", "1"), thing("b", "1"))), " "); got != "None TransactionConflict" {
		t.Errorf("a second transaction is cancelled for %s", got)
	}
	_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("table"), Item: thing("a", "1")})
	if met := new(types.TransactionConflictException); !errors.As(err, &met) {
		t.Errorf("a write of one item is answered %v", err)
	}
	if err := transact(t.Context(), client, thing("a", "2")); err != nil {
		t.Errorf("a transaction of another item is answered %v", err)
	}
	close(release)
	if err := <-answered; err != nil {
		t.Errorf("the first transaction is answered %v", err)
	}
	if err := transact(t.Context(), client, thing("a", "1"), thing("b", "1")); err != nil {
		t.Errorf("a transaction after all others is answered %v", err)
	}
}

// The engine counts the units of single writes and of reads itself.
func TestUnitsAreThoseThatTheEngineCounts(t *testing.T) {
	t.Parallel()
	s, client := through(t, simulator.Options{})
	s.Measure()
	for n, filler := range map[string]attributes{
		"text":    {"v": text(strings.Repeat("ä", 700))},
		"binary":  {"v": &types.AttributeValueMemberB{Value: make([]byte, 5000)}},
		"numbers": {"a": &types.AttributeValueMemberN{Value: "1732838400123"}, "b": &types.AttributeValueMemberN{Value: "-5"}},
		"nested":  {"m": &types.AttributeValueMemberM{Value: attributes{"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{text(strings.Repeat("a", 3000))}}}}},
	} {
		put := thing(n, "1")
		for name, v := range filler {
			put[name] = v
		}
		out, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("table"), Item: put, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		if err != nil {
			t.Fatal(err)
		}
		read, err := client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
			RequestItems: map[string]types.KeysAndAttributes{"table": {Keys: []map[string]types.AttributeValue{thing(n, "1")}, ConsistentRead: aws.Bool(true)}}})
		if err != nil {
			t.Fatal(err)
		}
		u := s.Measure()
		if want := aws.ToFloat64(out.ConsumedCapacity.CapacityUnits); u.Writes[n] != want {
			t.Errorf("%s: %v write units, the engine counts %v", n, u.Writes[n], want)
		}
		if want := aws.ToFloat64(read.ConsumedCapacity[0].CapacityUnits); u.Reads[n] != want {
			t.Errorf("%s: %v read units, the engine counts %v", n, u.Reads[n], want)
		}
		// A change and a deletion cost what is there, in a transaction twice as much.
		key := thing(n, "1")
		_, err = client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Delete: &types.Delete{TableName: aws.String("table"), Key: key}}}})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := s.Measure().Writes[n], 2*u.Writes[n]; got != want {
			t.Errorf("%s: removed for %v write units, want %v", n, got, want)
		}
	}
}
