package tests

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// firm adds an organization contact and returns its path below the tenant's.
func (x *tenant) firm(name string, changes ...any) string {
	x.t.Helper()
	return x.create("/organization", with(object{"name": name}, changes...))
}

// put adds a resource to a collection and returns its path below the tenant's.
func (x *tenant) create(list string, body any) string {
	x.t.Helper()
	return list + "/" + x.do("POST", list, body).want(201).text("id")
}

// tail is the id at the end of a path.
func tail(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// ownerID is the id of the contact that a path leads through.
func ownerID(path string) string { return strings.Split(path, "/")[2] }

// What other resources name a part by.
func identityRef(path string) object {
	return object{"contact_id": ownerID(path), "professional_identity_id": tail(path)}
}

func departmentRef(path string) object {
	return object{"contact_id": ownerID(path), "department_id": tail(path)}
}

func locationRef(path string) object {
	return object{"contact_id": ownerID(path), "location_id": tail(path)}
}

// identity makes an individual represent an organization and returns the path of its professional identity.
func (x *tenant) identity(individual, firm string, changes ...any) string {
	x.t.Helper()
	return x.create(individual+"/professional-identities", with(object{"organization_contact": tail(firm), "is_active": true}, changes...))
}

var (
	departmentSample = object{"name": "Sales", "description": "sells", "area": "SALES", "code": "S1"}
	locationSample   = object{"name": "Cologne"}
	membershipSample = object{"type": "CLUB", "name": "The Club", "reference": "No. 5"}
)

func TestAnOrganizationLivesFromCreationToItsTombstone(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	sample := object{"external_id": "crm-1", "name": "ACME", "founded": "2025-03-25", "external_organization_id": "enf-1"}
	made := x.do("POST", "/organization", sample).want(201)
	id := made.text("id")
	path := "/organization/" + id
	if got := made.header.Get("Location"); got != x.path(path) {
		t.Errorf("Location %q, want %q", got, x.path(path))
	}
	want := with(sample, "id", id, "deleted", false, "representatives", []any{})
	if got := made.object(); !reflect.DeepEqual(got, want) {
		t.Errorf("created %v, want %v", got, want)
	}
	person := x.individual("Erika")
	identity := x.identity(person, path)
	people := object{"founders": []any{identityRef(identity)}, "leaders": []any{identityRef(identity), identityRef(x.identity(person, path))}}
	full := with(sample, "founders", people["founders"], "leaders", people["leaders"])
	x.do("PUT", path, full).want(200)
	read := x.get(path).want(200)
	shown := read.object()
	if n := len(shown["representatives"].([]any)); n != 2 {
		t.Errorf("%d representatives, want 2", n)
	}
	if want := with(full, "id", id, "deleted", false, "representatives", shown["representatives"]); !reflect.DeepEqual(shown, want) {
		t.Errorf("replaced %v, want %v", shown, want)
	}
	if got := x.get("/organization").page().Items; !reflect.DeepEqual(got, []object{shown}) {
		t.Errorf("list %v, want %v alone", got, shown)
	}

	// What GET returned can be sent back; what is left out is cleared, but for what the platform keeps.
	if back := x.do("PUT", path, read.body).want(200); string(back.body) != string(read.body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
	}
	x.do("PUT", path, object{"name": "B", "representatives": "none", "deleted": 7, "id": []any{}}).want(200)
	bare := object{"id": id, "name": "B", "deleted": false, "representatives": shown["representatives"]}
	if got := x.get(path).object(); !reflect.DeepEqual(got, bare) {
		t.Errorf("replaced %v, want %v", got, bare)
	}

	x.do("DELETE", person, nil).want(204)
	last := x.get(path).object()
	x.do("DELETE", path, nil).want(204)
	if got := x.get(path).want(200).object(); !reflect.DeepEqual(got, with(last, "deleted", true)) {
		t.Errorf("deleted %v, was %v", got, last)
	}
	if n := len(x.get("/organization?deleted=false").page().Items); n != 0 {
		t.Errorf("%d living organizations, want none", n)
	}
	x.do("DELETE", path, nil).want(204)
	x.firm("another", "external_id", "crm-1") // it is free
}

func TestTheBodyOfAnOrganizationIsHeldToItsSchema(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.firm("ACME")
	ref := object{"contact_id": "8124", "professional_identity_id": "8127"}
	for i, c := range []struct {
		body   object
		faults []string
	}{
		{object{}, []string{"/name"}},
		{object{"name": " "}, []string{"/name"}},
		{object{"name": 5, "founded": 1999}, []string{"/name", "/founded"}},
		{object{"name": strings.Repeat("a", 1025)}, []string{"/name"}},
		{object{"name": "A", "founded": "2023-02-29", "external_id": ""}, []string{"/founded", "/external_id"}},
		{object{"name": "A", "external_id": strings.Repeat("ä", 257)}, []string{"/external_id"}},
		{object{"name": "A", "external_organization_id": strings.Repeat("a", 1025)}, []string{"/external_organization_id"}},
		{object{"name": "A", "date_of_birth": "2024-01-01"}, []string{"/date_of_birth"}},
		{object{"name": "A", "founders": ref}, []string{"/founders"}},
		{object{"name": "A", "founders": nil, "leaders": []any{"8124"}}, []string{"/founders", "/leaders/0"}},
		{object{"name": "A", "founders": []any{ref, object{}}}, []string{"/founders/1/contact_id", "/founders/1/professional_identity_id"}},
		{object{"name": "A", "leaders": []any{with(ref, "contact_id", "x"), with(ref, "professional_identity_id", 8127)}},
			[]string{"/leaders/0/contact_id", "/leaders/1/professional_identity_id"}},
		{object{"name": "A", "leaders": []any{with(ref, "contact_id", "9007199254740992")}}, []string{"/leaders/0/contact_id"}},
		{object{"name": "A", "leaders": []any{with(ref, "id", "8127")}}, []string{"/leaders/0/id"}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			x := x.in(t)
			x.do("POST", "/organization", c.body).faults(400, c.faults...)
			x.do("PUT", path, c.body).faults(400, c.faults...)
		})
	}
	if got := x.get("/organization").page().texts("name"); !reflect.DeepEqual(got, []string{"ACME"}) {
		t.Errorf("organizations %q after refused requests", got)
	}
}

