package tests

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestWhatAnOperationAsksOfTheStore(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	x.do("POST", path+"/email", emailSample).want(201)
	for _, c := range []struct {
		operation, method, path string
		body                    any
		headers                 []string
		calls                   int
		read, write             float64
	}{
		{"getIndividual", "GET", path, nil, nil, 1, 1, 0},
		{"getIndividualDetails", "GET", path + "/details", nil, nil, 2, 2, 0},
		{"createIndividual", "POST", "/individual", object{"name": "Max"}, nil, 1, 0, 2},
		{"createIndividual", "POST", "/individual", object{"name": "Max", "external_id": "crm-1"}, nil, 1, 0, 4},
		{"createIndividual", "POST", "/individual", object{"name": "Max"}, []string{"Idempotency-Key", "k"}, 1, 0, 4},
		{"createIndividualAddress", "POST", path + "/address", addressSample, nil, 1, 0, 4},
		{"createIndividualEmail", "POST", path + "/email", emailSample, nil, 1, 0, 8},
		{"createIndividualPhone", "POST", path + "/phone", with(phoneSample, "number", "0221 5550123"), nil, 1, 0, 8},
		{"createIndividualWebAddress", "POST", path + "/web-address", webSample, nil, 1, 0, 6},
		{"replaceIndividual", "PUT", path, object{"name": "Erika"}, nil, 2, 1, 2},
		{"listIndividualEmails", "GET", path + "/email", nil, nil, 1, 1, 0},
		{"listIndividuals", "GET", "/individual", nil, nil, 1, 1, 0},
		{"deleteIndividual", "DELETE", path, nil, nil, 3, 2, 2},
	} {
		t.Run(c.operation, func(t *testing.T) {
			a := x.do(c.method, c.path, c.body, c.headers...)
			if a.status >= 300 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			l := a.log()
			if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" && c.write > 0 && l.WriteUnits > 0 {
				// DynamoDB Local says 4 of every transaction of small items, however many they are; DynamoDB takes 2 for each.
				l.WriteUnits = c.write
			}
			if l.Operation != c.operation || l.Org != x.org || l.Method != c.method || l.Status != a.status {
				t.Errorf("line %+v", l)
			}
			if l.StoreCalls != c.calls || l.ReadUnits != c.read || l.WriteUnits != c.write {
				t.Errorf("%d calls, %v read and %v write units, want %d, %v and %v", l.StoreCalls, l.ReadUnits, l.WriteUnits, c.calls, c.read, c.write)
			}
		})
	}
}

func TestWhatIsRefusedAtTheDoorAsksNothingOfTheStore(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	x.get("/individual").want(200) // the keys are read by now
	for _, a := range []*answer{
		x.get("/individual", "Authorization", "Bearer x"), x.get("/individual/abc"), x.get("/individual?limit=0"), x.do("POST", "/individual", object{}),
		x.do("POST", "/individual", "", "Content-Type", "text/plain"), x.get("/individual/8123"),
	} {
		if l := a.log(); l.StoreCalls != 0 {
			t.Errorf("%s = %d after %d calls", a.what, a.status, l.StoreCalls)
		}
	}
}

func TestTheLogHoldsNoPersonalDataAndNoSecrets(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	private := []string{x.token, strings.Split(x.token, ".")[2], x.secret, platform.secret, "Geheimrat", "geheim@example.com", "+49 221 98765", "https://geheim.example",
		"crm-geheim", "idem-geheim", "1999-09-09", "Geheimweg"}
	path := "/individual/" + x.do("POST", "/individual", object{"name": "Geheimrat", "external_id": "crm-geheim", "date_of_birth": "1999-09-09"},
		"Idempotency-Key", "idem-geheim").want(201).text("id")
	x.do("POST", "/individual", object{"name": "Geheimrat", "external_id": "crm-geheim"}).problem(409)
	x.do("POST", "/individual", object{"name": "Geheimrat", "Geheimweg": 1}).problem(400)
	x.do("POST", "/individual", `{"name":"Geheimrat`).problem(400)
	x.do("POST", path+"/email", with(emailSample, "address", "geheim@example.com")).want(201)
	x.do("POST", path+"/email", with(emailSample, "address", "geheim@example.com@x")).problem(400)
	x.do("POST", path+"/phone", with(phoneSample, "number", "+49 221 98765")).want(201)
	x.do("POST", path+"/web-address", with(webSample, "url", "https://geheim.example")).want(201)
	x.do("POST", path+"/address", with(addressSample, "full_address", "Geheimweg 1")).want(201)
	x.get("/individual?cursor=Geheimrat").problem(400)
	x.get("/Geheimweg").want(404)
	x.get("/individual/Geheimrat").problem(404)
	x.get("/individual", "Authorization", "Bearer "+x.token+"x").problem(403)
	send(t, "GET", "/auth/authorize/"+x.org, nil, "Authorization", basicAuth("Geheimrat", x.secret)).problem(401)
	damage(t, "T#"+x.org+"#I", strings.Repeat("0", 16-len(path[len("/individual/"):]))+path[len("/individual/"):], `{"name":"Geheimrat"`)
	x.get(path)
	log := platform.log.all()
	for _, p := range private {
		if at := strings.Index(log, p); at >= 0 {
			t.Errorf("the log holds %q: %s", p, log[max(0, at-200):min(len(log), at+200)])
		}
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line is no JSON: %q", line)
		}
	}
}
