package contacts

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestAnOrganizationLivesFromCreationToItsTombstone(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	sample := object{"external_id": "crm-1", "name": "ACME", "founded": "2025-03-25", "external_organization_id": "enf-1"}
	made := x.Do("POST", "/organization", sample).Want(201)
	id := made.Text("id")
	path := "/organization/" + id
	if got := made.Header.Get("Location"); got != x.Path(path) {
		t.Errorf("Location %q, want %q", got, x.Path(path))
	}
	want := harness.With(sample, "id", id, "deleted", false, "representatives", []any{})
	if got := made.Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("created %v, want %v", got, want)
	}
	person := x.CreateIndividual("Erika")
	identity := x.CreateIdentity(person, path)
	people := object{"founders": []any{harness.IdentityRef(identity)}, "leaders": []any{harness.IdentityRef(identity), harness.IdentityRef(x.CreateIdentity(person, path))}}
	full := harness.With(sample, "founders", people["founders"], "leaders", people["leaders"])
	x.Do("PUT", path, full).Want(200)
	read := x.Get(path).Want(200)
	shown := read.Object()
	if n := len(shown["representatives"].([]any)); n != 2 {
		t.Errorf("%d representatives, want 2", n)
	}
	if want := harness.With(full, "id", id, "deleted", false, "representatives", shown["representatives"]); !reflect.DeepEqual(shown, want) {
		t.Errorf("replaced %v, want %v", shown, want)
	}
	if got := x.Get("/organization").Page().Items; !reflect.DeepEqual(got, []object{shown}) {
		t.Errorf("list %v, want %v alone", got, shown)
	}

	// What GET returned can be sent back. Fields that are left out are cleared, except those that the platform sets.
	if back := x.Do("PUT", path, read.Body).Want(200); string(back.Body) != string(read.Body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
	}
	x.Do("PUT", path, object{"name": "B", "representatives": "none", "deleted": 7, "id": []any{}}).Want(200)
	bare := object{"id": id, "name": "B", "deleted": false, "representatives": shown["representatives"]}
	if got := x.Get(path).Object(); !reflect.DeepEqual(got, bare) {
		t.Errorf("replaced %v, want %v", got, bare)
	}

	x.Do("DELETE", person, nil).Want(204)
	last := x.Get(path).Object()
	x.Do("DELETE", path, nil).Want(204)
	if got := x.Get(path).Want(200).Object(); !reflect.DeepEqual(got, harness.With(last, "deleted", true)) {
		t.Errorf("deleted %v, was %v", got, last)
	}
	if n := len(x.Get("/organization?deleted=false").Page().Items); n != 0 {
		t.Errorf("%d living organizations, want none", n)
	}
	x.Do("DELETE", path, nil).Want(204)
	x.CreateOrganization("another", "external_id", "crm-1") // it is free
}

func TestTheBodyOfAnOrganizationIsValidated(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateOrganization("ACME")
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
		{object{"name": "A", "leaders": []any{harness.With(ref, "contact_id", "x"), harness.With(ref, "professional_identity_id", 8127)}},
			[]string{"/leaders/0/contact_id", "/leaders/1/professional_identity_id"}},
		{object{"name": "A", "leaders": []any{harness.With(ref, "contact_id", "9007199254740992")}}, []string{"/leaders/0/contact_id"}},
		{object{"name": "A", "leaders": []any{harness.With(ref, "id", "8127")}}, []string{"/leaders/0/id"}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			x := x.ForSubtest(t)
			x.Do("POST", "/organization", c.body).Faults(400, c.faults...)
			x.Do("PUT", path, c.body).Faults(400, c.faults...)
		})
	}
	if got := x.Get("/organization").Page().Texts("name"); !reflect.DeepEqual(got, []string{"ACME"}) {
		t.Errorf("organizations %q after refused requests", got)
	}
}

