package plentymarkets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// pairs lists options as "type.subtype=value".
func pairs(options []object) []string {
	list := []string{}
	for _, o := range options {
		list = append(list, fmt.Sprintf("%.0f.%.0f=%v", o["typeId"], o["subTypeId"], o["value"]))
	}
	return list
}

// listOptions lists the options of a contact.
func listOptions(x *harness.Tenant, contact string) []object {
	x.T.Helper()
	return x.Rest("GET", harness.OptionsPath(contact), nil).Want(200).Array()
}

// wantOptions requires a contact to have these options, in this order.
func wantOptions(x *harness.Tenant, contact string, want ...string) {
	x.T.Helper()
	if got := pairs(listOptions(x, contact)); !slices.Equal(got, want) {
		x.T.Errorf("options %q, want %q", got, want)
	}
}

func TestAnOptionOfOneDialectIsAChannelOfTheOther(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	made := x.Rest("POST", harness.OptionsPath(erika), []object{
		harness.PhoneOptionBody("030 901820"),
		{"typeId": 2, "subTypeId": 1, "value": "Erika@example.com", "priority": 2},
		{"typeId": 4, "subTypeId": 4, "value": "https://example.com/erika"},
		{"typeId": 5, "subTypeId": 6, "value": "erika77"},
	}).Want(200).Array()
	if got := pairs(made); !slices.Equal(got, []string{"1.4=030 901820", "2.1=Erika@example.com", "4.4=https://example.com/erika", "5.6=erika77"}) {
		t.Errorf("made %q", got)
	}
	phone := x.Get(erika + "/phones").Want(200).Object()["items"].([]any)[0].(object)
	if phone["id"] != fmt.Sprintf("%.0f", made[0]["id"]) || phone["type"] != "HOME_PHONE" || phone["usage_context"] != "PERSONAL" || phone["number"] != "030 901820" {
		t.Errorf("the phone is %v", phone)
	}
	x.Get("/lookup?phone=%2B4930901820").Want(200)
	list := x.Rest("GET", harness.OptionsPath(erika), nil).Want(200).Array()
	if got := pairs(list); !slices.Equal(got, []string{"1.4=030 901820", "4.4=https://example.com/erika", "5.6=erika77", "2.1=Erika@example.com"}) {
		t.Errorf("listed %q, want by priority, then id", got)
	}
	one := x.Rest("GET", fmt.Sprintf("/options/%.0f", made[3]["id"]), nil).Want(200).Object()
	if one["value"] != "erika77" || fmt.Sprintf("%.0f", one["contactId"]) != harness.OwnerID(erika) {
		t.Errorf("got %v", one)
	}
	x.Do("PUT", erika+"/phones/"+phone["id"].(string), object{"type": "WORK_MOBILE", "number": "0170 1234567", "usage_context": "PROFESSIONAL"}).Want(200)
	x.Rest("PUT", harness.OptionsPath(erika), object{"typeId": 1, "subTypeId": 3, "value": "0171 1234567"}).Want(200)
	if got := x.Get(erika + "/phones/" + phone["id"].(string)).Want(200).Text("number"); got != "0171 1234567" {
		t.Errorf("the number is %q", got)
	}
	x.Rest("DELETE", fmt.Sprintf("/options/%.0f", made[1]["id"]), nil).Want(200)
	if items := x.Get(erika + "/emails").Want(200).Object()["items"].([]any); len(items) != 0 {
		t.Errorf("emails %v", items)
	}
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)
	if got := string(x.Rest("GET", harness.OptionsPath(erika), nil).Want(200).Body); strings.TrimSpace(got) != "[]" {
		t.Errorf("left %s", got)
	}
	x.Rest("GET", fmt.Sprintf("/options/%.0f", made[3]["id"]), nil).Envelope(404)
}

func TestAnInvalidOptionPreventsTheChangeOfAllOthers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	x.Rest("POST", harness.OptionsPath(erika), harness.PhoneOptionBody("030 901820")).Want(200)
	x.Rest("POST", harness.OptionsPath(erika), []object{{"typeId": 2, "subTypeId": 1, "value": "erika@example.com"}, {"typeId": 2, "subTypeId": 4, "value": "erika"},
		harness.PhoneOptionBody("030 901821"), {"typeId": 99, "subTypeId": 14, "value": "x"}}).Envelope(422, "1.value", "2.typeId", "3.typeId", "3.subTypeId")
	x.Rest("POST", harness.OptionsPath(erika), object{"typeId": "one", "value": ""}).Envelope(422, "typeId", "subTypeId", "value")
	x.Rest("POST", harness.OptionsPath(erika), `{"typeId": 1,`).Envelope(400)
	x.Rest("POST", harness.OptionsPath(erika), harness.PhoneOptionBody("x")).Envelope(422, "typeId", "value")
	if got := pairs(x.Rest("GET", harness.OptionsPath(erika), nil).Want(200).Array()); !slices.Equal(got, []string{"1.4=030 901820"}) {
		t.Errorf("left %q", got)
	}
}
