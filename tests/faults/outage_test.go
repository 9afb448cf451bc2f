package faults

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"contacts/pkg/retries"
	"contacts/tests/harness"
)

// outages are faults of every request.
var outages = []harness.StoreFault{
	{Name: "throttled", Respond: harness.Refusing(400, "ProvisionedThroughputExceededException")},
	{Name: "failing", Respond: harness.Refusing(500, "InternalServerError")},
	{Name: "out of reach", Respond: requestLost},
	{Name: "silent", Respond: func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}},
	{Name: "busy with other transactions", Matches: ofTarget("TransactWriteItems"), Respond: cancelling("TransactionConflict")},
}

// During an outage of the store each operation is answered 503 in time, and changes nothing.
func TestAnOutageOfTheStoreIsA503InTimeForEveryOperation(t *testing.T) {
	t.Parallel()
	for _, outage := range outages {
		t.Run(outage.Name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			for _, scenario := range harness.FaultScenarios {
				if scenario.Large {
					continue
				}
				s := harness.NewSandbox(t, harness.NewTenant(t).Admin(), harness.SandboxOptions{Pictures: scenario.Pictures})
				scenario.Walk(&harness.Walker{Tenant: s.Tenant, Disturbed: func(method, target string, body any, _ ...string) *harness.Answer {
					asked++
					duringAnOutage(s, &outage, method, target, body)
					return s.Ask(method, target, body)
				}})
			}
			t.Logf("%d requests", asked)
		})
	}
}

// duringAnOutage sends a request and requires a 503 that changed nothing, if the request meets the outage.
func duringAnOutage(s *harness.Sandbox, outage *harness.StoreFault, method, target string, body any) {
	s.T.Helper()
	before := s.State()
	s.Transport.Inject(outage, 0)
	s.Time = retries.Margin + 50*time.Millisecond
	a := s.Ask(method, target, body, "Idempotency-Key", "k")
	wantTimeToAnswer(s)
	if s.Time = harness.PlentyOfTime; !s.Transport.Inject(nil, 0) {
		return
	}
	wantUnavailable(s, a)
	if diff := cmp.Diff(before, s.State()); diff != "" {
		s.T.Errorf("%s was refused, and changed this:\n%s", a.What, diff)
	}
}

// wantTimeToAnswer requires each request to the store to have a deadline that leaves the function time to answer.
func wantTimeToAnswer(s *harness.Sandbox) {
	s.T.Helper()
	if late := s.Transport.Late(); late > 0 {
		s.T.Errorf("%d requests to the store leave the function no time to answer", late)
	}
}

func wantUnavailable(s *harness.Sandbox, a *harness.Answer) {
	s.T.Helper()
	if a.Status != 503 || a.Header.Get("Retry-After") == "" {
		s.T.Errorf("%s is answered %d %s, Retry-After %q, because of %s", a.What, a.Status, a.Body, a.Header.Get("Retry-After"), cause(s))
	}
}

// toxics are faults of a network.
var toxics = map[string]string{
	"answers that are late":                  `{"name":"x","type":"latency","attributes":{"latency":150,"jitter":100}}`,
	"connections that are cut":               `{"name":"x","type":"reset_peer","attributes":{"timeout":20}}`,
	"connections that are cut in the middle": `{"name":"x","type":"limit_data","attributes":{"bytes":3000}}`,
	"requests that are cut in the middle":    `{"name":"x","type":"limit_data","stream":"upstream","attributes":{"bytes":5000}}`,
	"answers that never come":                `{"name":"x","type":"timeout","attributes":{"timeout":0}}`,
	"requests that never arrive":             `{"name":"x","type":"timeout","stream":"upstream","attributes":{"timeout":300}}`,
	"connections that are slow to be closed": `{"name":"x","type":"slow_close","attributes":{"delay":500}}`,
	"answers in small pieces":                `{"name":"x","type":"slicer","attributes":{"average_size":40,"size_variation":20,"delay":500}}`,
	"a narrow line":                          `{"name":"x","type":"bandwidth","attributes":{"rate":30}}`,
}

// With each fault of the network a request succeeds or is answered 503, and a repetition makes one record.
func TestNoFaultOfTheNetworkLosesOrRepeatsAWrite(t *testing.T) {
	t.Parallel()
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxics have a log of their own
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.New(io.Discard))
	for name, toxic := range toxics {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := toxiproxy.NewProxy(server, name, "127.0.0.1:0", strings.TrimPrefix(*harness.Platform.Store.Options().BaseEndpoint, "http://"))
			if err := proxy.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(proxy.Stop)
			s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{Endpoint: "http://" + proxy.Listen})
			person := s.CreateIndividual("Erika")
			if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
				t.Fatal(err)
			}
			request := func(i int) (*harness.Answer, error) {
				return s.TryDo("POST", person+"/emails", harness.With(harness.EmailSample, "address", fmt.Sprint(i, "@example.com")), "Idempotency-Key", fmt.Sprint(i))
			}
			s.Time = retries.Margin + 1500*time.Millisecond
			const n = 24
			counts := map[int]int{}
			for _, a := range harness.Concurrently(t, n, request) {
				if counts[a.Status]++; a.Status != 201 {
					wantUnavailable(s, a)
				}
			}
			if err := proxy.Toxics.RemoveToxic(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			wantTimeToAnswer(s)
			s.Time = harness.PlentyOfTime // what is left of the fault on its connections may take a while on a busy machine
			for _, a := range harness.Concurrently(t, n, request) {
				a.Want(201)
			}
			if got := len(s.Get(person + "/emails").Page().Items); got != n {
				t.Errorf("%d emails, want %d", got, n)
			}
			t.Logf("after the fault: %v", counts)
		})
	}
}