func TestFoundersAndLeadersAreIdentitiesOfLivingIndividuals(t *testing.T) {
	t.Parallel()
	x, y := harness.NewTenant(t), harness.NewTenant(t)
	firm, person, other := x.CreateOrganization("ACME"), x.CreateIndividual("Erika"), x.CreateIndividual("Max")
	good, others := x.CreateIdentity(person, firm), x.CreateIdentity(other, firm)
	gone := x.CreateIdentity(person, firm)
	x.Do("DELETE", gone, nil).Want(204)
	late := x.CreateIndividual("Moritz")
	ofDeleted := x.CreateIdentity(late, firm)
	x.Do("DELETE", late, nil).Want(204)
	location := x.Create(firm+"/locations", harness.LocationSample)
	for name, ref := range map[string]object{
		"no such contact":             {"contact_id": "8124", "professional_identity_id": harness.LastSegment(good)},
		"no such identity":            {"contact_id": harness.LastSegment(person), "professional_identity_id": "8127"},
		"another contact's identity":  {"contact_id": harness.LastSegment(person), "professional_identity_id": harness.LastSegment(others)},
		"an organization":             {"contact_id": harness.LastSegment(firm), "professional_identity_id": harness.LastSegment(good)},
		"an organization's location":  {"contact_id": harness.LastSegment(firm), "professional_identity_id": harness.LastSegment(location)},
		"a contact for an identity":   {"contact_id": harness.LastSegment(person), "professional_identity_id": harness.LastSegment(person)},
		"a deleted identity":          harness.IdentityRef(gone),
		"a deleted contact":           harness.IdentityRef(ofDeleted),
		"another tenant's":            harness.IdentityRef(y.CreateIdentity(y.CreateIndividual("Erika"), y.CreateOrganization("ACME"))),
		"an email for an identity":    {"contact_id": harness.LastSegment(person), "professional_identity_id": harness.LastSegment(x.Create(person+"/emails", harness.EmailSample))},
		"an identity for the contact": {"contact_id": harness.LastSegment(good), "professional_identity_id": harness.LastSegment(good)},
	} {
		t.Run(name, func(t *testing.T) {
			x := x.ForSubtest(t)
			for _, field := range []string{"founders", "leaders"} {
				body := object{"name": "A", field: []any{harness.IdentityRef(good), ref}}
				for _, a := range []*harness.Answer{x.Do("POST", "/organization", body), x.Do("PUT", firm, body)} {
					for _, f := range a.Problem(422).Errors {
						if f.Pointer != "/"+field+"/1" {
							t.Errorf("fault at %q, want /%s/1", f.Pointer, field)
						}
					}
				}
			}
			x.Do("PUT", location, object{"name": "A", "leaders": []any{ref}}).Problem(422)
			x.Do("POST", firm+"/locations", object{"name": "A", "leaders": []any{ref}}).Problem(422)
		})
	}
	unknown := func(id string) object {
		return object{"contact_id": harness.LastSegment(person), "professional_identity_id": id}
	}
	x.Do("PUT", firm, object{"name": "A", "founders": []any{unknown("8127")}, "leaders": []any{harness.IdentityRef(good), unknown("8131")}}).
		Faults(422, "/founders/0", "/leaders/1")

	// A founder that is deleted later stays when the rest is changed, but cannot be added again.
	x.Do("PUT", firm, object{"name": "A", "founders": []any{harness.IdentityRef(others)}}).Want(200)
	x.Do("DELETE", other, nil).Want(204)
	x.Do("PUT", firm, harness.With(x.Get(firm).Object(), "name", "B")).Want(200)
	x.Do("PUT", firm, object{"name": "B", "leaders": []any{harness.IdentityRef(others)}}).Want(200)
	x.Do("PUT", firm, object{"name": "B"}).Want(200)
	x.Do("PUT", firm, object{"name": "B", "founders": []any{harness.IdentityRef(others)}}).Problem(422)
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
		{"departments", harness.DepartmentSample, object{"name": "S"}, object{}, "area",
			strings.Fields(`ADMINISTRATION OPERATIONS MARKETING SALES OTHER`),
			map[string]object{"/area": {"name": "A", "area": "sales"}, "/name": {"name": " "}, "/code": {"name": "A", "code": 1},
				"/leaders": {"name": "A", "leaders": []any{}}}},
		{"locations", harness.LocationSample, object{"name": "S"}, object{"member_count": 0.0}, "", nil,
			map[string]object{"/name": {}, "/leaders": {"name": "A", "leaders": "8127"}, "/leaders/0/contact_id": {"name": "A",
				"leaders": []any{object{"contact_id": "0", "professional_identity_id": "8127"}}}, "/area": {"name": "A", "area": "SALES"}}},
		{"memberships", harness.MembershipSample, object{"type": "COOP", "name": "S"}, object{}, "type",
			strings.Fields(`CLUB COOP FILIALE FRANCHISE GROUP_BUYING SUBSIDIARY WHOLLY_OWNED_SUBSIDIARY`),
			map[string]object{"/type": {"name": "A"}, "/name": {"type": "CLUB"}, "/organization_contact": {"type": "CLUB", "name": "A", "organization_contact": "x"},
				"/reference": {"type": "CLUB", "name": "A", "reference": strings.Repeat("a", 1025)}}},
	}
	for _, c := range harness.Channels {
		parts = append(parts, part{segment: c.Segment, sample: c.Sample, minimal: c.Minimal, bad: c.Bad})
	}
	for _, p := range parts {
		t.Run(p.segment, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			firm := x.CreateOrganization("ACME")
			list := firm + "/" + p.segment
			show := []any{"id", ""}
			for name, value := range p.show {
				show = append(show, name, value)
			}
			shown := func(sent object, id string) object { show[1] = id; return harness.With(sent, show...) }
			if got := x.Get(list).Page(); len(got.Items)+len(got.Problems) != 0 {
				t.Errorf("a new organization has %v", got)
			}
			made := x.Do("POST", list, p.sample).Want(201)
			id := made.Text("id")
			item := list + "/" + id
			if got := made.Object(); !reflect.DeepEqual(got, shown(p.sample, id)) || made.Header.Get("Location") != x.Path(item) {
				t.Errorf("created %v at %s", got, made.Header.Get("Location"))
			}
			second := x.Create(list, p.minimal)
			read := x.Get(item).Want(200)
			if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
				t.Errorf("GET %s, POST %s", read.Body, made.Body)
			}
			if back := x.Do("PUT", item, read.Body).Want(200); string(back.Body) != string(read.Body) {
				t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
			}
			if got := x.Do("PUT", item, p.minimal).Want(200).Object(); !reflect.DeepEqual(got, shown(p.minimal, id)) {
				t.Errorf("replaced %v", got)
			}
			if got := x.Get(list).Page().Texts("id"); !reflect.DeepEqual(got, []string{id, harness.LastSegment(second)}) {
				t.Errorf("list %q", got)
			}
			x.Do("DELETE", item, nil).Want(204)
			x.Get(item).Problem(404)
			x.Do("PUT", item, p.sample).Problem(404)
			x.Do("DELETE", item, nil).Problem(404)
			if got := x.Get(list).Page().Texts("id"); !reflect.DeepEqual(got, []string{harness.LastSegment(second)}) {
				t.Errorf("list %q", got)
			}
			for _, value := range p.values {
				if got := x.Do("POST", list, harness.With(p.sample, p.enum, value)).Want(201).Text(p.enum); got != value {
					t.Errorf("%s %q, want %q", p.enum, got, value)
				}
			}
			for pointer, body := range p.bad {
				x.Do("POST", list, body).Faults(400, pointer)
				x.Do("PUT", second, body).Faults(400, pointer)
			}
			for _, wrong := range []string{"8124", "8125", "abc", harness.LastSegment(x.CreateIndividual("Erika"))} { // no organization
				x.Get("/organization/" + wrong + "/" + p.segment).Problem(404)
				x.Do("POST", "/organization/"+wrong+"/"+p.segment, p.sample).Problem(404)
			}
			for _, wrong := range []string{x.CreateOrganization("other") + "/" + p.segment + "/" + harness.LastSegment(second), list + "/0", list + "/" + harness.LastSegment(firm)} {
				x.Get(wrong).Problem(404)
				x.Do("PUT", wrong, p.sample).Problem(404)
				x.Do("DELETE", wrong, nil).Problem(404)
			}
			// Parts of a deleted organization can be read and not changed.
			x.Do("DELETE", firm, nil).Want(204)
			x.Get(second).Want(200)
			x.Do("POST", list, p.sample).Problem(422)
			x.Do("PUT", second, p.sample).Problem(422)
			x.Do("DELETE", second, nil).Problem(422)
			x.Do("PUT", firm, object{"name": "A"}).Problem(422)
		})
	}
}

