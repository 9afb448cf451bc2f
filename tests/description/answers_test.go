package description

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// Each answer of a walk through all operations has a described status, described headers, and a body that fits its schema.
func TestEveryAnswerFitsTheDescription(t *testing.T) {
	t.Parallel()
	d, walked := readDescription(t), map[string]bool{}
	responses := rawDescription(t)["components"].(map[string]any)["responses"].(map[string]any)
	for _, a := range walk(t) {
		method, target, _ := strings.Cut(a.What, " ")
		path, _, _ := strings.Cut(target, "?")
		template := d.template(path)
		operation, _ := d.Paths[template][strings.ToLower(method)].(map[string]any)
		if operation == nil {
			t.Errorf("%s is not described", a.What)
			continue
		}
		walked[operation["operationId"].(string)] = true
		response, ok := operation["responses"].(map[string]any)[fmt.Sprint(a.Status)].(map[string]any)
		if !ok {
			t.Errorf("%s is answered %d, which is not described", a.What, a.Status)
			continue
		}
		pointer := strings.TrimPrefix(response["$ref"].(string), "#")
		described := responses[pointer[strings.LastIndexByte(pointer, '/')+1:]].(map[string]any)
		for _, name := range []string{"ETag", "Location", "Link", "Retry-After", "Idempotent-Replayed", "Apigw-Requestid", "WWW-Authenticate"} {
			if _, ok := described["headers"].(map[string]any)[name]; !ok && a.Header.Get(name) != "" {
				t.Errorf("%s has a header %s, which is not described", a.What, name)
			}
		}
		media := a.Header.Get("Content-Type")
		if _, ok := described["content"]; !ok && len(a.Body) > 0 && a.Status != 302 {
			t.Errorf("%s has a body, which is not described: %s", a.What, a.Body)
		} else if ok {
			shown := string(a.Body)
			if kind, _, parameters := strings.Cut(media, ";"); parameters { // a text is described as a string of JSON
				text, err := json.Marshal(shown)
				if err != nil {
					t.Fatal(err)
				}
				media, shown = kind, string(text)
			}
			if fault := d.fault(t, pointer+"/content/"+escape(media)+"/schema", shown); fault != "" {
				t.Errorf("%s is answered %s: %s", a.What, a.Body, fault)
			}
		}
	}
	for path, item := range d.Paths {
		for method, v := range item {
			if o, ok := v.(map[string]any); ok && o["operationId"] != nil && !walked[o["operationId"].(string)] {
				t.Errorf("%s %s was not walked", method, path)
			}
		}
	}
}

// template returns the path of the description that a request's path matches: the one with the most words.
func (d document) template(path string) (best string) {
	segments := strings.Split(path, "/")
	words := -1
	for template := range d.Paths {
		parts := strings.Split(template, "/")
		same := len(parts) == len(segments)
		n := 0
		for i := 0; same && i < len(parts); i++ {
			if !strings.HasPrefix(parts[i], "{") {
				same = parts[i] == segments[i]
				n++
			}
		}
		if same && n > words {
			best, words = template, n
		}
	}
	return best
}

// walk returns the answers to all operations.
func walk(t *testing.T) []*harness.Answer {
	t.Helper()
	w := &harness.Walker{Tenant: harness.NewTenant(t)}
	person, company := w.CreateIndividual("Erika"), "/organization/"+w.Do("POST", "/organization", object{"name": "Blumen Sommer GmbH"}).Want(201).Text("id")
	w.Contacts("/individual", object{"name": "Max", "external_id": "crm-1", "date_of_birth": "1984-05-17"})
	w.Contacts("/organization", object{"name": "Muster AG"})
	w.Channels(person)
	w.Channels(company)
	w.Parts(person+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": w.CreateIndividual("Max")[len("/individual/"):]})
	w.Parts(company+"/departments", object{"name": "Sales", "area": "SALES"})
	w.Parts(company+"/locations", object{"name": "Hall 1"})
	w.Parts(company+"/memberships", object{"type": "CLUB", "name": "Rotary"})
	w.Identities(person, company)
	w.Roles(person)
	w.Roles(company)
	w.Step("PUT", company+"/roles/supplier", object{"supplier_id": "L-1", "is_active": true, "supplier_since": "2025-03-25", "tax_information": object{"eu_vat_number": "DE136695976"}})
	w.Tags(person)
	w.Tags(company)
	w.Mappings("/individual")
	w.Mappings("/organization")
	w.Customers(person)
	w.Options(w.CreateIndividual("Moritz"))
	w.Persons()
	w.Exports(person, company)
	hooks := &harness.Walker{Tenant: harness.NewTenant(t).Admin()}
	hooks.Webhooks()
	w.Answers = append(w.Answers, hooks.Answers...)
	w.Step("GET", person+"/full", nil)
	w.Step("GET", company+"/full", nil)
	w.Step("GET", "/individual?limit=1", nil)
	w.Step("GET", "/changes?limit=1", nil)
	for _, contact := range []string{person, company, w.NewPlaceholder("for its history")} {
		w.Step("GET", contact+"/history?limit=2", nil)
	}
	w.Step("GET", company+"/full?as_of="+w.Get(company + "/history?limit=1").Page().Items[0]["at"].(string), nil)
	w.Step("GET", "/configuration", nil)
	w.Step("PUT", "/configuration", object{"use_external_contact_management": false, "api_access_configuration": object{}})
	w.Do("POST", person+"/emails", harness.EmailSample).Want(201)
	w.Step("GET", "/lookup?email=user@example.com", nil)
	w.Step("GET", "/search?query=user@example.com", nil)
	for _, owner := range []string{person, company, w.NewPlaceholder("for images")} {
		w.Step("POST", owner+"/images/upload", object{"content_type": "image/png"})
		id := w.Step("POST", owner+"/images", harness.ImageBody(harness.JPEGOf(harness.Quarters(48, 32)))).Text("id")
		w.WaitForImage(owner, id)
		path := owner + "/images/" + id
		w.Step("GET", owner+"/images", nil)
		picture := w.GetUnfollowed("GET", path).Want(302)
		picture.What = "GET " + w.Path(path)
		w.Answers = append(w.Answers, picture)
		w.Step("DELETE", path, nil)
	}
	read := w.Do("GET", person, nil)
	w.Answers = append(w.Answers, harness.Send(t, "GET", "/health", nil).Want(200),
		harness.Send(t, "GET", "/auth/authorize/"+w.Org, nil, "Authorization", harness.BasicAuth(w.App, w.Secret)).Want(200),
		w.Do("GET", person, nil, "If-None-Match", read.Header.Get("ETag")).Want(304))
	l := harness.NewLoginService(t)
	entered := l.Login(l.User, l.Password)
	w.Answers = append(w.Answers, entered, l.Refresh(entered.Tokens().Refresh).Want(200), l.Logout(entered.Tokens().Access).Want(200))
	return slices.Clip(w.Answers)
}
