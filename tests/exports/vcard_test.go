package exports

import (
	"encoding/base64"
	"image"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// unfolded returns a vCard with a property in each line.
func unfolded(card string) string {
	return strings.ReplaceAll(strings.ReplaceAll(card, "\r\n ", ""), "\r\n", "\n")
}

// requireLines requires a card to have lines.
func requireLines(t testing.TB, card string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(unfolded(card), line) {
			t.Errorf("the card lacks %q:\n%s", line, unfolded(card))
		}
	}
}

func TestAnIndividualsVCardHasAllThatACardCanHave(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm := x.Do("POST", "/organization", object{"name": "Acme; Söhne"}).Want(201).Text("id")
	sales := x.Do("POST", "/organization/"+firm+"/departments", object{"name": "Sales"}).Want(201).Text("id")
	person := "/individual/" + x.Do("POST", "/individual", object{"name": "Erika Mustermann", "external_id": "crm-1", "date_of_birth": "1964-08-12"}).Want(201).Text("id")
	x.Do("POST", person+"/emails", object{"type": "WORK_EMAIL", "address": "erika@example.com", "usage_context": "PROFESSIONAL"}).Want(201)
	x.Do("POST", person+"/phones", object{"type": "PERSONAL_MOBILE", "number": "+49 171 1234567", "usage_context": "PERSONAL"}).Want(201)
	x.Do("POST", person+"/tags", object{"name": "VIP"}).Want(201)
	x.Do("POST", person+"/professional-identities", object{"organization_contact": firm, "is_active": true, "job_title": "Head of Sales",
		"departments": []object{{"contact_id": firm, "department_id": sales}}}).Want(201)
	x.AddReadyImage(person, harness.JPEGOf(harness.Quarters(64, 64)))

	for version, picture := range map[string]string{"3.0": "PHOTO;", "4.0": "PHOTO:data:image/jpeg;base64,"} {
		a := x.Get(person+"/vcard?version="+version, "Accept", "text/vcard").Want(200)
		if got := a.Header.Get("Content-Type"); got != "text/vcard; charset=utf-8" {
			t.Errorf("Content-Type %q", got)
		}
		requireLines(t, string(a.Body), "BEGIN:VCARD\nVERSION:"+version, "FN:Erika Mustermann", "UID:crm-1", "erika@example.com", "Head of Sales",
			`:Acme\; Söhne;Sales`, "CATEGORIES:VIP", picture)
		again := x.Get(person+"/vcard?version="+version, "If-None-Match", a.Header.Get("ETag"))
		again.Want(304)
	}
	if a := x.Get(person + "/vcard").Want(200); !strings.Contains(string(a.Body), "VERSION:3.0") {
		t.Errorf("without a version: %s", a.Body)
	}
	_, encoded, _ := strings.Cut(unfolded(string(x.Get(person+"/vcard?version=4.0").Body)), "PHOTO:data:image/jpeg;base64,")
	encoded, _, _ = strings.Cut(encoded, "\n")
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if shown, _, err := image.DecodeConfig(strings.NewReader(string(data))); err != nil || shown.Width != 64 {
		t.Errorf("the picture in the card is %+v, %v", shown, err)
	}
}

func TestAContactWithoutExternalIDHasAUIDThatNamesIt(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm := x.Do("POST", "/organization", object{"name": "Acme"}).Want(201).Text("id")
	requireLines(t, string(x.Get("/organization/"+firm+"/vcard?version=4.0").Want(200).Body), "UID:urn:contacts:"+x.Org+":"+firm, "KIND:org", "FN:Acme")
}

func TestAVCardIsRefusedWhereItMakesNoSense(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.CreateIndividual("Erika")
	x.Get(person+"/vcard?version=2.1").Faults(400, "?version")
	x.Get(person + "/vcard?versio=3.0").Problem(400)
	x.Get("/individual/4/vcard").Problem(404)
	x.Get("/organization/" + harness.LastSegment(person) + "/vcard").Problem(404)
	x.Get(person+"/vcard", "Accept", "application/json").Problem(406)
}
