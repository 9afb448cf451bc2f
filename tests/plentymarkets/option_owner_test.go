package plentymarkets

import (
	"fmt"
	"testing"

	"contacts/tests/harness"
)

func TestOptionsAreThoseOfThisTenantsIndividuals(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	erika, firm := x.Individual("Erika"), x.Firm("ACME")
	email := x.Create(firm+"/emails", harness.EmailSample)
	identity := x.Create(x.Identity(erika, firm)+"/phones", harness.PhoneSample)
	own := x.NewOptions(erika, harness.PhoneOption("030 1"))[0]
	theirs := other.NewOptions(other.Individual("Max"), harness.PhoneOption("030 2"))[0]
	for name, contact := range map[string]string{
		"an organization": firm, "an unknown one": "/individual/8124", "another tenant's": "/individual/" + fmt.Sprintf("%.0f", theirs["contactId"]),
		"a placeholder customer": x.NewPlaceholder("till"), "a part": "/individual/" + harness.IdOf(own), "no id": "/individual/abc", "zero": "/individual/0",
	} {
		t.Run(name, func(t *testing.T) {
			x, path := x.In(t), harness.OptionsOf(contact)
			x.Rest("GET", path, nil).Envelope(404)
			x.Rest("GET", path+"/validate?typeId=1&subTypeId=4&value=110", nil).Envelope(404)
			x.Rest("POST", path, harness.PhoneOption("030 1")).Envelope(404)
			x.Rest("PUT", path, harness.PhoneOption("030 1")).Envelope(404)
			x.Rest("DELETE", path, nil).Envelope(404)
		})
	}
	for name, id := range map[string]string{
		"another tenant's": harness.IdOf(theirs), "an organization's email": harness.Tail(email), "a professional identity's phone": harness.Tail(identity), "a contact": harness.Tail(erika),
		"an address": harness.Tail(x.Create(erika+"/addresses", harness.AddressSample)),
	} {
		t.Run(name, func(t *testing.T) {
			x, path := x.In(t), "/options/"+id
			x.Rest("GET", path, nil).Envelope(404)
			x.Rest("PUT", path, harness.PhoneOption("030 1")).Envelope(404)
			x.Rest("DELETE", path, nil).Envelope(404)
			x.Rest("PUT", harness.OptionsOf(erika), []object{harness.With(own, "value", "030 9"), harness.With(own, "id", harness.JSONNumber(id))}).Envelope(404)
		})
	}
	has(x, erika, "1.4=030 1")
	if got := other.Rest("GET", harness.OptionAt(theirs), nil).Want(200).Object()["value"]; got != "030 2" {
		t.Errorf("the other tenant's option is %q", got)
	}
}

func TestOptionsOfADeletedContactAreGone(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.Individual("Erika")
	ownType := x.NewType("option_types", object{"names": harness.Names("en", "Pager")})
	made := x.NewOptions(erika, harness.PhoneOption("030 1"), harness.AnOption(ownType, 6, "erika77"), harness.AnOption(1, 12, "030 2", "priority", -1))
	x.Do("DELETE", erika, nil).Want(204)
	for _, o := range made {
		x.Rest("GET", harness.OptionAt(o), nil).Envelope(404)
		x.Rest("PUT", harness.OptionAt(o), harness.With(o, "priority", 5)).Envelope(404)
		x.Rest("DELETE", harness.OptionAt(o), nil).Envelope(404)
	}
	x.Rest("GET", harness.OptionsOf(erika), nil).Envelope(404)
	x.Rest("POST", harness.OptionsOf(erika), harness.AnOption(2, 1, "a@b")).Envelope(404)
	x.Rest("PUT", harness.OptionsOf(erika), made).Envelope(404)
	x.Rest("DELETE", harness.OptionsOf(erika), nil).Envelope(404)
	if phones := x.Get(erika + "/phones").Page().Items; len(phones) != 2 { // the other dialect shows what they were last
		t.Errorf("%d phones are shown, want 2", len(phones))
	}
	x.Rest("DELETE", "/option_types/"+ownType.String(), nil).Want(200) // a deleted contact refers to nothing any more
}

// What is damaged is no option. It stays as it is, and nothing else suffers.
func TestADamagedRecordIsLeftOut(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.Individual("Erika")
	made := x.NewOptions(erika, harness.PhoneOption("030 1"), harness.AnOption(2, 1, "a@b"))
	harness.Damage(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", harness.Tail(erika)), "PHONE#"+fmt.Sprintf("%016s", harness.IdOf(made[0])), `{"number":`)
	has(x, erika, "2.1=a@b")
	x.Rest("GET", harness.OptionAt(made[0]), nil).Envelope(404)
	x.Rest("PUT", harness.OptionsOf(erika), harness.AnOption(2, 1, "c@d")).Want(200)
	x.Rest("POST", harness.OptionsOf(erika), harness.PhoneOption("030 2")).Want(200)
	x.Rest("DELETE", harness.OptionsOf(erika), nil).Want(200)
	has(x, erika)
	x.Do("PUT", erika+"/phones/"+harness.IdOf(made[0]), harness.With(harness.PhoneSample, "number", "030 3", "type", "HOME_PHONE")).Want(200) // the other dialect mends it
	has(x, erika, "1.4=030 3")
}
