package tests

import (
	"fmt"
	"maps"
	"testing"
)

// A condition that got lost on the way to the platform must not make a change unconditional.
func TestAnEmptyConditionIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	contact := x.individual("Ada Lovelace")
	for _, method := range []string{"PUT", "DELETE"} {
		var body any
		if method == "PUT" {
			body = object{"name": "Grace Hopper"}
		}
		x.do(method, contact, body, "If-Match", "").problem(400)
		x.do(method, contact, body, "If-None-Match", "").problem(400)
	}
	if shown := x.do("GET", contact, nil).want(200).object(); shown["name"] != "Ada Lovelace" || shown["deleted"] != false {
		t.Errorf("%v", shown)
	}
}

// RFC 9110, section 13.1.2: so a client makes what must not be there yet, and doesn't write over what is.
func TestIfNoneMatchKeepsAChangeFromWhatIsThere(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person := x.individual("Ada")
	unless := func(tags string) []string { return []string{"If-None-Match", tags} }
	for path, body := range map[string]object{
		"/individual?external_id=crm-1": {"name": "Ada"}, person + "/roles/customer": with(customerMinimal, "customer_id", "c-1"),
		"/configuration": {"use_external_contact_management": false},
	} {
		made := x.do("PUT", path, body, unless("*")...)
		if made.status > 201 {
			t.Errorf("%s = %d %s", made.what, made.status, made.body)
		}
		etag := made.header.Get("ETag")
		for _, tags := range []string{"*", etag, "W/" + etag, `"77", ` + etag} {
			x.do("PUT", path, body, unless(tags)...).problem(412)
		}
		x.do("PUT", path, body, unless(`"77", "crm"`)...).want(200)
	}
	x.do("PUT", person, object{"name": "B"}, unless("*")...).problem(412)
	x.do("DELETE", person, nil, unless(`"1"`)...).problem(412)
	mapping := x.get("/individual-id-mapping")
	x.do("PUT", "/individual-id-mapping", object{"items": []object{}}, unless(mapping.header.Get("ETag"))...).problem(412)
	x.do("DELETE", "/individual-id-mapping/external/crm-1", nil, unless("*")...).problem(412)
	if now := x.get("/individual-id-mapping"); string(now.body) != string(mapping.body) || x.get(person).text("name") != "Ada" {
		t.Errorf("what was refused changed something: %s", now.body)
	}
}

func TestOfThirtyThatMakeOneContactIfThereIsNoneOneDoes(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	answers := together(t, 30, func(i int) (*answer, error) {
		return x.tryAs("PUT", "/individual?external_id=crm-1", object{"name": fmt.Sprint(i)}, "If-None-Match", "*")
	})
	if got := statuses(answers); !maps.Equal(got, map[int]int{201: 1, 412: 29}) {
		t.Errorf("statuses %v, want one 201 and 29 times 412", got)
	}
}

func TestAnIntegerIsTakenInEverySpellingOfJSON(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, spelling := range []string{"1700", "1700.0", "17e2", "1.7E+3"} {
		body := `{"use_external_contact_management": false, "api_access_configuration": {"timeout_in_millis": ` + spelling + `}}`
		put := x.do("PUT", "/configuration", []byte(body)).want(200).object()
		if got := put["api_access_configuration"].(map[string]any)["timeout_in_millis"]; got != float64(1700) {
			t.Errorf("%s is %v", spelling, got)
		}
	}
	x.do("PUT", "/configuration", []byte(`{"api_access_configuration": {"timeout_in_millis": 1700.5}}`)).problem(400)
}
