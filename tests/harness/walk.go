package harness

import (
	"strings"
)

// A Walker sends operations in an organization of its own, with small records, and keeps the answers.
type Walker struct {
	*Tenant
	Answers   []*Answer
	Disturbed func(method, target string, body any, headers ...string) *Answer // sends an operation; nil: Ask
}

// Step sends one operation and keeps its answer.
func (w *Walker) Step(method, path string, body any) *Answer {
	w.T.Helper()
	return w.take(method, w.Path(path), body)
}

func (w *Walker) take(method, target string, body any) *Answer {
	w.T.Helper()
	send := w.Ask
	if w.Disturbed != nil {
		send = w.Disturbed
	}
	a := send(method, target, body)
	if a.Status >= 300 {
		a.Want(200)
	}
	w.Answers = append(w.Answers, a)
	return a
}

// restStep is Step in the plentymarkets dialect.
func (w *Walker) restStep(method, path string, body any) *Answer {
	w.T.Helper()
	return w.take(method, "/rest/accounts/contacts"+path, body)
}

func (w *Walker) Contacts(list string, value Object) {
	w.T.Helper()
	item := list + "/" + w.Step("POST", list, value).Text("id")
	w.Step("GET", item, nil)
	w.Step("GET", item+"/full", nil)
	w.Step("PUT", item, Other(value))
	w.Step("GET", list, nil)
	w.Step("DELETE", item, nil)
	w.Step("PUT", list+"?external_id=crm-1", value)
	w.Step("POST", list+"/batch", Object{"items": []Object{value}})
}

// Parts sends the five operations on a collection.
func (w *Walker) Parts(path string, value Object) {
	w.T.Helper()
	item := path + "/" + w.Step("POST", path, value).Text("id")
	w.Step("GET", path, nil)
	w.Step("GET", item, nil)
	w.Step("PUT", item, Other(value))
	w.Step("DELETE", item, nil)
}

// Other returns a resource that differs from value in one field: in its name, if it has no description.
func Other(value Object) Object {
	for _, field := range []string{"description", "name", "type"} {
		switch value[field] {
		case nil:
		case "SPOUSE":
			return With(value, field, "FRIEND")
		default:
			return With(value, field, "Other")
		}
	}
	return value
}

func (w *Walker) Channels(owner string) {
	w.T.Helper()
	w.Parts(owner+"/addresses", AddressSample)
	w.Parts(owner+"/emails", EmailSample)
	w.Parts(owner+"/phones", With(PhoneSample, "number", "0221 5550123"))
	w.Parts(owner+"/web-addresses", WebSample)
}

func (w *Walker) Identities(person, company string) {
	w.T.Helper()
	path := person + "/professional-identities"
	value := Object{"organization_contact": company[len("/organization/"):], "is_active": true}
	item := path + "/" + w.Step("POST", path, value).Text("id")
	w.Step("GET", path, nil)
	w.Step("GET", item, nil)
	w.Step("GET", path+"/full", nil)
	w.Step("GET", item+"/full", nil)
	w.Step("PUT", item, Object{"is_active": true, "job_title": "Sales"})
	w.Channels(item)
	w.Step("DELETE", item, nil)
}

func (w *Walker) Roles(owner string) {
	w.T.Helper()
	w.Step("PUT", owner+"/roles/customer", Object{"customer_id": owner, "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"})
	w.Step("GET", owner+"/roles/customer", nil)
	w.Step("GET", owner+"/roles/customer/delivery-and-invoicing", nil)
	w.Step("PUT", owner+"/roles/alternative-payer", Object{"alternative_payer_id": owner, "is_active": true, "since": "2025-03-25"})
	w.Step("GET", owner+"/roles/alternative-payer", nil)
	w.Step("PUT", owner+"/roles/supplier", Object{"supplier_id": owner, "is_active": true, "supplier_since": "2025-03-25"})
	w.Step("GET", owner+"/roles/supplier", nil)
}

func (w *Walker) Tags(owner string) {
	w.T.Helper()
	tag := w.Step("POST", owner+"/tags", Object{"name": "of one " + strings.Split(owner, "/")[1]}).Text("id")
	w.Step("GET", owner+"/tags", nil)
	w.Step("DELETE", owner+"/tags/"+tag, nil)
}

