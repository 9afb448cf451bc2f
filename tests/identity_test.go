package tests

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// representatives are those that an organization shows, by the ids of their professional identities.
func (x *tenant) representatives(firm string) (ids []string, entries map[string]object) {
	x.t.Helper()
	entries = map[string]object{}
	for _, r := range x.get(firm).want(200).object()["representatives"].([]any) {
		entry := r.(object)
		id := entry["professional_identity"].(object)["professional_identity_id"].(string)
		ids, entries[id] = append(ids, id), entry
	}
	return ids, entries
}

// members is the member_count of a location.
func (x *tenant) members(location string) float64 {
	x.t.Helper()
	return x.get(location).want(200).object()["member_count"].(float64)
}

func TestAProfessionalIdentityLivesFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person, firm := x.individual("Erika"), x.firm("ACME")
	list := person + "/professional-identities"
	if got := x.get(list).page(); len(got.Items)+len(got.Problems) != 0 {
		t.Errorf("a new individual has %v", got)
	}
	sample := object{"organization_contact": tail(firm), "is_active": true, "job_title": "Boss",
		"departments": []any{departmentRef(x.create(firm+"/departments", departmentSample))},
		"locations":   []any{locationRef(x.create(firm+"/locations", locationSample))}}
	made := x.do("POST", list, sample).want(201)
	id := made.text("id")
	path := list + "/" + id
	if got := made.object(); !reflect.DeepEqual(got, with(sample, "id", id)) || made.header.Get("Location") != x.path(path) {
		t.Errorf("created %v at %s", got, made.header.Get("Location"))
	}
	second := x.identity(person, firm, "is_active", false)
	read := x.get(path).want(200)
	if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
		t.Errorf("GET %s, POST %s", read.body, made.body)
	}
	if got := x.get(list).page().Items; !reflect.DeepEqual(got, []object{made.object(), x.get(second).object()}) {
		t.Errorf("list %v", got)
	}
	if back := x.do("PUT", path, read.body).want(200); string(back.body) != string(read.body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
	}
	bare := object{"is_active": false}
	if got, want := x.do("PUT", path, bare).want(200).object(), with(bare, "id", id, "organization_contact", tail(firm)); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}
	stranger := x.individual("Max") + "/professional-identities/" + id
	for _, wrong := range []string{stranger, list + "/8127", list + "/abc", list + "/" + ownerID(person)} {
		x.get(wrong).problem(404)
		x.get(wrong + "/full").problem(404)
		x.get(wrong + "/emails").problem(404)
		x.do("PUT", wrong, bare).problem(404)
		x.do("POST", wrong+"/emails", emailSample).problem(404)
		x.do("DELETE", wrong, nil).problem(404)
	}
	for _, nobody := range []string{"8124", "abc", tail(firm)} {
		x.get("/individual/" + nobody + "/professional-identities").problem(404)
		x.get("/individual/" + nobody + "/professional-identities/full").problem(404)
		x.do("POST", "/individual/"+nobody+"/professional-identities", with(sample, "departments", nil, "locations", nil)).problem(404)
	}
	x.do("DELETE", path, nil).want(204)
	x.get(path).problem(404)
	x.get(path + "/full").problem(404)
	x.do("PUT", path, bare).problem(404)
	x.do("DELETE", path, nil).problem(404)
	if got := x.get(list).page().texts("id"); !reflect.DeepEqual(got, []string{tail(second)}) {
		t.Errorf("list %q", got)
	}
}