func TestFoundersAndLeadersAreIdentitiesOfLivingIndividuals(t *testing.T) {
	t.Parallel()
	x, y := newTenant(t), newTenant(t)
	firm, person, other := x.firm("ACME"), x.individual("Erika"), x.individual("Max")
	good, others := x.identity(person, firm), x.identity(other, firm)
	gone := x.identity(person, firm)
	x.do("DELETE", gone, nil).want(204)
	late := x.individual("Moritz")
	buried := x.identity(late, firm)
	x.do("DELETE", late, nil).want(204)
	location := x.create(firm+"/locations", locationSample)
	for name, ref := range map[string]object{
		"no such contact":             {"contact_id": "8124", "professional_identity_id": tail(good)},
		"no such identity":            {"contact_id": tail(person), "professional_identity_id": "8127"},
		"another contact's identity":  {"contact_id": tail(person), "professional_identity_id": tail(others)},
		"an organization":             {"contact_id": tail(firm), "professional_identity_id": tail(good)},
		"an organization's location":  {"contact_id": tail(firm), "professional_identity_id": tail(location)},
		"a contact for an identity":   {"contact_id": tail(person), "professional_identity_id": tail(person)},
		"a deleted identity":          identityRef(gone),
		"a deleted contact":           identityRef(buried),
		"another tenant's":            identityRef(y.identity(y.individual("Erika"), y.firm("ACME"))),
		"an email for an identity":    {"contact_id": tail(person), "professional_identity_id": tail(x.create(person+"/emails", emailSample))},
		"an identity for the contact": {"contact_id": tail(good), "professional_identity_id": tail(good)},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.in(t)
			for _, field := range []string{"founders", "leaders"} {
				body := object{"name": "A", field: []any{identityRef(good), ref}}
				for _, a := range []*answer{x.do("POST", "/organization", body), x.do("PUT", firm, body)} {
					for _, f := range a.problem(422).Errors {
						if f.Pointer != "/"+field+"/1" {
							t.Errorf("fault at %q, want /%s/1", f.Pointer, field)
						}
					}
				}
			}
			x.do("PUT", location, object{"name": "A", "leaders": []any{ref}}).problem(422)
			x.do("POST", firm+"/locations", object{"name": "A", "leaders": []any{ref}}).problem(422)
		})
	}
	unknown := func(id string) object { return object{"contact_id": tail(person), "professional_identity_id": id} }
	x.do("PUT", firm, object{"name": "A", "founders": []any{unknown("8127")}, "leaders": []any{identityRef(good), unknown("8131")}}).
		faults(422, "/founders/0", "/leaders/1")

	// A founder that is deleted later stays named, also when the rest is changed; but it can't come back.
	x.do("PUT", firm, object{"name": "A", "founders": []any{identityRef(others)}}).want(200)
	x.do("DELETE", other, nil).want(204)
	x.do("PUT", firm, with(x.get(firm).object(), "name", "B")).want(200)
	x.do("PUT", firm, object{"name": "B", "leaders": []any{identityRef(others)}}).want(200)
	x.do("PUT", firm, object{"name": "B"}).want(200)
	x.do("PUT", firm, object{"name": "B", "founders": []any{identityRef(others)}}).problem(422)
}

