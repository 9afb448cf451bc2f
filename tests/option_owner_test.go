package tests

import (
	"fmt"
	"testing"
)

func TestOptionsAreThoseOfThisTenantsIndividuals(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	erika, firm := x.individual("Erika"), x.firm("ACME")
	email := x.create(firm+"/emails", emailSample)
	identity := x.create(x.identity(erika, firm)+"/phones", phoneSample)
	own := x.newOptions(erika, phoneOption("030 1"))[0]
	theirs := other.newOptions(other.individual("Max"), phoneOption("030 2"))[0]
	for name, contact := range map[string]string{
		"an organization": firm, "an unknown one": "/individual/8124", "another tenant's": "/individual/" + fmt.Sprintf("%.0f", theirs["contactId"]),
		"a placeholder customer": x.newPlaceholder("till"), "a part": "/individual/" + idOf(own), "no id": "/individual/abc", "zero": "/individual/0",
	} {
		t.Run(name, func(t *testing.T) {
			x, path := x.in(t), optionsOf(contact)
			x.rest("GET", path, nil).envelope(404)
			x.rest("GET", path+"/validate?typeId=1&subTypeId=4&value=110", nil).envelope(404)
			x.rest("POST", path, phoneOption("030 1")).envelope(404)
			x.rest("PUT", path, phoneOption("030 1")).envelope(404)
			x.rest("DELETE", path, nil).envelope(404)
		})
	}
	for name, id := range map[string]string{
		"another tenant's": idOf(theirs), "an organization's email": tail(email), "a professional identity's phone": tail(identity), "a contact": tail(erika),
		"an address": tail(x.create(erika+"/addresses", addressSample)),
	} {
		t.Run(name, func(t *testing.T) {
			x, path := x.in(t), "/options/"+id
			x.rest("GET", path, nil).envelope(404)
			x.rest("PUT", path, phoneOption("030 1")).envelope(404)
			x.rest("DELETE", path, nil).envelope(404)
			x.rest("PUT", optionsOf(erika), []object{with(own, "value", "030 9"), with(own, "id", jsonNumber(id))}).envelope(404)
		})
	}
	x.has(erika, "1.4=030 1")
	if got := other.rest("GET", optionAt(theirs), nil).want(200).object()["value"]; got != "030 2" {
		t.Errorf("the other tenant's option is %q", got)
	}
}

func TestOptionsOfADeletedContactAreGone(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	ownType := x.newType("option_types", object{"names": names("en", "Pager")})
	made := x.newOptions(erika, phoneOption("030 1"), anOption(ownType, 6, "erika77"), anOption(1, 12, "030 2", "priority", -1))
	x.do("DELETE", erika, nil).want(204)
	for _, o := range made {
		x.rest("GET", optionAt(o), nil).envelope(404)
		x.rest("PUT", optionAt(o), with(o, "priority", 5)).envelope(404)
		x.rest("DELETE", optionAt(o), nil).envelope(404)
	}
	x.rest("GET", optionsOf(erika), nil).envelope(404)
	x.rest("POST", optionsOf(erika), anOption(2, 1, "a@b")).envelope(404)
	x.rest("PUT", optionsOf(erika), made).envelope(404)
	x.rest("DELETE", optionsOf(erika), nil).envelope(404)
	if phones := x.get(erika + "/phones").page().Items; len(phones) != 2 { // the other dialect shows what they were last
		t.Errorf("%d phones are shown, want 2", len(phones))
	}
	x.rest("DELETE", "/option_types/"+ownType.String(), nil).want(200) // a deleted contact refers to nothing any more
}

// What is damaged is no option. It stays as it is, and nothing else suffers.
func TestADamagedRecordIsLeftOut(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	made := x.newOptions(erika, phoneOption("030 1"), anOption(2, 1, "a@b"))
	damage(t, "T#"+x.org+"#C#"+fmt.Sprintf("%016s", tail(erika)), "PHONE#"+fmt.Sprintf("%016s", idOf(made[0])), `{"number":`)
	x.has(erika, "2.1=a@b")
	x.rest("GET", optionAt(made[0]), nil).envelope(404)
	x.rest("PUT", optionsOf(erika), anOption(2, 1, "c@d")).want(200)
	x.rest("POST", optionsOf(erika), phoneOption("030 2")).want(200)
	x.rest("DELETE", optionsOf(erika), nil).want(200)
	x.has(erika)
	x.do("PUT", erika+"/phones/"+idOf(made[0]), with(phoneSample, "number", "030 3", "type", "HOME_PHONE")).want(200) // the other dialect mends it
	x.has(erika, "1.4=030 3")
}
