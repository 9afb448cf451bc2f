package contacts

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"contacts/tests/harness"
)

func TestAProfessionalIdentityLivesFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	list := person + "/professional-identities"
	if got := x.Get(list).Page(); len(got.Items)+len(got.Problems) != 0 {
		t.Errorf("a new individual has %v", got)
	}
	sample := object{"organization_contact": harness.LastSegment(firm), "is_active": true, "job_title": "Boss",
		"departments": []any{harness.DepartmentRef(x.Create(firm+"/departments", harness.DepartmentSample))},
		"locations":   []any{harness.LocationRef(x.Create(firm+"/locations", harness.LocationSample))}}
	made := x.Do("POST", list, sample).Want(201)
	id := made.Text("id")
	path := list + "/" + id
	if got := made.Object(); !reflect.DeepEqual(got, harness.With(sample, "id", id)) || made.Header.Get("Location") != x.Path(path) {
		t.Errorf("created %v at %s", got, made.Header.Get("Location"))
	}
	second := x.CreateIdentity(person, firm, "is_active", false)
	read := x.Get(path).Want(200)
	if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
		t.Errorf("GET %s, POST %s", read.Body, made.Body)
	}
	if got := x.Get(list).Page().Items; !reflect.DeepEqual(got, []object{made.Object(), x.Get(second).Object()}) {
		t.Errorf("list %v", got)
	}
	if back := x.Do("PUT", path, read.Body).Want(200); string(back.Body) != string(read.Body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
	}
	bare := object{"is_active": false}
	if got, want := x.Do("PUT", path, bare).Want(200).Object(), harness.With(bare, "id", id, "organization_contact", harness.LastSegment(firm)); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}
	stranger := x.CreateIndividual("Max") + "/professional-identities/" + id
	for _, wrong := range []string{stranger, list + "/8127", list + "/abc", list + "/" + harness.OwnerID(person)} {
		x.Get(wrong).Problem(404)
		x.Get(wrong + "/full").Problem(404)
		x.Get(wrong + "/emails").Problem(404)
		x.Do("PUT", wrong, bare).Problem(404)
		x.Do("POST", wrong+"/emails", harness.EmailSample).Problem(404)
		x.Do("DELETE", wrong, nil).Problem(404)
	}
	for _, nobody := range []string{"8124", "abc", harness.LastSegment(firm)} {
		x.Get("/individual/" + nobody + "/professional-identities").Problem(404)
		x.Get("/individual/" + nobody + "/professional-identities/full").Problem(404)
		x.Do("POST", "/individual/"+nobody+"/professional-identities", harness.With(sample, "departments", nil, "locations", nil)).Problem(404)
	}
	x.Do("DELETE", path, nil).Want(204)
	x.Get(path).Problem(404)
	x.Get(path + "/full").Problem(404)
	x.Do("PUT", path, bare).Problem(404)
	x.Do("DELETE", path, nil).Problem(404)
	if got := x.Get(list).Page().Texts("id"); !reflect.DeepEqual(got, []string{harness.LastSegment(second)}) {
		t.Errorf("list %q", got)
	}
}

