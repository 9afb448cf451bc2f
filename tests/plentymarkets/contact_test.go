package plentymarkets

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// createContact adds a contact in the plentymarkets dialect and returns it.
func createContact(x *harness.Tenant, body object) object {
	x.T.Helper()
	return x.Rest("POST", "", body).Want(200).Object()
}

// listContacts lists one page of contacts in that dialect.
func listContacts(x *harness.Tenant, query string) (page object, ids []string) {
	x.T.Helper()
	page = x.Rest("GET", "?"+query, nil).Want(200).Object()
	for _, e := range page["entries"].([]any) {
		ids = append(ids, harness.OptionID(e.(object)))
	}
	return page, ids
}

func TestAContactIsCreatedWithItsOptionsAndShownInBothDialects(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	made := x.Rest("POST", "", object{"typeId": "1", "firstName": "Erika Maria", "lastName": "Muster Frau", "title": nil, "externalId": "crm 4711/a", "birthdayAt": "1971-11-11T00:00:00+01:00",
		"gender": "female", "referrerId": "90.4", "blocked": 0, "isLead": true, "id": 5, "number": "x", "email": "x", "privatePhone": "x", "bookAccount": "x", "createdAt": "x",
		"options": []any{harness.OptionBody("2", "4", "erika@example.com", "priority", "1"), harness.OptionBody(1, 4, "+49 30 901820"), harness.OptionBody(1, 2, "+49 171 5550123"), harness.OptionBody(3, 4, "+49 30 901821"),
			harness.OptionBody(8, 6, "erika71")}})
	got := made.Want(200).Object()
	id := harness.OptionID(got)
	for field, want := range map[string]any{"fullName": "Erika Maria Muster Frau", "firstName": "Erika Maria", "lastName": "Muster Frau", "externalId": "crm 4711/a",
		"birthdayAt": "1971-11-11T00:00:00+00:00", "gender": "female", "referrerId": 90.4, "blocked": 0.0, "typeId": 1.0, "isLead": true, "number": "", "bookAccount": "",
		"email": "erika@example.com", "privatePhone": "+49 30 901820", "privateMobile": "+49 171 5550123", "privateFax": "+49 30 901821"} {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
	if _, there := got["title"]; there || len(got["options"].([]any)) != 5 {
		t.Errorf("made %v", got)
	}
	one := x.Get("/individual/" + id).Want(200).Object()
	if one["name"] != "Erika Maria Muster Frau" || one["external_id"] != "crm 4711/a" || one["date_of_birth"] != "1971-11-11" {
		t.Errorf("the other dialect shows %v", one)
	}
	if emails := x.Get("/individual/" + id + "/emails").Want(200).Object()["items"].([]any); len(emails) != 1 || emails[0].(object)["type"] != "PERSONAL_EMAIL" {
		t.Errorf("and emails %v", emails)
	}
	read := x.Rest("GET", "/"+id+"?with=options", nil).Want(200)
	if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
		t.Errorf("GET %s, POST %s", read.Body, made.Body)
	}
	plain := x.Rest("GET", "/"+id, nil).Want(200)
	if _, there := plain.Object()["options"]; there || plain.Header.Get("ETag") != made.Header.Get("ETag") {
		t.Errorf("without options %s", plain.Body)
	}
	// Fields of this dialect survive a change by the other, which can change the name.
	x.Do("PUT", "/individual/"+id, object{"name": "Erika von Muster"}).Want(200)
	x.Do("PUT", "/individual/"+id+"/roles/customer", harness.CustomerMinimal).Want(200)
	got = x.Rest("GET", "/"+id, nil).Want(200).Object()
	for field, want := range map[string]any{"fullName": "Erika von Muster", "firstName": "Erika von", "lastName": "Muster", "externalId": "", "birthdayAt": nil, "gender": "female",
		"number": "c-1", "bookAccount": "10000", "email": "erika@example.com"} {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
}

func TestAChangeOfAContactChangesOnlyTheFieldsInItsBody(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	made := createContact(x, object{"firstName": "Erika", "lastName": "Muster", "title": "Dr.", "classId": 3, "externalId": "a", "birthdayAt": "1971-11-11",
		"options": []any{harness.OptionBody(2, 4, "erika@example.com"), harness.OptionBody(1, 4, "+49 30 901820")}})
	path := "/" + harness.OptionID(made)
	change := func(body object) object { return x.Rest("PUT", path, body).Want(200).Object() }
	is := func(got object, wants ...any) {
		t.Helper()
		for i := 0; i < len(wants); i += 2 {
			if got[wants[i].(string)] != wants[i+1] {
				t.Errorf("%s is %v, want %v", wants[i], got[wants[i].(string)], wants[i+1])
			}
		}
	}
	is(change(object{}), "fullName", "Erika Muster", "title", "Dr.", "updatedAt", made["updatedAt"])
	is(change(object{"lastName": "Neu", "title": nil, "externalId": nil, "birthdayAt": nil}), "fullName", "Erika Neu", "firstName", "Erika", "title", "Dr.", "externalId", "a",
		"birthdayAt", "1971-11-11T00:00:00+00:00")
	is(change(object{"title": "", "classId": "", "externalId": "", "birthdayAt": ""}), "title", nil, "classId", nil, "externalId", "", "birthdayAt", nil)
	is(change(object{"fullName": "Erika Maria Alt"}), "firstName", "Erika Maria", "lastName", "Alt")
	is(change(object{"firstName": ""}), "fullName", "Alt", "firstName", "", "lastName", "Alt")
	x.Rest("PUT", path, object{"firstName": "", "lastName": " "}).Envelope(422, "fullName")
	options := made["options"].([]any)
	email := options[0].(object)
	got := change(object{"title": "Prof.", "options": []any{object{"id": email["id"], "typeId": 2, "subTypeId": 1, "value": "neu@example.com"}, harness.OptionBody(1, 4, "+49 30 5")}})
	is(got, "title", "Prof.", "email", "", "privatePhone", "+49 30 5")
	before := x.Rest("GET", path+"?with=options", nil).Want(200).Body
	x.Rest("PUT", path, object{"title": "None", "options": []any{harness.OptionBody(9, 9, "x")}}).Envelope(404)
	x.Rest("PUT", path, object{"title": "None", "options": []any{harness.OptionBody(1, 4, "no number")}}).Envelope(422, "options.0.value")
	x.Rest("PUT", path, object{"title": "None", "birthdayAt": "soon", "externalId": "a?b", "options": []any{harness.OptionBody(99, 1, "x")}}).Envelope(422, "birthdayAt", "externalId", "options.0.typeId")
	if after := x.Rest("GET", path+"?with=options", nil).Want(200).Body; string(after) != string(before) {
		t.Errorf("refused changes left %s, not %s", after, before)
	}
	if back := x.Rest("PUT", path, before).Want(200); string(back.Body) != string(before) {
		t.Errorf("%s, sent back, became %s", before, back.Body)
	}
}

func TestARefusedCreationOfAContactLeavesNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	createContact(x, object{"fullName": "Max", "externalId": "taken"})
	for _, c := range []struct {
		body   any
		fields []string
	}{
		{object{}, []string{"fullName"}},
		{object{"firstName": " ", "lastName": ""}, []string{"fullName"}},
		{object{"fullName": "A", "externalId": "taken", "options": []any{harness.OptionBody(2, 4, "new@example.com")}}, []string{"externalId"}},
		{object{"fullName": "A", "externalId": "a?b"}, []string{"externalId"}},
		{object{"fullName": "A", "birthdayAt": "1971-13-11"}, []string{"birthdayAt"}},
		{object{"fullName": "A", "classId": "three"}, []string{"classId"}},
		{object{"fullName": "A", "colour": "red"}, []string{"colour"}},
		{object{"fullName": "A", "options": []any{harness.OptionBody(2, 4, "new@example.com"), harness.OptionBody(2, 4, "b@example.com")}}, []string{"options.0.typeId", "options.1.typeId"}},
		{object{"fullName": "A", "options": []any{harness.OptionBody(2, 4, "none"), object{"typeId": 1}}}, []string{"options.1.subTypeId", "options.1.value"}},
		{object{"firstName": strings.Repeat("a", 600), "lastName": strings.Repeat("b", 600)}, []string{"fullName"}},
	} {
		x.Rest("POST", "", c.body).Envelope(422, c.fields...)
	}
	x.Rest("POST", "", `{"fullName": `).Envelope(400)
	if page, _ := listContacts(x, ""); page["totalsCount"] != 1.0 {
		t.Errorf("%v contacts", page["totalsCount"])
	}
	if found := x.Get("/lookup?email=new@example.com").Want(200).Object()["items"].([]any); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

func TestDeletedContactsAndTheirOptionsAreGone(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	options := []any{harness.OptionBody(2, 4, "erika@example.com"), harness.OptionBody(8, 6, "erika71")}
	for name, remove := range map[string]func(id string){
		"here":  func(id string) { x.Rest("DELETE", "/"+id, nil).Want(200) },
		"there": func(id string) { x.Do("DELETE", "/individual/"+id, nil).Want(204) },
	} {
		t.Run(name, func(t *testing.T) {
			made := createContact(x, object{"fullName": "Erika", "externalId": "a", "options": options})
			id, option := harness.OptionID(made), harness.OptionPath(made["options"].([]any)[0].(object))
			remove(id)
			for _, a := range []*harness.Answer{
				x.Rest("GET", "/"+id, nil), x.Rest("PUT", "/"+id, object{"fullName": "E"}), x.Rest("PUT", "/"+id, object{}), x.Rest("DELETE", "/"+id, nil),
				x.Rest("GET", "/"+id+"/options", nil), x.Rest("GET", "/"+id+"/options/validate?typeId=1&subTypeId=4&value=x", nil),
				x.Rest("POST", "/"+id+"/options", options), x.Rest("PUT", "/"+id+"/options", options), x.Rest("DELETE", "/"+id+"/options", nil),
				x.Rest("GET", option, nil), x.Rest("PUT", option, options[0]), x.Rest("DELETE", option, nil),
			} {
				a.T = t
				a.Envelope(404)
			}
			if got := x.Get("/individual/" + id).Want(200).Object(); got["deleted"] != true {
				t.Errorf("the other dialect shows %v", got)
			}
			if page, _ := listContacts(x, "externalId=a"); page["totalsCount"] != 0.0 {
				t.Errorf("%v contacts", page["totalsCount"])
			}
		})
	}
	x.Rest("DELETE", "/"+harness.OwnerID(x.CreateOrganization("ACME")), nil).Envelope(404)
	x.Rest("GET", "/8123", nil).Envelope(404)
	x.Rest("GET", "/abc", nil).Envelope(404)
}

func TestPagesOfContactsAreNumberedAndNeverShort(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(7)
	x.CreateOrganization("ACME")
	x.Do("DELETE", "/individual/"+ids[2], nil).Want(204)
	ids = append(ids[:2], ids[3:]...)
	for _, c := range []struct {
		query                          string
		page, last, first, end, n, per float64
		isLast                         bool
		ids                            []string
	}{
		{"", 1, 1, 1, 6, 6, 50, true, ids},
		{"itemsPerPage=4", 1, 2, 1, 4, 6, 4, false, ids[:4]},
		{"page=2&itemsPerPage=4", 2, 2, 5, 6, 6, 4, true, ids[4:]},
		{"page=3&itemsPerPage=2", 3, 3, 5, 6, 6, 2, true, ids[4:]},
		{"page=4&itemsPerPage=2", 4, 3, 0, 0, 6, 2, true, nil},
		{"page=9007199254740991&itemsPerPage=250", 9007199254740991, 1, 0, 0, 6, 250, true, nil},
	} {
		page, got := listContacts(x, c.query)
		delete(page, "entries")
		want := object{"page": c.page, "totalsCount": c.n, "isLastPage": c.isLast, "lastPageNumber": c.last, "firstOnPage": c.first, "lastOnPage": c.end, "itemsPerPage": c.per}
		if !reflect.DeepEqual(page, want) || !reflect.DeepEqual(got, c.ids) {
			t.Errorf("%q: %v with %v, want %v with %v", c.query, page, got, want, c.ids)
		}
	}
	for query, field := range map[string]string{"page=0": "page", "page=-1": "page", "page=x": "page", "itemsPerPage=0": "itemsPerPage", "itemsPerPage=251": "itemsPerPage",
		"fullText=x": "fullText", "postalCode=1": "postalCode", "typeId=1": "typeId", "contactId=1": "contactId", "colour=red": "colour", "email=": "email",
		"email=a&email=b": "email", "with=orders": "with", "createdAtAfter=soon": "createdAtAfter", "updatedAtBefore=2025-02-30": "updatedAtBefore"} {
		x.Rest("GET", "?"+query, nil).Envelope(422, field)
	}
}

func TestAClientThatAsksForPagesUntilTheLastOneSeesEachContactOnce(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(45)
	var seen []string
	for n := 1; ; n++ {
		page, got := listContacts(x, fmt.Sprintf("page=%d&itemsPerPage=10&with=options", n))
		seen = append(seen, got...)
		if page["isLastPage"] == true {
			break
		}
	}
	if !reflect.DeepEqual(seen, ids) {
		t.Errorf("seen %v, want %v", seen, ids)
	}
}

func TestContactsAreFoundByFiltersTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := harness.OptionID(createContact(x, object{"fullName": "Erika Müller", "externalId": "crm-1", "options": []any{harness.OptionBody(2, 4, "Erika@Example.com"), harness.OptionBody(2, 1, "info+a@example.com")}}))
	max := harness.OptionID(createContact(x, object{"fullName": "Max Mueller", "externalId": "crm-2", "options": []any{harness.OptionBody(2, 1, "info+a@example.com")}}))
	x.Do("PUT", "/individual/"+max+"/roles/customer", harness.CustomerMinimal).Want(200)
	person, _, _ := x.NewManager()
	gone := harness.OptionID(createContact(x, object{"fullName": "Erika Müller", "options": []any{harness.OptionBody(2, 4, "erika@example.com")}}))
	x.Rest("DELETE", "/"+gone, nil).Want(200)
	all := []string{erika, max, harness.OwnerID(person)}
	for _, c := range []struct {
		query []string
		ids   []string
	}{
		{[]string{"contactEmail", "erika@EXAMPLE.com"}, all[:1]}, {[]string{"email", "ERIKA@example.com"}, all[:1]}, {[]string{"email", "info+a@example.com"}, all[:2]},
		{[]string{"email", "info+a@example.com", "contactEmail", "erika@example.com"}, all[:1]}, {[]string{"email", "erika@example.co"}, nil},
		{[]string{"externalId", "crm-2"}, all[1:2]}, {[]string{"externalId", "CRM-2"}, nil}, {[]string{"externalId", "crm-2", "email", "erika@example.com"}, nil},
		{[]string{"number", "c-1"}, all[1:2]}, {[]string{"number", "c"}, nil},
		{[]string{"name", "erika  MUELLER"}, all[:1]}, {[]string{"name", "Erika"}, nil}, {[]string{"name", "max muller"}, nil}, {[]string{"name", "Max Müller"}, all[1:2]},
		{[]string{"nameOrId", "Max Mueller"}, all[1:2]}, {[]string{"nameOrId", erika}, all[:1]}, {[]string{"nameOrId", "8123"}, nil}, {[]string{"nameOrId", gone}, nil},
		{[]string{"nameOrId", erika, "name", "Max Mueller"}, nil}, {[]string{"name", "Erika Mueller", "externalId", "crm-1"}, all[:1]},
		{[]string{"createdAtAfter", "2025-01-01"}, all}, {[]string{"createdAtBefore", "2025-01-01"}, nil}, {[]string{"createdAtAfter", "2099-01-01"}, nil},
		{[]string{"updatedAtAfter", "2025-01-01T00:00:00Z", "createdAtBefore", "2099-12-31T23:59:59+02:00"}, all}, {[]string{"updatedAtBefore", "2025-01-01"}, nil},
		{[]string{"createdAtAfter", "2099-01-01", "createdAtBefore", "2025-01-01"}, nil}, {[]string{"updatedAtAfter", "12/31/2024"}, all},
	} {
		query := url.Values{}
		for i := 0; i < len(c.query); i += 2 {
			query.Set(c.query[i], c.query[i+1])
		}
		if page, got := listContacts(x, query.Encode()); !reflect.DeepEqual(got, c.ids) || page["totalsCount"] != float64(len(c.ids)) {
			t.Errorf("%v finds %v of %v, want %v", c.query, got, page["totalsCount"], c.ids)
		}
	}
	first := x.Rest("GET", "/"+erika, nil).Want(200).Object()
	for _, parameter := range []string{"createdAtAfter", "createdAtBefore"} { // what is shown is included
		query := url.Values{parameter: {first["createdAt"].(string)}, "externalId": {"crm-1"}}.Encode()
		if _, got := listContacts(x, query); !reflect.DeepEqual(got, all[:1]) {
			t.Errorf("%s finds %v", query, got)
		}
	}
	if page, got := listContacts(x, "email=info%2Ba@example.com&itemsPerPage=1&page=2"); !reflect.DeepEqual(got, all[1:2]) || page["lastPageNumber"] != 2.0 {
		t.Errorf("the second page of two matches has %v: %v", got, page)
	}
}

