package access

import (
	"net/http"
	"strings"
	"testing"

	"contacts/tests/harness"
)

const page = "https://shop.example.com"

// A browser asks before it sends a request that a form could not send.
func TestAPageMaySendTheHeadersOfRequests(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		a := harness.Send(t, "OPTIONS", x.Path("/individual"), nil, "Origin", page, "Access-Control-Request-Method", method).Want(204)
		if !contains(a.Header, "Access-Control-Allow-Methods", method) || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("a page may not send %s: %v", method, a.Header)
		}
		for _, name := range []string{"Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "traceparent", "tracestate"} {
			if !contains(a.Header, "Access-Control-Allow-Headers", name) {
				t.Errorf("a page may not send %s: %v", name, a.Header)
			}
		}
	}
}

// Scripts see only the headers of an answer that are exposed to them, and those that CORS lists as safe.
func TestAPageMayReadTheHeadersOfAnswers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	made := x.Do("POST", "/individual", object{"name": "Erika"}, "Origin", page, "Idempotency-Key", "k").Want(201)
	x.CreateIndividuals(1)
	answers := map[string]*harness.Answer{
		"ETag": made, "Location": made, "Apigw-Requestid": made,
		"Idempotent-Replayed": x.Do("POST", "/individual", object{"name": "Erika"}, "Origin", page, "Idempotency-Key", "k").Want(201),
		"Link":                x.Get("/individual?limit=1", "Origin", page).Want(200),
		"Allow":               x.Do("DELETE", "/individual", nil, "Origin", page),
	}
	for name, a := range answers {
		if a.Header.Get(name) == "" || !contains(a.Header, "Access-Control-Expose-Headers", name) {
			t.Errorf("%s: a page may not read %s: %v", a.What, name, a.Header)
		}
	}
	if !contains(made.Header, "Access-Control-Expose-Headers", "Retry-After") {
		t.Errorf("a page may not read Retry-After: %v", made.Header)
	}
	answers["Allow"].Problem(405)
}

// contains reports whether a header that is a list has an element, in any case.
func contains(h http.Header, name, element string) bool {
	for e := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(e), element) {
			return true
		}
	}
	return false
}

func TestTheIDsOfARequestThatTheClientGivesAreLogged(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	a := x.Get("/individual", "X-Request-Id", "order-4711", "Traceparent", "00-"+trace+"-00f067aa0ba902b7-01").Want(200)
	if l := a.Log(); l.ClientRequestID != "order-4711" || l.TraceID != trace || l.RequestID == l.ClientRequestID {
		t.Errorf("logged as %+v", l)
	}
	a = x.Get("/individual", "X-Request-Id", "erika@example.com", "Traceparent", "x").Want(200)
	if l := a.Log(); l.ClientRequestID != "" || l.TraceID != "" {
		t.Errorf("logged as %+v", l)
	}
}
