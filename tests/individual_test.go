package tests

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestAnIndividualLivesFromCreationToItsTombstone(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	sample := object{"external_id": "crm-4711", "name": "Erika Mustermann", "date_of_birth": "2025-03-25", "anniversary": "2025-03-25"}
	made := x.do("POST", "/individual", sample).want(201)
	id := made.text("id")
	path := "/individual/" + id
	if got := made.header.Get("Location"); got != x.path(path) {
		t.Errorf("Location %q, want %q", got, x.path(path))
	}
	want := object{"id": id, "external_id": "crm-4711", "name": "Erika Mustermann", "date_of_birth": "2025-03-25", "anniversary": "2025-03-25", "deleted": false}
	if got := made.object(); !reflect.DeepEqual(got, want) {
		t.Errorf("created %v, want %v", got, want)
	}
	read := x.get(path).want(200)
	if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") || read.header.Get("ETag") == "" {
		t.Errorf("GET shows %s %s, POST answered %s %s", read.header.Get("ETag"), read.body, made.header.Get("ETag"), made.body)
	}

	// What GET returned can be sent back; what is left out is cleared.
	back := x.do("PUT", path, read.body).want(200)
	if string(back.body) != string(read.body) {
		t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
	}
	if back.header.Get("ETag") == read.header.Get("ETag") {
		t.Error("the ETag is the same after a change")
	}
	x.do("PUT", path, object{"name": "Erika"}).want(200)
	if got, want := x.get(path).object(), (object{"id": id, "name": "Erika", "deleted": false}); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}

	gone := x.do("DELETE", path, nil).want(204)
	if len(gone.body) != 0 {
		t.Errorf("DELETE answers %q", gone.body)
	}
	if got, want := x.get(path).want(200).object(), (object{"id": id, "name": "Erika", "deleted": true}); !reflect.DeepEqual(got, want) {
		t.Errorf("deleted %v, want %v", got, want)
	}
	if got := x.get(path + "/full").want(200).object()["individual_contact"].(object)["deleted"]; got != true {
		t.Errorf("details show deleted %v", got)
	}
	x.do("DELETE", path, nil).want(204)
	x.do("PUT", path, object{"name": "Erika"}).problem(422)
}

func TestADeletedContactCannotBeChangedNorAnythingUnderIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path, other := x.individual("Erika"), x.individual("Max")
	made := map[string]string{}
	for _, c := range channels {
		made[c.segment] = x.do("POST", path+"/"+c.segment, c.sample).want(201).text("id")
	}
	relationship := object{"type": "SPOUSE", "individual_contact": strings.TrimPrefix(other, "/individual/")}
	made["personal-relationships"] = x.do("POST", path+"/personal-relationships", relationship).want(201).text("id")
	x.do("DELETE", path, nil).want(204)
	for segment, id := range made {
		body := relationship
		if c := channelOf(segment); c != nil {
			body = c.sample
		}
		item := path + "/" + segment + "/" + id
		x.do("POST", path+"/"+segment, body).problem(422)
		x.do("PUT", item, body).problem(422)
		x.do("DELETE", item, nil).problem(422)
		x.get(item).want(200)
		if n := len(x.get(path + "/" + segment).page().Items); n != 1 {
			t.Errorf("%s lists %d, want 1", segment, n)
		}
	}
}