func TestAMembershipNamesAnOrganizationAndMayReferToItsContact(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, club := x.CreateOrganization("ACME"), x.CreateOrganization("The Club")
	list := firm + "/memberships"
	in := func(id string) object {
		return object{"type": "CLUB", "name": "The Club", "organization_contact": id}
	}
	kept := x.Create(list, in(harness.LastSegment(club)))
	x.Do("POST", list, harness.With(in(harness.LastSegment(club)), "name", nil)).Faults(400, "/name")
	x.Do("PUT", kept, object{"type": "CLUB", "name": "", "reference": "5"}).Faults(400, "/name")
	for _, blank := range []string{" ", " \t\n", "\u00a0\u3000"} {
		x.Do("POST", list, object{"type": "CLUB", "name": blank}).Faults(400, "/name")
		x.Do("PUT", kept, object{"type": "CLUB", "name": blank}).Faults(400, "/name")
	}
	x.Create(list, in(harness.LastSegment(firm)))
	gone := x.CreateOrganization("gone")
	x.Do("DELETE", gone, nil).Want(204)
	for _, unknown := range []string{"8125", harness.LastSegment(x.CreateIndividual("Erika")), harness.LastSegment(harness.NewTenant(t).CreateOrganization("ACME")), harness.LastSegment(kept), harness.LastSegment(gone)} {
		x.Do("POST", list, in(unknown)).Faults(422, "/organization_contact")
		x.Do("PUT", kept, in(unknown)).Faults(422, "/organization_contact")
	}
	// A membership does not restrict the deletion of its organization, and stays.
	x.Do("DELETE", club, nil).Want(204)
	if got, want := x.Get(kept).Want(200).Object(), harness.With(in(harness.LastSegment(club)), "id", harness.LastSegment(kept)); !reflect.DeepEqual(got, want) {
		t.Errorf("membership %v, want %v", got, want)
	}
	x.Do("PUT", kept, harness.With(in(harness.LastSegment(club)), "reference", "6")).Want(200)
	x.Do("PUT", kept, harness.MembershipSample).Want(200)
	x.Do("PUT", kept, in(harness.LastSegment(club))).Faults(422, "/organization_contact")
}