func TestTheBodyOfAProfessionalIdentityIsHeldToItsSchema(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person, firm := x.individual("Erika"), x.firm("ACME")
	list, kept := person+"/professional-identities", x.identity(person, firm)
	good := object{"organization_contact": tail(firm), "is_active": true}
	department := object{"contact_id": tail(firm), "department_id": "8127"}
	location := object{"contact_id": tail(firm), "location_id": "8127"}
	x.do("POST", list, object{}).faults(400, "/organization_contact", "/is_active")
	x.do("PUT", kept, object{}).faults(400, "/is_active")
	for i, c := range []struct {
		body   object
		faults []string
	}{
		{with(good, "is_active", "true"), []string{"/is_active"}},
		{with(good, "organization_contact", "abc"), []string{"/organization_contact"}},
		{with(good, "organization_contact", "9007199254740992"), []string{"/organization_contact"}},
		{with(good, "organization_contact", 8125), []string{"/organization_contact"}},
		{with(good, "job_title", strings.Repeat("a", 1025)), []string{"/job_title"}},
		{with(good, "job_title", "a\u0000"), []string{"/job_title"}},
		{with(good, "active", true), []string{"/active"}},
		{with(good, "departments", department), []string{"/departments"}},
		{with(good, "departments", []any{object{}, "x"}), []string{"/departments/0/contact_id", "/departments/0/department_id", "/departments/1"}},
		{with(good, "departments", []any{with(department, "department_id", "0")}), []string{"/departments/0/department_id"}},
		{with(good, "departments", []any{location}), []string{"/departments/0/department_id", "/departments/0/location_id"}},
		{with(good, "locations", []any{location, with(location, "location_id", nil), with(location, "contact_id", true)}),
			[]string{"/locations/1/location_id", "/locations/2/contact_id"}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			x := x.in(t)
			x.do("POST", list, c.body).faults(400, c.faults...)
			x.do("PUT", kept, c.body).faults(400, c.faults...)
		})
	}
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{tail(kept)}) {
		t.Errorf("representatives %q after refused requests", ids)
	}
}

func TestAnIdentityIsAtAnOrganizationThatIsThereAndInItsOwnPlaces(t *testing.T) {
	t.Parallel()
	x, y := newTenant(t), newTenant(t)
	person, firm, other, gone := x.individual("Erika"), x.firm("ACME"), x.firm("Other"), x.firm("Gone")
	list := person + "/professional-identities"
	x.do("DELETE", gone, nil).want(204)
	for name, id := range map[string]string{"unknown": "8125", "an individual": tail(person), "a part": "8127", "a placeholder": "8126",
		"deleted": tail(gone), "another tenant's": tail(y.firm("ACME"))} {
		t.Run(name, func(t *testing.T) {
			x := x.in(t)
			for _, active := range []bool{true, false} {
				x.do("POST", list, object{"organization_contact": id, "is_active": active}).faults(422, "/organization_contact")
			}
		})
	}
	department, location := x.create(firm+"/departments", departmentSample), x.create(firm+"/locations", locationSample)
	lost := x.create(firm+"/departments", departmentSample)
	x.do("DELETE", lost, nil).want(204)
	elsewhere, foreign := x.create(other+"/departments", departmentSample), x.create(other+"/locations", locationSample)
	kept := x.identity(person, firm, "departments", []any{departmentRef(department)}, "locations", []any{locationRef(location)})
	at := func(id string) object { return object{"contact_id": tail(firm), "department_id": id} }
	for name, c := range map[string]struct {
		departments, locations []any
		faults                 []string
	}{
		"of another organization": {[]any{departmentRef(department), departmentRef(elsewhere)}, []any{locationRef(foreign)},
			[]string{"/departments/1/contact_id", "/locations/0/contact_id"}},
		"of another, under the own's id": {[]any{at(tail(elsewhere))}, nil, []string{"/departments/0/department_id"}},
		"unknown": {[]any{at("8127"), departmentRef(department), at("8131")}, []any{object{"contact_id": tail(firm), "location_id": "8127"}},
			[]string{"/departments/0/department_id", "/departments/2/department_id", "/locations/0/location_id"}},
		"a location for a department": {[]any{at(tail(location))}, nil, []string{"/departments/0/department_id"}},
		"a department for a location": {nil, []any{object{"contact_id": tail(firm), "location_id": tail(department)}}, []string{"/locations/0/location_id"}},
		"deleted":                     {[]any{departmentRef(lost)}, nil, []string{"/departments/0/department_id"}},
		"an organization for it":      {[]any{at(tail(firm))}, nil, []string{"/departments/0/department_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.in(t)
			body := object{"organization_contact": tail(firm), "is_active": true, "departments": c.departments, "locations": c.locations}
			for field, places := range map[string][]any{"departments": c.departments, "locations": c.locations} {
				if places == nil {
					delete(body, field)
				}
			}
			x.do("POST", list, body).faults(422, c.faults...)
			x.do("PUT", kept, body).faults(422, c.faults...)
			x.do("PUT", kept, with(body, "organization_contact", nil)).faults(422, c.faults...)
		})
	}
	if got := x.members(location); got != 1 {
		t.Errorf("%v members after refused requests, want 1", got)
	}
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{tail(kept)}) {
		t.Errorf("representatives %q after refused requests", ids)
	}
}