func TestAnExternalIDIsUniqueAndFreeAgainWhenItsContactLetsItGo(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	claim := func(external string) *answer {
		return x.do("POST", "/individual", object{"name": "Erika", "external_id": external})
	}
	first := claim("crm-1").want(201).text("id")
	p := claim("crm-1").problem(409)
	if p.ExistingID != first {
		t.Errorf("existing_id %q, want %q", p.ExistingID, first)
	}
	claim("CRM-1").want(201) // another one
	second := claim("crm-2").want(201).text("id")
	if p := x.do("PUT", "/individual/"+second, object{"name": "Max", "external_id": "crm-1"}).problem(409); p.ExistingID != first {
		t.Errorf("existing_id %q, want %q", p.ExistingID, first)
	}
	if got := x.get("/individual/" + second).text("external_id"); got != "crm-2" {
		t.Errorf("a refused PUT left external_id %q", got)
	}
	// By PUT, by leaving it out, and by DELETE.
	x.do("PUT", "/individual/"+second, object{"name": "Max", "external_id": "crm-3"}).want(200)
	third := claim("crm-2").want(201).text("id")
	x.do("PUT", "/individual/"+third, object{"name": "Max"}).want(200)
	claim("crm-2").want(201)
	x.do("DELETE", "/individual/"+first, nil).want(204)
	claim("crm-1").want(201)
	if got := x.get("/individual/" + first).text("external_id"); got != "crm-1" {
		t.Errorf("the deleted contact shows external_id %q, want its last", got)
	}
	// Deleting it again frees nothing that belongs to somebody else by now.
	x.do("DELETE", "/individual/"+first, nil).want(204)
	claim("crm-1").problem(409)
}

func TestEveryTenantHasItsOwnExternalIDs(t *testing.T) {
	t.Parallel()
	body := object{"name": "Erika", "external_id": "crm-1"}
	newTenant(t).do("POST", "/individual", body).want(201)
	newTenant(t).do("POST", "/individual", body).want(201)
}

func TestMalformedIDsAreNotFound(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	id := strings.TrimPrefix(path, "/individual/")
	email := x.do("POST", path+"/emails", channelOf("emails").sample).want(201).text("id")
	bad := []string{"abc", "0", "-1", "+1", "01", "0" + id, "1.0", "1e3", "9007199254740992", "99999999999999999", "12345678901234567890123",
		"%20", "%00", "%FF", id + "%20", id + "x", "%E2%82%AC", "..%2f1", "8123", "1", email}
	for _, b := range bad {
		for _, p := range []string{"/individual/" + b, "/individual/" + b + "/full", "/individual/" + b + "/emails", path + "/emails/" + b, "/individual/" + b + "/emails/" + email} {
			if b == email && strings.HasPrefix(p, path) {
				continue
			}
			x.get(p).problem(404)
		}
		x.do("PUT", "/individual/"+b, object{"name": "A"}).problem(404)
		x.do("DELETE", "/individual/"+b, nil).problem(404)
		x.do("POST", "/individual/"+b+"/phones", channelOf("phones").sample).problem(404)
	}
	x.get(path + "/phones/" + email).problem(404)
	x.get(path + "/emails/" + email).want(200)
}

func TestWhatIsAtNoPathIsNotFoundAndAMethodThatIsNotThereIsNotAllowed(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	for _, p := range []string{path + "/nothing", path + "/emails/1/2", path + "/"} {
		x.get(p).problem(404)
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
		// A word in the place of an id has methods of its own, not those of the resource with an id.
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
		a := x.do(c.method, c.path, nil)
		a.problem(405)
		allow := map[string]bool{}
		for _, line := range a.header.Values("Allow") {
			for method := range strings.SplitSeq(line, ",") {
				allow[strings.TrimSpace(method)] = true
			}
		}
		for _, method := range c.allow {
			if !allow[method] {
				t.Errorf("%s %s: Allow %q lacks %s", c.method, c.path, a.header.Values("Allow"), method)
			}
		}
		if len(allow) != len(c.allow) {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, a.header.Values("Allow"), c.allow)
		}
	}
}

func TestAnswersAreJSONForThoseThatTakeIt(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	for _, accept := range []string{"", "*/*", "application/json", "application/*", "text/html, application/json;q=0.1", "application/problem+json", "text/html,*/*;q=0.8",
		"*/*;q=0, application/json", "application/*;q=0, application/json;q=0.1", ", ,application/json,", ",", "application/problem+json, */*;q=0", "APPLICATION/JSON"} {
		a := x.get(path, "Accept", accept).want(200)
		if got := a.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("Accept %q: Content-Type %q", accept, got)
		}
	}
	for _, accept := range []string{"text/html", "application/xml", "application/json;q=0", "image/*, text/plain", "application/json;q=0, */*", "*/*, application/json; q=0.0",
		"application/*;q=0, */*", "*/*;q=0", "application/json;q=0, application/problem+json", "text/html,,", "nonsense"} {
		x.get(path, "Accept", accept).problem(406)
		x.do("POST", "/individual", object{"name": "A"}, "Accept", accept).problem(406)
	}
	if n := len(x.get("/individual").page().Items); n != 1 {
		t.Errorf("%d contacts, want 1: a refused request wrote", n)
	}
}