func (w *Walker) Mappings(list string) {
	w.T.Helper()
	id, path := w.Do("POST", list, Object{"name": "Mapped"}).Want(201).Text("id"), list+"-id-mapping"
	w.Step("PUT", path, Object{"items": []Object{{"internal": id, "external": "a"}}})
	w.Step("PATCH", path, Object{"items": []Object{{"internal": id, "external": "b"}}})
	w.Step("GET", path, nil)
	w.Step("GET", path+"/external/b", nil)
	w.Step("GET", list+"/id-from-external-id/b", nil)
	w.Step("GET", path+"/internal/"+id, nil)
	w.Step("DELETE", path+"/external/b", nil)
	w.Do("PATCH", path, Object{"items": []Object{{"internal": id, "external": "c"}}}).Want(200)
	w.Step("DELETE", path+"/internal/"+id, nil)
}

func (w *Walker) Customers(person string) {
	w.T.Helper()
	value := Object{"customer_id": "till", "name": "Till", "is_active": true, "customer_since": "2025-03-25", "requires_formal_invoice": false, "track_revenue": true}
	path := "/placeholder-customers"
	item := path + "/" + w.Step("POST", path, value).Text("id")
	w.Step("GET", item, nil)
	w.Step("GET", path, nil)
	w.Step("PUT", item, Other(value))
	w.Step("DELETE", item, nil)

	list := "/customer-lists/" + w.Step("POST", "/customer-lists", Object{"name": "Best"}).Text("id")
	w.Step("GET", list, nil)
	w.Step("GET", "/customer-lists", nil)
	w.Step("PUT", list, Object{"name": "Better"})
	customer := person[len("/individual/"):]
	w.Step("POST", list+"/items", Object{"items": []Object{{"id": customer}}})
	w.Step("GET", list+"/items", nil)
	w.Step("DELETE", list+"/items/"+customer, nil)
	w.Step("DELETE", list, nil)
}

// Webhooks sends the operations on webhooks. The tenant is one of Admin.
func (w *Walker) Webhooks() {
	w.T.Helper()
	hook := Object{"url": "https://receiver.example/contacts", "events": []string{"individual.*"}, "description": "Stock"}
	path := "/webhooks/" + w.Step("POST", "/webhooks", hook).Text("id")
	w.Step("GET", "/webhooks", nil)
	w.Step("GET", path, nil)
	w.Step("PUT", path, Other(hook))
	w.Step("POST", path+"/test", nil)
	w.Step("POST", path+"/secret", nil)
	w.Step("POST", path+"/replay", Object{"since": "2026-01-01T00:00:00Z"})
	w.Step("GET", path+"/deliveries", nil)
	w.Step("DELETE", path, nil)
}

// Exports sends the operations on exports, and on the vCards of an individual and an organization.
func (w *Walker) Exports(person, company string) {
	w.T.Helper()
	path := "/exports/" + w.Step("POST", "/exports", Object{"format": "VCARD", "version": "4.0"}).Text("id")
	w.Step("GET", "/exports", nil)
	w.Step("GET", path, nil)
	w.Step("GET", person+"/vcard", nil)
	w.Step("GET", company+"/vcard?version=4.0", nil)
}

// Options uses a phone, the channel with the most index entries.
func (w *Walker) Options(person string) {
	w.T.Helper()
	item := OptionPath(w.restStep("POST", OptionsPath(person), PhoneOptionBody("0221 5550123")).Array()[0])
	w.restStep("GET", OptionsPath(person), nil)
	w.restStep("GET", OptionsPath(person)+"/validate?typeId=1&subTypeId=1&value=110", nil)
	w.restStep("GET", item, nil)
	w.restStep("PUT", OptionsPath(person), OptionBody(1, 4, "0221 5550123", "priority", 1))
	w.restStep("PUT", item, OptionBody(1, 3, "0221 5550123"))
	w.restStep("DELETE", item, nil)
	w.NewOptions(person, PhoneOptionBody("0221 5550123"))
	w.restStep("DELETE", OptionsPath(person), nil)
	for _, list := range TypeLists {
		body := Object{"names": TypeNames("en", "Own"), "position": 99}
		item := "/" + list + "/" + OptionID(w.restStep("POST", "/"+list, body).Object())
		w.restStep("GET", "/"+list, nil)
		w.restStep("GET", item, nil)
		w.restStep("PUT", item, body)
		w.restStep("DELETE", item, nil)
	}
}

// Persons sends the operations on contacts of the plentymarkets dialect.
func (w *Walker) Persons() {
	w.T.Helper()
	item := "/" + OptionID(w.restStep("POST", "", Object{"fullName": "Moritz", "externalId": "crm-9", "options": []any{OptionBody(8, 6, "moritz71")}}).Object())
	w.restStep("GET", "?itemsPerPage=1", nil)
	w.restStep("GET", item+"?with=options", nil)
	w.restStep("PUT", item, Object{"title": "Dr.", "options": []any{OptionBody(8, 6, "moritz72")}})
	w.restStep("DELETE", item, nil)
}
