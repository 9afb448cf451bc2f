package faults

import (
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/tests/harness"
)

// allFaults asks for the long form of the enumeration. The short one has the accidents that leave most behind.
var allFaults = flag.Bool("faults", false, "let every accident happen at every request to the store, not only the worst")

// Each write, disturbed once at each of the requests that it sends to the store, and then repeated with its Idempotency-Key
// as a client does it, ends as if nothing had happened: with the same answer, and the same items in the store.
func TestEveryFaultOfEveryWriteEndsLikeACleanRun(t *testing.T) {
	t.Parallel()
	enumerateFaults(t, true)
}

// Without a key what can be repeated by its nature ends so too: PUT, PATCH and DELETE.
func TestEveryFaultOfAChangeWithoutAKeyEndsLikeACleanRun(t *testing.T) {
	t.Parallel()
	enumerateFaults(t, false)
}

func enumerateFaults(t *testing.T, keyed bool) {
	t.Helper()
	var happened, walks atomic.Int64
	t.Run("faults", func(t *testing.T) {
		for name, scenario := range harness.FaultScenarios {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x := harness.NewTenant(t)
				clean := &cleanWalk{Sandbox: harness.NewSandbox(t, x, harness.SandboxOptions{Pictures: scenario.Pictures}), keyed: keyed, counts: keyed && !scenario.Large}
				scenario.Walk(&harness.Walker{Tenant: clean.Tenant, Disturbed: clean.send})
				for _, a := range storeFaults {
					if !*allFaults && !inShort(a, keyed && !scenario.Large) {
						continue
					}
					t.Run(a.Name, func(t *testing.T) {
						for n := 1; ; n++ {
							d := &disturbance{Sandbox: harness.NewSandbox(t, x, harness.SandboxOptions{Pictures: scenario.Pictures}), accident: a, n: n, clean: clean}
							scenario.Walk(&harness.Walker{Tenant: d.Tenant, Disturbed: d.send})
							d.IsSound()
							walks.Add(1)
							if happened.Add(int64(d.happened)); d.happened == 0 {
								break
							}
						}
					})
				}
			})
		}
	})
	t.Logf("%d faults in %d walks", happened.Load(), walks.Load())
}

// inShort tells whether an accident is in the short form: those that leave most behind, or only the worst of them.
func inShort(a harness.StoreFault, several bool) bool {
	return a.Name == "killed behind" || several && (a.Kills || a.Name == "the answer is lost" || a.Name == "cancelled for a conflict")
}

// A cleanWalk is what a scenario answers, and leaves in the store, where nothing happens.
type cleanWalk struct {
	*harness.Sandbox
	keyed             bool // each request carries an Idempotency-Key
	counts            bool // how often something was changed is to be the same
	requests, answers []string
	states            [][]string
}

func (c *cleanWalk) send(method, target string, body any, _ ...string) *harness.Answer {
	c.T.Helper()
	a := c.Ask(method, target, body, c.key(len(c.requests))...)
	c.requests = append(c.requests, method+" "+c.Names.Text(target))
	c.answers = append(c.answers, c.shown(c.Sandbox, a))
	c.states = append(c.states, c.held(c.Sandbox))
	return a
}

// key is the Idempotency-Key of a step.
func (c *cleanWalk) key(step int) []string {
	if !c.keyed {
		return nil
	}
	return []string{"Idempotency-Key", fmt.Sprint("step-", step)}
}

// counted is how often something was changed: a change that is made twice, or begins anew in the middle of its transactions,
// does not leave it as one does.
var counted = regexp.MustCompile(`(^|, )(v|children): \d+|"\d+"  `)

// shown is an answer of a stage as it is the same on all.
func (c *cleanWalk) shown(s *harness.Sandbox, a *harness.Answer) string {
	if !c.keyed {
		return s.Names.Text(string(a.Body)) // the second PUT of what wasn't there finds it, so it says 200
	}
	h := a.Header
	text := s.Names.Text(fmt.Sprint(a.Status, " ", h.Get("Content-Type"), " ", h.Get("ETag"), " ", h.Get("Location"), " ", string(a.Body)))
	if !c.counts {
		text = counted.ReplaceAllString(text, "")
	}
	return text
}

