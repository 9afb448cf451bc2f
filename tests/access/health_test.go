package access

import (
	"net/http"
	"testing"
	"time"

	"contacts/tests/harness"
)

func TestHealthNeedsNoCredentials(t *testing.T) {
	t.Parallel()
	for _, headers := range [][]string{nil, {"Authorization", "Bearer x"}, {"Authorization", "Basic x"}} {
		a := harness.Send(t, "GET", "/health", nil, headers...).Want(200)
		if at, err := time.Parse(time.RFC3339, a.Text("checked")); a.Text("status") != "ok" || len(a.Object()) != 2 || err != nil || time.Since(at) > time.Minute {
			t.Errorf("%s, %v", a.Body, err)
		}
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" {
			t.Errorf("the answer may be cached: %v", a.Header)
		}
	}
	if a := harness.Send(t, "HEAD", "/health", nil).Want(200); len(a.Body) != 0 {
		t.Errorf("HEAD is answered %s", a.Body)
	}
	if a := harness.Send(t, "POST", "/health", object{}); a.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST may be %q", a.Header.Get("Allow"))
	}
	harness.Send(t, "POST", "/health", object{}).Problem(405)
	harness.Send(t, "GET", "/health?verbose=1", nil).Faults(400, "?verbose")
	harness.Send(t, "GET", "/health/more", nil).Want(404)
}

// Anybody can ask, so a function reads the table every 5 seconds at most.
func TestHealthIsThatOfTheTableAFewSecondsAgo(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	health := func(status, calls int) *harness.Answer {
		t.Helper()
		a := l.Ask("GET", "/health", "", "").Want(status)
		if got := a.Log(); got.StoreCalls != calls || got.Operation != "getHealth" || got.Org != "" {
			t.Errorf("%d with %+v, want %d calls", status, got, calls)
		}
		return a
	}
	health(200, 1)
	for range 10 {
		health(200, 0)
	}
	l.Transport.Inject(&harness.StoreFault{Respond: harness.Refusing(400, "AccessDeniedException")}, 0)
	l.Clock.Add(int64(5*time.Second - 1))
	health(200, 0)
	l.Clock.Add(1)
	a := health(503, 0)
	if a.Problem(503); a.Header.Get("Retry-After") != "5" || a.Log().Cause == "" {
		t.Errorf("503 with %v because of %q", a.Header, a.Log().Cause)
	}
	l.Transport.Inject(nil, 0)
	health(503, 0)
	l.Clock.Add(int64(5 * time.Second))
	health(200, 1)
}

// A health check of Route 53 waits 2 seconds for an answer.
func TestHealthDoesNotWaitForATableThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	l := harness.NewLoginService(t)
	l.Transport.Inject(&harness.StoreFault{Respond: func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		end, bounded := r.Context().Deadline()
		if !bounded || time.Until(end) > 1500*time.Millisecond {
			t.Errorf("the table is waited for until %v", end)
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}}, 0)
	answers := harness.Concurrently(t, 4, func(int) (*harness.Answer, error) { return l.Ask("GET", "/health", "", ""), nil })
	for _, a := range answers { // all have the result of one try
		a.Problem(503)
	}
}