func TestTheBodyOfAProfessionalIdentityIsValidated(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	list, kept := person+"/professional-identities", x.CreateIdentity(person, firm)
	good := object{"organization_contact": harness.LastSegment(firm), "is_active": true}
	department := object{"contact_id": harness.LastSegment(firm), "department_id": "8127"}
	location := object{"contact_id": harness.LastSegment(firm), "location_id": "8127"}
	x.Do("POST", list, object{}).Faults(400, "/organization_contact", "/is_active")
	x.Do("PUT", kept, object{}).Faults(400, "/is_active")
	for i, c := range []struct {
		body   object
		faults []string
	}{
		{harness.With(good, "is_active", "true"), []string{"/is_active"}},
		{harness.With(good, "organization_contact", "abc"), []string{"/organization_contact"}},
		{harness.With(good, "organization_contact", "9007199254740992"), []string{"/organization_contact"}},
		{harness.With(good, "organization_contact", 8125), []string{"/organization_contact"}},
		{harness.With(good, "job_title", strings.Repeat("a", 1025)), []string{"/job_title"}},
		{harness.With(good, "job_title", "a\u0000"), []string{"/job_title"}},
		{harness.With(good, "active", true), []string{"/active"}},
		{harness.With(good, "departments", department), []string{"/departments"}},
		{harness.With(good, "departments", []any{object{}, "x"}), []string{"/departments/0/contact_id", "/departments/0/department_id", "/departments/1"}},
		{harness.With(good, "departments", []any{harness.With(department, "department_id", "0")}), []string{"/departments/0/department_id"}},
		{harness.With(good, "departments", []any{location}), []string{"/departments/0/department_id", "/departments/0/location_id"}},
		{harness.With(good, "locations", []any{location, harness.With(location, "location_id", nil), harness.With(location, "contact_id", true)}),
			[]string{"/locations/1/location_id", "/locations/2/contact_id"}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			x := x.ForSubtest(t)
			x.Do("POST", list, c.body).Faults(400, c.faults...)
			x.Do("PUT", kept, c.body).Faults(400, c.faults...)
		})
	}
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{harness.LastSegment(kept)}) {
		t.Errorf("representatives %q after refused requests", ids)
	}
}

func TestAnIdentityRefersToAnExistingOrganizationAndItsOwnParts(t *testing.T) {
	t.Parallel()
	x, y := harness.NewTenant(t), harness.NewTenant(t)
	person, firm, other, gone := x.CreateIndividual("Erika"), x.CreateOrganization("ACME"), x.CreateOrganization("Other"), x.CreateOrganization("Gone")
	list := person + "/professional-identities"
	x.Do("DELETE", gone, nil).Want(204)
	for name, id := range map[string]string{"unknown": "8125", "an individual": harness.LastSegment(person), "a part": "8127", "a placeholder": "8126",
		"deleted": harness.LastSegment(gone), "another tenant's": harness.LastSegment(y.CreateOrganization("ACME"))} {
		t.Run(name, func(t *testing.T) {
			x := x.ForSubtest(t)
			for _, active := range []bool{true, false} {
				x.Do("POST", list, object{"organization_contact": id, "is_active": active}).Faults(422, "/organization_contact")
			}
		})
	}
	department, location := x.Create(firm+"/departments", harness.DepartmentSample), x.Create(firm+"/locations", harness.LocationSample)
	lost := x.Create(firm+"/departments", harness.DepartmentSample)
	x.Do("DELETE", lost, nil).Want(204)
	elsewhere, foreign := x.Create(other+"/departments", harness.DepartmentSample), x.Create(other+"/locations", harness.LocationSample)
	kept := x.CreateIdentity(person, firm, "departments", []any{harness.DepartmentRef(department)}, "locations", []any{harness.LocationRef(location)})
	at := func(id string) object { return object{"contact_id": harness.LastSegment(firm), "department_id": id} }
	for name, c := range map[string]struct {
		departments, locations []any
		faults                 []string
	}{
		"of another organization": {[]any{harness.DepartmentRef(department), harness.DepartmentRef(elsewhere)}, []any{harness.LocationRef(foreign)},
			[]string{"/departments/1/contact_id", "/locations/0/contact_id"}},
		"of another, under the own's id": {[]any{at(harness.LastSegment(elsewhere))}, nil, []string{"/departments/0/department_id"}},
		"unknown": {[]any{at("8127"), harness.DepartmentRef(department), at("8131")}, []any{object{"contact_id": harness.LastSegment(firm), "location_id": "8127"}},
			[]string{"/departments/0/department_id", "/departments/2/department_id", "/locations/0/location_id"}},
		"a location for a department": {[]any{at(harness.LastSegment(location))}, nil, []string{"/departments/0/department_id"}},
		"a department for a location": {nil, []any{object{"contact_id": harness.LastSegment(firm), "location_id": harness.LastSegment(department)}}, []string{"/locations/0/location_id"}},
		"deleted":                     {[]any{harness.DepartmentRef(lost)}, nil, []string{"/departments/0/department_id"}},
		"an organization for it":      {[]any{at(harness.LastSegment(firm))}, nil, []string{"/departments/0/department_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.ForSubtest(t)
			body := object{"organization_contact": harness.LastSegment(firm), "is_active": true, "departments": c.departments, "locations": c.locations}
			for field, places := range map[string][]any{"departments": c.departments, "locations": c.locations} {
				if places == nil {
					delete(body, field)
				}
			}
			x.Do("POST", list, body).Faults(422, c.faults...)
			x.Do("PUT", kept, body).Faults(422, c.faults...)
			x.Do("PUT", kept, harness.With(body, "organization_contact", nil)).Faults(422, c.faults...)
		})
	}
	if got := x.MemberCount(location); got != 1 {
		t.Errorf("%v members after refused requests, want 1", got)
	}
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{harness.LastSegment(kept)}) {
		t.Errorf("representatives %q after refused requests", ids)
	}
}

