package tests

import "fmt"

// A faultScenario is a sequence that has some of the operations that write.
type faultScenario struct {
	walk func(w *walker)
	// large tells that an operation takes many transactions: what is prepared for it takes a while.
	large bool
	// pictures tells that it needs a bucket.
	pictures bool
}

// faultScenarios have each operation that writes.
var faultScenarios = map[string]faultScenario{
	"individuals":   {walk: func(w *walker) { w.contacts("/individual", object{"name": "Max", "external_id": "crm-1"}) }},
	"organizations": {walk: func(w *walker) { w.contacts("/organization", object{"name": "Muster AG", "external_id": "crm-1"}) }},
	"channels":      {walk: func(w *walker) { w.channels(w.individual("Erika")) }},
	"parts": {walk: func(w *walker) {
		company := w.firm("Muster GmbH")
		w.channels(company)
		w.parts(w.individual("Erika")+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": lastSegment(w.individual("Max"))})
		w.parts(company+"/departments", object{"name": "Sales"})
		w.parts(company+"/locations", object{"name": "Hall 1"})
		w.parts(company+"/memberships", object{"type": "CLUB", "name": "Rotary"})
	}},
	"identities": {walk: func(w *walker) { w.identities(w.individual("Erika"), w.firm("Muster GmbH")) }},
	"roles":      {walk: func(w *walker) { w.roles(w.individual("Erika")); w.roles(w.firm("Muster GmbH")) }},
	"tags":       {walk: func(w *walker) { w.tags(w.individual("Erika")); w.tags(w.firm("Muster GmbH")) }},
	"mappings":   {walk: func(w *walker) { w.mappings("/individual"); w.mappings("/organization") }},
	"customers": {walk: func(w *walker) {
		person := w.individual("Erika")
		w.do("PUT", person+"/roles/customer", with(customerMinimal, "customer_id", "1")).want(200)
		w.customers(person)
	}},
	"options":       {walk: func(w *walker) { w.options(w.individual("Moritz")) }},
	"persons":       {walk: func(w *walker) { w.persons() }},
	"configuration": {walk: func(w *walker) { w.step("PUT", "/configuration", object{"use_external_contact_management": false}) }},
	"images": {pictures: true, walk: func(w *walker) {
		for _, owner := range []string{w.individual("Erika"), w.firm("Muster GmbH"), w.newPlaceholder("till")} {
			w.step("POST", owner+"/images/upload", object{"content_type": "image/png"})
			path := owner + "/images/" + w.step("POST", owner+"/images", dataOf(studioPicture)).text("id")
			w.step("DELETE", path, nil)
		}
	}},
	"deletion of a contact with many references": {large: true, walk: deleteReferences},
	"deletion of a contact with many look-ups": {large: true, walk: func(w *walker) {
		person := w.create("/individual", object{"name": "Erika"})
		for i := range 32 {
			w.create(person+"/emails", address(fmt.Sprint("a", i, "@example.com")))
		}
		w.do("POST", person+"/tags", object{"name": "VIP"}).want(201)
		w.step("DELETE", person, nil)
	}},
	"deletion of an identity with many channels": {large: true, walk: func(w *walker) {
		path := w.identity(w.individual("Erika"), w.firm("ACME"))
		for range 35 {
			w.create(path+"/emails", emailSample)
		}
		w.step("DELETE", path, nil)
	}},
	"a long customer list": {large: true, walk: func(w *walker) {
		list, customers := w.newList(), make([]string, 55)
		for i := range customers {
			customers[i] = lastSegment(w.create("/placeholder-customers", with(placeholderMinimal, "customer_id", fmt.Sprint(i))))
		}
		w.step("POST", list+"/items", listOf(customers...))
		w.step("DELETE", list, nil)
	}},
	"many options": {large: true, walk: func(w *walker) {
		person := w.individual("Moritz")
		for i := range 15 {
			w.newOptions(person, anOption(5+i%3, 1+i/3, "a"))
		}
		w.restStep("DELETE", optionsOf(person), nil)
	}},
	"a batch": {large: true, walk: func(w *walker) {
		w.step("POST", "/organization/batch", object{"items": contactsFor(12, 0)})
	}},
	"a mapping that moves on": {large: true, walk: func(w *walker) {
		var made struct{ Items []object }
		w.do("POST", "/individual/batch", object{"items": contactsFor(36, 0)}).want(200).decode(&made)
		var mapping []object
		for i, c := range made.Items {
			mapping = append(mapping, object{"internal": c["id"], "external": fmt.Sprint("crm-", (i+1)%36)})
		}
		w.step("PUT", "/individual-id-mapping", object{"items": mapping})
	}},
}

// contactsFor are n contacts with an external id each.
func contactsFor(n, from int) []object {
	contacts := make([]object, n)
	for i := range contacts {
		contacts[i] = object{"name": fmt.Sprint("Contact ", from+i), "external_id": fmt.Sprint("crm-", from+i)}
	}
	return contacts
}

// deleteReferences deletes an individual that lets go of more than one transaction can hold.
func deleteReferences(w *walker) {
	firm, person := w.firm("ACME"), w.create("/individual", object{"name": "Erika", "external_id": "crm-1"})
	var departments []any
	for range 20 {
		departments = append(departments, departmentRef(w.create(firm+"/departments", departmentSample)))
	}
	for range 3 {
		w.identity(person, firm, "departments", departments)
	}
	w.step("DELETE", person, nil)
}
