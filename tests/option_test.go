package tests

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// rest sends a request of the plentymarkets dialect, with the tenant's token.
func (x *tenant) rest(method, path string, body any, headers ...string) *answer {
	x.t.Helper()
	return x.ask(method, "/rest/accounts/contacts"+path, body, headers...)
}

// optionsOf is the path of a contact's options, by its path in the other dialect.
func optionsOf(contact string) string { return "/" + ownerID(contact) + "/options" }

// envelope holds an answer to be a refusal of the plentymarkets dialect, whole, with faults of these fields.
func (a *answer) envelope(status int, fields ...string) map[string][]string {
	a.t.Helper()
	a.want(status)
	var e struct {
		Error struct {
			Code    int
			Message string
		}
		ValidationErrors map[string][]string `json:"validation_errors"`
	}
	a.decode(&e)
	var got []string
	for field, details := range e.ValidationErrors {
		got = append(got, field)
		if len(details) == 0 || details[0] == "" {
			a.t.Errorf("%s: %s says nothing: %s", a.what, field, a.body)
		}
	}
	slices.Sort(got)
	slices.Sort(fields)
	if e.Error.Code != status || e.Error.Message == "" || !slices.Equal(got, fields) || (status == 422) != (e.ValidationErrors != nil) {
		a.t.Fatalf("%s = %s, want %d with faults of %q", a.what, a.body, status, fields)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		a.t.Errorf("%s: Content-Type %q", a.what, got)
	}
	return e.ValidationErrors
}

func (a *answer) array() []object {
	a.t.Helper()
	var list []object
	a.decode(&list)
	return list
}

// pairs lists options as "type.subtype=value".
func pairs(options []object) []string {
	list := []string{}
	for _, o := range options {
		list = append(list, fmt.Sprintf("%.0f.%.0f=%v", o["typeId"], o["subTypeId"], o["value"]))
	}
	return list
}

// tryRest is rest for other goroutines than the test's own.
func (x *tenant) tryRest(method, path string, body any, headers ...string) (*answer, error) {
	return try(method, "/rest/accounts/contacts"+path, body, append([]string{"Authorization", "Bearer " + x.token}, headers...)...)
}

// anOption is what is sent of an option. A type may be a number that was answered.
func anOption(typeID, subTypeID any, value string, changes ...any) object {
	return with(object{"typeId": typeID, "subTypeId": subTypeID, "value": value}, changes...)
}

func phoneOption(value string) object { return anOption(1, 4, value) }

// newOptions adds options to a contact and returns them.
func (x *tenant) newOptions(contact string, options ...object) []object {
	x.t.Helper()
	return x.rest("POST", optionsOf(contact), options).want(200).array()
}

// options lists those of a contact.
func (x *tenant) options(contact string) []object {
	x.t.Helper()
	return x.rest("GET", optionsOf(contact), nil).want(200).array()
}

// has holds a contact to have these options, in the order of the list.
func (x *tenant) has(contact string, want ...string) {
	x.t.Helper()
	if got := pairs(x.options(contact)); !slices.Equal(got, want) {
		x.t.Errorf("options %q, want %q", got, want)
	}
}

// idOf is an option's id in text, optionAt the path of one.
func idOf(option object) string     { return fmt.Sprintf("%.0f", option["id"]) }
func optionAt(option object) string { return "/options/" + idOf(option) }

func TestTheStoreKnowsNoDialectAndTheMappingNoStore(t *testing.T) {
	t.Parallel()
	for _, u := range units(t) {
		for _, to := range u.Imports {
			mapping, store := u.ImportPath == "contacts/pkg/option", u.ImportPath == "contacts/pkg/dynamo"
			if mapping && !standard(to) && to != "contacts/pkg/contact" || store && to == "contacts/pkg/option" {
				t.Errorf("%s imports %s", u.ImportPath, to)
			}
		}
	}
}

