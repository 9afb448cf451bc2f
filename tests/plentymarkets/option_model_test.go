package plentymarkets

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"contacts/tests/harness"
)

// An optionModel is a contact with a model of its options: for each record the fields of the enfore dialect, and those that only the other has.
type optionModel struct {
	*rapid.T
	x       *harness.Tenant
	contact string
	rows    []row
}

// A row is a record: a channel, or an option that is no channel, which has no segment.
type row struct {
	id, segment string
	fields      object // as the enfore dialect shows it
	pair        pair   // of an option alone; of a channel the one that it can't express, if there is one
	value       string // of an option alone
	priority    int
	created     string
}

type pair struct{ kind, sub int }

var valueOf = map[string]string{"phones": "number", "emails": "address", "web-addresses": "url"}

// shown returns the row's pair and value in the plentymarkets dialect, by its rules.
func (r row) shown() (pair, string) {
	if r.segment == "" {
		return r.pair, r.value
	}
	said, personal := r.fields["type"].(string), r.fields["usage_context"] == "PERSONAL"
	value := r.fields[valueOf[r.segment]].(string)
	p := pair{map[string]int{"phones": 1, "emails": 2, "web-addresses": 4}[r.segment], 1}
	if strings.Contains(said, "FAX") {
		p.kind = 3
	}
	switch {
	case said == "NOT_QUALIFIED" && r.pair != pair{}:
		p = r.pair
	case said == "WORK_MOBILE", said == "MOBILE" && !personal:
		p.sub = 3
	case said == "PERSONAL_MOBILE", said == "MOBILE":
		p.sub = 2
	case personal, strings.HasPrefix(said, "HOME_PHONE"), strings.HasPrefix(said, "HOME_FAX"), strings.HasPrefix(said, "PERSONAL_"):
		p.sub = 4
	}
	return p, value
}

// set turns the row into an option of a pair, with the losses of the mapping.
func (r row) set(p pair, value string) row {
	segment := []string{"", "phones", "emails", "phones", "web-addresses", ""}[p.kind]
	now, _ := r.shown()
	switch {
	case segment == "":
		return row{id: r.id, pair: p, value: value, priority: r.priority, created: r.created}
	case r.segment != segment:
		r.fields = harness.With(object{}, "description", r.fields["description"])
	}
	r.segment, r.fields, r.value = segment, maps.Clone(r.fields), ""
	r.fields[valueOf[segment]] = value
	if now == p {
		if r.pair != p {
			r.pair = pair{}
		}
		return r
	}
	said, ok := map[pair]string{{1, 1}: "NOT_QUALIFIED", {1, 2}: "PERSONAL_MOBILE", {1, 3}: "WORK_MOBILE", {1, 4}: "HOME_PHONE",
		{3, 1}: "FAX_LINE", {3, 4}: "HOME_FAX", {2, 1}: "WORK_EMAIL", {2, 4}: "PERSONAL_EMAIL", {4, 1}: "PROFESSIONAL_WEBSITE", {4, 4}: "PERSONAL_WEBSITE"}[p]
	if r.pair = (pair{}); !ok {
		said, r.pair = "NOT_QUALIFIED", p
	}
	r.fields["type"], r.fields["usage_context"] = said, "PROFESSIONAL"
	if p.sub == 2 || p.sub == 4 {
		r.fields["usage_context"] = "PERSONAL"
	}
	return r
}

// sent is an option in a request, of a row if it has its id.
type sent struct {
	at       int // the row, -1 for a new one
	named    bool
	pair     pair
	value    string
	priority *int
}

func (s *optionModel) draw(at int, named bool) sent {
	kind, sub := rapid.SampledFrom([]int{1, 1, 2, 3, 4, 5}).Draw(s.T, "type"), rapid.SampledFrom([]int{1, 2, 3, 4, 12}).Draw(s.T, "sub-type")
	n := sent{at: at, named: named, pair: pair{kind, sub}}
	n.value = fmt.Sprintf([]string{"", "030 90182%d", "Erika%d@example.com", "+49 30 90182%d", "https://example.com/%d", "erika %d"}[n.pair.kind],
		rapid.IntRange(0, 9).Draw(s.T, "value"))
	if rapid.Bool().Draw(s.T, "with a priority") {
		p := rapid.IntRange(-1, 1).Draw(s.T, "priority")
		n.priority = &p
	}
	return n
}

func (s *optionModel) body(all []sent) (body []object) {
	for _, n := range all {
		o := object{"typeId": n.pair.kind, "subTypeId": n.pair.sub, "value": n.value}
		if n.named {
			o["id"] = json.Number(s.rows[n.at].id)
		}
		if n.priority != nil {
			o["priority"] = *n.priority
		}
		body = append(body, o)
	}
	return body
}

