package contacts

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestAnIndividualLivesFromCreationToItsTombstone(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	sample := object{"external_id": "crm-4711", "name": "Erika Mustermann", "date_of_birth": "2025-03-25", "anniversary": "2025-03-25"}
	made := x.Do("POST", "/individual", sample).Want(201)
	id := made.Text("id")
	path := "/individual/" + id
	if got := made.Header.Get("Location"); got != x.Path(path) {
		t.Errorf("Location %q, want %q", got, x.Path(path))
	}
	want := object{"id": id, "external_id": "crm-4711", "name": "Erika Mustermann", "date_of_birth": "2025-03-25", "anniversary": "2025-03-25", "deleted": false}
	if got := made.Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("created %v, want %v", got, want)
	}
	read := x.Get(path).Want(200)
	if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") || read.Header.Get("ETag") == "" {
		t.Errorf("GET shows %s %s, POST answered %s %s", read.Header.Get("ETag"), read.Body, made.Header.Get("ETag"), made.Body)
	}

	// What GET returned can be sent back. Fields that are left out are cleared.
	back := x.Do("PUT", path, read.Body).Want(200)
	if string(back.Body) != string(read.Body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
	}
	if back.Header.Get("ETag") == read.Header.Get("ETag") {
		t.Error("the ETag is the same after a change")
	}
	x.Do("PUT", path, object{"name": "Erika"}).Want(200)
	if got, want := x.Get(path).Object(), (object{"id": id, "name": "Erika", "deleted": false}); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}

	gone := x.Do("DELETE", path, nil).Want(204)
	if len(gone.Body) != 0 {
		t.Errorf("DELETE answers %q", gone.Body)
	}
	if got, want := x.Get(path).Want(200).Object(), (object{"id": id, "name": "Erika", "deleted": true}); !reflect.DeepEqual(got, want) {
		t.Errorf("deleted %v, want %v", got, want)
	}
	if got := x.Get(path + "/full").Want(200).Object()["individual_contact"].(object)["deleted"]; got != true {
		t.Errorf("details show deleted %v", got)
	}
	x.Do("DELETE", path, nil).Want(204)
	x.Do("PUT", path, object{"name": "Erika"}).Problem(422)
}

func TestADeletedContactAndItsPartsCannotBeChanged(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path, other := x.CreateIndividual("Erika"), x.CreateIndividual("Max")
	made := map[string]string{}
	for _, c := range harness.Channels {
		made[c.Segment] = x.Do("POST", path+"/"+c.Segment, c.Sample).Want(201).Text("id")
	}
	relationship := object{"type": "SPOUSE", "individual_contact": strings.TrimPrefix(other, "/individual/")}
	made["personal-relationships"] = x.Do("POST", path+"/personal-relationships", relationship).Want(201).Text("id")
	x.Do("DELETE", path, nil).Want(204)
	for segment, id := range made {
		body := relationship
		if c := harness.ChannelOf(segment); c != nil {
			body = c.Sample
		}
		item := path + "/" + segment + "/" + id
		x.Do("POST", path+"/"+segment, body).Problem(422)
		x.Do("PUT", item, body).Problem(422)
		x.Do("DELETE", item, nil).Problem(422)
		x.Get(item).Want(200)
		if n := len(x.Get(path + "/" + segment).Page().Items); n != 1 {
			t.Errorf("%s lists %d, want 1", segment, n)
		}
	}
}

func TestAnExternalIDIsUniqueUntilItsContactDropsIt(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	create := func(external string) *harness.Answer {
		return x.Do("POST", "/individual", object{"name": "Erika", "external_id": external})
	}
	first := create("crm-1").Want(201).Text("id")
	p := create("crm-1").Problem(409)
	if p.ExistingID != first {
		t.Errorf("existing_id %q, want %q", p.ExistingID, first)
	}
	create("CRM-1").Want(201) // another one
	second := create("crm-2").Want(201).Text("id")
	if p := x.Do("PUT", "/individual/"+second, object{"name": "Max", "external_id": "crm-1"}).Problem(409); p.ExistingID != first {
		t.Errorf("existing_id %q, want %q", p.ExistingID, first)
	}
	if got := x.Get("/individual/" + second).Text("external_id"); got != "crm-2" {
		t.Errorf("a refused PUT left external_id %q", got)
	}
	// By PUT with another, by PUT without one, and by DELETE.
	x.Do("PUT", "/individual/"+second, object{"name": "Max", "external_id": "crm-3"}).Want(200)
	third := create("crm-2").Want(201).Text("id")
	x.Do("PUT", "/individual/"+third, object{"name": "Max"}).Want(200)
	create("crm-2").Want(201)
	x.Do("DELETE", "/individual/"+first, nil).Want(204)
	create("crm-1").Want(201)
	if got := x.Get("/individual/" + first).Text("external_id"); got != "crm-1" {
		t.Errorf("the deleted contact shows external_id %q, want its last", got)
	}
	// Deleting it again does not free what another contact has by now.
	x.Do("DELETE", "/individual/"+first, nil).Want(204)
	create("crm-1").Problem(409)
}