func TestTheOrganizationOfAnIdentityIsFixed(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, other := x.firm("ACME"), x.firm("Other")
	path := x.identity(x.individual("Erika"), firm)
	for _, another := range []string{tail(other), "8125", tail(newTenant(t).firm("ACME"))} {
		x.do("PUT", path, object{"organization_contact": another, "is_active": true}).faults(422, "/organization_contact")
	}
	x.do("PUT", path, object{"organization_contact": tail(firm), "is_active": true}).want(200)
	if got := x.do("PUT", path, object{"is_active": true}).want(200).text("organization_contact"); got != tail(firm) {
		t.Errorf("organization_contact %q, want %q", got, tail(firm))
	}
	if ids, _ := x.representatives(other); ids != nil {
		t.Errorf("the other organization has representatives %q", ids)
	}
}

func TestRepresentativesShowSinceWhenTheyAreActive(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	etag := ""
	// dates returns what the organization shows of an identity, and holds it to be a new version of the organization.
	dates := func(path string, active bool) (activation, deactivation string) {
		t.Helper()
		_, entries := x.representatives(firm)
		entry := entries[tail(path)]
		if !reflect.DeepEqual(entry["professional_identity"], identityRef(path)) || entry["is_active"] != active {
			t.Fatalf("representative %v, want one that is active: %v", entry, active)
		}
		if now := x.get(firm).header.Get("ETag"); now == etag {
			t.Errorf("the organization's ETag is %s as before", now)
		} else {
			etag = now
		}
		date := func(name string) string {
			text, _ := entry[name].(string)
			if _, err := time.Parse(time.RFC3339, text); text != "" && (err != nil || !strings.HasSuffix(text, "Z")) {
				t.Errorf("%s %q is no date-time in UTC", name, text)
			}
			return text
		}
		return date("activation_date"), date("deactivation_date")
	}
	path := x.identity(person, firm, "is_active", false)
	if on, off := dates(path, false); on != "" || off != "" {
		t.Errorf("one that never was active has the dates %q and %q", on, off)
	}
	x.do("PUT", path, object{"is_active": true}).want(200)
	first, off := dates(path, true)
	if first == "" || off != "" {
		t.Errorf("an active one has the dates %q and %q", first, off)
	}
	x.do("PUT", path, object{"is_active": true, "job_title": "Boss"}).want(200)
	if _, entries := x.representatives(firm); entries[tail(path)]["activation_date"] != first {
		t.Errorf("a change that keeps it active made of the date %s %v", first, entries[tail(path)])
	}
	x.do("PUT", path, object{"is_active": false}).want(200)
	on, stopped := dates(path, false)
	if on != first || stopped < first {
		t.Errorf("a stopped one has the dates %q and %q, was activated at %q", on, stopped, first)
	}
	x.do("PUT", path, object{"is_active": true}).want(200)
	if on, off := dates(path, true); on < stopped || off != stopped {
		t.Errorf("activated again it has the dates %q and %q, had stopped at %q", on, off, stopped)
	}
	second := x.identity(person, firm)
	dates(second, true)
	third := x.identity(x.individual("Max"), firm, "is_active", false)
	dates(third, false)
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{tail(path), tail(second), tail(third)}) {
		t.Errorf("representatives %q are not in the order of creation", ids)
	}
	x.do("PUT", firm, object{"name": "B"}, "If-Match", `"1"`).problem(412) // what it shows has changed since
	x.do("DELETE", path, nil).want(204)
	dates(second, true)
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{tail(second), tail(third)}) {
		t.Errorf("representatives %q, want those that are left", ids)
	}
}

