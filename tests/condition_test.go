package tests

import "testing"

// A condition that got lost on the way to the platform must not make a change unconditional.
func TestAnEmptyIfMatchIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	contact := x.individual("Ada Lovelace")
	for _, method := range []string{"PUT", "DELETE"} {
		var body any
		if method == "PUT" {
			body = object{"name": "Grace Hopper"}
		}
		x.do(method, contact, body, "If-Match", "").problem(400)
	}
	if shown := x.do("GET", contact, nil).want(200).object(); shown["name"] != "Ada Lovelace" || shown["deleted"] != false {
		t.Errorf("%v", shown)
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