func TestEveryTenantHasItsOwnExternalIDs(t *testing.T) {
	t.Parallel()
	body := object{"name": "Erika", "external_id": "crm-1"}
	harness.NewTenant(t).Do("POST", "/individual", body).Want(201)
	harness.NewTenant(t).Do("POST", "/individual", body).Want(201)
}

func TestMalformedIDsAreNotFound(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	id := strings.TrimPrefix(path, "/individual/")
	email := x.Do("POST", path+"/emails", harness.ChannelOf("emails").Sample).Want(201).Text("id")
	bad := []string{"abc", "0", "-1", "+1", "01", "0" + id, "1.0", "1e3", "9007199254740992", "99999999999999999", "12345678901234567890123",
		"%20", "%00", "%FF", id + "%20", id + "x", "%E2%82%AC", "..%2f1", "8123", "1", email}
	for _, b := range bad {
		for _, p := range []string{"/individual/" + b, "/individual/" + b + "/full", "/individual/" + b + "/emails", path + "/emails/" + b, "/individual/" + b + "/emails/" + email} {
			if b == email && strings.HasPrefix(p, path) {
				continue
			}
			x.Get(p).Problem(404)
		}
		x.Do("PUT", "/individual/"+b, object{"name": "A"}).Problem(404)
		x.Do("DELETE", "/individual/"+b, nil).Problem(404)
		x.Do("POST", "/individual/"+b+"/phones", harness.ChannelOf("phones").Sample).Problem(404)
	}
	x.Get(path + "/phones/" + email).Problem(404)
	x.Get(path + "/emails/" + email).Want(200)
}

func TestUnknownPathsAreNotFoundAndUnknownMethodsNotAllowed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	for _, p := range []string{path + "/nothing", path + "/emails/1/2", path + "/"} {
		x.Get(p).Problem(404)
	}
	for _, c := range []struct {
		method, path string
		allow        []string
	}{
		{"DELETE", "/individual", []string{"GET", "HEAD", "POST", "PUT"}},
		{"PATCH", path, []string{"DELETE", "GET", "HEAD", "PUT"}},
		{"POST", path, []string{"DELETE", "GET", "HEAD", "PUT"}},
		{"POST", path + "/full", []string{"GET", "HEAD"}},
		{"PUT", path + "/emails", []string{"GET", "HEAD", "POST"}},
		{"PATCH", path + "/emails/8123", []string{"DELETE", "GET", "HEAD", "PUT"}},
		// A fixed segment instead of an id has methods of its own.
		{"GET", "/individual/batch", []string{"POST"}},
		{"DELETE", "/individual/batch", []string{"POST"}},
		{"PATCH", "/organization/batch", []string{"POST"}},
		{"DELETE", "/individual-id-mapping", []string{"GET", "HEAD", "PATCH", "PUT"}},
		{"GET", path + "/images/upload", []string{"POST"}},
		{"DELETE", path + "/images/upload", []string{"POST"}},
		{"PUT", path + "/images/upload", []string{"POST"}},
		{"PUT", path + "/professional-identities/full", []string{"GET", "HEAD"}},
		{"DELETE", path + "/professional-identities/full", []string{"GET", "HEAD"}},
		{"PATCH", path + "/roles/customer/delivery-and-invoicing", []string{"GET", "HEAD"}},
	} {
		a := x.Do(c.method, c.path, nil)
		a.Problem(405)
		allow := map[string]bool{}
		for _, line := range a.Header.Values("Allow") {
			for method := range strings.SplitSeq(line, ",") {
				allow[strings.TrimSpace(method)] = true
			}
		}
		for _, method := range c.allow {
			if !allow[method] {
				t.Errorf("%s %s: Allow %q lacks %s", c.method, c.path, a.Header.Values("Allow"), method)
			}
		}
		if len(allow) != len(c.allow) {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, a.Header.Values("Allow"), c.allow)
		}
	}
}