func TestTheOrganizationOfAnIdentityIsFixed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, other := x.CreateOrganization("ACME"), x.CreateOrganization("Other")
	path := x.CreateIdentity(x.CreateIndividual("Erika"), firm)
	for _, another := range []string{harness.LastSegment(other), "8125", harness.LastSegment(harness.NewTenant(t).CreateOrganization("ACME"))} {
		x.Do("PUT", path, object{"organization_contact": another, "is_active": true}).Faults(422, "/organization_contact")
	}
	x.Do("PUT", path, object{"organization_contact": harness.LastSegment(firm), "is_active": true}).Want(200)
	if got := x.Do("PUT", path, object{"is_active": true}).Want(200).Text("organization_contact"); got != harness.LastSegment(firm) {
		t.Errorf("organization_contact %q, want %q", got, harness.LastSegment(firm))
	}
	if ids, _ := x.Representatives(other); ids != nil {
		t.Errorf("the other organization has representatives %q", ids)
	}
}

func TestRepresentativesShowWhenTheyBecameActive(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	etag := ""
	// dates returns what the organization shows of an identity, and requires a new version of the organization.
	dates := func(path string, active bool) (activation, deactivation string) {
		t.Helper()
		_, entries := x.Representatives(firm)
		entry := entries[harness.LastSegment(path)]
		if !reflect.DeepEqual(entry["professional_identity"], harness.IdentityRef(path)) || entry["is_active"] != active {
			t.Fatalf("representative %v, want one that is active: %v", entry, active)
		}
		if now := x.Get(firm).Header.Get("ETag"); now == etag {
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
	path := x.CreateIdentity(person, firm, "is_active", false)
	if on, off := dates(path, false); on != "" || off != "" {
		t.Errorf("one that never was active has the dates %q and %q", on, off)
	}
	x.Do("PUT", path, object{"is_active": true}).Want(200)
	first, off := dates(path, true)
	if first == "" || off != "" {
		t.Errorf("an active one has the dates %q and %q", first, off)
	}
	x.Do("PUT", path, object{"is_active": true, "job_title": "Boss"}).Want(200)
	if _, entries := x.Representatives(firm); entries[harness.LastSegment(path)]["activation_date"] != first {
		t.Errorf("a change that keeps it active made of the date %s %v", first, entries[harness.LastSegment(path)])
	}
	x.Do("PUT", path, object{"is_active": false}).Want(200)
	on, stopped := dates(path, false)
	if on != first || stopped < first {
		t.Errorf("a stopped one has the dates %q and %q, was activated at %q", on, stopped, first)
	}
	x.Do("PUT", path, object{"is_active": true}).Want(200)
	if on, off := dates(path, true); on < stopped || off != stopped {
		t.Errorf("activated again it has the dates %q and %q, had stopped at %q", on, off, stopped)
	}
	second := x.CreateIdentity(person, firm)
	dates(second, true)
	third := x.CreateIdentity(x.CreateIndividual("Max"), firm, "is_active", false)
	dates(third, false)
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{harness.LastSegment(path), harness.LastSegment(second), harness.LastSegment(third)}) {
		t.Errorf("representatives %q are not in the order of creation", ids)
	}
	x.Do("PUT", firm, object{"name": "B"}, "If-Match", `"1"`).Problem(412) // what it shows has changed since
	x.Do("DELETE", path, nil).Want(204)
	dates(second, true)
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{harness.LastSegment(second), harness.LastSegment(third)}) {
		t.Errorf("representatives %q, want those that are left", ids)
	}
}