func TestALocationCountsTheActiveIdentitiesThere(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	here, there := x.create(firm+"/locations", locationSample), x.create(firm+"/locations", locationSample)
	at := func(active bool, locations ...string) object {
		refs := []any{}
		for _, l := range locations {
			refs = append(refs, locationRef(l))
		}
		return object{"organization_contact": tail(firm), "is_active": active, "locations": refs}
	}
	list := person + "/professional-identities"
	path := x.create(list, at(false, here))
	other := x.create(list, at(true, there, there)) // a set
	for i, c := range []struct {
		body        object
		here, there float64
	}{
		{at(false, here), 0, 1}, {at(true, here), 1, 1}, {at(true, here, here), 1, 1}, {at(true, here, there), 1, 2}, {at(true, there), 0, 2},
		{at(true), 0, 1}, {at(true, here, there), 1, 2}, {at(false, here, there), 0, 1}, {at(false), 0, 1}, {at(true, here), 1, 1},
	} {
		x.do("PUT", path, c.body).want(200)
		if x.members(here) != c.here || x.members(there) != c.there {
			t.Errorf("after change %d there are %v and %v members, want %v and %v", i, x.members(here), x.members(there), c.here, c.there)
		}
	}
	if locations := x.get(other).object()["locations"].([]any); len(locations) != 1 {
		t.Errorf("locations %v, want a set", locations)
	}
	// Leaders are no members; replacing the location keeps its count, whatever count is sent.
	stale := x.get(here).header.Get("ETag")
	x.identity(person, firm, "locations", []any{locationRef(here)})
	x.do("PUT", here, locationSample, "If-Match", stale).problem(412)
	got := x.do("PUT", here, with(locationSample, "leaders", []any{identityRef(other)}, "member_count", 99)).want(200).object()
	if want := with(locationSample, "id", tail(here), "leaders", []any{identityRef(other)}, "member_count", 2.0); !reflect.DeepEqual(got, want) {
		t.Errorf("location %v, want %v", got, want)
	}
	x.do("PUT", here, locationSample).want(200)
	x.do("DELETE", other, nil).want(204)
	x.do("DELETE", person, nil).want(204)
	if x.members(here) != 0 || x.members(there) != 0 {
		t.Errorf("%v and %v members are left, want none", x.members(here), x.members(there))
	}
}