func TestDetailsShowAllThatBelongsToAnOrganization(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm := x.CreateOrganization("ACME")
	want := object{}
	for _, name := range strings.Fields("addresses emails phones web_addresses departments locations memberships") {
		want[name] = []any{}
	}
	want["organization_contact"] = x.Get(firm).Object()
	if got := x.Get(firm + "/full").Want(200).Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details of an empty organization %v, want %v", got, want)
	}
	add := func(segment, field string, body object) string {
		path := x.Create(firm+"/"+segment, body)
		want[field] = append(want[field].([]any), x.Get(path).Object())
		return path
	}
	for _, c := range harness.Channels {
		add(c.Segment, c.Details, c.Sample)
		add(c.Segment, c.Details, c.Minimal)
	}
	add("departments", "departments", harness.DepartmentSample)
	add("memberships", "memberships", harness.MembershipSample)
	location := add("locations", "locations", harness.LocationSample)
	identity := x.CreateIdentity(x.CreateIndividual("Erika"), firm, "locations", []any{harness.LocationRef(location)})
	x.Create(identity+"/emails", harness.EmailSample) // the individual's, not the organization's
	want["locations"] = []any{x.Get(location).Object()}
	for role, body := range map[string]object{
		"roles/customer":          {"customer_id": "C1", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"},
		"roles/supplier":          {"supplier_id": "S1", "is_active": true, "supplier_since": "2025-03-25"},
		"roles/alternative-payer": {"alternative_payer_id": "P1", "is_active": true, "since": "2025-03-25"},
	} {
		want[strings.ReplaceAll(harness.LastSegment(role), "-", "_")+"_role"] = x.Do("PUT", firm+"/"+role, body).Want(200).Object()
	}
	want["organization_contact"] = x.Get(firm).Object()
	if got := x.Get(firm + "/full").Want(200).Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details\n%v, want\n%v", got, want)
	}
	for _, wrong := range []string{"8125", "abc", harness.OwnerID(identity)} {
		x.Get("/organization/" + wrong + "/full").Problem(404)
	}
}
