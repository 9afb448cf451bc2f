package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
)

// A request is what the middleware knows of the request being served: for its log line, and for the handlers.
type request struct {
	id        string
	started   time.Time
	operation string
	head      bool // the answer's body isn't wanted
	claims    auth.Claims
	body      []byte
	units     *dynamo.Units
	retries   *atomic.Int64
	replayed  bool
	// unfinished says that part of what was asked failed for now.
	unfinished bool
	cause      error // of a failure that the caller was told nothing about
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// Caller returns who makes the request: application or user, organization, and its default region.
func Caller(ctx context.Context) auth.Claims { return requestOf(ctx).claims }

// IsHead tells whether the request asks for what GET would answer, without a body.
func IsHead(ctx context.Context) bool { return requestOf(ctx).head }

// instance names this request in a problem.
func (r *request) instance() string {
	if r.id == "" {
		return ""
	}
	return "urn:request:" + url.PathEscape(r.id)
}

// fail keeps the cause of a failure that is the platform's own for the log.
func (r *request) fail(cause error, status int) {
	if status >= http.StatusInternalServerError {
		r.cause = cause
	}
}

// failItem keeps what is the platform's own failure with one item of a request. The answer then isn't the last word: it is
// not kept with an Idempotency-Key, so that a repeat can do what is left.
func (r *request) failItem(cause error, status int) {
	r.fail(cause, status)
	r.unfinished = r.unfinished || status >= http.StatusInternalServerError
}

// line writes the request's one log line. It holds no path, no parameter and no header: they may be personal data
// or secrets. In the namespace metrics, "" for none, CloudWatch makes metrics of its numbers.
func (r *request) line(log *slog.Logger, metrics, method string, status int, now time.Time) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request_id", r.id),
		slog.String("org", r.claims.Organization),
		slog.String("operation", r.operation),
		slog.String("method", method),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(now.Sub(r.started).Microseconds())/1000),
		units("read_units", r.units.Read),
		units("write_units", r.units.Write),
		slog.Int("store_calls", r.units.Calls),
		slog.Int("conflicts", r.units.Conflicts),
		slog.Int64("retries", r.retries.Load()),
	}
	if metrics != "" && r.operation != "" {
		failures := 0
		if status >= http.StatusInternalServerError {
			failures = 1
		}
		attrs = append(attrs, slog.Int("failures", failures), measured(metrics, now))
	}
	if r.replayed {
		attrs = append(attrs, slog.Bool("replayed", true))
	}
	if r.cause != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("cause", r.cause.Error()))
	}
	log.LogAttrs(context.Background(), level, "request", attrs...)
}

// units are a number of capacity units, nearly always a whole one: slog writes that in a tenth of the time.
func units(name string, n float64) slog.Attr {
	if whole := int64(n); float64(whole) == n {
		return slog.Int64(name, whole)
	}
	return slog.Float64(name, n)
}

// measured makes a log line one in CloudWatch's embedded metric format: metrics of these fields, for each operation; and how
// many requests failed, of all.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func measured(namespace string, now time.Time) slog.Attr {
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