func TestEveryPartOfAnOrganizationHasItsFiveOperations(t *testing.T) {
	t.Parallel()
	type part struct {
		segment               string
		sample, minimal, show object // show is what the platform adds
		enum                  string
		values                []string
		bad                   map[string]object
	}
	parts := []part{
		{"departments", departmentSample, object{"name": "S"}, object{}, "area",
			strings.Fields(`ADMINISTRATION OPERATIONS MARKETING SALES OTHER`),
			map[string]object{"/area": {"name": "A", "area": "sales"}, "/name": {"name": " "}, "/code": {"name": "A", "code": 1},
				"/leaders": {"name": "A", "leaders": []any{}}}},
		{"locations", locationSample, object{"name": "S"}, object{"member_count": 0.0}, "", nil,
			map[string]object{"/name": {}, "/leaders": {"name": "A", "leaders": "8127"}, "/leaders/0/contact_id": {"name": "A",
				"leaders": []any{object{"contact_id": "0", "professional_identity_id": "8127"}}}, "/area": {"name": "A", "area": "SALES"}}},
		{"memberships", membershipSample, object{"type": "COOP", "name": "S"}, object{}, "type",
			strings.Fields(`CLUB COOP FILIALE FRANCHISE GROUP_BUYING SUBSIDIARY WHOLLY_OWNED_SUBSIDIARY`),
			map[string]object{"/type": {"name": "A"}, "/name": {"type": "CLUB"}, "/organization_contact": {"type": "CLUB", "name": "A", "organization_contact": "x"},
				"/reference": {"type": "CLUB", "name": "A", "reference": strings.Repeat("a", 1025)}}},
	}
	for _, c := range channels {
		parts = append(parts, part{segment: c.segment, sample: c.sample, minimal: c.minimal, bad: c.bad})
	}
	for _, p := range parts {
		t.Run(p.segment, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			firm := x.firm("ACME")
			list := firm + "/" + p.segment
			show := []any{"id", ""}
			for name, value := range p.show {
				show = append(show, name, value)
			}
			shown := func(sent object, id string) object { show[1] = id; return with(sent, show...) }
			if got := x.get(list).page(); len(got.Items)+len(got.Problems) != 0 {
				t.Errorf("a new organization has %v", got)
			}
			made := x.do("POST", list, p.sample).want(201)
			id := made.text("id")
			item := list + "/" + id
			if got := made.object(); !reflect.DeepEqual(got, shown(p.sample, id)) || made.header.Get("Location") != x.path(item) {
				t.Errorf("created %v at %s", got, made.header.Get("Location"))
			}
			second := x.create(list, p.minimal)
			read := x.get(item).want(200)
			if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
				t.Errorf("GET %s, POST %s", read.body, made.body)
			}
			if back := x.do("PUT", item, read.body).want(200); string(back.body) != string(read.body) {
				t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
			}
			if got := x.do("PUT", item, p.minimal).want(200).object(); !reflect.DeepEqual(got, shown(p.minimal, id)) {
				t.Errorf("replaced %v", got)
			}
			if got := x.get(list).page().texts("id"); !reflect.DeepEqual(got, []string{id, tail(second)}) {
				t.Errorf("list %q", got)
			}
			x.do("DELETE", item, nil).want(204)
			x.get(item).problem(404)
			x.do("PUT", item, p.sample).problem(404)
			x.do("DELETE", item, nil).problem(404)
			if got := x.get(list).page().texts("id"); !reflect.DeepEqual(got, []string{tail(second)}) {
				t.Errorf("list %q", got)
			}
			for _, value := range p.values {
				if got := x.do("POST", list, with(p.sample, p.enum, value)).want(201).text(p.enum); got != value {
					t.Errorf("%s %q, want %q", p.enum, got, value)
				}
			}
			for pointer, body := range p.bad {
				x.do("POST", list, body).faults(400, pointer)
				x.do("PUT", second, body).faults(400, pointer)
			}
			for _, wrong := range []string{"8124", "8125", "abc", tail(x.individual("Erika"))} { // no organization
				x.get("/organization/" + wrong + "/" + p.segment).problem(404)
				x.do("POST", "/organization/"+wrong+"/"+p.segment, p.sample).problem(404)
			}
			for _, wrong := range []string{x.firm("other") + "/" + p.segment + "/" + tail(second), list + "/0", list + "/" + tail(firm)} {
				x.get(wrong).problem(404)
				x.do("PUT", wrong, p.sample).problem(404)
				x.do("DELETE", wrong, nil).problem(404)
			}
			// Below a deleted organization all is readable and nothing can be changed.
			x.do("DELETE", firm, nil).want(204)
			x.get(second).want(200)
			x.do("POST", list, p.sample).problem(422)
			x.do("PUT", second, p.sample).problem(422)
			x.do("DELETE", second, nil).problem(422)
			x.do("PUT", firm, object{"name": "A"}).problem(422)
		})
	}
}

