package functions

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"testing"

	"contacts/tests/harness"
)

// Each new contact is found in the request after its creation, by two other processes.
func TestANewContactIsFoundAtOnceByOtherProcesses(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	server := httptest.NewServer(&accessRecorder{seen: map[access]bool{}})
	t.Cleanup(server.Close)
	var others []*harness.Tenant
	for range 2 {
		gateway, _ := gatewayTo(t, server.URL, server.URL)
		other := *x
		other.Carry = func(method, target string, body any, headers ...string) (*harness.Answer, error) {
			content, err := harness.Payload(body)
			if err != nil {
				return nil, err
			}
			request := httptest.NewRequest(method, target, bytes.NewReader(content))
			for i := 0; i < len(headers); i += 2 {
				request.Header.Set(headers[i], headers[i+1])
			}
			recorded := httptest.NewRecorder()
			gateway.ServeHTTP(recorded, request)
			return &harness.Answer{T: t, What: method + " " + target, Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}, nil
		}
		others = append(others, &other)
	}
	const contacts = 1000
	found := 0
	for i := range contacts {
		id := harness.OwnerID(x.CreateIndividual(fmt.Sprintf("Jörg Neu%04d", i)))
		ok := true
		for _, other := range others {
			ids := other.Get(fmt.Sprintf("/search?query=neu%04d%%20joerg", i)).Page().Texts("id")
			ok = ok && len(ids) == 1 && ids[0] == id
		}
		if ok {
			found++
		}
	}
	if found != contacts {
		t.Errorf("%d of %d are found", found, contacts)
	}
}
