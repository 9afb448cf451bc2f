package harness

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Rest sends a request of the plentymarkets dialect, with the tenant's token.
func (x *Tenant) Rest(method, path string, body any, headers ...string) *Answer {
	x.T.Helper()
	return x.Ask(method, "/rest/accounts/contacts"+path, body, headers...)
}

// OptionsPath returns the path of a contact's options by its path in the other dialect.
func OptionsPath(contact string) string { return "/" + OwnerID(contact) + "/options" }

// Envelope requires a complete refusal in the plentymarkets dialect, with faults of these fields.
func (a *Answer) Envelope(status int, fields ...string) map[string][]string {
	a.T.Helper()
	a.Want(status)
	var e struct {
		Error struct {
			Code    int
			Message string
		}
		ValidationErrors map[string][]string `json:"validation_errors"`
	}
	a.Decode(&e)
	var got []string
	for field, details := range e.ValidationErrors {
		got = append(got, field)
		if len(details) == 0 || details[0] == "" {
			a.T.Errorf("%s: %s says nothing: %s", a.What, field, a.Body)
		}
	}
	slices.Sort(got)
	slices.Sort(fields)
	if e.Error.Code != status || e.Error.Message == "" || !slices.Equal(got, fields) || (status == 422) != (e.ValidationErrors != nil) {
		a.T.Fatalf("%s = %s, want %d with faults of %q", a.What, a.Body, status, fields)
	}
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		a.T.Errorf("%s: Content-Type %q", a.What, got)
	}
	return e.ValidationErrors
}

func (a *Answer) Array() []Object {
	a.T.Helper()
	var list []Object
	a.Decode(&list)
	return list
}

// TryRest is Rest for goroutines other than the test's.
func (x *Tenant) TryRest(method, path string, body any, headers ...string) (*Answer, error) {
	return Try(method, "/rest/accounts/contacts"+path, body, append([]string{"Authorization", "Bearer " + x.Token}, headers...)...)
}

// OptionBody returns the body of an option. Its types may be numbers from answers.
func OptionBody(typeID, subTypeID any, value string, changes ...any) Object {
	return With(Object{"typeId": typeID, "subTypeId": subTypeID, "value": value}, changes...)
}

func PhoneOptionBody(value string) Object { return OptionBody(1, 4, value) }

// NewOptions adds options to a contact and returns them.
func (x *Tenant) NewOptions(contact string, options ...Object) []Object {
	x.T.Helper()
	return x.Rest("POST", OptionsPath(contact), options).Want(200).Array()
}

// OptionID returns an option's id as text, OptionPath its path.
func OptionID(option Object) string { return fmt.Sprintf("%.0f", option["id"]) }

func OptionPath(option Object) string { return "/options/" + OptionID(option) }

// JSONNumber returns an id as this dialect writes it.
func JSONNumber(id string) json.Number { return json.Number(id) }

// TypeNames returns the names of an option type from languages and names in turn.
func TypeNames(namesOf ...string) []any {
	all := []any{}
	for i := 0; i < len(namesOf); i += 2 {
		all = append(all, Object{"lang": namesOf[i], "name": namesOf[i+1]})
	}
	return all
}

// NewType adds a type or sub-type of options and returns its id.
func (x *Tenant) NewType(list string, body Object) json.Number {
	x.T.Helper()
	return JSONNumber(OptionID(x.Rest("POST", "/"+list, body).Want(200).Object()))
}

var TypeLists = []string{"option_types", "option_sub_types"}