func TestAnswersAreJSONForClientsThatAcceptIt(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	for _, accept := range []string{"", "*/*", "application/json", "application/*", "text/html, application/json;q=0.1", "application/problem+json", "text/html,*/*;q=0.8",
		"*/*;q=0, application/json", "application/*;q=0, application/json;q=0.1", ", ,application/json,", ",", "application/problem+json, */*;q=0", "APPLICATION/JSON"} {
		a := x.Get(path, "Accept", accept).Want(200)
		if got := a.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("Accept %q: Content-Type %q", accept, got)
		}
	}
	for _, accept := range []string{"text/html", "application/xml", "application/json;q=0", "image/*, text/plain", "application/json;q=0, */*", "*/*, application/json; q=0.0",
		"application/*;q=0, */*", "*/*;q=0", "application/json;q=0, application/problem+json", "text/html,,", "nonsense"} {
		x.Get(path, "Accept", accept).Problem(406)
		x.Do("POST", "/individual", object{"name": "A"}, "Accept", accept).Problem(406)
	}
	if n := len(x.Get("/individual").Page().Items); n != 1 {
		t.Errorf("%d contacts, want 1: a refused request wrote", n)
	}
}

func TestDetailsShowAllThatBelongsToAContact(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path, other := x.CreateIndividual("Erika"), x.CreateIndividual("Max")
	arrays := []string{"addresses", "emails", "phones", "web_addresses", "professional_identities", "personal_relationships"}
	d := x.Get(path + "/full").Want(200).Object()
	if len(d) != len(arrays)+1 {
		t.Errorf("details %v", d)
	}
	for _, name := range arrays {
		if list, ok := d[name].([]any); !ok || len(list) != 0 {
			t.Errorf("%s of an empty contact is %v, want []", name, d[name])
		}
	}
	want := object{"individual_contact": x.Get(path).Object(), "professional_identities": []any{}}
	for _, c := range harness.Channels {
		list := []any{}
		for range 3 {
			list = append(list, x.Do("POST", path+"/"+c.Segment, c.Sample).Want(201).Object())
		}
		want[c.Details] = list
	}
	want["personal_relationships"] = []any{x.Do("POST", path+"/personal-relationships",
		object{"type": "FRIEND", "individual_contact": strings.TrimPrefix(other, "/individual/")}).Want(201).Object()}
	if got := x.Get(path + "/full").Want(200).Object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details\n%v, want\n%v", got, want)
	}
	x.Get("/individual/8124/full").Problem(404)
}

func TestRelationshipsReferToExistingContacts(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path, other, third := x.CreateIndividual("Erika"), x.CreateIndividual("Max"), x.CreateIndividual("Moritz")
	id := func(path string) string { return strings.TrimPrefix(path, "/individual/") }
	body := func(kind, target string) object { return object{"type": kind, "individual_contact": target} }
	list := path + "/personal-relationships"

	for _, kind := range []string{"SPOUSE", "FATHER", "MOTHER", "SON", "DAUGHTER", "BROTHER", "SISTER", "RELATIVE", "FRIEND", "BUSINESS_CONNECTION"} {
		made := x.Do("POST", list, body(kind, id(other))).Want(201)
		if got := x.Get(list + "/" + made.Text("id")).Want(200).Text("type"); got != kind {
			t.Errorf("type %q, want %q", got, kind)
		}
	}
	x.Do("POST", list, body("ENEMY", id(other))).Faults(400, "/type")
	x.Do("POST", list, body("SPOUSE", "abc")).Faults(400, "/individual_contact")
	x.Do("POST", list, object{"type": "SPOUSE"}).Faults(400, "/individual_contact")
	for _, unknown := range []string{"8124", "8123", "9007199254740991", "1"} { // of every kind
		x.Do("POST", list, body("SPOUSE", unknown)).Faults(422, "/individual_contact")
	}

	kept := list + "/" + x.Do("POST", list, body("FRIEND", id(other))).Want(201).Text("id")
	x.Do("PUT", kept, body("FRIEND", "8124")).Faults(422, "/individual_contact")
	x.Do("DELETE", other, nil).Want(204)
	x.Do("POST", list, body("SPOUSE", id(other))).Faults(422, "/individual_contact")
	// An earlier reference stays when the rest is changed.
	x.Get(kept).Want(200)
	x.Do("PUT", kept, body("RELATIVE", id(other))).Want(200)
	x.Do("PUT", kept, body("RELATIVE", id(third))).Want(200)
	x.Do("PUT", kept, body("RELATIVE", id(other))).Faults(422, "/individual_contact")
	x.Do("DELETE", kept, nil).Want(204)
	x.Get(kept).Problem(404)
	x.Do("DELETE", kept, nil).Problem(404)
}

