package plentymarkets

import (
	"strings"
	"testing"

	"contacts/tests/harness"
)

// PHP clients send numbers as text, null for absent values, zeros that filter nothing, and computed names with their parts.
func TestBodiesOfPHPClientsAreAccepted(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.CreateIndividual("Erika")
	path := harness.OptionsPath(person)
	made := x.Rest("POST", path, []any{object{"typeId": "2", "subTypeId": "4", "value": "erika@example.com", "priority": nil}, object{"typeId": "1", "subTypeId": 4, "value": "+49 30 1234", "id": nil}}).
		Want(200).Array()
	if made[0]["typeId"] != 2.0 || made[0]["priority"] != 0.0 {
		t.Errorf("made %v", made)
	}
	x.Rest("PUT", path, object{"id": harness.OptionID(made[0]), "typeId": "2", "subTypeId": "1", "value": "neu@example.com"}).Want(200)
	for query, n := range map[string]int{"?typeId=0&subTypeId=0": 2, "?typeId=1&subTypeId=0": 1, "?typeId=0&subTypeId=1": 1} {
		if got := x.Rest("GET", path+query, nil).Want(200).Array(); len(got) != n {
			t.Errorf("%s lists %v", query, got)
		}
	}
	x.Rest("POST", path, object{"typeId": nil, "subTypeId": "1.5", "value": nil}).Envelope(422, "typeId", "subTypeId", "value")
	own := x.Rest("POST", "/option_types", object{"position": "20", "nonErasable": "0",
		"names": []any{object{"id": 7, "typeId": 3, "lang": "en", "name": "Pager"}}}).Want(200).Object()
	if own["nonErasable"] != 0.0 || own["position"] != 20.0 {
		t.Errorf("made %v", own)
	}
	for value, want := range map[any]float64{true: 1, false: 0, 1: 1, "1": 1, "0": 0} {
		if got := x.Rest("PUT", "/option_types/"+harness.OptionID(own), harness.With(own, "nonErasable", value)).Want(200).Object(); got["nonErasable"] != want {
			t.Errorf("%v became %v", value, got["nonErasable"])
		}
	}
	x.Rest("PUT", "/option_types/"+harness.OptionID(own), harness.With(own, "nonErasable", 2)).Envelope(422, "nonErasable")
	for _, query := range []string{"?with=subTypes", "?with=subTypes,subTypes", "?with=subTypes&with=subTypes"} {
		for _, shown := range []object{x.Rest("GET", "/option_types"+query, nil).Want(200).Array()[0], x.Rest("GET", "/option_types/1"+query, nil).Want(200).Object(),
			x.Rest("GET", "/option_types/"+harness.OptionID(own)+query, nil).Want(200).Object()} {
			if below, _ := shown["subTypes"].([]any); len(below) != 14 || below[13].(object)["id"] != 15.0 {
				t.Errorf("%s shows %v", query, shown)
			}
		}
	}
	x.Rest("PUT", "/option_types/"+harness.OptionID(own), x.Rest("GET", "/option_types/"+harness.OptionID(own)+"?with=subTypes", nil).Body).Want(200)
	if _, there := x.Rest("GET", "/option_types/1", nil).Want(200).Object()["subTypes"]; there {
		t.Error("sub-types are shown unasked")
	}
	x.Rest("GET", "/option_types?with=names", nil).Envelope(422, "with")
}

// Shop connectors send the guest flag as true or false, and read it as text.
func TestAFlagMayBeTrueOrFalse(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for sent, want := range map[any]string{true: "1", false: "0", "1": "1", "0": "0"} {
		made := createContact(x, object{"firstName": "Erika", "singleAccess": sent})
		for _, shown := range []object{made, x.Rest("PUT", "/"+harness.OptionID(made), object{"singleAccess": sent}).Want(200).Object(), x.Rest("GET", "/"+harness.OptionID(made), nil).Want(200).Object()} {
			if shown["singleAccess"] != want {
				t.Errorf("%v is shown as %v, want %q", sent, shown["singleAccess"], want)
			}
		}
	}
	for _, field := range []string{"firstName", "title", "externalId", "birthdayAt"} {
		x.Rest("POST", "", object{"fullName": "Erika", field: true}).Envelope(422, field)
	}
	x.Rest("POST", "", object{"fullName": "Erika", "options": []any{harness.With(harness.OptionBody(8, 6, "x"), "value", true)}}).Envelope(422, "options.0.value")
}

// A client of the vendor's sends page=1 with each GET.
func TestEveryOperationAcceptsTheFirstPage(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	contact := "/" + harness.OptionID(createContact(x, object{"fullName": "Erika"}))
	for _, path := range []string{"", contact, contact + "/options", "/option_types", "/option_types/1", "/option_sub_types", "/option_sub_types/1"} {
		x.Rest("GET", path+"?page=1", nil).Want(200)
	}
	for _, query := range []string{"page=2", "page=1&page=1", "page=", "type=8"} {
		parameter, _, _ := strings.Cut(query, "=")
		x.Rest("GET", contact+"?"+query, nil).Envelope(422, parameter)
	}
}
