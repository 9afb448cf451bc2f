package harness

import (
	"fmt"
)

// A faultScenario sends some of the operations that write.
type faultScenario struct {
	Walk func(w *Walker)
	// Large says that an operation takes many transactions, and long preparations.
	Large bool
	// Pictures says that it needs a bucket.
	Pictures bool
}

// FaultScenarios send every operation that writes.
var FaultScenarios = map[string]faultScenario{
	"individuals":   {Walk: func(w *Walker) { w.Contacts("/individual", Object{"name": "Max", "external_id": "crm-1"}) }},
	"organizations": {Walk: func(w *Walker) { w.Contacts("/organization", Object{"name": "Muster AG", "external_id": "crm-1"}) }},
	"channels":      {Walk: func(w *Walker) { w.Channels(w.CreateIndividual("Erika")) }},
	"parts": {Walk: func(w *Walker) {
		company := w.CreateOrganization("Muster GmbH")
		w.Channels(company)
		w.Parts(w.CreateIndividual("Erika")+"/personal-relationships", Object{"type": "SPOUSE", "individual_contact": LastSegment(w.CreateIndividual("Max"))})
		w.Parts(company+"/departments", Object{"name": "Sales"})
		w.Parts(company+"/locations", Object{"name": "Hall 1"})
		w.Parts(company+"/memberships", Object{"type": "CLUB", "name": "Rotary"})
	}},
	"identities": {Walk: func(w *Walker) { w.Identities(w.CreateIndividual("Erika"), w.CreateOrganization("Muster GmbH")) }},
	"roles":      {Walk: func(w *Walker) { w.Roles(w.CreateIndividual("Erika")); w.Roles(w.CreateOrganization("Muster GmbH")) }},
	"tags":       {Walk: func(w *Walker) { w.Tags(w.CreateIndividual("Erika")); w.Tags(w.CreateOrganization("Muster GmbH")) }},
	"mappings":   {Walk: func(w *Walker) { w.Mappings("/individual"); w.Mappings("/organization") }},
	"customers": {Walk: func(w *Walker) {
		person := w.CreateIndividual("Erika")
		w.Do("PUT", person+"/roles/customer", With(CustomerMinimal, "customer_id", "1")).Want(200)
		w.Customers(person)
	}},
	"options":       {Walk: func(w *Walker) { w.Options(w.CreateIndividual("Moritz")) }},
	"persons":       {Walk: func(w *Walker) { w.Persons() }},
	"configuration": {Walk: func(w *Walker) { w.Step("PUT", "/configuration", Object{"use_external_contact_management": false}) }},
	"exports":       {Walk: func(w *Walker) { w.Step("POST", "/exports", Object{"format": "JSON_LINES"}) }},
	"webhooks":      {Walk: func(w *Walker) { w.Webhooks() }},
	"images": {Pictures: true, Walk: func(w *Walker) {
		for _, owner := range []string{w.CreateIndividual("Erika"), w.CreateOrganization("Muster GmbH"), w.NewPlaceholder("till")} {
			w.Step("POST", owner+"/images/upload", Object{"content_type": "image/png"})
			path := owner + "/images/" + w.Step("POST", owner+"/images", ImageBody(SmallPicture)).Text("id")
			w.Step("DELETE", path, nil)
		}
	}},
	"deletion of a contact with many references": {Large: true, Walk: deleteReferences},
	"deletion of a contact with many look-ups": {Large: true, Walk: func(w *Walker) {
		person := w.Create("/individual", Object{"name": "Erika"})
		for i := range 32 {
			w.Create(person+"/emails", EmailWithAddress(fmt.Sprint("a", i, "@example.com")))
		}
		w.Do("POST", person+"/tags", Object{"name": "VIP"}).Want(201)
		w.Step("DELETE", person, nil)
	}},
	"deletion of an identity with many channels": {Large: true, Walk: func(w *Walker) {
		path := w.CreateIdentity(w.CreateIndividual("Erika"), w.CreateOrganization("ACME"))
		for range 35 {
			w.Create(path+"/emails", EmailSample)
		}
		w.Step("DELETE", path, nil)
	}},
	"a long customer list": {Large: true, Walk: func(w *Walker) {
		list, customers := w.NewList(), make([]string, 55)
		for i := range customers {
			customers[i] = LastSegment(w.Create("/placeholder-customers", With(PlaceholderMinimal, "customer_id", fmt.Sprint(i))))
		}
		w.Step("POST", list+"/items", ListOf(customers...))
		w.Step("DELETE", list, nil)
	}},
	"many options": {Large: true, Walk: func(w *Walker) {
		person := w.CreateIndividual("Moritz")
		for i := range 15 {
			w.NewOptions(person, OptionBody(5+i%3, 1+i/3, "a"))
		}
		w.restStep("DELETE", OptionsPath(person), nil)
	}},
	"a batch": {Large: true, Walk: func(w *Walker) {
		w.Step("POST", "/organization/batch", Object{"items": contactsFor(12, 0)})
	}},
	"a mapping that moves on": {Large: true, Walk: func(w *Walker) {
		var made struct{ Items []Object }
		w.Do("POST", "/individual/batch", Object{"items": contactsFor(36, 0)}).Want(200).Decode(&made)
		var mapping []Object
		for i, c := range made.Items {
			mapping = append(mapping, Object{"internal": c["id"], "external": fmt.Sprint("crm-", (i+1)%36)})
		}
		w.Step("PUT", "/individual-id-mapping", Object{"items": mapping})
	}},
}

// contactsFor returns n contacts with an external id each.
func contactsFor(n, from int) []Object {
	contacts := make([]Object, n)
	for i := range contacts {
		contacts[i] = Object{"name": fmt.Sprint("Contact ", from+i), "external_id": fmt.Sprint("crm-", from+i)}
	}
	return contacts
}

// deleteReferences deletes an individual that refers to more than fits into one transaction.
func deleteReferences(w *Walker) {
	firm, person := w.CreateOrganization("ACME"), w.Create("/individual", Object{"name": "Erika", "external_id": "crm-1"})
	var departments []any
	for range 20 {
		departments = append(departments, DepartmentRef(w.Create(firm+"/departments", DepartmentSample)))
	}
	for range 3 {
		w.CreateIdentity(person, firm, "departments", departments)
	}
	w.Step("DELETE", person, nil)
}
