package tests

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// newPerson adds a contact in the plentymarkets dialect and returns it.
func (x *tenant) newPerson(body object) object {
	x.t.Helper()
	return x.rest("POST", "", body).want(200).object()
}

// persons lists contacts in that dialect, one page of them.
func (x *tenant) persons(query string) (page object, ids []string) {
	x.t.Helper()
	page = x.rest("GET", "?"+query, nil).want(200).object()
	for _, e := range page["entries"].([]any) {
		ids = append(ids, idOf(e.(object)))
	}
	return page, ids
}

func TestAContactIsMadeWithItsOptionsAndShownInBothDialects(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	made := x.rest("POST", "", object{"typeId": "1", "firstName": "Erika Maria", "lastName": "Muster Frau", "title": nil, "externalId": "crm 4711/a", "birthdayAt": "1971-11-11T00:00:00+01:00",
		"gender": "female", "referrerId": "90.4", "blocked": 0, "isLead": true, "id": 5, "number": "x", "email": "x", "privatePhone": "x", "bookAccount": "x", "createdAt": "x",
		"options": []any{anOption("2", "4", "erika@example.com", "priority", "1"), anOption(1, 4, "+49 30 901820"), anOption(1, 2, "+49 171 5550123"), anOption(3, 4, "+49 30 901821"),
			anOption(8, 6, "erika71")}})
	got := made.want(200).object()
	id := idOf(got)
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
	one := x.get("/individual/" + id).want(200).object()
	if one["name"] != "Erika Maria Muster Frau" || one["external_id"] != "crm 4711/a" || one["date_of_birth"] != "1971-11-11" {
		t.Errorf("the other dialect shows %v", one)
	}
	if emails := x.get("/individual/" + id + "/emails").want(200).object()["items"].([]any); len(emails) != 1 || emails[0].(object)["type"] != "PERSONAL_EMAIL" {
		t.Errorf("and emails %v", emails)
	}
	read := x.rest("GET", "/"+id+"?with=options", nil).want(200)
	if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
		t.Errorf("GET %s, POST %s", read.body, made.body)
	}
	plain := x.rest("GET", "/"+id, nil).want(200)
	if _, there := plain.object()["options"]; there || plain.header.Get("ETag") != made.header.Get("ETag") {
		t.Errorf("without options %s", plain.body)
	}
	// What this dialect keeps survives a change by the other, whose change of the name shows.
	x.do("PUT", "/individual/"+id, object{"name": "Erika von Muster"}).want(200)
	x.do("PUT", "/individual/"+id+"/roles/customer", customerMinimal).want(200)
	got = x.rest("GET", "/"+id, nil).want(200).object()
	for field, want := range map[string]any{"fullName": "Erika von Muster", "firstName": "Erika von", "lastName": "Muster", "externalId": "", "birthdayAt": nil, "gender": "female",
		"number": "c-1", "bookAccount": "10000", "email": "erika@example.com"} {
		if got[field] != want {
			t.Errorf("%s is %v, want %v", field, got[field], want)
		}
	}
}

func TestAChangeOfAContactChangesWhatIsNamed(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	made := x.newPerson(object{"firstName": "Erika", "lastName": "Muster", "title": "Dr.", "classId": 3, "externalId": "a", "birthdayAt": "1971-11-11",
		"options": []any{anOption(2, 4, "erika@example.com"), anOption(1, 4, "+49 30 901820")}})
	path := "/" + idOf(made)
	change := func(body object) object { return x.rest("PUT", path, body).want(200).object() }
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
	x.rest("PUT", path, object{"firstName": "", "lastName": " "}).envelope(422, "fullName")
	options := made["options"].([]any)
	email := options[0].(object)
	got := change(object{"title": "Prof.", "options": []any{object{"id": email["id"], "typeId": 2, "subTypeId": 1, "value": "neu@example.com"}, anOption(1, 4, "+49 30 5")}})
	is(got, "title", "Prof.", "email", "", "privatePhone", "+49 30 5")
	before := x.rest("GET", path+"?with=options", nil).want(200).body
	x.rest("PUT", path, object{"title": "None", "options": []any{anOption(9, 9, "x")}}).envelope(404)
	x.rest("PUT", path, object{"title": "None", "options": []any{anOption(1, 4, "no number")}}).envelope(422, "options.0.value")
	x.rest("PUT", path, object{"title": "None", "birthdayAt": "soon", "externalId": "a?b", "options": []any{anOption(99, 1, "x")}}).envelope(422, "birthdayAt", "externalId", "options.0.typeId")
	if after := x.rest("GET", path+"?with=options", nil).want(200).body; string(after) != string(before) {
		t.Errorf("refused changes left %s, not %s", after, before)
	}
	if back := x.rest("PUT", path, before).want(200); string(back.body) != string(before) {
		t.Errorf("%s, sent back, became %s", before, back.body)
	}
}