func TestALocationCountsTheActiveIdentitiesThere(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	here, there := x.Create(firm+"/locations", harness.LocationSample), x.Create(firm+"/locations", harness.LocationSample)
	at := func(active bool, locations ...string) object {
		refs := []any{}
		for _, l := range locations {
			refs = append(refs, harness.LocationRef(l))
		}
		return object{"organization_contact": harness.LastSegment(firm), "is_active": active, "locations": refs}
	}
	list := person + "/professional-identities"
	path := x.Create(list, at(false, here))
	other := x.Create(list, at(true, there, there)) // a set
	for i, c := range []struct {
		body        object
		here, there float64
	}{
		{at(false, here), 0, 1}, {at(true, here), 1, 1}, {at(true, here, here), 1, 1}, {at(true, here, there), 1, 2}, {at(true, there), 0, 2},
		{at(true), 0, 1}, {at(true, here, there), 1, 2}, {at(false, here, there), 0, 1}, {at(false), 0, 1}, {at(true, here), 1, 1},
	} {
		x.Do("PUT", path, c.body).Want(200)
		if x.MemberCount(here) != c.here || x.MemberCount(there) != c.there {
			t.Errorf("after change %d there are %v and %v members, want %v and %v", i, x.MemberCount(here), x.MemberCount(there), c.here, c.there)
		}
	}
	if locations := x.Get(other).Object()["locations"].([]any); len(locations) != 1 {
		t.Errorf("locations %v, want a set", locations)
	}
	// Leaders are no members. Replacing the location keeps its count, whatever count is sent.
	stale := x.Get(here).Header.Get("ETag")
	x.CreateIdentity(person, firm, "locations", []any{harness.LocationRef(here)})
	x.Do("PUT", here, harness.LocationSample, "If-Match", stale).Problem(412)
	got := x.Do("PUT", here, harness.With(harness.LocationSample, "leaders", []any{harness.IdentityRef(other)}, "member_count", 99)).Want(200).Object()
	if want := harness.With(harness.LocationSample, "id", harness.LastSegment(here), "leaders", []any{harness.IdentityRef(other)}, "member_count", 2.0); !reflect.DeepEqual(got, want) {
		t.Errorf("location %v, want %v", got, want)
	}
	x.Do("PUT", here, harness.LocationSample).Want(200)
	x.Do("DELETE", other, nil).Want(204)
	x.Do("DELETE", person, nil).Want(204)
	if x.MemberCount(here) != 0 || x.MemberCount(there) != 0 {
		t.Errorf("%v and %v members are left, want none", x.MemberCount(here), x.MemberCount(there))
	}
}

