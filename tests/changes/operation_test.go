package changes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// expected returns what a successful operation changes, one line for each contact: its kind, the type, the parts. ok is false for an
// operation that the table doesn't know.
func expected(operation string) (want []string, ok bool) {
	rest, owner := operation, ""
	for _, verb := range []string{"create", "replace", "delete"} {
		if after, found := strings.CutPrefix(operation, verb); found {
			rest = after
		}
	}
	for prefix, kind := range map[string]string{"Individual": "INDIVIDUAL", "ProfessionalIdentity": "INDIVIDUAL", "Organization": "ORGANIZATION"} {
		if after, found := strings.CutPrefix(rest, prefix); found {
			rest, owner = after, kind
		}
	}
	channels := map[string]string{"Address": "address", "Email": "email", "Phone": "phone", "WebAddress": "web_address"}
	if part := channels[rest]; part != "" && owner != "" {
		return []string{owner + " changed " + part}, true
	}
	if part := map[string]string{"Department": "department", "Location": "location", "Membership": "membership"}[rest]; part != "" {
		return []string{"ORGANIZATION changed " + part}, true
	}
	for _, kind := range []string{"INDIVIDUAL", "ORGANIZATION"} {
		noun := kind[:1] + strings.ToLower(kind[1:])
		if all, found := map[string][]string{
			"create" + noun:                         {kind + " created contact"},
			"replace" + noun:                        {kind + " changed contact"},
			"delete" + noun:                         {kind + " deleted contact"},
			"upsert" + noun + "ByExternalID":        {kind + " created contact external_id"},
			"batchUpsert" + noun + "s":              {kind + " created contact"},
			"put" + noun + "Customer":               {kind + " changed customer"},
			"put" + noun + "AlternativePayer":       {kind + " changed alternative_payer"},
			"put" + noun + "Supplier":               {kind + " changed supplier"},
			"add" + noun + "Tag":                    {kind + " changed tag"},
			"remove" + noun + "Tag":                 {kind + " changed tag"},
			"replace" + noun + "IDMappings":         {kind + " changed contact external_id", kind + " changed contact external_id"},
			"merge" + noun + "IDMappings":           {kind + " changed contact external_id"},
			"delete" + noun + "IDMappingByExternal": {kind + " changed contact external_id"},
			"delete" + noun + "IDMappingByInternal": {kind + " changed contact external_id"},
			"create" + noun + "ImageUpload":         {},
			"add" + noun + "Image":                  {kind + " changed image"}, // once it is READY
			"remove" + noun + "Image":               {kind + " changed image"},
		}[operation]; found {
			return all, true
		}
	}
	want, ok = map[string][]string{
		"createProfessionalIdentity":           {"INDIVIDUAL changed professional_identity", "ORGANIZATION changed representative"},
		"replaceProfessionalIdentity":          {"INDIVIDUAL changed professional_identity"},
		"deleteProfessionalIdentity":           {"INDIVIDUAL changed professional_identity", "ORGANIZATION changed representative"},
		"createPersonalRelationship":           {"INDIVIDUAL changed personal_relationship"},
		"replacePersonalRelationship":          {"INDIVIDUAL changed personal_relationship"},
		"deletePersonalRelationship":           {"INDIVIDUAL changed personal_relationship"},
		"createPlaceholderCustomer":            {"PLACEHOLDER_CUSTOMER created contact"},
		"replacePlaceholderCustomer":           {"PLACEHOLDER_CUSTOMER changed contact"},
		"deletePlaceholderCustomer":            {"PLACEHOLDER_CUSTOMER deleted contact"},
		"createPlaceholderCustomerImageUpload": {},
		"addPlaceholderCustomerImage":          {"PLACEHOLDER_CUSTOMER changed image"},
		"removePlaceholderCustomerImage":       {"PLACEHOLDER_CUSTOMER changed image"},
		"createCustomerList":                   {}, "replaceCustomerList": {}, "deleteCustomerList": {}, "addCustomerListItems": {}, "removeCustomerListItem": {},
		"replaceConfiguration": {},
		"createContactOptions": {"INDIVIDUAL changed phone"}, "updateContactOptions": {"INDIVIDUAL changed phone"}, "updateContactOption": {"INDIVIDUAL changed phone"},
		"deleteContactOption": {"INDIVIDUAL changed phone"}, "deleteContactOptions": {"INDIVIDUAL changed phone"},
		"createOptionType": {}, "updateOptionType": {}, "deleteOptionType": {}, "createOptionSubType": {}, "updateOptionSubType": {}, "deleteOptionSubType": {},
		"createContact": {"INDIVIDUAL created contact option external_id"}, "updateContact": {"INDIVIDUAL changed contact option"},
		"deleteContact": {"INDIVIDUAL deleted contact"},
		"login":         {}, "refreshLogin": {}, "logout": {},
	}[operation]
	return want, ok
}

// lines returns changes as expected does, sorted.
func lines(all []object) []string {
	text := make([]string, len(all))
	for i, c := range all {
		text[i] = fmt.Sprint(c["kind"], " ", c["type"], " ", strings.Trim(fmt.Sprint(c["parts"]), "[]"))
	}
	slices.Sort(text)
	return text
}