func TestAContactThatCanNotBeMadeLeavesNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	x.newPerson(object{"fullName": "Max", "externalId": "taken"})
	for _, c := range []struct {
		body   any
		fields []string
	}{
		{object{}, []string{"fullName"}},
		{object{"firstName": " ", "lastName": ""}, []string{"fullName"}},
		{object{"fullName": "A", "externalId": "taken", "options": []any{anOption(2, 4, "new@example.com")}}, []string{"externalId"}},
		{object{"fullName": "A", "externalId": "a?b"}, []string{"externalId"}},
		{object{"fullName": "A", "birthdayAt": "1971-13-11"}, []string{"birthdayAt"}},
		{object{"fullName": "A", "classId": "three"}, []string{"classId"}},
		{object{"fullName": "A", "colour": "red"}, []string{"colour"}},
		{object{"fullName": "A", "options": []any{anOption(2, 4, "new@example.com"), anOption(2, 4, "b@example.com")}}, []string{"options.0.typeId", "options.1.typeId"}},
		{object{"fullName": "A", "options": []any{anOption(2, 4, "none"), object{"typeId": 1}}}, []string{"options.1.subTypeId", "options.1.value"}},
		{object{"firstName": strings.Repeat("a", 600), "lastName": strings.Repeat("b", 600)}, []string{"fullName"}},
	} {
		x.rest("POST", "", c.body).envelope(422, c.fields...)
	}
	x.rest("POST", "", `{"fullName": `).envelope(400)
	if page, _ := x.persons(""); page["totalsCount"] != 1.0 {
		t.Errorf("%v contacts", page["totalsCount"])
	}
	if found := x.get("/lookup?email=new@example.com").want(200).object()["items"].([]any); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}

func TestDeletedContactsAndTheirOptionsAreGone(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	options := []any{anOption(2, 4, "erika@example.com"), anOption(8, 6, "erika71")}
	for name, remove := range map[string]func(id string){
		"here":  func(id string) { x.rest("DELETE", "/"+id, nil).want(200) },
		"there": func(id string) { x.do("DELETE", "/individual/"+id, nil).want(204) },
	} {
		t.Run(name, func(t *testing.T) {
			made := x.newPerson(object{"fullName": "Erika", "externalId": "a", "options": options})
			id, option := idOf(made), optionAt(made["options"].([]any)[0].(object))
			remove(id)
			for _, a := range []*answer{
				x.rest("GET", "/"+id, nil), x.rest("PUT", "/"+id, object{"fullName": "E"}), x.rest("PUT", "/"+id, object{}), x.rest("DELETE", "/"+id, nil),
				x.rest("GET", "/"+id+"/options", nil), x.rest("GET", "/"+id+"/options/validate?typeId=1&subTypeId=4&value=x", nil),
				x.rest("POST", "/"+id+"/options", options), x.rest("PUT", "/"+id+"/options", options), x.rest("DELETE", "/"+id+"/options", nil),
				x.rest("GET", option, nil), x.rest("PUT", option, options[0]), x.rest("DELETE", option, nil),
			} {
				a.t = t
				a.envelope(404)
			}
			if got := x.get("/individual/" + id).want(200).object(); got["deleted"] != true {
				t.Errorf("the other dialect shows %v", got)
			}
			if page, _ := x.persons("externalId=a"); page["totalsCount"] != 0.0 {
				t.Errorf("%v contacts", page["totalsCount"])
			}
		})
	}
	x.rest("DELETE", "/"+ownerID(x.firm("ACME")), nil).envelope(404)
	x.rest("GET", "/8123", nil).envelope(404)
	x.rest("GET", "/abc", nil).envelope(404)
}

func TestPagesOfContactsAreNumberedAndNeverShort(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.individuals(7)
	x.firm("ACME")
	x.do("DELETE", "/individual/"+ids[2], nil).want(204)
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
		page, got := x.persons(c.query)
		delete(page, "entries")
		want := object{"page": c.page, "totalsCount": c.n, "isLastPage": c.isLast, "lastPageNumber": c.last, "firstOnPage": c.first, "lastOnPage": c.end, "itemsPerPage": c.per}
		if !reflect.DeepEqual(page, want) || !reflect.DeepEqual(got, c.ids) {
			t.Errorf("%q: %v with %v, want %v with %v", c.query, page, got, want, c.ids)
		}
	}
	for query, field := range map[string]string{"page=0": "page", "page=-1": "page", "page=x": "page", "itemsPerPage=0": "itemsPerPage", "itemsPerPage=251": "itemsPerPage",
		"fullText=x": "fullText", "postalCode=1": "postalCode", "typeId=1": "typeId", "contactId=1": "contactId", "colour=red": "colour", "email=": "email",
		"email=a&email=b": "email", "with=orders": "with", "createdAtAfter=soon": "createdAtAfter", "updatedAtBefore=2025-02-30": "updatedAtBefore"} {
		x.rest("GET", "?"+query, nil).envelope(422, field)
	}
}