func TestAnIdentityHasChannelsOfItsOwn(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	path, bare := x.CreateIdentity(person, firm), x.CreateIdentity(person, firm)
	want := object{"professional_identity": x.Get(path).Object()}
	empty := object{"professional_identity": x.Get(bare).Object()}
	for _, c := range harness.Channels {
		list := path + "/" + c.Segment
		first, second := x.Create(list, c.Sample), x.Create(list, c.Minimal)
		read := x.Get(first).Want(200)
		if back := x.Do("PUT", first, read.Body).Want(200); string(back.Body) != string(read.Body) || read.Text("id") != harness.LastSegment(first) {
			t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
		}
		if got := x.Do("PUT", first, c.Minimal).Want(200).Object(); !reflect.DeepEqual(got, harness.With(c.Minimal, "id", harness.LastSegment(first))) {
			t.Errorf("replaced %v", got)
		}
		for pointer, body := range c.Bad {
			x.Do("POST", list, body).Faults(400, pointer)
			x.Do("PUT", first, body).Faults(400, pointer)
		}
		third := x.Create(list, c.Sample)
		x.Do("DELETE", second, nil).Want(204)
		x.Get(second).Problem(404)
		x.Do("DELETE", second, nil).Problem(404)
		if got := x.Get(list).Page().Texts("id"); !reflect.DeepEqual(got, []string{harness.LastSegment(first), harness.LastSegment(third)}) {
			t.Errorf("list %q", got)
		}
		// They belong to neither the individual nor another identity.
		for _, owner := range []string{person, bare} {
			if got := x.Get(owner + "/" + c.Segment).Page().Items; len(got) != 0 {
				t.Errorf("%s lists %v", owner, got)
			}
			stranger := owner + "/" + c.Segment + "/" + harness.LastSegment(first)
			x.Get(stranger).Problem(404)
			x.Do("PUT", stranger, c.Sample).Problem(404)
			x.Do("DELETE", stranger, nil).Problem(404)
		}
		want[c.Details] = []any{x.Get(first).Object(), x.Get(third).Object()}
		empty[c.Details] = []any{}
	}
	if got := x.Get(path + "/full").Want(200).Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details\n%v, want\n%v", got, want)
	}
	if got := x.Get(person + "/professional-identities/full").Page(); !reflect.DeepEqual(got.Items, []object{want, empty}) || len(got.Problems) != 0 {
		t.Errorf("details of all\n%v, want\n%v", got, []object{want, empty})
	}
	if got := x.Get(person + "/full").Want(200).Object()["professional_identities"]; !reflect.DeepEqual(got, []any{want, empty}) {
		t.Errorf("details of the individual\n%v, want\n%v", got, []any{want, empty})
	}
	if got := x.Get(x.CreateIndividual("Max") + "/professional-identities/full").Page(); len(got.Items)+len(got.Problems) != 0 {
		t.Errorf("details of one without identities: %v", got)
	}
	// After the individual is deleted, all of it can be read and nothing changed.
	x.Do("DELETE", person, nil).Want(204)
	x.Do("POST", person+"/professional-identities", object{"organization_contact": harness.LastSegment(firm), "is_active": false}).Problem(422)
	x.Do("PUT", path, object{"is_active": false}).Problem(422)
	x.Do("DELETE", path, nil).Problem(422)
	for _, c := range harness.Channels {
		item := path + "/" + c.Segment + "/" + want[c.Details].([]any)[0].(object)["id"].(string)
		x.Do("POST", path+"/"+c.Segment, c.Sample).Problem(422)
		x.Do("PUT", item, c.Sample).Problem(422)
		x.Do("DELETE", item, nil).Problem(422)
		x.Get(item).Want(200)
	}
	if got := x.Get(path + "/full").Want(200).Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details of a deleted individual's identity\n%v, want\n%v", got, want)
	}
}

func TestARepeatedRequestMakesOneRepresentative(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, person := x.CreateOrganization("ACME"), x.CreateIndividual("Erika")
	location := x.Create(firm+"/locations", harness.LocationSample)
	body := object{"organization_contact": harness.LastSegment(firm), "is_active": true, "locations": []any{harness.LocationRef(location)}}
	made := x.Do("POST", person+"/professional-identities", body, "Idempotency-Key", "k").Want(201)
	harness.SameAnswer(t, made, x.Do("POST", person+"/professional-identities", body, "Idempotency-Key", "k"))
	if ids, _ := x.Representatives(firm); !reflect.DeepEqual(ids, []string{made.Text("id")}) || x.MemberCount(location) != 1 {
		t.Errorf("representatives %q and %v members, want one", ids, x.MemberCount(location))
	}
	path := person + "/professional-identities/" + made.Text("id")
	for range 2 {
		x.Do("PUT", path, object{"is_active": true}, "Idempotency-Key", "l").Want(200)
	}
	for range 2 {
		x.Do("DELETE", path, nil, "Idempotency-Key", "m").Want(204)
	}
	if ids, _ := x.Representatives(firm); ids != nil || x.MemberCount(location) != 0 {
		t.Errorf("representatives %q and %v members are left", ids, x.MemberCount(location))
	}
}