func TestDetailsShowAllThatBelongsToAContact(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path, other := x.individual("Erika"), x.individual("Max")
	arrays := []string{"addresses", "emails", "phones", "web_addresses", "professional_identities", "personal_relationships"}
	d := x.get(path + "/full").want(200).object()
	if len(d) != len(arrays)+1 {
		t.Errorf("details %v", d)
	}
	for _, name := range arrays {
		if list, ok := d[name].([]any); !ok || len(list) != 0 {
			t.Errorf("%s of an empty contact is %v, want []", name, d[name])
		}
	}
	want := object{"individual_contact": x.get(path).object(), "professional_identities": []any{}}
	for _, c := range channels {
		list := []any{}
		for range 3 {
			list = append(list, x.do("POST", path+"/"+c.segment, c.sample).want(201).object())
		}
		want[c.details] = list
	}
	want["personal_relationships"] = []any{x.do("POST", path+"/personal-relationships",
		object{"type": "FRIEND", "individual_contact": strings.TrimPrefix(other, "/individual/")}).want(201).object()}
	if got := x.get(path + "/full").want(200).object(); !reflect.DeepEqual(got, want) {
		t.Errorf("details\n%v, want\n%v", got, want)
	}
	x.get("/individual/8124/full").problem(404)
}

func TestRelationshipsHoldToContactsThatExist(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path, other, third := x.individual("Erika"), x.individual("Max"), x.individual("Moritz")
	id := func(path string) string { return strings.TrimPrefix(path, "/individual/") }
	body := func(kind, target string) object { return object{"type": kind, "individual_contact": target} }
	list := path + "/personal-relationships"

	for _, kind := range []string{"SPOUSE", "FATHER", "MOTHER", "SON", "DAUGHTER", "BROTHER", "SISTER", "RELATIVE", "FRIEND", "BUSINESS_CONNECTION"} {
		made := x.do("POST", list, body(kind, id(other))).want(201)
		if got := x.get(list + "/" + made.text("id")).want(200).text("type"); got != kind {
			t.Errorf("type %q, want %q", got, kind)
		}
	}
	x.do("POST", list, body("ENEMY", id(other))).faults(400, "/type")
	x.do("POST", list, body("SPOUSE", "abc")).faults(400, "/individual_contact")
	x.do("POST", list, object{"type": "SPOUSE"}).faults(400, "/individual_contact")
	for _, unknown := range []string{"8124", "8123", "9007199254740991", "1"} { // of every kind
		x.do("POST", list, body("SPOUSE", unknown)).faults(422, "/individual_contact")
	}

	kept := list + "/" + x.do("POST", list, body("FRIEND", id(other))).want(201).text("id")
	x.do("PUT", kept, body("FRIEND", "8124")).faults(422, "/individual_contact")
	x.do("DELETE", other, nil).want(204)
	x.do("POST", list, body("SPOUSE", id(other))).faults(422, "/individual_contact")
	// A reference that was there before stays, also when the rest is changed.
	x.get(kept).want(200)
	x.do("PUT", kept, body("RELATIVE", id(other))).want(200)
	x.do("PUT", kept, body("RELATIVE", id(third))).want(200)
	x.do("PUT", kept, body("RELATIVE", id(other))).faults(422, "/individual_contact")
	x.do("DELETE", kept, nil).want(204)
	x.get(kept).problem(404)
	x.do("DELETE", kept, nil).problem(404)
}

// A channel is one kind of part, with the sample of the API's documentation, another of each enumeration's values, and
// bodies that are refused, by where.
type channel struct {
	segment, details string
	sample, minimal  object
	enums            map[string][]string
	bad              map[string]object
}

