package dynamo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A tracer sends a subsegment of each call of the table to the X-Ray daemon, where Lambda says that the request is traced. X-Ray's own SDK
// for Go is no longer developed and adds 13 MB to a function, the exporter of OpenTelemetry adds 8, this 16 KB: the daemon takes a line of JSON.
//
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
type tracer struct {
	region, table string
	daemon        func() (net.Conn, error) // connected at the first subsegment
}

// newTracer returns the tracer of calls of a table. The daemon's address is that of AWS_XRAY_DAEMON_ADDRESS: host:port, or
// "tcp:host:port udp:host:port".
func newTracer(address, region, table string) *tracer {
	for part := range strings.FieldsSeq(address) {
		if udp, ok := strings.CutPrefix(part, "udp:"); ok {
			address = udp
		}
	}
	return &tracer{region: region, table: table, daemon: sync.OnceValues(func() (net.Conn, error) {
		return net.Dial("udp", address) // sends nothing
	})}
}

func (t *tracer) add(stack *middleware.Stack) error { return stack.Initialize.Add(t, middleware.After) }

// ID is the name of the step.
func (*tracer) ID() string { return "Trace" }

// A subsegment is one call of the table, with all its tries.
type subsegment struct {
	Name      string      `json:"name"`
	Namespace string      `json:"namespace"`
	Type      string      `json:"type"`
	ID        string      `json:"id"`
	TraceID   string      `json:"trace_id"`
	ParentID  string      `json:"parent_id"`
	Start     float64     `json:"start_time"` // seconds since 1970
	End       float64     `json:"end_time"`
	AWS       awsCall     `json:"aws"`
	HTTP      *httpAnswer `json:"http,omitempty"`  // of a refusal
	Error     bool        `json:"error,omitempty"` // refused, such as by a condition
	Throttle  bool        `json:"throttle,omitempty"`
	Fault     bool        `json:"fault,omitempty"` // failed, or without an answer
}

type httpAnswer struct {
	Response struct {
		Status int `json:"status"`
	} `json:"response"`
}

type awsCall struct {
	Operation string `json:"operation"`
	Region    string `json:"region"`
	Table     string `json:"table_name"`
	RequestID string `json:"request_id,omitempty"`
	Retries   int    `json:"retries,omitempty"`
}

// HandleInitialize times the call, and sends its subsegment if the request is traced.
func (t *tracer) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error,
) {
	s, sampled := traced(ctx)
	if !sampled {
		return next.HandleInitialize(ctx, in)
	}
	start := time.Now()
	out, metadata, err = next.HandleInitialize(ctx, in)
	s.Start, s.End = seconds(start), seconds(time.Now())
	s.AWS = awsCall{Operation: awsmiddleware.GetOperationName(ctx), Region: t.region, Table: t.table}
	s.AWS.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	if tries, ok := retry.GetAttemptResults(metadata); ok && len(tries.Results) > 0 {
		s.AWS.Retries = len(tries.Results) - 1
	}
	s.setOutcome(err)
	t.send(s)
	return out, metadata, err
}

// traced returns a subsegment with its trace, and whether Lambda samples the request, from the trace header of the invocation, which
// aws-lambda-go keeps in its context: Root=1-…;Parent=…;Sampled=1.
func traced(ctx context.Context) (s subsegment, sampled bool) {
	header, _ := ctx.Value("x-amzn-trace-id").(string)
	for part := range strings.SplitSeq(header, ";") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "Root":
			s.TraceID = value
		case "Parent":
			s.ParentID = value
		case "Sampled":
			sampled = value == "1"
		}
	}
	return s, sampled && s.TraceID != "" && s.ParentID != ""
}

// setOutcome sets the fields that say how the call ended.
func (s *subsegment) setOutcome(err error) {
	if err == nil {
		return
	}
	var refused *smithyhttp.ResponseError
	if !errors.As(err, &refused) || refused.HTTPStatusCode() == 0 {
		s.Fault = true // without an answer
		return
	}
	status := refused.HTTPStatusCode()
	s.HTTP = new(httpAnswer)
	s.HTTP.Response.Status = status
	s.Fault, s.Error = status >= http.StatusInternalServerError, status < http.StatusInternalServerError
	var named smithy.APIError
	if errors.As(err, &named) {
		_, s.Throttle = retry.DefaultThrottleErrorCodes[named.ErrorCode()]
	}
}

// send sends a subsegment without waiting for anything: a trace that gets lost is no failure of the request.
func (t *tracer) send(s subsegment) {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	s.ID, s.Name, s.Namespace, s.Type = hex.EncodeToString(id[:]), "DynamoDB", "aws", "subsegment"
	text, err := json.Marshal(s)
	if err != nil {
		return
	}
	if daemon, err := t.daemon(); err == nil {
		_, _ = daemon.Write(append([]byte(`{"format":"json","version":1}`+"\n"), text...))
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
