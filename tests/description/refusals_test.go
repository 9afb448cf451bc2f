package description

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/retries"
	"contacts/tests/harness"
)

// elsewhere are the refusals that take too much to be made here, and the tests that have them.
var elsewhere = map[string]string{
	"PageTooLarge":         "TestAListReadsNoMoreThanFitsIntoAnAnswer and those next to it",
	"TableDown":            "the test of the health check",
	"PlentyAnswerTooLarge": "the tests of large options",
	"PlentyInProgress":     "InProgress, in the format of PlentyUnknownContact",
}

// Each refusal in the description is what the platform answers: type, title, status, texts and faults.
func TestTheRefusalsOfTheDescriptionAreReal(t *testing.T) {
	t.Parallel()
	d, described := readDescription(t), map[string]bool{}
	for name, response := range d.Components.Responses {
		for media, content := range response.Content {
			for example := range content.Examples {
				var value struct{ Type, Error any }
				text, err := json.Marshal(d.Components.Examples[example].Value)
				if err != nil {
					t.Fatal(err)
				}
				if json.Unmarshal(text, &value) != nil || value.Error == nil && media != "application/problem+json" || described[example] {
					continue // not a refusal, or a list
				}
				described[example] = true
				if elsewhere[example] != "" {
					continue
				}
				provoke, ok := refusals[example]
				if !ok {
					t.Errorf("no request is answered by the example %s of %s", example, name)
					continue
				}
				t.Run(example, func(t *testing.T) {
					t.Parallel()
					a := provoke(harness.NewTenant(t))
					if a.Header.Get("Content-Type") != media {
						t.Errorf("%s is answered as %s, want %s", a.What, a.Header.Get("Content-Type"), media)
					}
					if diff := cmp.Diff(normalized(t, text), normalized(t, a.Body)); diff != "" {
						t.Errorf("%s is answered otherwise (-description +answer):\n%s", a.What, diff)
					}
				})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(refusals)) {
		if !described[name] {
			t.Errorf("the refusal %s is not described", name)
		}
	}
}

// normalized returns a refusal without what differs from request to request: its id, the host, and long numbers in texts.
func normalized(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if kind, ok := v["type"].(string); ok {
		v["type"], v["instance"] = kind[strings.LastIndexByte(kind, '#'):], strings.HasPrefix(v["instance"].(string), "urn:request:")
	}
	return withoutNumbers(v).(map[string]any)
}

var number = regexp.MustCompile(`\d{4,}`)

func withoutNumbers(value any) any {
	switch v := value.(type) {
	case string:
		return number.ReplaceAllString(v, "0")
	case []any:
		for i := range v {
			v[i] = withoutNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = withoutNumbers(v[key])
		}
	}
	return value
}

// large is a body that no operation on a contact takes.
var large = strings.Repeat(" ", 1<<20+1)

// refusals are requests that are answered by the examples.
var refusals = map[string]func(x *harness.Tenant) *harness.Answer{
	"FaultsOfABody": func(x *harness.Tenant) *harness.Answer {
		return x.Do("POST", "/individual", `{"name": " ", "date_of_birth": "17.05.1984", "phone": "1"}`)
	},
	"InvalidJSON":      func(x *harness.Tenant) *harness.Answer { return x.Do("POST", "/individual", `{"name":"A"`) },
	"LimitOutOfRange":  func(x *harness.Tenant) *harness.Answer { return x.Get("/individual?limit=9000") },
	"UnknownParameter": func(x *harness.Tenant) *harness.Answer { return x.Get("/individual/8?nam=Erika") },
	"InvalidIfMatch": func(x *harness.Tenant) *harness.Answer {
		return x.Do("DELETE", x.CreateIndividual("Erika"), nil, "If-Match", "7")
	},
	"WrongSecret": func(x *harness.Tenant) *harness.Answer {
		return harness.Send(x.T, "GET", "/auth/authorize/"+x.Org, nil, "Authorization", harness.BasicAuth(x.App, "wrong"))
	},
	"NoAccessToTheOrganization": func(x *harness.Tenant) *harness.Answer {
		return harness.Send(x.T, "GET", "/auth/authorize/another", nil, "Authorization", harness.BasicAuth(x.App, x.Secret))
	},
	"NoToken": func(x *harness.Tenant) *harness.Answer { return harness.Send(x.T, "GET", x.Path("/individual"), nil) },
	"ReadOnlyToken": func(x *harness.Tenant) *harness.Answer {
		x.Token = x.Authorize("?scope=contacts:read")
		return x.Ask("POST", x.Path("/individual"), object{"name": "Erika"})
	},
	"PlainToken":     func(x *harness.Tenant) *harness.Answer { return x.Get("/webhooks") },
	"UnknownContact": func(x *harness.Tenant) *harness.Answer { return x.Get("/individual/748911708909056") },
	"InvalidId":      func(x *harness.Tenant) *harness.Answer { return x.Get("/individual/erika") },
	"NotJSON":        func(x *harness.Tenant) *harness.Answer { return x.Get("/individual", "Accept", "text/html") },
	"ExternalIDTaken": func(x *harness.Tenant) *harness.Answer {
		x.Do("POST", "/individual", object{"name": "Erika", "external_id": "crm"}).Want(201)
		return x.Do("POST", "/individual", object{"name": "Max", "external_id": "crm"})
	},
	"InProgress": inProgress,
	"ChangedSince": func(x *harness.Tenant) *harness.Answer {
		return x.Do("PUT", x.CreateIndividual("Erika"), object{"name": "Max"}, "If-Match", `"7"`)
	},
	"BodyTooLarge": func(x *harness.Tenant) *harness.Answer { return x.Do("POST", "/individual", large) },
	"BodyNotJSON": func(x *harness.Tenant) *harness.Answer {
		return x.Do("POST", "/individual", "Erika", "Content-Type", "text/plain")
	},
	"UnknownReference": func(x *harness.Tenant) *harness.Answer {
		return x.Do("POST", x.CreateIndividual("Erika")+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": "748911708909056"})
	},
	"DeletedContact": func(x *harness.Tenant) *harness.Answer {
		path := x.CreateIndividual("Erika")
		x.Do("DELETE", path, nil).Want(204)
		return x.Do("PUT", path, object{"name": "Max"})
	},
	"UsedKey": func(x *harness.Tenant) *harness.Answer {
		x.Do("POST", "/individual", object{"name": "Erika"}, "Idempotency-Key", "k").Want(201)
		return x.Do("POST", "/individual", object{"name": "Max"}, "Idempotency-Key", "k")
	},
	"Failed": func(x *harness.Tenant) *harness.Answer { return x.Get(damaged(x)) },
	"Busy":   func(x *harness.Tenant) *harness.Answer { return duringAnOutage(x, x.Path("/individual")) },

	"PlentyInvalidJSON": func(x *harness.Tenant) *harness.Answer { return x.Rest("POST", "", `{"fullName"`) },
	"PlentyNoToken": func(x *harness.Tenant) *harness.Answer {
		return harness.Send(x.T, "GET", "/rest/accounts/contacts", nil)
	},
	"PlentyWrongPassword": func(x *harness.Tenant) *harness.Answer {
		return harness.Send(x.T, "POST", "/rest/login", object{"username": x.Org, "password": "wrong"})
	},
	"PlentyReadOnlyToken": func(x *harness.Tenant) *harness.Answer {
		x.Token = x.Authorize("?scope=contacts:read")
		return x.Rest("POST", "", object{"fullName": "Erika"})
	},
	"PlentyUnknownContact": func(x *harness.Tenant) *harness.Answer { return x.Rest("GET", "/748911708909056", nil) },
	"PlentyNotJSON":        func(x *harness.Tenant) *harness.Answer { return x.Rest("GET", "", nil, "Accept", "text/html") },
	"PlentyChangedSince": func(x *harness.Tenant) *harness.Answer {
		return x.Rest("PUT", "/"+harness.OwnerID(x.CreateIndividual("Erika")), object{"fullName": "Max"}, "If-Match", `"7"`)
	},
	"PlentyBodyTooLarge": func(x *harness.Tenant) *harness.Answer { return x.Rest("POST", "", large) },
	"PlentyBodyNotJSON": func(x *harness.Tenant) *harness.Answer {
		return x.Rest("POST", "", "Erika", "Content-Type", "text/plain")
	},
	"PlentyNoCredentials": func(x *harness.Tenant) *harness.Answer {
		return harness.Send(x.T, "POST", "/rest/login", "Erika", "Content-Type", "text/plain")
	},
	"PlentyInvalidEmail": func(x *harness.Tenant) *harness.Answer {
		return x.Rest("POST", "", object{"fullName": "Erika", "options": []any{harness.OptionBody(2, 4, "erika")}})
	},
	"PlentyUsedPair": func(x *harness.Tenant) *harness.Answer {
		path := harness.OptionsPath(x.CreateIndividual("Erika"))
		x.Rest("POST", path, []any{harness.OptionBody(2, 4, "erika@sommer.example")}).Want(200)
		return x.Rest("POST", path, []any{harness.OptionBody(2, 4, "e@sommer.example")})
	},
	"PlentyOutOfRange": func(x *harness.Tenant) *harness.Answer { return x.Rest("GET", "?itemsPerPage=500", nil) },
	"PlentyTooManyTries": func(x *harness.Tenant) *harness.Answer {
		l := harness.NewLoginService(x.T)
		for a := l.Login(l.User, "wrong"); ; a = l.Login(l.User, "wrong") {
			if a.Status != 401 {
				return a
			}
		}
	},
	"PlentyFailed": func(x *harness.Tenant) *harness.Answer { return x.Rest("GET", "/"+harness.OwnerID(damaged(x)), nil) },
	"PlentyBusy":   func(x *harness.Tenant) *harness.Answer { return duringAnOutage(x, "/rest/accounts/contacts") },
}

// damaged returns the path of a contact whose stored document is damaged.
func damaged(x *harness.Tenant) string {
	path := x.CreateIndividual("Erika")
	harness.Damage(x.T.(*testing.T), "T#"+x.Org+"#I", harness.Padded(harness.LastSegment(path)), "{")
	return path
}

// duringAnOutage returns the answer to a read while the table throttles everything.
func duringAnOutage(x *harness.Tenant, target string) *harness.Answer {
	s := harness.NewSandbox(x.T.(*testing.T), x, harness.SandboxOptions{})
	s.Transport.Inject(&harness.StoreFault{Respond: harness.Refusing(400, "ProvisionedThroughputExceededException")}, 0)
	s.Time = retries.Margin + 50_000_000
	return s.Ask("GET", target, nil)
}

// inProgress returns the answer to the repetition of a batch whose process was killed after it had locked its key.
func inProgress(x *harness.Tenant) *harness.Answer {
	s := harness.NewSandbox(x.T.(*testing.T), x, harness.SandboxOptions{})
	body := harness.BatchBody(harness.BatchRow("crm", "Erika"))
	for n := 1; ; n++ {
		key := strings.Repeat("k", n)
		s.Transport.Inject(&harness.StoreFault{Kills: true, Respond: harness.Refusing(500, "InternalServerError")}, n)
		s.Do("POST", "/individual/batch", body, "Idempotency-Key", key)
		if !s.Transport.Inject(nil, 0) {
			x.T.Fatal("a batch is not interrupted")
		}
		if a := s.Do("POST", "/individual/batch", body, "Idempotency-Key", key); a.Status != 200 {
			return a
		}
	}
}
