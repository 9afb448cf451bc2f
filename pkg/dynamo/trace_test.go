package dynamo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:abc:0"

// A traced request has a subsegment for each call, with how it ended, tries together.
func TestATracedCallSendsItsSubsegment(t *testing.T) {
	t.Parallel()
	answers := map[string]struct {
		status int
		body   string
		want   string // what the subsegment says of its end
	}{
		"success":   {200, `{}`, `"aws":{"operation":"GetItem","region":"eu-central-1","table_name":"contacts","request_id":"R1"}}`},
		"condition": {400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`, `"request_id":"R1"},"http":{"response":{"status":400}},"error":true}`},
		"throttled": {400, `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}`, `"request_id":"R1","retries":2},"http":{"response":{"status":400}},"error":true,"throttle":true}`},
		"failure":   {500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}`, `"request_id":"R1","retries":2},"http":{"response":{"status":500}},"fault":true}`},
		"silence":   {0, "", `"retries":2},"fault":true}`},
	}
	for name, c := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := subsegmentOf(t, context.WithValue(t.Context(), "x-amzn-trace-id", traceHeader), c.status, c.body) //nolint:staticcheck // aws-lambda-go's key
			shape := `^\{"format":"json","version":1\}\n\{"name":"DynamoDB","namespace":"aws","type":"subsegment","id":"[0-9a-f]{16}","trace_id":"1-5759e988-bd862e3fe1be46a994272793",` +
				`"parent_id":"53995c3f42cd8ad8","start_time":\d+(\.\d+)?,"end_time":\d+(\.\d+)?,"aws":\{"operation":"GetItem",.*$`
			if !regexp.MustCompile(shape).Match(got) || !bytes.HasSuffix(got, []byte(c.want)) {
				t.Errorf("sent %s", got)
			}
			var times struct {
				Start float64 `json:"start_time"`
				End   float64 `json:"end_time"`
			}
			if err := json.Unmarshal(got[bytes.IndexByte(got, '\n'):], &times); err != nil || times.End < times.Start || times.Start < 1.7e9 {
				t.Errorf("from %v to %v, %v", times.Start, times.End, err)
			}
		})
	}
}

// A request that is not traced, or whose header is none, sends nothing.
func TestACallThatIsNotTracedSendsNothing(t *testing.T) {
	t.Parallel()
	for _, header := range []any{nil, "", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", "Sampled=1", 7} {
		ctx := context.WithValue(t.Context(), "x-amzn-trace-id", header) //nolint:staticcheck // aws-lambda-go's key
		if s, sampled := traced(ctx); sampled {
			t.Errorf("%v is traced as %v", header, s)
		}
	}
}

// subsegmentOf calls a table that answers so, and returns what comes to the daemon.
func subsegmentOf(t *testing.T, ctx context.Context, status int, body string) []byte {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("X-Amzn-Requestid", "R1")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	daemon, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = daemon.Close() })
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		RetryMaxAttempts: 3,
	}, dynamodb.WithAPIOptions(newTracer("tcp:127.0.0.1:1 udp:"+daemon.LocalAddr().String(), "eu-central-1", "contacts").add))
	_, _ = client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("contacts"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "k"}}})
	text := make([]byte, 1<<16)
	if err := daemon.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	n, err := daemon.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return text[:n]
}