func channelOf(segment string) *channel {
	for i := range channels {
		if channels[i].segment == segment {
			return &channels[i]
		}
	}
	return nil
}

func with(o object, changes ...any) object {
	changed := object{}
	for name, value := range o {
		changed[name] = value
	}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(changed, name)
		} else {
			changed[name] = changes[i+1]
		}
	}
	return changed
}

var (
	addressSample = object{"type": "NOT_QUALIFIED", "full_address": "string", "recipient_name": "string", "care_of": "string",
		"street_name": "string", "street_number": "string", "additional": "string", "city": "string", "zip": "string",
		"country_code": "AF", "description": "string", "usages": []any{"EVERYTHING"}, "usage_context": "ORGANIZATION"}
	emailSample = object{"type": "NOT_QUALIFIED", "address": "user@example.com", "description": "string", "usage_context": "ORGANIZATION"}
	phoneSample = object{"type": "NOT_QUALIFIED", "number": "string", "description": "string", "usages": []any{"EVERYTHING"}, "usage_context": "ORGANIZATION"}
	webSample   = object{"type": "NOT_QUALIFIED", "url": "https://www.example.com/erika", "description": "string", "usage_context": "ORGANIZATION"}
)

var usageContexts = []string{"ORGANIZATION", "PERSONAL", "PROFESSIONAL"}

var channels = []channel{
	{"addresses", "addresses", addressSample, object{"type": "OFFICE", "full_address": "a", "usage_context": "PERSONAL"},
		map[string][]string{
			"type": strings.Fields(`NOT_QUALIFIED FACTORY HEADQUARTERS HOME_OFFICE OFFICE OFFICE_CENTER PACKSTATION PO_BOX POST_OFFICE
				RESIDENTIAL_HOME SECOND_HOME SERVICE_POINT STORE SUBSIDIARY VACATION_HOME WAREHOUSE`),
			"country_code": {"AF", "DE", "AN", "WG", "NO"}, "usage_context": usageContexts},
		map[string]object{
			"/country_code": with(addressSample, "country_code", "XX"), "/full_address": with(addressSample, "full_address", " "),
			"/usages/1": with(addressSample, "usages", []any{"SHIPPING", "CALL"}), "/usages": with(addressSample, "usages", "SHIPPING"),
			"/city": with(addressSample, "city", 5), "/type": with(addressSample, "type", "office"), "/usage_context": with(addressSample, "usage_context", nil)}},
	{"emails", "emails", emailSample, object{"type": "WORK_EMAIL", "address": "Erika.M@Example.COM", "usage_context": "PERSONAL"},
		map[string][]string{"type": {"NOT_QUALIFIED", "EMAIL_ALIAS", "MAILING_LIST", "PERSONAL_EMAIL", "WORK_EMAIL"}, "usage_context": usageContexts},
		map[string]object{"/address": with(emailSample, "address", "no mailbox"), "/type": with(emailSample, "type", "X"),
			"/usage_context": with(emailSample, "usage_context", "X"), "/usages": with(emailSample, "usages", []any{}), "/description": with(emailSample, "description", true)}},
	{"phones", "phones", phoneSample, object{"type": "HOTLINE", "number": "110", "usage_context": "PERSONAL"},
		map[string][]string{
			"type": strings.Fields(`NOT_QUALIFIED DIRECT_EXTENSION DIRECT_FAX DIRECT_LINE FAX_LINE FIXED_LINE HOME_FAX HOME_PHONE HOTLINE MAIN MAIN_FAX
				MOBILE PAGER PERSONAL_MOBILE SAT VIRTUAL_LINE VOIP_LINE WORK_MOBILE`), "usage_context": usageContexts},
		map[string]object{"/number": with(phoneSample, "number", "  "), "/usages/0": with(phoneSample, "usages", []any{"SHIPPING"}), "/type": with(phoneSample, "type", nil)}},
	{"web-addresses", "web_addresses", webSample, object{"type": "BLOG", "url": "http://example.com", "usage_context": "PERSONAL"},
		map[string][]string{
			"type": strings.Fields(`NOT_QUALIFIED BLOG FACEBOOK_PAGE_OR_PROFILE GOOGLE_PLUS_PROFILE HOMEPAGE_OR_WEBSITE LINKEDIN_PROFILE ONLINE_STORE
				ORGANIZATION_BLOG ORGANIZATION_PROFILE ORGANIZATION_WEBSITE OTHER PERSONAL_BLOG PERSONAL_PROFILE PERSONAL_WEBSITE PROFESSIONAL_BLOG
				PROFESSIONAL_PROFILE PROFESSIONAL_WEBSITE TWITTER_PROFILE TWITTER_STREAM XING_PROFILE YELP_IMAGE INSTAGRAM_PROFILE YOUTUBE`),
			"usage_context": usageContexts},
		map[string]object{"/url": with(webSample, "url", "ftp://example.com"), "/type": with(webSample, "type", "X")}},
}