// change applies what is sent to the model. It reports false where a pair would be duplicate or a row changed twice.
func (s *optionModel) change(all []sent) (ok bool) {
	next, changed := slices.Clone(s.rows), map[int]bool{}
	for i := range all {
		n := &all[i]
		if n.at < 0 {
			n.at = len(next)
			next = append(next, row{fields: object{}})
		}
		if changed[n.at] {
			return false
		}
		changed[n.at] = true
		next[n.at] = next[n.at].set(n.pair, n.value)
		if n.priority != nil {
			next[n.at].priority = *n.priority
		}
	}
	for _, n := range all {
		if n.at < len(s.rows) {
			if before, _ := s.rows[n.at].shown(); before == n.pair {
				continue // who keeps a pair may share it with records of the other dialect
			}
		}
		for at, r := range next {
			if p, _ := r.shown(); at != n.at && p == n.pair {
				return false
			}
		}
	}
	s.rows = next
	return true
}

// ask sends a request and requires a status.
func (s *optionModel) ask(status int, method, path string, body any) *harness.Answer {
	a, err := harness.Try(method, path, body, "Authorization", "Bearer "+s.x.Token)
	if err != nil {
		s.Fatal(err)
	}
	if a.Status != status {
		s.Fatalf("%s %v = %d %s, want %d", a.What, body, a.Status, a.Body, status)
	}
	return a
}

func (s *optionModel) decoded(a *harness.Answer, into any) {
	if err := json.Unmarshal(a.Body, into); err != nil {
		s.Fatalf("%s answered %s: %v", a.What, a.Body, err)
	}
}

const optionsRoot = "/rest/accounts/contacts"

// write sends one option or an array to a contact, and compares the answer with the model.
func (s *optionModel) write(method string, all []sent) {
	var body any = s.body(all)
	if len(all) == 1 && rapid.Bool().Draw(s.T, "alone") {
		body = s.body(all)[0]
	}
	if path := optionsRoot + harness.OptionsPath(s.contact); !s.change(all) {
		s.ask(422, method, path, body)
	} else {
		var shown []object
		s.decoded(s.ask(200, method, path, body), &shown)
		if len(shown) != len(all) {
			s.Fatalf("%d options are answered with %v", len(all), shown)
		}
		for i, n := range all {
			s.compare(n.at, shown[i])
		}
	}
}

// compare compares a row with its option. A new row gets the option's id and time.
func (s *optionModel) compare(at int, shown object) {
	r := &s.rows[at]
	if id := fmt.Sprintf("%.0f", shown["id"]); r.id == "" {
		r.id, r.created = id, fmt.Sprint(shown["createdAt"])
	}
	p, value := r.shown()
	want := object{"id": shown["id"], "contactId": shown["contactId"], "typeId": float64(p.kind), "subTypeId": float64(p.sub), "value": value,
		"priority": float64(r.priority), "createdAt": r.created, "updatedAt": shown["updatedAt"]}
	if !reflect.DeepEqual(shown, want) || r.id != fmt.Sprintf("%.0f", shown["id"]) || harness.OwnerID(s.contact) != fmt.Sprintf("%.0f", shown["contactId"]) {
		s.Fatalf("the option is %v, want %v, id %s", shown, want, r.id)
	}
}

// listed returns the rows in the order of the list.
func (s *optionModel) listed() []int {
	order := make([]int, len(s.rows))
	for i := range order {
		order[i] = i
	}
	number := func(i int) int { n, _ := strconv.Atoi(s.rows[i].id); return n }
	slices.SortFunc(order, func(a, b int) int {
		if d := s.rows[a].priority - s.rows[b].priority; d != 0 {
			return d
		}
		return number(a) - number(b)
	})
	return order
}

// check compares both dialects with the model.
func (s *optionModel) check() {
	var list []object
	s.decoded(s.ask(200, "GET", optionsRoot+harness.OptionsPath(s.contact), nil), &list)
	order := s.listed()
	if len(list) != len(order) {
		s.Fatalf("listed are %v, want %+v", list, s.rows)
	}
	want := map[string][]any{"phones": {}, "emails": {}, "web_addresses": {}}
	for i, at := range order {
		s.compare(at, list[i])
	}
	for _, r := range slices.SortedFunc(slices.Values(s.rows), func(a, b row) int { return strings.Compare(a.id, b.id) }) {
		if r.segment != "" {
			name := strings.ReplaceAll(r.segment, "-", "_")
			name = strings.Replace(name, "addresss", "addresses", 1)
			want[name] = append(want[name], harness.With(r.fields, "id", r.id))
		}
	}
	var details object
	s.decoded(s.ask(200, "GET", s.x.Path(s.contact+"/full"), nil), &details)
	for name, rows := range want {
		if !reflect.DeepEqual(details[name], rows) {
			s.Fatalf("%s are %v, want %v", name, details[name], rows)
		}
	}
}