func TestAPreconditionCoversAContactWithItsOptions(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	made := x.Rest("POST", "", object{"fullName": "Erika", "options": []any{harness.OptionBody(2, 4, "erika@example.com")}}).Want(200)
	path, tag := "/"+harness.OptionID(made.Object()), made.Header.Get("ETag")
	x.Rest("GET", path, nil, "If-None-Match", tag).Want(304)
	x.Rest("POST", path+"/options", harness.OptionBody(1, 4, "+49 30 1234")).Want(200)
	x.Rest("PUT", path, object{"title": "Dr."}, "If-Match", tag).Envelope(412)
	x.Rest("DELETE", path, nil, "If-Match", tag).Envelope(412)
	tag = x.Rest("GET", path, nil).Want(200).Header.Get("ETag")
	x.Rest("DELETE", path, nil, "If-None-Match", tag).Envelope(412)
	tag = x.Rest("PUT", path, object{"title": "Dr."}, "If-Match", tag).Want(200).Header.Get("ETag")
	x.Rest("DELETE", path, nil, "If-Match", tag).Want(200)
}

func TestARepeatedCreationOfAContactIsAReplay(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	body := object{"fullName": "Erika", "options": []any{harness.OptionBody(2, 4, "erika@example.com")}}
	first := x.Rest("POST", "", body, "Idempotency-Key", "k").Want(200)
	again := x.Rest("POST", "", body, "Idempotency-Key", "k").Want(200)
	if string(first.Body) != string(again.Body) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s, then %s", first.Body, again.Body)
	}
	path := "/" + harness.OptionID(first.Object())
	change := object{"title": "Dr.", "options": []any{harness.OptionBody(2, 4, "neu@example.com")}}
	once := x.Rest("PUT", path, change, "Idempotency-Key", "k2").Want(200)
	if twice := x.Rest("PUT", path, change, "Idempotency-Key", "k2").Want(200); string(once.Body) != string(twice.Body) {
		t.Errorf("%s, then %s", once.Body, twice.Body)
	}
	for range 2 {
		x.Rest("DELETE", path, nil, "Idempotency-Key", "k3").Want(200)
	}
	x.IsSound()
}