// held is what a stage holds, as far as it is to be the same on all.
func (c *cleanWalk) held(s *harness.Sandbox) []string {
	lines := s.State()
	if !c.counts {
		for i := range lines {
			lines[i] = counted.ReplaceAllString(lines[i], "")
		}
	}
	return lines
}

// A disturbance walks a scenario with an accident at the n-th request of each of its operations.
type disturbance struct {
	*harness.Sandbox
	accident harness.StoreFault
	n        int
	clean    *cleanWalk
	step     int
	happened int
}

// send sends one step of the scenario, disturbed, again and again until it is answered for good.
func (d *disturbance) send(method, target string, body any, _ ...string) *harness.Answer {
	d.T.Helper()
	step, key := d.step, d.clean.key(d.step)
	d.step++
	if d.clean.keyed || method != http.MethodPost {
		d.Transport.Inject(&d.accident, d.n)
	}
	a := d.Ask(method, target, body, key...)
	happened := d.Transport.Inject(nil, 0)
	writes := method != http.MethodGet
	if happened && writes {
		d.happened++
	}
	told := fmt.Sprintf("%s, behind %q at request %d to the store", a.What, d.accident.Name, d.n)
	if happened && !d.accident.Kills && a.Status >= 500 {
		d.T.Errorf("%s: one fault is answered %d %s because of %s", told, a.Status, a.Body, cause(d.Sandbox))
	}
	if happened && d.accident.Kills {
		a.Status = 0 // nobody is answered
	}
	for range 5 {
		if final(a) {
			break
		}
		if a.Status == 409 { // the process that had the key is gone: in a minute it can be had again
			d.Ahead.Add(int64(61 * time.Second))
		}
		a = d.Ask(method, target, body, key...)
	}
	if !final(a) {
		d.T.Fatalf("%s: all repeats are answered %d %s", told, a.Status, a.Body)
	}
	if got := method + " " + d.Names.Text(target); got != d.clean.requests[step] {
		d.T.Fatalf("step %d is %s, in a clean run it was %s", step, got, d.clean.requests[step])
	}
	if gone := !d.clean.keyed && happened && method == http.MethodDelete && a.Status == 404; gone {
		a.Status = 200 // it was done by then
	} else if diff := cmp.Diff(d.clean.answers[step], d.clean.shown(d.Sandbox, a)); diff != "" {
		d.T.Errorf("%s: the answer (+) is not that of a clean run (-):\n%s", told, diff)
	}
	if diff := cmp.Diff(d.clean.states[step], d.clean.held(d.Sandbox)); diff != "" {
		d.T.Errorf("%s: the store (+) is not as a clean run leaves it (-):\n%s", told, diff)
	}
	if d.clean.keyed && writes {
		d.repeats(told, a, d.Ask(method, target, body, key...))
	}
	return a
}

// repeats holds an answer to be that of the first request, byte for byte.
func (d *disturbance) repeats(told string, first, again *harness.Answer) {
	d.T.Helper()
	if !harness.Replayed(again) || again.Status != first.Status || string(again.Body) != string(first.Body) ||
		slices.ContainsFunc([]string{"Location", "ETag", "Content-Type"}, func(h string) bool { return again.Header.Get(h) != first.Header.Get(h) }) {
		d.T.Errorf("%s: the repeat is answered %d %s, at first %d %s", told, again.Status, again.Body, first.Status, first.Body)
	}
}

// final tells whether a client is done with a request.
func final(a *harness.Answer) bool {
	return a.Status > 0 && a.Status < 500 && a.Status != 429 && (a.Status != 409 || a.Header.Get("Retry-After") == "")
}

// cause is what the platform logged as that of its last failure.
func cause(s *harness.Sandbox) string {
	text := s.Log.All()
	return text[max(0, strings.LastIndex(text, `"cause":`)):]
}
