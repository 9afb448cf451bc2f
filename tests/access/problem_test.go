package access

import (
	"fmt"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// The type of a problem is an address on the host of the request, where a browser finds what it means.
func TestTheTypeOfAProblemIsAnAddressThatAnswers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Do("POST", "/individual", object{"name": "Erika", "external_id": "crm-1"}).Want(201)
	path := x.CreateIndividual("Max")
	for status, a := range map[int]*harness.Answer{
		400: x.Get("/individual?order=name"),
		401: harness.Send(t, "GET", "/auth/authorize/"+x.Org, nil),
		403: harness.Send(t, "GET", x.Path("/individual"), nil),
		404: x.Get("/individual/1"),
		405: x.Do("DELETE", "/individual", nil),
		406: x.Get("/individual", "Accept", "text/html"),
		409: x.Do("PUT", path, object{"name": "Max", "external_id": "crm-1"}),
		412: x.Do("DELETE", path, nil, "If-Match", `"77"`),
		413: x.Do("POST", "/individual", `{"name":"`+strings.Repeat("a", 1<<20)+`"}`),
		415: x.Do("POST", "/individual", "name=Max", "Content-Type", "text/plain"),
		422: x.Do("POST", path+"/personal-relationships", object{"type": "FRIEND", "individual_contact": "1"}),
	} {
		address := a.Problem(status).Type
		target, local := strings.CutPrefix(address, harness.Platform.URL)
		page, anchor, _ := strings.Cut(target, "#")
		if !local {
			t.Errorf("%d: %s is not on the host of the request", status, address)
			continue
		}
		if found := harness.Send(t, "GET", page, nil).Want(200); !strings.Contains(string(found.Body), fmt.Sprintf(" id=%q", anchor)) {
			t.Errorf("%d: the page of %s has no such heading", status, address)
		}
	}
	// The problem of a list, and that of a row.
	rows := x.Do("POST", "/individual/batch", object{"items": []object{{"name": ""}}}).Page()
	if address := rows.Problems[0]["type"]; address != harness.Platform.URL+"/docs/errors#malformed" {
		t.Errorf("a row has the type %s", address)
	}
}
