package functions

import (
	"slices"
	"testing"

	"contacts/tests/harness"
)

// walk returns the answers of all operations but authorize, without those of preparations.
func walk(t *testing.T) []*harness.Answer {
	t.Helper()
	w := &harness.Walker{Tenant: harness.NewTenant(t)}
	person, company := w.CreateIndividual("Erika"), "/organization/"+w.Do("POST", "/organization", object{"name": "Muster GmbH"}).Want(201).Text("id")
	for _, path := range []string{"/configuration", "/lookup?email=x", "/placeholder-customers", "/customer-lists", person + "/roles/customer",
		person + "/tags", person + "/professional-identities", "/individual-id-mapping", person + "/images", "/webhooks"} {
		w.Get(path) // the functions have read the keys of tokens by now
	}
	w.Rest("GET", "/option_types", nil)
	warm(w)
	w.Contacts("/individual", object{"name": "Max Muster"})
	w.Contacts("/organization", object{"name": "Muster AG"})
	w.Channels(person)
	w.Channels(company)
	w.Parts(person+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": w.CreateIndividual("Max")[len("/individual/"):]})
	w.Parts(company+"/departments", object{"name": "Sales"})
	w.Parts(company+"/locations", object{"name": "Hall 1"})
	w.Parts(company+"/memberships", object{"type": "CLUB", "name": "Rotary"})
	w.Identities(person, company)
	w.Roles(person)
	w.Roles(company)
	w.Tags(person)
	w.Tags(company)
	w.Mappings("/individual")
	w.Mappings("/organization")
	w.Customers(person)
	w.Get("/exports") // the function has read the keys of tokens by now
	w.Exports(person, company)
	w.Options(w.CreateIndividual("Moritz"))
	w.Persons()
	logins(w)
	hooks := &harness.Walker{Tenant: harness.NewTenant(t).Admin()}
	hooks.Webhooks()
	for _, owner := range []string{person, company, w.NewPlaceholder("for images")} {
		images(w, owner)
	}
	w.Step("GET", "/configuration", nil)
	w.Step("PUT", "/configuration", object{"use_external_contact_management": false})
	w.Do("POST", person+"/emails", harness.EmailSample).Want(201)
	w.Step("GET", "/lookup?email=user@example.com", nil)
	w.Step("GET", "/search?query=muster", nil)
	quiet := &harness.Walker{Tenant: harness.NewTenant(t)} // how many partitions have the changes of a busy one is chance
	quiet.CreateIndividual("Erika")
	quiet.Get("/changes") // the function has read the keys of tokens by now
	for _, contact := range []string{quiet.CreateIndividual("Max"), quiet.CreateOrganization("Muster GmbH"), quiet.NewPlaceholder("till")} {
		quiet.Step("GET", contact+"/history", nil)
	}
	quiet.Step("GET", "/changes?since="+quiet.Get("/changes").Want(200).Text("next"), nil)
	w.IsSound()
	return slices.Concat(w.Answers, quiet.Answers, hooks.Answers)
}

// warm lets each function that changes contacts read for how long their history is kept, by a change of another contact.
func warm(w *harness.Walker) {
	w.T.Helper()
	person, company := w.CreateIndividual("Moritz"), w.CreateOrganization("Muster KG")
	w.CreateIdentity(person, company)
	w.Do("PUT", person+"/roles/supplier", harness.With(harness.SupplierMinimal, "supplier_id", "warm")).Want(200)
	w.Do("POST", person+"/tags", object{"name": "warm"}).Want(201)
	mapped := object{"items": []object{{"internal": harness.LastSegment(person), "external": "warm"}}}
	w.Do("PATCH", "/individual-id-mapping", mapped).Want(200)
	w.Do("DELETE", "/individual-id-mapping/external/warm", nil).Want(204)
	w.NewPlaceholder("warm")
	w.Rest("POST", "/"+harness.LastSegment(person)+"/options", object{"typeId": 5, "subTypeId": 6, "value": "warm"}).Want(200)
	w.Do("DELETE", w.Create(person+"/images", harness.ImageBody(harness.JPEGOf(harness.Quarters(48, 32)))), nil).Want(204)
}

// images lets the picture wait: processing it during its addition would cost the addition a read.
func images(w *harness.Walker, owner string) {
	w.T.Helper()
	w.Step("POST", owner+"/images/upload", object{"content_type": "image/png"})
	release := w.HoldEvents()
	id := w.Step("POST", owner+"/images", harness.ImageBody(harness.JPEGOf(harness.Quarters(48, 32)))).Text("id")
	release()
	w.WaitForImage(owner, id)
	path := owner + "/images/" + id
	w.Step("GET", owner+"/images", nil)
	w.Answers = append(w.Answers, w.GetUnfollowed("GET", path).Want(302))
	w.Step("DELETE", path, nil)
}

// logins sends the operations of logins for a user who has logged in before. The clock stands still, so that the signing keys are read once.
func logins(w *harness.Walker) {
	w.T.Helper()
	l := harness.NewLoginService(w.T)
	l.Logout(l.LogIn().Access).Want(200)
	entered := l.Login(l.User, l.Password)
	w.Answers = append(w.Answers, entered, l.Refresh(entered.Tokens().Refresh).Want(200), l.Logout(entered.Tokens().Access).Want(200))
}