func TestEachOperationIsInTheFeedAsWhatItChanges(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	w := &harness.Walker{Tenant: x}
	person, company := x.CreateIndividual("Erika"), x.CreateOrganization("Muster GmbH")
	second, moritz, placeholder := x.CreateIndividual("Max"), x.CreateIndividual("Moritz"), x.NewPlaceholder("for images")
	f := x.Follow()
	walked := map[string]bool{}
	w.Disturbed = func(method, target string, body any, headers ...string) *harness.Answer {
		if method == "GET" {
			return x.Ask(method, target, body, headers...)
		}
		f.Next() // what prepared the step
		a := x.Ask(method, target, body, headers...)
		operation := a.Log().Operation
		walked[operation] = true
		want, known := expected(operation)
		if !known {
			t.Errorf("%s: say what it changes", operation)
		}
		if strings.HasPrefix(operation, "add") && strings.HasSuffix(operation, "Image") {
			x.WaitForImage(strings.TrimPrefix(strings.TrimSuffix(target, "/images"), x.Path("")), a.Text("id"))
		}
		got := f.Next()
		if !slices.Equal(lines(got), slices.Sorted(slices.Values(want))) && len(want)+len(got) > 0 {
			t.Errorf("%s changes %q, want %q", operation, lines(got), want)
		}
		for _, c := range got {
			by, _ := c["by"].(object)
			if c["operation"] != operation || by["kind"] != "app" || by["id"] != x.App || by["name"] != x.App || c["request_id"] != a.Header.Get("Apigw-Requestid") {
				t.Errorf("%s: the change is by %v, %v, %v", operation, by, c["operation"], c["request_id"])
			}
		}
		return a
	}
	w.Contacts("/individual", object{"name": "Max"})
	w.Contacts("/organization", object{"name": "Muster AG"})
	w.Channels(person)
	w.Channels(company)
	w.Parts(person+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": harness.LastSegment(second)})
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
	w.Options(moritz)
	w.Persons()
	for _, owner := range []string{person, company, placeholder} {
		w.Step("POST", owner+"/images/upload", object{"content_type": "image/png"})
		id := w.Step("POST", owner+"/images", harness.ImageBody(harness.JPEGOf(harness.Quarters(48, 32)))).Text("id")
		w.Step("DELETE", owner+"/images/"+id, nil)
	}
	w.Step("PUT", "/configuration", object{"use_external_contact_management": false})
	for operation, method := range operations(t) {
		if method != "GET" && !walked[operation] && !slices.Contains([]string{"login", "refreshLogin", "logout"}, operation) && !strings.Contains(operation, "Webhook") && operation != "createExport" {
			t.Errorf("%s is left out of the walk", operation)
		}
	}
	x.IsSound()
}

// operations returns the methods of all operations.
func operations(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "api", "operations.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	methods := map[string]string{}
	for row := range strings.Lines(string(text)) {
		cells := strings.Split(row, "\t")
		methods[cells[0]] = cells[1]
	}
	delete(methods, "operation") // the heading
	return methods
}

func TestAWriteThatLeavesAllAsItWasIsNoChange(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.CreateIndividual("Erika")
	email := x.Create(person+"/emails", harness.EmailSample)
	f := x.Follow()
	x.Do("PUT", person, object{"name": "Erika"}).Want(200)
	x.Do("PUT", email, harness.EmailSample).Want(200)
	x.Do("PUT", person, object{"name": ""}).Problem(400)
	if all := f.Next(); len(all) > 0 {
		t.Errorf("changes are shown: %v", all)
	}
}

// What refers to a contact is no change of it, but its representatives are its own.
func TestOrganizationsChangeWithTheirRepresentatives(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, manager, firm := x.CreateIndividual("Erika"), x.CreateIndividual("Max"), x.CreateOrganization("Muster GmbH")
	hall, other := x.Create(firm+"/locations", object{"name": "1"}), x.Create(firm+"/locations", object{"name": "2"})
	identity := x.CreateIdentity(person, firm, "locations", []any{harness.LocationRef(hall)})
	f := x.Follow()
	for _, step := range []struct {
		what string
		do   func()
		want []string
	}{
		{"moves to another location", func() {
			x.Do("PUT", identity, object{"is_active": true, "locations": []any{harness.LocationRef(other)}}).Want(200)
		}, []string{"INDIVIDUAL changed professional_identity", "ORGANIZATION changed location"}},
		{"ends", func() { x.Do("PUT", identity, object{"is_active": false}).Want(200) },
			[]string{"INDIVIDUAL changed professional_identity", "ORGANIZATION changed location representative"}},
		{"a relationship to it", func() {
			x.Do("POST", person+"/personal-relationships", object{"type": "SPOUSE", "individual_contact": harness.LastSegment(manager)}).Want(201)
		}, []string{"INDIVIDUAL changed personal_relationship"}},
		{"begins again", func() { x.Do("PUT", identity, object{"is_active": true}).Want(200) },
			[]string{"INDIVIDUAL changed professional_identity", "ORGANIZATION changed representative"}},
		{"its individual is deleted", func() { x.Do("DELETE", person, nil).Want(204) }, []string{"INDIVIDUAL deleted contact", "ORGANIZATION changed representative"}},
		{"deleted again", func() { x.Do("DELETE", person, nil).Want(204) }, nil},
	} {
		step.do()
		if got := lines(f.Next()); !slices.Equal(got, step.want) {
			t.Errorf("%s: %q, want %q", step.what, got, step.want)
		}
	}
}
