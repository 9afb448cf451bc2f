package rest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	// failedItems counts the items of the request that failed with a status of 5xx, as those of a batch do one by one. Its answer
	// then isn't the last word: it is not kept with an Idempotency-Key, so that a repeat can do what is left.
	failedItems int
	causes      []string // of what failed with 5xx, each once: the caller is told nothing of them
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

// Bounds of what a log line says of causes: CloudWatch takes events of 256 KB, and a batch can fail in hundreds of ways.
const (
	maxCauses = 10
	maxCause  = 4 << 10 // bytes of each
)

// fail keeps the cause of a failure that is the platform's own for the log.
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

// failItem keeps the cause of the platform's own failure with one item of a request.
func (r *request) failItem(cause error, status int) {
	r.fail(cause, status)
	if status >= http.StatusInternalServerError {
		r.failedItems++
	}
}

// replay forgets what failed: the request is given an earlier answer.
func (r *request) replay() { r.replayed, r.failedItems, r.causes = true, 0, nil }

// failures is how many times the platform failed in the request: once if it answered with 5xx, else for each item that it refused so.
func (r *request) failures(status int) int {
	if status >= http.StatusInternalServerError {
		return max(1, r.failedItems)
	}
	return r.failedItems
}

// line writes the request's one log line. It holds no path, no parameter and no header: they may be personal data
// or secrets. In the namespace metrics, "" for none, CloudWatch makes metrics of its numbers.
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
	if r.replayed {
		attrs = append(attrs, slog.Bool("replayed", true))
	}
	if r.causes != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("cause", strings.Join(r.causes, "\n")))
	}
	log.LogAttrs(context.Background(), level, "request", attrs...)
}

// units are a number of capacity units, nearly always a whole one: slog writes that in a tenth of the time.
func unitsAttr(name string, n float64) slog.Attr {
	if whole := int64(n); float64(whole) == n {
		return slog.Int64(name, whole)
	}
	return slog.Float64(name, n)
}

// measured makes a log line one in CloudWatch's embedded metric format: metrics of these fields, for each operation; and the
// failures of all operations together.
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
