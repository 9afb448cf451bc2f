package contacts

import (
	"fmt"
	"maps"
	"testing"

	"contacts/tests/harness"
)

// A condition that was lost on its way must not make a change unconditional.
func TestAnEmptyConditionIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	contact := x.CreateIndividual("Ada Lovelace")
	for _, method := range []string{"PUT", "DELETE"} {
		var body any
		if method == "PUT" {
			body = object{"name": "Grace Hopper"}
		}
		x.Do(method, contact, body, "If-Match", "").Problem(400)
		x.Do(method, contact, body, "If-None-Match", "").Problem(400)
	}
	if shown := x.Do("GET", contact, nil).Want(200).Object(); shown["name"] != "Ada Lovelace" || shown["deleted"] != false {
		t.Errorf("%v", shown)
	}
}

// RFC 9110, section 13.1.2: a client creates what does not exist, and overwrites nothing.
func TestIfNoneMatchPreventsAChangeOfAnExistingResource(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.CreateIndividual("Ada")
	unless := func(tags string) []string { return []string{"If-None-Match", tags} }
	for path, body := range map[string]object{
		"/individual?external_id=crm-1": {"name": "Ada"}, person + "/roles/customer": harness.With(harness.CustomerMinimal, "customer_id", "c-1"),
		"/configuration": {"use_external_contact_management": false},
	} {
		made := x.Do("PUT", path, body, unless("*")...)
		if made.Status > 201 {
			t.Errorf("%s = %d %s", made.What, made.Status, made.Body)
		}
		etag := made.Header.Get("ETag")
		for _, tags := range []string{"*", etag, "W/" + etag, `"77", ` + etag} {
			x.Do("PUT", path, body, unless(tags)...).Problem(412)
		}
		x.Do("PUT", path, body, unless(`"77", "crm"`)...).Want(200)
	}
	x.Do("PUT", person, object{"name": "B"}, unless("*")...).Problem(412)
	x.Do("DELETE", person, nil, unless(`"1"`)...).Problem(412)
	mapping := x.Get("/individual-id-mapping")
	x.Do("PUT", "/individual-id-mapping", object{"items": []object{}}, unless(mapping.Header.Get("ETag"))...).Problem(412)
	x.Do("DELETE", "/individual-id-mapping/external/crm-1", nil, unless("*")...).Problem(412)
	if now := x.Get("/individual-id-mapping"); string(now.Body) != string(mapping.Body) || x.Get(person).Text("name") != "Ada" {
		t.Errorf("what was refused changed something: %s", now.Body)
	}
}

func TestOneOfThirtyConcurrentIfNoneMatchCreationsSucceeds(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	answers := harness.Concurrently(t, 30, func(i int) (*harness.Answer, error) {
		return x.TryDo("PUT", "/individual?external_id=crm-1", object{"name": fmt.Sprint(i)}, "If-None-Match", "*")
	})
	if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{201: 1, 412: 29}) {
		t.Errorf("statuses %v, want one 201 and 29 times 412", got)
	}
}

func TestAnIntegerMayHaveEverySpellingOfJSON(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, spelling := range []string{"1700", "1700.0", "17e2", "1.7E+3"} {
		body := `{"use_external_contact_management": false, "api_access_configuration": {"timeout_in_millis": ` + spelling + `}}`
		put := x.Do("PUT", "/configuration", []byte(body)).Want(200).Object()
		if got := put["api_access_configuration"].(map[string]any)["timeout_in_millis"]; got != float64(1700) {
			t.Errorf("%s is %v", spelling, got)
		}
	}
	x.Do("PUT", "/configuration", []byte(`{"api_access_configuration": {"timeout_in_millis": 1700.5}}`)).Problem(400)
}
