package changes

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/tests/harness"
)

var paths = map[any]string{"INDIVIDUAL": "/individual/", "ORGANIZATION": "/organization/", "PLACEHOLDER_CUSTOMER": "/placeholder-customers/"}

// A chronicle is what a tenant's contacts showed after each of their changes.
type chronicle struct {
	*harness.Follower
	shown map[string][]moment // by path
	times map[string][]string // of all changes, by path: a deletion can take several
}

// A moment is the details of a contact after a change.
type moment struct{ at, full string }

// note notes the details of the contacts that have changed since the last call.
func (c *chronicle) note() {
	c.T.Helper()
	last := map[string]string{}
	for _, change := range c.Next() {
		if path := paths[change["kind"]] + change["contact_id"].(string); path[:2] != "/p" {
			last[path] = change["changed_at"].(string)
			c.times[path] = append(c.times[path], last[path])
		}
	}
	for path, at := range last {
		c.shown[path] = append(c.shown[path], moment{at, string(c.Get(path + "/full").Want(200).Body)})
	}
}

// asOf returns the details of a contact at a time.
func (c *chronicle) asOf(path, at string) *harness.Answer {
	return c.Get(path + "/full?as_of=" + url.QueryEscape(at))
}

// before returns the microsecond before a time.
func before(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err) // the platform's own
	}
	return t.Add(-time.Microsecond).Format("2006-01-02T15:04:05.000000Z")
}

// isAnswered requires that each contact is shown as of each change as it was shown then, that the microsecond before it is shown as after the
// change before, and that its history has each change once.
func (c *chronicle) isAnswered() {
	c.T.Helper()
	for path, all := range c.shown {
		for i, m := range all {
			if got := c.asOf(path, m.at).Want(200); string(got.Body) != m.full {
				c.T.Errorf("%s as of %s, change %d of %d, is\n%s\nbut was\n%s", path, m.at, i+1, len(all), got.Body, m.full)
			}
			if n := slices.Index(c.times[path], m.at); i > 0 && c.times[path][n-1] == all[i-1].at {
				if got := c.asOf(path, before(m.at)).Want(200); string(got.Body) != all[i-1].full {
					c.T.Errorf("%s before %s, change %d of %d, is\n%s\nbut was\n%s", path, m.at, i+1, len(all), got.Body, all[i-1].full)
				}
			}
		}
		var listed []string
		for at := path + "/history?limit=7"; at != ""; {
			page := c.Get(at).Want(200).Object()
			for _, e := range page["items"].([]any) {
				listed = append(listed, e.(object)["at"].(string))
			}
			next, _ := page["next"].(string)
			if at = ""; next != "" {
				at = path + "/history?limit=7&cursor=" + next
			}
		}
		if slices.Reverse(listed); !slices.Equal(listed[len(listed)-len(c.times[path]):], c.times[path]) {
			c.T.Errorf("the history of %s has changes at\n%v\nthe feed at\n%v", path, listed, c.times[path])
		}
	}
}

// A step is a random request.
type step struct {
	method, path string
	body         any
}

// writes returns a random request in either dialect.
func writes(w harness.Workload, r *rand.Rand, made []string) step {
	person := w.People[r.IntN(len(w.People))]
	contact := "/rest/accounts/contacts/" + harness.LastSegment(person)
	owner := slices.Concat(w.People, w.Firms, w.Identities)[r.IntN(len(w.People)+len(w.Firms)+len(w.Identities))]
	any := func(of ...step) step { return of[r.IntN(len(of))] }
	number := fmt.Sprint("+49221555", r.IntN(90000)+10000)
	switch n := r.IntN(10); {
	case n < 3:
		return any(step{"POST", owner + "/emails", harness.EmailSample}, step{"POST", owner + "/addresses", harness.AddressSample},
			step{"POST", owner + "/phones", harness.PhoneSample}, step{"POST", owner + "/web-addresses", harness.WebSample},
			step{"POST", person + "/tags", object{"name": number}}, step{"PUT", person + "/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", number)})
	case n < 5 && len(made) > 0:
		path := made[r.IntN(len(made))]
		switch {
		case strings.Contains(path, "/emails/"):
			return any(step{"PUT", path, harness.With(harness.EmailSample, "description", number)}, step{"DELETE", path, nil})
		case strings.Contains(path, "/addresses/"):
			return any(step{"PUT", path, harness.With(harness.AddressSample, "city", number)}, step{"DELETE", path, nil})
		}
		return step{"DELETE", path, nil}
	case n < 7:
		option := object{"typeId": r.IntN(5) + 1, "subTypeId": r.IntN(4) + 1, "value": []string{number, "a@example.com", "https://example.com/" + number}[r.IntN(3)], "priority": r.IntN(3)}
		return any(step{"POST", contact + "/options", option}, step{"PUT", contact + "/options", option}, step{"DELETE", contact + "/options", nil},
			step{"PUT", contact, object{"fullName": "N " + number, "options": []object{option}}}, step{"PUT", contact, object{"externalId": number}})
	}
	method, path, body := w.Change(r)
	if method == "DELETE" && r.IntN(3) > 0 {
		method, path, body = "PUT", w.Identities[r.IntN(len(w.Identities))], object{"is_active": r.IntN(2) == 0}
	}
	return step{method, path, body}
}

func TestAContactIsShownAsOfEachChangeAsItWasShownThen(t *testing.T) {
	t.Parallel()
	w := harness.NewWorkload(t)
	c := &chronicle{w.Follow(), map[string][]moment{}, map[string][]string{}}
	c.Next()
	var made []string
	rapid.Check(t, func(q *rapid.T) { // each check goes on with what the ones before left
		r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(q, "seed")))
		for range 3 {
			s := writes(w, r, made)
			var a *harness.Answer
			if strings.HasPrefix(s.path, "/rest/") {
				a = w.Ask(s.method, s.path, s.body)
			} else {
				a = w.Do(s.method, s.path, s.body)
			}
			if a.Status >= 500 {
				q.Fatalf("%s %s %v: %d %s", s.method, s.path, s.body, a.Status, a.Body)
			}
			if location := a.Header.Get("Location"); a.Status == 201 && location != "" {
				made = append(made, strings.TrimPrefix(location, w.Path("")))
			}
			c.note()
		}
	})
	if len(c.shown) < 5 {
		t.Fatalf("%d contacts have changed", len(c.shown))
	}
	n := 0
	for _, all := range c.shown {
		n += len(all)
	}
	t.Logf("%d moments of %d contacts, %d parts made", n, len(c.shown), len(made))
	c.isAnswered()
	w.IsSound()
}
