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
	id        string
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

// origin returns what the changes of the request say about it.
func (r *request) origin() changes.Origin {
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

// writeLog writes the request's log line. It has no path, parameter or header, which may contain personal data or secrets.
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