func TestAnOptionOfOneDialectIsAChannelOfTheOther(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	made := x.rest("POST", optionsOf(erika), []object{
		phoneOption("030 901820"),
		{"typeId": 2, "subTypeId": 1, "value": "Erika@example.com", "priority": 2},
		{"typeId": 4, "subTypeId": 4, "value": "https://example.com/erika"},
		{"typeId": 5, "subTypeId": 6, "value": "erika77"},
	}).want(200).array()
	if got := pairs(made); !slices.Equal(got, []string{"1.4=030 901820", "2.1=Erika@example.com", "4.4=https://example.com/erika", "5.6=erika77"}) {
		t.Errorf("made %q", got)
	}
	phone := x.get(erika + "/phones").want(200).object()["items"].([]any)[0].(object)
	if phone["id"] != fmt.Sprintf("%.0f", made[0]["id"]) || phone["type"] != "HOME_PHONE" || phone["usage_context"] != "PERSONAL" || phone["number"] != "030 901820" {
		t.Errorf("the phone is %v", phone)
	}
	x.get("/lookup?phone=%2B4930901820").want(200)
	list := x.rest("GET", optionsOf(erika), nil).want(200).array()
	if got := pairs(list); !slices.Equal(got, []string{"1.4=030 901820", "4.4=https://example.com/erika", "5.6=erika77", "2.1=Erika@example.com"}) {
		t.Errorf("listed %q, want by priority, then id", got)
	}
	one := x.rest("GET", fmt.Sprintf("/options/%.0f", made[3]["id"]), nil).want(200).object()
	if one["value"] != "erika77" || fmt.Sprintf("%.0f", one["contactId"]) != ownerID(erika) {
		t.Errorf("got %v", one)
	}
	x.do("PUT", erika+"/phones/"+phone["id"].(string), object{"type": "WORK_MOBILE", "number": "0170 1234567", "usage_context": "PROFESSIONAL"}).want(200)
	x.rest("PUT", optionsOf(erika), object{"typeId": 1, "subTypeId": 3, "value": "0171 1234567"}).want(200)
	if got := x.get(erika + "/phones/" + phone["id"].(string)).want(200).text("number"); got != "0171 1234567" {
		t.Errorf("the number is %q", got)
	}
	x.rest("DELETE", fmt.Sprintf("/options/%.0f", made[1]["id"]), nil).want(200)
	if items := x.get(erika + "/emails").want(200).object()["items"].([]any); len(items) != 0 {
		t.Errorf("emails %v", items)
	}
	x.rest("DELETE", optionsOf(erika), nil).want(200)
	if got := string(x.rest("GET", optionsOf(erika), nil).want(200).body); strings.TrimSpace(got) != "[]" {
		t.Errorf("left %s", got)
	}
	x.rest("GET", fmt.Sprintf("/options/%.0f", made[3]["id"]), nil).envelope(404)
}

func TestAWrongElementLeavesAllOthersUndone(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	x.rest("POST", optionsOf(erika), phoneOption("030 901820")).want(200)
	x.rest("POST", optionsOf(erika), []object{{"typeId": 2, "subTypeId": 1, "value": "erika@example.com"}, {"typeId": 2, "subTypeId": 4, "value": "erika"},
		phoneOption("030 901821"), {"typeId": 99, "subTypeId": 14, "value": "x"}}).envelope(422, "1.value", "2.typeId", "3.typeId", "3.subTypeId")
	x.rest("POST", optionsOf(erika), object{"typeId": "one", "value": ""}).envelope(422, "typeId", "subTypeId", "value")
	x.rest("POST", optionsOf(erika), `{"typeId": 1,`).envelope(400)
	x.rest("POST", optionsOf(erika), phoneOption("x")).envelope(422, "typeId", "value")
	if got := pairs(x.rest("GET", optionsOf(erika), nil).want(200).array()); !slices.Equal(got, []string{"1.4=030 901820"}) {
		t.Errorf("left %q", got)
	}
}
