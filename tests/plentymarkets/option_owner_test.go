package plentymarkets

import (
	"fmt"
	"testing"

	"contacts/tests/harness"
)

func TestOptionsAreThoseOfThisTenantsIndividuals(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	erika, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	email := x.Create(firm+"/emails", harness.EmailSample)
	identity := x.Create(x.CreateIdentity(erika, firm)+"/phones", harness.PhoneSample)
	own := x.NewOptions(erika, harness.PhoneOptionBody("030 1"))[0]
	theirs := other.NewOptions(other.CreateIndividual("Max"), harness.PhoneOptionBody("030 2"))[0]
	for name, contact := range map[string]string{
		"an organization": firm, "an unknown one": "/individual/8124", "another tenant's": "/individual/" + fmt.Sprintf("%.0f", theirs["contactId"]),
		"a placeholder customer": x.NewPlaceholder("till"), "a part": "/individual/" + harness.OptionID(own), "no id": "/individual/abc", "zero": "/individual/0",
	} {
		t.Run(name, func(t *testing.T) {
			x, path := x.ForSubtest(t), harness.OptionsPath(contact)
			x.Rest("GET", path, nil).Envelope(404)
			x.Rest("GET", path+"/validate?typeId=1&subTypeId=4&value=110", nil).Envelope(404)
			x.Rest("POST", path, harness.PhoneOptionBody("030 1")).Envelope(404)
			x.Rest("PUT", path, harness.PhoneOptionBody("030 1")).Envelope(404)
			x.Rest("DELETE", path, nil).Envelope(404)
		})
	}
	for name, id := range map[string]string{
		"another tenant's": harness.OptionID(theirs), "an organization's email": harness.LastSegment(email), "a professional identity's phone": harness.LastSegment(identity), "a contact": harness.LastSegment(erika),
		"an address": harness.LastSegment(x.Create(erika+"/addresses", harness.AddressSample)),
	} {
		t.Run(name, func(t *testing.T) {
			x, path := x.ForSubtest(t), "/options/"+id
			x.Rest("GET", path, nil).Envelope(404)
			x.Rest("PUT", path, harness.PhoneOptionBody("030 1")).Envelope(404)
			x.Rest("DELETE", path, nil).Envelope(404)
			x.Rest("PUT", harness.OptionsPath(erika), []object{harness.With(own, "value", "030 9"), harness.With(own, "id", harness.JSONNumber(id))}).Envelope(404)
		})
	}
	wantOptions(x, erika, "1.4=030 1")
	if got := other.Rest("GET", harness.OptionPath(theirs), nil).Want(200).Object()["value"]; got != "030 2" {
		t.Errorf("the other tenant's option is %q", got)
	}
}

func TestOptionsOfADeletedContactAreGone(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	ownType := x.NewType("option_types", object{"names": harness.TypeNames("en", "Pager")})
	made := x.NewOptions(erika, harness.PhoneOptionBody("030 1"), harness.OptionBody(ownType, 6, "erika77"), harness.OptionBody(1, 12, "030 2", "priority", -1))
	x.Do("DELETE", erika, nil).Want(204)
	for _, o := range made {
		x.Rest("GET", harness.OptionPath(o), nil).Envelope(404)
		x.Rest("PUT", harness.OptionPath(o), harness.With(o, "priority", 5)).Envelope(404)
		x.Rest("DELETE", harness.OptionPath(o), nil).Envelope(404)
	}
	x.Rest("GET", harness.OptionsPath(erika), nil).Envelope(404)
	x.Rest("POST", harness.OptionsPath(erika), harness.OptionBody(2, 1, "a@b")).Envelope(404)
	x.Rest("PUT", harness.OptionsPath(erika), made).Envelope(404)
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Envelope(404)
	if phones := x.Get(erika + "/phones").Page().Items; len(phones) != 2 { // the other dialect shows what they were last
		t.Errorf("%d phones are shown, want 2", len(phones))
	}
	x.Rest("DELETE", "/option_types/"+ownType.String(), nil).Want(200) // a deleted contact refers to nothing any more
}

// A damaged record is left out, stays as it is, and affects no other.
func TestADamagedRecordIsLeftOut(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	made := x.NewOptions(erika, harness.PhoneOptionBody("030 1"), harness.OptionBody(2, 1, "a@b"))
	harness.Damage(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", harness.LastSegment(erika)), "PHONE#"+fmt.Sprintf("%016s", harness.OptionID(made[0])), `{"number":`)
	wantOptions(x, erika, "2.1=a@b")
	x.Rest("GET", harness.OptionPath(made[0]), nil).Envelope(404)
	x.Rest("PUT", harness.OptionsPath(erika), harness.OptionBody(2, 1, "c@d")).Want(200)
	x.Rest("POST", harness.OptionsPath(erika), harness.PhoneOptionBody("030 2")).Want(200)
	x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)
	wantOptions(x, erika)
	x.Do("PUT", erika+"/phones/"+harness.OptionID(made[0]), harness.With(harness.PhoneSample, "number", "030 3", "type", "HOME_PHONE")).Want(200) // the other dialect mends it
	wantOptions(x, erika, "1.4=030 3")
}
