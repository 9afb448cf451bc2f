package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"contacts/pkg/auth"
	"contacts/pkg/capacity"
	"contacts/pkg/changes"
	"contacts/pkg/idempotency"
)

// A request is the state of the request being served: for its log line, and for the handlers.
type request struct {
	id        string // the gateway's
	clientID  string // the X-Request-Id of the client, "" for none that may be logged
	traceID   string // the trace-id of the client's traceparent, "" for none
	origin    string // scheme and host by which the client reached the API
	started   time.Time
	operation string
	head      bool // the response has no body
	claims    auth.Claims
	body      []byte
	key       *idempotency.Key // nil for none
	units     *capacity.Units
	retries   *atomic.Int64
	replayed  bool
	// failedItems counts the items of a batch that failed with 5xx. If there are any, the answer is not stored for the
	// Idempotency-Key, so that a repeat can complete the rest.
	failedItems int
	causes      []string // distinct causes of 5xx, for the log only
}

func newRequest(r *http.Request, now time.Time) *request {
	return &request{id: r.Header.Get("Apigw-Requestid"), clientID: clientRequestID(r.Header.Get("X-Request-Id")), traceID: traceID(r.Header.Get("Traceparent")),
		origin: originOf(r), started: now, head: r.Method == http.MethodHead}
}

// clientRequestID returns a client's X-Request-Id as it is logged: "" unless it has 1 to 64 letters, digits and "-_.:", which no
// email address or free text has.
func clientRequestID(header string) string {
	odd := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_.:", r)
	}
	if len(header) > 64 || strings.ContainsFunc(header, odd) {
		return ""
	}
	return header
}

// traceID returns the trace-id of a traceparent header, 32 hexadecimal digits, or "" if the header is not valid.
//
// https://www.w3.org/TR/trace-context/#traceparent-header
func traceID(traceparent string) string {
	const none = "00000000000000000000000000000000"
	notHex := func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') }
	parts := strings.Split(traceparent, "-")
	if len(parts) < 4 || parts[0] == "ff" || parts[0] == "00" && len(parts) > 4 || parts[1] == none || parts[2] == none[:16] {
		return ""
	}
	for i, length := range []int{2, 32, 16, 2} {
		if len(parts[i]) != length || strings.ContainsFunc(parts[i], notHex) {
			return ""
		}
	}
	return parts[1]
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// Caller returns the claims of the access token.
func Caller(ctx context.Context) auth.Claims { return requestOf(ctx).claims }

// IsHead reports whether the request is a HEAD request.
func IsHead(ctx context.Context) bool { return requestOf(ctx).head }

// changeOrigin returns what the changes of the request say about it.
func (r *request) changeOrigin() changes.Origin {
	by := r.claims.Subject
	if r.claims.User != 0 {
		by = "user:" + strconv.FormatInt(r.claims.User, 10)
	}
	return changes.Origin{By: by, Operation: r.operation, Request: r.id}
}

// instance returns the URI of this request in a problem.
func (r *request) instance() string {
	if r.id == "" {
		return ""
	}
	return "urn:request:" + url.PathEscape(r.id)
}

// typeURI returns the URI of a kind of problem: its description, on the host of this request.
func (r *request) typeURI(anchor string) string { return r.origin + errorsPath + "#" + anchor }

// identify completes the problem that this request is answered with.
func (r *request) identify(p *Problem) { p.Type, p.Instance = r.typeURI(p.anchor), r.instance() }

// originOf returns the scheme and host by which the client reached the API, "https://contacts.example.com". API Gateway
// serves HTTPS only; a local gateway says so when it does not.
func originOf(r *http.Request) string {
	scheme := "https"
	if r.Header.Get("X-Forwarded-Proto") == "http" {
		scheme = "http"
	}
	return scheme + "://" + r.Host
}

// Bounds of the causes in a log line: CloudWatch accepts events of 256 KB, and a batch can fail in hundreds of ways.
const (
	maxCauses = 10
	maxCause  = 4 << 10 // bytes of each
)

// fail records the cause of a 5xx for the log.
func (r *request) fail(cause error, status int) {
	if status < http.StatusInternalServerError || cause == nil || len(r.causes) == maxCauses {
		return
	}
	text := cause.Error()
	if len(text) > maxCause {
		text = strings.ToValidUTF8(text[:maxCause], "") + "…"
	}
	if !slices.Contains(r.causes, text) {
		r.causes = append(r.causes, text)
	}
}

// failItem records the cause of a 5xx of one item.
func (r *request) failItem(cause error, status int) {
	r.fail(cause, status)
	if status >= http.StatusInternalServerError {
		r.failedItems++
	}
}

// replay discards the failures: the response is a stored answer.
func (r *request) replay() { r.replayed, r.failedItems, r.causes = true, 0, nil }

// failures returns the number of 5xx: one for the response, else one for each failed item.
func (r *request) failures(status int) int {
	if status >= http.StatusInternalServerError {
		return max(1, r.failedItems)
	}
	return r.failedItems
}

// writeLog writes the request's log line. It has no path and no parameter, and of the headers only the ids that the client gave the
// request: others may contain personal data or secrets.
// CloudWatch derives metrics in the namespace metrics, "" for none.
func (r *request) writeLog(log *slog.Logger, metrics, method string, status int, now time.Time) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request_id", r.id),
		slog.String("org", r.claims.Organization),
		slog.String("operation", r.operation),
		slog.String("method", method),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(now.Sub(r.started).Microseconds())/1000),
		unitsAttr("read_units", r.units.Read),
		unitsAttr("write_units", r.units.Write),
		slog.Int("store_calls", r.units.Calls),
		slog.Int("conflicts", r.units.Conflicts),
		slog.Int64("retries", r.retries.Load()),
		slog.Int("failures", r.failures(status)),
	}
	if metrics != "" && r.operation != "" {
		attrs = append(attrs, metricsAttr(metrics, now))
	}
	if r.clientID != "" {
		attrs = append(attrs, slog.String("client_request_id", r.clientID))
	}
	if r.traceID != "" {
		attrs = append(attrs, slog.String("trace_id", r.traceID))
	}
	if r.replayed {
		attrs = append(attrs, slog.Bool("replayed", true))
	}
	if r.causes != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("cause", strings.Join(r.causes, "\n")))
	}
	log.LogAttrs(context.Background(), level, "request", attrs...)
}

// unitsAttr returns capacity units as an integer where possible: slog formats integers ten times faster.
func unitsAttr(name string, n float64) slog.Attr {
	if whole := int64(n); float64(whole) == n {
		return slog.Int64(name, whole)
	}
	return slog.Float64(name, n)
}

// metricsAttr returns the attribute that makes a log line one in CloudWatch's embedded metric format: metrics per operation,
// and the failures of all operations.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func metricsAttr(namespace string, now time.Time) slog.Attr {
	return slog.Group("_aws", slog.Int64("Timestamp", now.UnixMilli()), slog.Any("CloudWatchMetrics", []directive{{
		Namespace: namespace, Dimensions: [][]string{{"operation"}}, Metrics: []metric{
			{"duration_ms", "Milliseconds"}, {"read_units", "Count"}, {"write_units", "Count"}, {"store_calls", "Count"},
			{"conflicts", "Count"}, {"retries", "Count"},
		},
	}, {Namespace: namespace, Dimensions: [][]string{{}}, Metrics: []metric{{"failures", "Count"}}}}))
}

type (
	directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []metric
	}
	metric struct{ Name, Unit string }
)