func TestAMembershipNamesAnOrganizationAndMayReferToItsContact(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, club := x.firm("ACME"), x.firm("The Club")
	list := firm + "/memberships"
	in := func(id string) object {
		return object{"type": "CLUB", "name": "The Club", "organization_contact": id}
	}
	kept := x.create(list, in(tail(club)))
	x.do("POST", list, with(in(tail(club)), "name", nil)).faults(400, "/name")
	x.do("PUT", kept, object{"type": "CLUB", "name": "", "reference": "5"}).faults(400, "/name")
	for _, blank := range []string{" ", " \t\n", "\u00a0\u3000"} {
		x.do("POST", list, object{"type": "CLUB", "name": blank}).faults(400, "/name")
		x.do("PUT", kept, object{"type": "CLUB", "name": blank}).faults(400, "/name")
	}
	x.create(list, in(tail(firm)))
	gone := x.firm("gone")
	x.do("DELETE", gone, nil).want(204)
	for _, unknown := range []string{"8125", tail(x.individual("Erika")), tail(newTenant(t).firm("ACME")), tail(kept), tail(gone)} {
		x.do("POST", list, in(unknown)).faults(422, "/organization_contact")
		x.do("PUT", kept, in(unknown)).faults(422, "/organization_contact")
	}
	// A membership keeps nobody from being deleted, and stays.
	x.do("DELETE", club, nil).want(204)
	if got, want := x.get(kept).want(200).object(), with(in(tail(club)), "id", tail(kept)); !reflect.DeepEqual(got, want) {
		t.Errorf("membership %v, want %v", got, want)
	}
	x.do("PUT", kept, with(in(tail(club)), "reference", "6")).want(200)
	x.do("PUT", kept, membershipSample).want(200)
	x.do("PUT", kept, in(tail(club))).faults(422, "/organization_contact")
}

func TestDetailsShowAllThatBelongsToAnOrganization(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm := x.firm("ACME")
	want := object{}
	for _, name := range strings.Fields("addresses emails phones web_addresses departments locations memberships") {
		want[name] = []any{}
	}
	want["organization_contact"] = x.get(firm).object()
	if got := x.get(firm + "/full").want(200).object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details of an empty organization %v, want %v", got, want)
	}
	add := func(segment, field string, body object) string {
		path := x.create(firm+"/"+segment, body)
		want[field] = append(want[field].([]any), x.get(path).object())
		return path
	}
	for _, c := range channels {
		add(c.segment, c.details, c.sample)
		add(c.segment, c.details, c.minimal)
	}
	add("departments", "departments", departmentSample)
	add("memberships", "memberships", membershipSample)
	location := add("locations", "locations", locationSample)
	identity := x.identity(x.individual("Erika"), firm, "locations", []any{locationRef(location)})
	x.create(identity+"/emails", emailSample) // the individual's, not the organization's
	want["locations"] = []any{x.get(location).object()}
	for role, body := range map[string]object{
		"roles/customer":          {"customer_id": "C1", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"},
		"roles/supplier":          {"supplier_id": "S1", "is_active": true, "supplier_since": "2025-03-25"},
		"roles/alternative-payer": {"alternative_payer_id": "P1", "is_active": true, "since": "2025-03-25"},
	} {
		want[strings.ReplaceAll(tail(role), "-", "_")+"_role"] = x.do("PUT", firm+"/"+role, body).want(200).object()
	}
	want["organization_contact"] = x.get(firm).object()
	if got := x.get(firm + "/full").want(200).object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details\n%v, want\n%v", got, want)
	}
	for _, wrong := range []string{"8125", "abc", ownerID(identity)} {
		x.get("/organization/" + wrong + "/full").problem(404)
	}
}