func TestAClientThatAsksForPagesUntilTheLastOneSeesEachContactOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.individuals(45)
	var seen []string
	for n := 1; ; n++ {
		page, got := x.persons(fmt.Sprintf("page=%d&itemsPerPage=10&with=options", n))
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
	x := newTenant(t)
	erika := idOf(x.newPerson(object{"fullName": "Erika Müller", "externalId": "crm-1", "options": []any{anOption(2, 4, "Erika@Example.com"), anOption(2, 1, "info+a@example.com")}}))
	max := idOf(x.newPerson(object{"fullName": "Max Mueller", "externalId": "crm-2", "options": []any{anOption(2, 1, "info+a@example.com")}}))
	x.do("PUT", "/individual/"+max+"/roles/customer", customerMinimal).want(200)
	person, _, _ := x.newManager()
	gone := idOf(x.newPerson(object{"fullName": "Erika Müller", "options": []any{anOption(2, 4, "erika@example.com")}}))
	x.rest("DELETE", "/"+gone, nil).want(200)
	all := []string{erika, max, ownerID(person)}
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
		if page, got := x.persons(query.Encode()); !reflect.DeepEqual(got, c.ids) || page["totalsCount"] != float64(len(c.ids)) {
			t.Errorf("%v finds %v of %v, want %v", c.query, got, page["totalsCount"], c.ids)
		}
	}
	first := x.rest("GET", "/"+erika, nil).want(200).object()
	for _, parameter := range []string{"createdAtAfter", "createdAtBefore"} { // what is shown is included
		query := url.Values{parameter: {first["createdAt"].(string)}, "externalId": {"crm-1"}}.Encode()
		if _, got := x.persons(query); !reflect.DeepEqual(got, all[:1]) {
			t.Errorf("%s finds %v", query, got)
		}
	}
	if page, got := x.persons("email=info%2Ba@example.com&itemsPerPage=1&page=2"); !reflect.DeepEqual(got, all[1:2]) || page["lastPageNumber"] != 2.0 {
		t.Errorf("the second page of two matches has %v: %v", got, page)
	}
}

func TestAPreconditionHoldsForAContactWithItsOptions(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	made := x.rest("POST", "", object{"fullName": "Erika", "options": []any{anOption(2, 4, "erika@example.com")}}).want(200)
	path, tag := "/"+idOf(made.object()), made.header.Get("ETag")
	x.rest("GET", path, nil, "If-None-Match", tag).want(304)
	x.rest("POST", path+"/options", anOption(1, 4, "+49 30 1234")).want(200)
	x.rest("PUT", path, object{"title": "Dr."}, "If-Match", tag).envelope(412)
	x.rest("DELETE", path, nil, "If-Match", tag).envelope(412)
	tag = x.rest("GET", path, nil).want(200).header.Get("ETag")
	x.rest("DELETE", path, nil, "If-None-Match", tag).envelope(412)
	tag = x.rest("PUT", path, object{"title": "Dr."}, "If-Match", tag).want(200).header.Get("ETag")
	x.rest("DELETE", path, nil, "If-Match", tag).want(200)
}

func TestARepeatedCreationOfAContactIsAReplay(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	body := object{"fullName": "Erika", "options": []any{anOption(2, 4, "erika@example.com")}}
	first := x.rest("POST", "", body, "Idempotency-Key", "k").want(200)
	again := x.rest("POST", "", body, "Idempotency-Key", "k").want(200)
	if string(first.body) != string(again.body) || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s, then %s", first.body, again.body)
	}
	path := "/" + idOf(first.object())
	change := object{"title": "Dr.", "options": []any{anOption(2, 4, "neu@example.com")}}
	once := x.rest("PUT", path, change, "Idempotency-Key", "k2").want(200)
	if twice := x.rest("PUT", path, change, "Idempotency-Key", "k2").want(200); string(once.body) != string(twice.body) {
		t.Errorf("%s, then %s", once.body, twice.body)
	}
	for range 2 {
		x.rest("DELETE", path, nil, "Idempotency-Key", "k3").want(200)
	}
	x.isSound()
}

func TestOfManyContactsWithOneExternalIDAtOnceOneIsMade(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	answers := together(t, 20, func(i int) (*answer, error) {
		return x.rest("POST", "", object{"fullName": fmt.Sprint("Erika ", i), "externalId": "one", "options": []any{anOption(2, 4, "erika@example.com")}}), nil
	})
	if got := statuses(answers); got[200] != 1 || got[422] != 19 {
		t.Errorf("answers %v, want one of 200 and 19 of 422", got)
	}
	if page, _ := x.persons("email=erika@example.com"); page["totalsCount"] != 1.0 {
		t.Errorf("%v contacts", page["totalsCount"])
	}
}

func TestTheLastWordOfANameIsTheLastNameWhateverBlankIsBeforeIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, blank := range []string{" ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u2028", "\u3000"} {
		name := "Ann Mary" + blank + "Lee"
		path := strings.TrimPrefix(x.individual(name), "/individual")
		shown := x.rest("GET", path, nil).want(200)
		if got := shown.object(); got["firstName"] != "Ann Mary" || got["lastName"] != "Lee" || got["fullName"] != name {
			t.Errorf("%q is shown as %v", name, got)
		}
		if back := x.rest("PUT", path, shown.body).want(200).object(); back["fullName"] != name {
			t.Errorf("%q, sent back, became %q", name, back["fullName"])
		}
	}
	if _, ids := x.persons(""); len(ids) != 8 {
		t.Errorf("the list shows %v", ids)
	}
}