func TestAnIdentityHasChannelsOfItsOwn(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person, firm := x.individual("Erika"), x.firm("ACME")
	path, bare := x.identity(person, firm), x.identity(person, firm)
	want := object{"professional_identity": x.get(path).object()}
	empty := object{"professional_identity": x.get(bare).object()}
	for _, c := range channels {
		list := path + "/" + c.segment
		first, second := x.create(list, c.sample), x.create(list, c.minimal)
		read := x.get(first).want(200)
		if back := x.do("PUT", first, read.body).want(200); string(back.body) != string(read.body) || read.text("id") != tail(first) {
			t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
		}
		if got := x.do("PUT", first, c.minimal).want(200).object(); !reflect.DeepEqual(got, with(c.minimal, "id", tail(first))) {
			t.Errorf("replaced %v", got)
		}
		for pointer, body := range c.bad {
			x.do("POST", list, body).faults(400, pointer)
			x.do("PUT", first, body).faults(400, pointer)
		}
		third := x.create(list, c.sample)
		x.do("DELETE", second, nil).want(204)
		x.get(second).problem(404)
		x.do("DELETE", second, nil).problem(404)
		if got := x.get(list).page().texts("id"); !reflect.DeepEqual(got, []string{tail(first), tail(third)}) {
			t.Errorf("list %q", got)
		}
		// They belong neither to the individual nor to another identity.
		for _, owner := range []string{person, bare} {
			if got := x.get(owner + "/" + c.segment).page().Items; len(got) != 0 {
				t.Errorf("%s lists %v", owner, got)
			}
			stranger := owner + "/" + c.segment + "/" + tail(first)
			x.get(stranger).problem(404)
			x.do("PUT", stranger, c.sample).problem(404)
			x.do("DELETE", stranger, nil).problem(404)
		}
		want[c.details] = []any{x.get(first).object(), x.get(third).object()}
		empty[c.details] = []any{}
	}
	if got := x.get(path + "/full").want(200).object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details\n%v, want\n%v", got, want)
	}
	if got := x.get(person + "/professional-identities/full").page(); !reflect.DeepEqual(got.Items, []object{want, empty}) || len(got.Problems) != 0 {
		t.Errorf("details of all\n%v, want\n%v", got, []object{want, empty})
	}
	if got := x.get(person + "/full").want(200).object()["professional_identities"]; !reflect.DeepEqual(got, []any{want, empty}) {
		t.Errorf("details of the individual\n%v, want\n%v", got, []any{want, empty})
	}
	if got := x.get(x.individual("Max") + "/professional-identities/full").page(); len(got.Items)+len(got.Problems) != 0 {
		t.Errorf("details of one without identities: %v", got)
	}
	// Nothing of it can be changed when the individual is deleted, and all can be read.
	x.do("DELETE", person, nil).want(204)
	x.do("POST", person+"/professional-identities", object{"organization_contact": tail(firm), "is_active": false}).problem(422)
	x.do("PUT", path, object{"is_active": false}).problem(422)
	x.do("DELETE", path, nil).problem(422)
	for _, c := range channels {
		item := path + "/" + c.segment + "/" + want[c.details].([]any)[0].(object)["id"].(string)
		x.do("POST", path+"/"+c.segment, c.sample).problem(422)
		x.do("PUT", item, c.sample).problem(422)
		x.do("DELETE", item, nil).problem(422)
		x.get(item).want(200)
	}
	if got := x.get(path + "/full").want(200).object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details of a deleted individual's identity\n%v, want\n%v", got, want)
	}
}

func TestARepeatedRequestMakesOneRepresentative(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	location := x.create(firm+"/locations", locationSample)
	body := object{"organization_contact": tail(firm), "is_active": true, "locations": []any{locationRef(location)}}
	made := x.do("POST", person+"/professional-identities", body, "Idempotency-Key", "k").want(201)
	same(t, made, x.do("POST", person+"/professional-identities", body, "Idempotency-Key", "k"))
	if ids, _ := x.representatives(firm); !reflect.DeepEqual(ids, []string{made.text("id")}) || x.members(location) != 1 {
		t.Errorf("representatives %q and %v members, want one", ids, x.members(location))
	}
	path := person + "/professional-identities/" + made.text("id")
	for range 2 {
		x.do("PUT", path, object{"is_active": true}, "Idempotency-Key", "l").want(200)
	}
	for range 2 {
		x.do("DELETE", path, nil, "Idempotency-Key", "m").want(204)
	}
	if ids, _ := x.representatives(firm); ids != nil || x.members(location) != 0 {
		t.Errorf("representatives %q and %v members are left", ids, x.members(location))
	}
}