// enfore returns a channel in the enfore dialect, with all fields that the other lacks.
func (s *optionModel) enfore(segment string) object {
	c := harness.ChannelOf(segment)
	types := c.Enums["type"]
	if segment == "phones" {
		types = append([]string{"MOBILE", "FAX_LINE", "HOME_FAX"}, types...)
	}
	changed := harness.With(c.Sample, "type", rapid.SampledFrom(append([]string{"NOT_QUALIFIED"}, types...)).Draw(s.T, "enfore type"),
		"usage_context", rapid.SampledFrom(harness.UsageContexts).Draw(s.T, "context"),
		"description", rapid.SampledFrom([]string{"first", "second"}).Draw(s.T, "description"))
	if n := rapid.IntRange(0, 2).Draw(s.T, "usages"); segment == "phones" {
		changed["usages"] = []any{"SMS", "WHATSAPP", "CALL"}[n:]
	}
	return changed
}

// step sends one write in either dialect.
func (s *optionModel) step() {
	some := func() int { return rapid.IntRange(0, len(s.rows)-1).Draw(s.T, "row") }
	steps := []string{"enfore POST", "POST"}
	if len(s.rows) > 0 { // (the first and the last are drawn most often)
		steps = []string{"PUT one", "enfore POST", "POST", "enfore PUT", "enfore DELETE", "DELETE", "DELETE all", "PUT back", "PUT by pair",
			"enfore PUT", "PUT by id"}
	}
	switch step := rapid.SampledFrom(steps).Draw(s.T, "step"); step {
	case "enfore POST":
		segment := rapid.SampledFrom([]string{"phones", "emails", "web-addresses"}).Draw(s.T, "segment")
		fields := s.enfore(segment)
		var made object
		s.decoded(s.ask(201, "POST", s.x.Path(s.contact+"/"+segment), fields), &made)
		r := row{id: made["id"].(string), segment: segment, fields: fields}
		var shown object
		s.decoded(s.ask(200, "GET", optionsRoot+"/options/"+r.id, nil), &shown)
		r.created = fmt.Sprint(shown["createdAt"])
		s.rows = append(s.rows, r)
	case "enfore PUT", "enfore DELETE":
		at := some()
		r := &s.rows[at]
		if r.segment == "" {
			return
		}
		path := s.x.Path(s.contact + "/" + r.segment + "/" + r.id)
		if step == "enfore DELETE" {
			s.ask(204, "DELETE", path, nil)
			s.rows = slices.Delete(s.rows, at, at+1)
			return
		}
		r.fields = s.enfore(r.segment)
		s.ask(200, "PUT", path, r.fields)
	case "POST":
		all := make([]sent, rapid.IntRange(1, 3).Draw(s.T, "many"))
		for i := range all {
			all[i] = s.draw(-1, false)
		}
		s.write("POST", all)
	case "PUT by id":
		var all []sent
		for range rapid.IntRange(1, 3).Draw(s.T, "many") {
			all = append(all, s.draw(some(), true))
		}
		s.write("PUT", all)
	case "PUT by pair":
		n := s.draw(0, false)
		n.at = slices.IndexFunc(s.listed(), func(at int) bool { p, _ := s.rows[at].shown(); return p == n.pair })
		if n.at < 0 {
			s.ask(404, "PUT", optionsRoot+harness.OptionsPath(s.contact), s.body([]sent{n}))
			return
		}
		n.at = s.listed()[n.at]
		s.write("PUT", []sent{n})
	case "PUT one":
		n := s.draw(some(), false)
		path, body := optionsRoot+"/options/"+s.rows[n.at].id, s.body([]sent{n})[0]
		if !s.change([]sent{n}) {
			s.ask(422, "PUT", path, body)
			return
		}
		var shown object
		s.decoded(s.ask(200, "PUT", path, body), &shown)
		s.compare(n.at, shown)
	case "PUT back":
		list := s.ask(200, "GET", optionsRoot+harness.OptionsPath(s.contact), nil)
		var back []object
		s.decoded(s.ask(200, "PUT", optionsRoot+harness.OptionsPath(s.contact), list.Body), &back)
		for i, at := range s.listed() {
			p, value := s.rows[at].shown()
			s.rows[at] = s.rows[at].set(p, value) // a pair that it remembered and no longer showed is forgotten
			s.compare(at, back[i])
		}
	case "DELETE":
		at := some()
		s.ask(200, "DELETE", optionsRoot+"/options/"+s.rows[at].id, nil)
		s.rows = slices.Delete(s.rows, at, at+1)
	case "DELETE all":
		s.ask(200, "DELETE", optionsRoot+harness.OptionsPath(s.contact), nil)
		s.rows = nil
	}
}

func TestOptionsFollowAModelAfterAnyWritesInBothDialects(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := &optionModel{T: rt, x: x, contact: x.CreateIndividual("Erika")}
		for range rapid.IntRange(3, 12).Draw(rt, "steps") {
			s.step()
			s.check()
		}
	})
}
