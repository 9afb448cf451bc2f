package tests

import (
	"strings"
	"testing"
)

// As PHP clients send it: numbers as text, null for what is absent, zeros that filter nothing; names with what was shown beside them.
func TestWhatClientsWrittenInPHPSendIsTaken(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person := x.individual("Erika")
	path := optionsOf(person)
	made := x.rest("POST", path, []any{object{"typeId": "2", "subTypeId": "4", "value": "erika@example.com", "priority": nil}, object{"typeId": "1", "subTypeId": 4, "value": "+49 30 1234", "id": nil}}).
		want(200).array()
	if made[0]["typeId"] != 2.0 || made[0]["priority"] != 0.0 {
		t.Errorf("made %v", made)
	}
	x.rest("PUT", path, object{"id": idOf(made[0]), "typeId": "2", "subTypeId": "1", "value": "neu@example.com"}).want(200)
	for query, n := range map[string]int{"?typeId=0&subTypeId=0": 2, "?typeId=1&subTypeId=0": 1, "?typeId=0&subTypeId=1": 1} {
		if got := x.rest("GET", path+query, nil).want(200).array(); len(got) != n {
			t.Errorf("%s lists %v", query, got)
		}
	}
	x.rest("POST", path, object{"typeId": nil, "subTypeId": "1.5", "value": nil}).envelope(422, "typeId", "subTypeId", "value")
	own := x.rest("POST", "/option_types", object{"position": "20", "nonErasable": "0",
		"names": []any{object{"id": 7, "typeId": 3, "lang": "en", "name": "Pager"}}}).want(200).object()
	if own["nonErasable"] != 0.0 || own["position"] != 20.0 {
		t.Errorf("made %v", own)
	}
	for value, want := range map[any]float64{true: 1, false: 0, 1: 1, "1": 1, "0": 0} {
		if got := x.rest("PUT", "/option_types/"+idOf(own), with(own, "nonErasable", value)).want(200).object(); got["nonErasable"] != want {
			t.Errorf("%v became %v", value, got["nonErasable"])
		}
	}
	x.rest("PUT", "/option_types/"+idOf(own), with(own, "nonErasable", 2)).envelope(422, "nonErasable")
	for _, query := range []string{"?with=subTypes", "?with=subTypes,subTypes", "?with=subTypes&with=subTypes"} {
		for _, shown := range []object{x.rest("GET", "/option_types"+query, nil).want(200).array()[0], x.rest("GET", "/option_types/1"+query, nil).want(200).object(),
			x.rest("GET", "/option_types/"+idOf(own)+query, nil).want(200).object()} {
			if below, _ := shown["subTypes"].([]any); len(below) != 14 || below[13].(object)["id"] != 15.0 {
				t.Errorf("%s shows %v", query, shown)
			}
		}
	}
	x.rest("PUT", "/option_types/"+idOf(own), x.rest("GET", "/option_types/"+idOf(own)+"?with=subTypes", nil).body).want(200)
	if _, there := x.rest("GET", "/option_types/1", nil).want(200).object()["subTypes"]; there {
		t.Error("sub-types are shown unasked")
	}
	x.rest("GET", "/option_types?with=names", nil).envelope(422, "with")
}

// As connectors of shops send it: whether a customer is a guest as true or false, read back as text.
func TestAFlagInTextIsTakenAsTrueAndFalse(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for sent, want := range map[any]string{true: "1", false: "0", "1": "1", "0": "0"} {
		made := x.newPerson(object{"firstName": "Erika", "singleAccess": sent})
		for _, shown := range []object{made, x.rest("PUT", "/"+idOf(made), object{"singleAccess": sent}).want(200).object(), x.rest("GET", "/"+idOf(made), nil).want(200).object()} {
			if shown["singleAccess"] != want {
				t.Errorf("%v is shown as %v, want %q", sent, shown["singleAccess"], want)
			}
		}
	}
	for _, field := range []string{"firstName", "title", "externalId", "birthdayAt"} {
		x.rest("POST", "", object{"fullName": "Erika", field: true}).envelope(422, field)
	}
	x.rest("POST", "", object{"fullName": "Erika", "options": []any{with(anOption(8, 6, "x"), "value", true)}}).envelope(422, "options.0.value")
}

// A client of the vendor's sends page=1 with each GET.
func TestTheFirstPageCanBeAskedForEverywhere(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	contact := "/" + idOf(x.newPerson(object{"fullName": "Erika"}))
	for _, path := range []string{"", contact, contact + "/options", "/option_types", "/option_types/1", "/option_sub_types", "/option_sub_types/1"} {
		x.rest("GET", path+"?page=1", nil).want(200)
	}
	for _, query := range []string{"page=2", "page=1&page=1", "page=", "type=8"} {
		parameter, _, _ := strings.Cut(query, "=")
		x.rest("GET", contact+"?"+query, nil).envelope(422, parameter)
	}
}
