package tests

import (
	"strings"
	"testing"
)

// A walker sends each operation once, in an organization of its own with small records, and keeps the answers.
type walker struct {
	*tenant
	answers   []*answer
	disturbed func(method, target string, body any, headers ...string) *answer // what sends an operation; nil: ask
}

// walk returns the answer of each operation. Those that only prepare one are left out.
func walk(t *testing.T) []*answer {
	t.Helper()
	w := &walker{tenant: newTenant(t)}
	person, company := w.individual("Erika"), "/organization/"+w.do("POST", "/organization", object{"name": "Muster GmbH"}).want(201).text("id")
	for _, path := range []string{"/configuration", "/lookup?email=x", "/placeholder-customers", "/customer-lists", person + "/roles/customer",
		person + "/tags", person + "/professional-identities", "/individual-id-mapping", person + "/images"} {
		w.get(path) // the functions have read the keys of tokens by now
	}
	w.rest("GET", "/option_types", nil)
	w.contacts("/individual", object{"name": "Max"})
	w.contacts("/organization", object{"name": "Muster AG"})
	w.channels(person)
	w.channels(company)
	w.parts(person+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": w.individual("Max")[len("/individual/"):]})
	w.parts(company+"/departments", object{"name": "Sales"})
	w.parts(company+"/locations", object{"name": "Hall 1"})
	w.parts(company+"/memberships", object{"type": "CLUB", "name": "Rotary"})
	w.identities(person, company)
	w.roles(person)
	w.roles(company)
	w.tags(person)
	w.tags(company)
	w.mappings("/individual")
	w.mappings("/organization")
	w.customers(person)
	w.options(w.individual("Moritz"))
	w.persons()
	w.logins()
	for _, owner := range []string{person, company, w.newPlaceholder("for images")} {
		w.images(owner)
	}
	w.step("GET", "/configuration", nil)
	w.step("PUT", "/configuration", object{"use_external_contact_management": false})
	w.do("POST", person+"/emails", emailSample).want(201)
	w.step("GET", "/lookup?email=user@example.com", nil)
	w.isSound()
	return w.answers
}

// step sends one operation and keeps its answer.
func (w *walker) step(method, path string, body any) *answer {
	w.t.Helper()
	return w.take(method, w.path(path), body)
}

func (w *walker) take(method, target string, body any) *answer {
	w.t.Helper()
	send := w.ask
	if w.disturbed != nil {
		send = w.disturbed
	}
	a := send(method, target, body)
	if a.status >= 300 {
		a.want(200)
	}
	w.answers = append(w.answers, a)
	return a
}

// restStep is step in the plentymarkets dialect.
func (w *walker) restStep(method, path string, body any) *answer {
	w.t.Helper()
	return w.take(method, "/rest/accounts/contacts"+path, body)
}

func (w *walker) contacts(list string, value object) {
	w.t.Helper()
	item := list + "/" + w.step("POST", list, value).text("id")
	w.step("GET", item, nil)
	w.step("GET", item+"/full", nil)
	w.step("PUT", item, value)
	w.step("GET", list, nil)
	w.step("DELETE", item, nil)
	w.step("PUT", list+"?external_id=crm-1", value)
	w.step("POST", list+"/batch", object{"items": []object{value}})
}

// parts sends the five operations on a collection.
func (w *walker) parts(path string, value object) {
	w.t.Helper()
	item := path + "/" + w.step("POST", path, value).text("id")
	w.step("GET", path, nil)
	w.step("GET", item, nil)
	w.step("PUT", item, value)
	w.step("DELETE", item, nil)
}

func (w *walker) channels(owner string) {
	w.t.Helper()
	w.parts(owner+"/addresses", addressSample)
	w.parts(owner+"/emails", emailSample)
	w.parts(owner+"/phones", with(phoneSample, "number", "0221 5550123"))
	w.parts(owner+"/web-addresses", webSample)
}

func (w *walker) identities(person, company string) {
	w.t.Helper()
	path := person + "/professional-identities"
	value := object{"organization_contact": company[len("/organization/"):], "is_active": true}
	item := path + "/" + w.step("POST", path, value).text("id")
	w.step("GET", path, nil)
	w.step("GET", item, nil)
	w.step("GET", path+"/full", nil)
	w.step("GET", item+"/full", nil)
	w.step("PUT", item, object{"is_active": true, "job_title": "Sales"})
	w.channels(item)
	w.step("DELETE", item, nil)
}

func (w *walker) roles(owner string) {
	w.t.Helper()
	w.step("PUT", owner+"/roles/customer", object{"customer_id": owner, "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"})
	w.step("GET", owner+"/roles/customer", nil)
	w.step("GET", owner+"/roles/customer/delivery-and-invoicing", nil)
	w.step("PUT", owner+"/roles/alternative-payer", object{"alternative_payer_id": owner, "is_active": true, "since": "2025-03-25"})
	w.step("GET", owner+"/roles/alternative-payer", nil)
	w.step("PUT", owner+"/roles/supplier", object{"supplier_id": owner, "is_active": true, "supplier_since": "2025-03-25"})
	w.step("GET", owner+"/roles/supplier", nil)
}

func (w *walker) tags(owner string) {
	w.t.Helper()
	tag := w.step("POST", owner+"/tags", object{"name": "of one " + strings.Split(owner, "/")[1]}).text("id")
	w.step("GET", owner+"/tags", nil)
	w.step("DELETE", owner+"/tags/"+tag, nil)
}

func (w *walker) mappings(list string) {
	w.t.Helper()
	id, path := w.do("POST", list, object{"name": "Mapped"}).want(201).text("id"), list+"-id-mapping"
	w.step("PUT", path, object{"items": []object{{"internal": id, "external": "a"}}})
	w.step("PATCH", path, object{"items": []object{{"internal": id, "external": "b"}}})
	w.step("GET", path, nil)
	w.step("GET", path+"/external/b", nil)
	w.step("GET", path+"/internal/"+id, nil)
	w.step("DELETE", path+"/external/b", nil)
	w.do("PATCH", path, object{"items": []object{{"internal": id, "external": "c"}}}).want(200)
	w.step("DELETE", path+"/internal/"+id, nil)
}

func (w *walker) customers(person string) {
	w.t.Helper()
	value := object{"customer_id": "till", "name": "Till", "is_active": true, "customer_since": "2025-03-25", "requires_formal_invoice": false, "track_revenue": true}
	path := "/placeholder-customers"
	item := path + "/" + w.step("POST", path, value).text("id")
	w.step("GET", item, nil)
	w.step("GET", path, nil)
	w.step("PUT", item, value)
	w.step("DELETE", item, nil)

	list := "/customer-lists/" + w.step("POST", "/customer-lists", object{"name": "Best"}).text("id")
	w.step("GET", list, nil)
	w.step("GET", "/customer-lists", nil)
	w.step("PUT", list, object{"name": "Better"})
	customer := person[len("/individual/"):]
	w.step("POST", list+"/items", object{"items": []object{{"id": customer}}})
	w.step("GET", list+"/items", nil)
	w.step("DELETE", list+"/items/"+customer, nil)
	w.step("DELETE", list, nil)
}

// images has a picture that takes a while to process: one that is ready sooner would meet its own addition in the store.
func (w *walker) images(owner string) {
	w.t.Helper()
	w.step("POST", owner+"/images/upload", object{"content_type": "image/png"})
	id := w.step("POST", owner+"/images", dataOf(jpegOf(painting(1500, 1500)))).text("id")
	w.settled(owner, id)
	path := owner + "/images/" + id
	w.step("GET", owner+"/images", nil)
	w.answers = append(w.answers, w.look("GET", path).want(302))
	w.step("DELETE", path, nil)
}

// options has a phone for its example, the channel with most beside it.
func (w *walker) options(person string) {
	w.t.Helper()
	item := optionAt(w.restStep("POST", optionsOf(person), phoneOption("0221 5550123")).array()[0])
	w.restStep("GET", optionsOf(person), nil)
	w.restStep("GET", optionsOf(person)+"/validate?typeId=1&subTypeId=1&value=110", nil)
	w.restStep("GET", item, nil)
	w.restStep("PUT", optionsOf(person), anOption(1, 4, "0221 5550123", "priority", 1))
	w.restStep("PUT", item, anOption(1, 3, "0221 5550123"))
	w.restStep("DELETE", item, nil)
	w.newOptions(person, phoneOption("0221 5550123"))
	w.restStep("DELETE", optionsOf(person), nil)
	for _, list := range typeLists {
		body := object{"names": names("en", "Own"), "position": 99}
		item := "/" + list + "/" + idOf(w.restStep("POST", "/"+list, body).object())
		w.restStep("GET", "/"+list, nil)
		w.restStep("GET", item, nil)
		w.restStep("PUT", item, body)
		w.restStep("DELETE", item, nil)
	}
}

// persons are contacts as the plentymarkets dialect has them.
func (w *walker) persons() {
	w.t.Helper()
	item := "/" + idOf(w.restStep("POST", "", object{"fullName": "Moritz", "externalId": "crm-9", "options": []any{anOption(8, 6, "moritz71")}}).object())
	w.restStep("GET", "?itemsPerPage=1", nil)
	w.restStep("GET", item+"?with=options", nil)
	w.restStep("PUT", item, object{"title": "Dr.", "options": []any{anOption(8, 6, "moritz72")}})
	w.restStep("DELETE", item, nil)
}

// logins are where the user has logged in before. The lobby's clock stands, so the keys to sign with are read once.
func (w *walker) logins() {
	w.t.Helper()
	l := newLobby(w.t)
	l.logout(l.enter().access).want(200)
	entered := l.login(l.user, l.password)
	w.answers = append(w.answers, entered, l.refresh(entered.tokens().refresh).want(200), l.logout(entered.tokens().access).want(200))
}
