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

// allFaults selects the long form of the enumeration. The short one has the faults that leave most behind.
var allFaults = flag.Bool("faults", false, "inject every fault at every request to the store, not only the worst")

// Each write, disturbed at one of its requests to the store and then repeated with its Idempotency-Key, ends with the same answer and the same
// items as an undisturbed one.
func TestEveryFaultOfEveryWriteEndsLikeACleanRun(t *testing.T) {
	t.Parallel()
	enumerateFaults(t, true)
}

// So do the idempotent methods without a key: PUT, PATCH and DELETE.
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
				x := harness.NewTenant(t).Admin()
				clean := &cleanWalk{Sandbox: harness.NewSandbox(t, x, harness.SandboxOptions{Pictures: scenario.Pictures}), keyed: keyed, counts: keyed && !scenario.Large}
				scenario.Walk(&harness.Walker{Tenant: clean.Tenant, Disturbed: clean.send})
				for _, a := range storeFaults {
					if !*allFaults && !inShortForm(a, keyed && !scenario.Large) {
						continue
					}
					t.Run(a.Name, func(t *testing.T) {
						for n := 1; ; n++ {
							d := &disturbedWalk{Sandbox: harness.NewSandbox(t, x, harness.SandboxOptions{Pictures: scenario.Pictures}), fault: a, n: n, clean: clean}
							d.mirror = harness.NewMirror(d.Tenant)
							scenario.Walk(&harness.Walker{Tenant: d.Tenant, Disturbed: d.send})
							d.mirror.Equals()
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

// inShortForm reports whether the short form has a fault: those that leave most behind, or only the worst.
func inShortForm(a harness.StoreFault, several bool) bool {
	return a.Name == "killed after" || several && (a.Kills || a.Name == "the answer is lost" || a.Name == "cancelled for a conflict")
}

// A cleanWalk has the answers of an undisturbed scenario, and the state that it leaves.
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
	c.answers = append(c.answers, c.normalized(c.Sandbox, a))
	c.states = append(c.states, c.state(c.Sandbox))
	return a
}

// key returns the Idempotency-Key of a step.
func (c *cleanWalk) key(step int) []string {
	if !c.keyed {
		return nil
	}
	return []string{"Idempotency-Key", fmt.Sprint("step-", step)}
}

// counted matches versions and counters, which differ after a change that is made twice or starts over between its transactions.
var counted = regexp.MustCompile(`(^|, )(v|children): \d+|"\d+"  `)

// normalized returns an answer without what differs between sandboxes.
func (c *cleanWalk) normalized(s *harness.Sandbox, a *harness.Answer) string {
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

// state returns the state of a sandbox, as far as it must be equal in all.
func (c *cleanWalk) state(s *harness.Sandbox) []string {
	lines := s.State()
	if !c.counts {
		for i := range lines {
			lines[i] = counted.ReplaceAllString(lines[i], "")
		}
	}
	return lines
}

// A disturbedWalk sends a scenario with a fault at the n-th request of each operation.
type disturbedWalk struct {
	*harness.Sandbox
	fault    harness.StoreFault
	n        int
	clean    *cleanWalk
	step     int
	happened int
	mirror   *harness.Mirror // which is made from the feed beside the walk
}

// send sends one step of the scenario with the fault, and repeats it until the answer is final.
func (d *disturbedWalk) send(method, target string, body any, _ ...string) *harness.Answer {
	d.T.Helper()
	step, key := d.step, d.clean.key(d.step)
	d.step++
	if d.clean.keyed || method != http.MethodPost {
		d.Transport.Inject(&d.fault, d.n)
	}
	a := d.Ask(method, target, body, key...)
	happened := d.Transport.Inject(nil, 0)
	writes := method != http.MethodGet
	if happened && writes {
		d.happened++
	}
	told := fmt.Sprintf("%s, after %q at request %d to the store", a.What, d.fault.Name, d.n)
	if happened && !d.fault.Kills && a.Status >= 500 {
		d.T.Errorf("%s: answered %d %s because of %s", told, a.Status, a.Body, cause(d.Sandbox))
	}
	if happened && d.fault.Kills {
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
	} else if diff := cmp.Diff(d.clean.answers[step], d.clean.normalized(d.Sandbox, a)); diff != "" {
		d.T.Errorf("%s: the answer (+) is not that of a clean run (-):\n%s", told, diff)
	}
	if diff := cmp.Diff(d.clean.states[step], d.clean.state(d.Sandbox)); diff != "" {
		d.T.Errorf("%s: the store (+) is not as a clean run leaves it (-):\n%s", told, diff)
	}
	d.mirror.Sync()
	if d.clean.keyed && writes {
		d.wantSame(told, a, d.Ask(method, target, body, key...))
	}
	return a
}

// wantSame requires an answer to equal that of the first request, byte for byte.
func (d *disturbedWalk) wantSame(told string, first, again *harness.Answer) {
	d.T.Helper()
	if !harness.Replayed(again) || again.Status != first.Status || string(again.Body) != string(first.Body) ||
		slices.ContainsFunc([]string{"Location", "ETag", "Content-Type"}, func(h string) bool { return again.Header.Get(h) != first.Header.Get(h) }) {
		d.T.Errorf("%s: the repeat is answered %d %s, at first %d %s", told, again.Status, again.Body, first.Status, first.Body)
	}
}

// final reports whether a client stops repeating the request.
func final(a *harness.Answer) bool {
	return a.Status > 0 && a.Status < 500 && a.Status != 429 && (a.Status != 409 || a.Header.Get("Retry-After") == "")
}

// cause returns the cause that the platform logged with its last failure.
func cause(s *harness.Sandbox) string {
	text := s.Log.All()
	return text[max(0, strings.LastIndex(text, `"cause":`)):]
}