func TestEveryKindOfChannelHasItsFiveOperations(t *testing.T) {
	t.Parallel()
	for _, c := range channels {
		t.Run(c.segment, func(t *testing.T) {
			t.Parallel()
			x := newTenant(t)
			path := x.individual("Erika")
			list := path + "/" + c.segment
			if p := x.get(list).page(); len(p.Items)+len(p.Problems) != 0 {
				t.Errorf("a new contact has %v", p)
			}
			made := x.do("POST", list, c.sample).want(201)
			id := made.text("id")
			if got, want := made.object(), with(c.sample, "id", id); !reflect.DeepEqual(got, want) {
				t.Errorf("created %v, want %v", got, want)
			}
			if got := made.header.Get("Location"); got != x.path(list+"/"+id) {
				t.Errorf("Location %q", got)
			}
			second := x.do("POST", list, c.minimal).want(201).text("id")
			if got := x.get(list).page().texts("id"); fmt.Sprint(got) != fmt.Sprint([]string{id, second}) {
				t.Errorf("list %q, want %q then %q", got, id, second)
			}
			read := x.get(list + "/" + id).want(200)
			if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
				t.Errorf("GET %s, POST %s", read.body, made.body)
			}
			if back := x.do("PUT", list+"/"+id, read.body).want(200); string(back.body) != string(read.body) {
				t.Errorf("PUT of what GET returned made %s of %s", back.body, read.body)
			}
			if got, want := x.do("PUT", list+"/"+id, c.minimal).want(200).object(), with(c.minimal, "id", id); !reflect.DeepEqual(got, want) {
				t.Errorf("replaced %v, want %v", got, want)
			}
			x.do("DELETE", list+"/"+id, nil).want(204)
			x.get(list + "/" + id).problem(404)
			x.do("PUT", list+"/"+id, c.sample).problem(404)
			x.do("DELETE", list+"/"+id, nil).problem(404)
			if got := x.get(list).page().texts("id"); fmt.Sprint(got) != fmt.Sprint([]string{second}) {
				t.Errorf("list %q, want %q", got, second)
			}
			x.get(x.individual("Max") + "/" + c.segment + "/" + second).problem(404)
			x.get("/individual/8124/" + c.segment).problem(404)
			x.do("POST", "/individual/8124/"+c.segment, c.sample).problem(404)

			for field, values := range c.enums {
				for _, value := range values {
					if got := x.do("POST", list, with(c.sample, field, value)).want(201).text(field); got != value {
						t.Errorf("%s %q, want %q", field, got, value)
					}
				}
			}
			for pointer, body := range c.bad {
				x.do("POST", list, body).faults(400, pointer)
				x.do("PUT", list+"/"+second, body).faults(400, pointer)
			}
			required := []string{}
			for name := range c.minimal {
				required = append(required, "/"+name)
			}
			x.do("POST", list, object{}).faults(400, required...)
		})
	}
}

func TestUsagesAreASet(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	got := x.do("POST", path+"/addresses", with(addressSample, "usages", []any{"SHIPPING", "INVOICES", "SHIPPING"})).want(201).object()["usages"]
	if !reflect.DeepEqual(got, []any{"SHIPPING", "INVOICES"}) {
		t.Errorf("usages %v", got)
	}
}