func TestOneOfManyConcurrentContactsWithAnExternalIDIsCreated(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	answers := harness.Concurrently(t, 20, func(i int) (*harness.Answer, error) {
		return x.Rest("POST", "", object{"fullName": fmt.Sprint("Erika ", i), "externalId": "one", "options": []any{harness.OptionBody(2, 4, "erika@example.com")}}), nil
	})
	if got := harness.CountStatuses(answers); got[200] != 1 || got[422] != 19 {
		t.Errorf("answers %v, want one of 200 and 19 of 422", got)
	}
	if page, _ := listContacts(x, "email=erika@example.com"); page["totalsCount"] != 1.0 {
		t.Errorf("%v contacts", page["totalsCount"])
	}
}

func TestTheLastWordOfANameIsTheLastName(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, blank := range []string{" ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u2028", "\u3000"} {
		name := "Ann Mary" + blank + "Lee"
		path := strings.TrimPrefix(x.CreateIndividual(name), "/individual")
		shown := x.Rest("GET", path, nil).Want(200)
		if got := shown.Object(); got["firstName"] != "Ann Mary" || got["lastName"] != "Lee" || got["fullName"] != name {
			t.Errorf("%q is shown as %v", name, got)
		}
		if back := x.Rest("PUT", path, shown.Body).Want(200).Object(); back["fullName"] != name {
			t.Errorf("%q, sent back, became %q", name, back["fullName"])
		}
	}
	if _, ids := listContacts(x, ""); len(ids) != 8 {
		t.Errorf("the list shows %v", ids)
	}
}