func TestEveryKindOfChannelHasItsFiveOperations(t *testing.T) {
	t.Parallel()
	for _, c := range harness.Channels {
		t.Run(c.Segment, func(t *testing.T) {
			t.Parallel()
			x := harness.NewTenant(t)
			path := x.CreateIndividual("Erika")
			list := path + "/" + c.Segment
			if p := x.Get(list).Page(); len(p.Items)+len(p.Problems) != 0 {
				t.Errorf("a new contact has %v", p)
			}
			made := x.Do("POST", list, c.Sample).Want(201)
			id := made.Text("id")
			if got, want := made.Object(), harness.With(c.Sample, "id", id); !reflect.DeepEqual(got, want) {
				t.Errorf("created %v, want %v", got, want)
			}
			if got := made.Header.Get("Location"); got != x.Path(list+"/"+id) {
				t.Errorf("Location %q", got)
			}
			second := x.Do("POST", list, c.Minimal).Want(201).Text("id")
			if got := x.Get(list).Page().Texts("id"); fmt.Sprint(got) != fmt.Sprint([]string{id, second}) {
				t.Errorf("list %q, want %q then %q", got, id, second)
			}
			read := x.Get(list + "/" + id).Want(200)
			if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
				t.Errorf("GET %s, POST %s", read.Body, made.Body)
			}
			if back := x.Do("PUT", list+"/"+id, read.Body).Want(200); string(back.Body) != string(read.Body) {
				t.Errorf("PUT of what GET returned made %s of %s", back.Body, read.Body)
			}
			if got, want := x.Do("PUT", list+"/"+id, c.Minimal).Want(200).Object(), harness.With(c.Minimal, "id", id); !reflect.DeepEqual(got, want) {
				t.Errorf("replaced %v, want %v", got, want)
			}
			x.Do("DELETE", list+"/"+id, nil).Want(204)
			x.Get(list + "/" + id).Problem(404)
			x.Do("PUT", list+"/"+id, c.Sample).Problem(404)
			x.Do("DELETE", list+"/"+id, nil).Problem(404)
			if got := x.Get(list).Page().Texts("id"); fmt.Sprint(got) != fmt.Sprint([]string{second}) {
				t.Errorf("list %q, want %q", got, second)
			}
			x.Get(x.CreateIndividual("Max") + "/" + c.Segment + "/" + second).Problem(404)
			x.Get("/individual/8124/" + c.Segment).Problem(404)
			x.Do("POST", "/individual/8124/"+c.Segment, c.Sample).Problem(404)

			for field, values := range c.Enums {
				for _, value := range values {
					if got := x.Do("POST", list, harness.With(c.Sample, field, value)).Want(201).Text(field); got != value {
						t.Errorf("%s %q, want %q", field, got, value)
					}
				}
			}
			for pointer, body := range c.Bad {
				x.Do("POST", list, body).Faults(400, pointer)
				x.Do("PUT", list+"/"+second, body).Faults(400, pointer)
			}
			required := []string{}
			for name := range c.Minimal {
				required = append(required, "/"+name)
			}
			x.Do("POST", list, object{}).Faults(400, required...)
		})
	}
}

func TestUsagesAreASet(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	got := x.Do("POST", path+"/addresses", harness.With(harness.AddressSample, "usages", []any{"SHIPPING", "INVOICES", "SHIPPING"})).Want(201).Object()["usages"]
	if !reflect.DeepEqual(got, []any{"SHIPPING", "INVOICES"}) {
		t.Errorf("usages %v", got)
	}
}
