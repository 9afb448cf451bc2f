package tests

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
		for name, scenario := range faultScenarios {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x := newTenant(t)
				clean := &cleanWalk{stage: newStage(t, x, stageOptions{pictures: scenario.pictures}), keyed: keyed, counts: keyed && !scenario.large}
				scenario.walk(&walker{tenant: clean.tenant, disturbed: clean.send})
				for _, a := range accidentsOfStore {
					if !*allFaults && !a.inShort(keyed && !scenario.large) {
						continue
					}
					t.Run(a.name, func(t *testing.T) {
						for n := 1; ; n++ {
							d := &disturbance{stage: newStage(t, x, stageOptions{pictures: scenario.pictures}), accident: a, n: n, clean: clean}
							scenario.walk(&walker{tenant: d.tenant, disturbed: d.send})
							d.isSound()
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
func (a accident) inShort(several bool) bool {
	return a.name == "killed behind" || several && (a.kills || a.name == "the answer is lost" || a.name == "cancelled for a conflict")
}

// A cleanWalk is what a scenario answers, and leaves in the store, where nothing happens.
type cleanWalk struct {
	*stage
	keyed             bool // each request carries an Idempotency-Key
	counts            bool // how often something was changed is to be the same
	requests, answers []string
	states            [][]string
}

func (c *cleanWalk) send(method, target string, body any, _ ...string) *answer {
	c.t.Helper()
	a := c.ask(method, target, body, c.key(len(c.requests))...)
	c.requests = append(c.requests, method+" "+c.names.text(target))
	c.answers = append(c.answers, c.shown(c.stage, a))
	c.states = append(c.states, c.held(c.stage))
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
func (c *cleanWalk) shown(s *stage, a *answer) string {
	if !c.keyed {
		return s.names.text(string(a.body)) // the second PUT of what wasn't there finds it, so it says 200
	}
	h := a.header
	text := s.names.text(fmt.Sprint(a.status, " ", h.Get("Content-Type"), " ", h.Get("ETag"), " ", h.Get("Location"), " ", string(a.body)))
	if !c.counts {
		text = counted.ReplaceAllString(text, "")
	}
	return text
}

// held is what a stage holds, as far as it is to be the same on all.
func (c *cleanWalk) held(s *stage) []string {
	lines := s.state()
	if !c.counts {
		for i := range lines {
			lines[i] = counted.ReplaceAllString(lines[i], "")
		}
	}
	return lines
}

// A disturbance walks a scenario with an accident at the n-th request of each of its operations.
type disturbance struct {
	*stage
	accident accident
	n        int
	clean    *cleanWalk
	step     int
	happened int
}

// send sends one step of the scenario, disturbed, again and again until it is answered for good.
func (d *disturbance) send(method, target string, body any, _ ...string) *answer {
	d.t.Helper()
	step, key := d.step, d.clean.key(d.step)
	d.step++
	if d.clean.keyed || method != http.MethodPost {
		d.wire.arm(&d.accident, d.n)
	}
	a := d.ask(method, target, body, key...)
	happened := d.wire.arm(nil, 0)
	writes := method != http.MethodGet
	if happened && writes {
		d.happened++
	}
	told := fmt.Sprintf("%s, behind %q at request %d to the store", a.what, d.accident.name, d.n)
	if happened && !d.accident.kills && a.status >= 500 {
		d.t.Errorf("%s: one fault is answered %d %s because of %s", told, a.status, a.body, d.cause())
	}
	if happened && d.accident.kills {
		a.status = 0 // nobody is answered
	}
	for range 5 {
		if final(a) {
			break
		}
		if a.status == 409 { // the process that had the key is gone: in a minute it can be had again
			d.ahead.Add(int64(61 * time.Second))
		}
		a = d.ask(method, target, body, key...)
	}
	if !final(a) {
		d.t.Fatalf("%s: all repeats are answered %d %s", told, a.status, a.body)
	}
	if got := method + " " + d.names.text(target); got != d.clean.requests[step] {
		d.t.Fatalf("step %d is %s, in a clean run it was %s", step, got, d.clean.requests[step])
	}
	if gone := !d.clean.keyed && happened && method == http.MethodDelete && a.status == 404; gone {
		a.status = 200 // it was done by then
	} else if diff := cmp.Diff(d.clean.answers[step], d.clean.shown(d.stage, a)); diff != "" {
		d.t.Errorf("%s: the answer (+) is not that of a clean run (-):\n%s", told, diff)
	}
	if diff := cmp.Diff(d.clean.states[step], d.clean.held(d.stage)); diff != "" {
		d.t.Errorf("%s: the store (+) is not as a clean run leaves it (-):\n%s", told, diff)
	}
	if d.clean.keyed && writes {
		d.repeats(told, a, d.ask(method, target, body, key...))
	}
	return a
}

// repeats holds an answer to be that of the first request, byte for byte.
func (d *disturbance) repeats(told string, first, again *answer) {
	d.t.Helper()
	if !replayed(again) || again.status != first.status || string(again.body) != string(first.body) ||
		slices.ContainsFunc([]string{"Location", "ETag", "Content-Type"}, func(h string) bool { return again.header.Get(h) != first.header.Get(h) }) {
		d.t.Errorf("%s: the repeat is answered %d %s, at first %d %s", told, again.status, again.body, first.status, first.body)
	}
}

// final tells whether a client is done with a request.
func final(a *answer) bool {
	return a.status > 0 && a.status < 500 && a.status != 429 && (a.status != 409 || a.header.Get("Retry-After") == "")
}

// cause is what the platform logged as that of its last failure.
func (s *stage) cause() string {
	text := s.log.all()
	return text[max(0, strings.LastIndex(text, `"cause":`)):]
}
