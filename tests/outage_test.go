package tests

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
)

// outages are accidents that happen to every request, for as long as they are armed.
var outages = []accident{
	{"throttled", nil, false, refusing(400, "ProvisionedThroughputExceededException")},
	{"failing", nil, false, refusing(500, "InternalServerError")},
	{"out of reach", nil, false, lost},
	{"silent", nil, false, func(r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}},
	{"busy with other transactions", ofTarget("TransactWriteItems"), false, cancelling("TransactionConflict")},
}

// What the store can't do for now is told in time, as something that a later try may cure, and has changed nothing.
func TestAnOutageOfTheStoreIsA503InTimeForEveryOperation(t *testing.T) {
	t.Parallel()
	for _, outage := range outages {
		t.Run(outage.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			for _, scenario := range faultScenarios {
				if scenario.large {
					continue
				}
				s := newStage(t, newTenant(t), stageOptions{pictures: scenario.pictures})
				scenario.walk(&walker{tenant: s.tenant, disturbed: func(method, target string, body any, _ ...string) *answer {
					asked++
					s.duringAnOutage(&outage, method, target, body)
					return s.ask(method, target, body)
				}})
			}
			t.Logf("%d requests", asked)
		})
	}
}

// duringAnOutage sends a request, and holds it to be refused for now, if it needs what is out of order, without a trace.
func (s *stage) duringAnOutage(outage *accident, method, target string, body any) {
	s.t.Helper()
	before := s.state()
	s.wire.arm(outage, 0)
	s.time = retries.Margin + 50*time.Millisecond
	a := s.ask(method, target, body, "Idempotency-Key", "k")
	s.leavesTimeToAnswer()
	if s.time = plentyOfTime; !s.wire.arm(nil, 0) {
		return
	}
	s.tellsOfAnOutage(a)
	if diff := cmp.Diff(before, s.state()); diff != "" {
		s.t.Errorf("%s was refused, and changed this:\n%s", a.what, diff)
	}
}

// leavesTimeToAnswer holds that no request to the store could last until the function's time is over.
func (s *stage) leavesTimeToAnswer() {
	s.t.Helper()
	if late := s.wire.wasLate(); late > 0 {
		s.t.Errorf("%d requests to the store leave the function no time to answer", late)
	}
}

func (s *stage) tellsOfAnOutage(a *answer) {
	s.t.Helper()
	if a.status != 503 || a.header.Get("Retry-After") == "" {
		s.t.Errorf("%s is answered %d %s, Retry-After %q, because of %s", a.what, a.status, a.body, a.header.Get("Retry-After"), s.cause())
	}
}

// toxics are what a network does to connections.
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

// Behind each fault of the network a request is answered in time, well or as something to be tried again; and tried again
// it is made once.
func TestWhatTheNetworkDoesCostsNoWriteAndMakesNoneTwice(t *testing.T) {
	t.Parallel()
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxics have a log of their own
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.New(io.Discard))
	for name, toxic := range toxics {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := toxiproxy.NewProxy(server, name, "127.0.0.1:0", strings.TrimPrefix(*platform.store.Options().BaseEndpoint, "http://"))
			if err := proxy.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(proxy.Stop)
			s := newStage(t, newTenant(t), stageOptions{endpoint: "http://" + proxy.Listen})
			person := s.individual("Erika")
			if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
				t.Fatal(err)
			}
			request := func(i int) (*answer, error) {
				return s.tryAs("POST", person+"/emails", with(emailSample, "address", fmt.Sprint(i, "@example.com")), "Idempotency-Key", fmt.Sprint(i))
			}
			s.time = retries.Margin + 1500*time.Millisecond
			const n = 24
			counts := map[int]int{}
			for _, a := range together(t, n, request) {
				if counts[a.status]++; a.status != 201 {
					s.tellsOfAnOutage(a)
				}
			}
			if err := proxy.Toxics.RemoveToxic(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			s.leavesTimeToAnswer()
			s.time = plentyOfTime // what is left of the fault on its connections may take a while on a busy machine
			for _, a := range together(t, n, request) {
				a.want(201)
			}
			if got := len(s.get(person + "/emails").page().Items); got != n {
				t.Errorf("%d emails, want %d", got, n)
			}
			t.Logf("behind the fault: %v", counts)
		})
	}
}
