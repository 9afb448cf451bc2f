package plentymarkets

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// eachTypeList runs a test for types and for sub-types.
func eachTypeList(t *testing.T, test func(t *testing.T, x *harness.Tenant, list string)) {
	for _, list := range harness.TypeLists {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			test(t, harness.NewTenant(t), list)
		})
	}
}

func TestEveryTenantHasTheDefaultTypes(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for list, want := range map[string]string{
		"option_types": `1 Telephone Telefon, 2 Email E-Mail, 3 Telefax Telefax, 4 Web page Webseite, 5 Marketplace Marktplatz,
			6 Identification number Identifikationsnummer, 7 Payment Zahlung, 8 User name Benutzername, 9 Group Gruppe, 10 Access Zugang, 11 Additional Zusätzlich, 13 Converted by Konvertiert durch`,
		"option_sub_types": `1 Work Arbeit, 2 Mobile private Mobil privat, 3 Mobile work Mobil geschäftlich, 4 Private Privat,
			5 PayPal PayPal, 6 Ebay eBay, 7 Amazon Amazon, 8 Klarna Klarna, 9 DHL DHL, 10 Forum Forum, 11 Guest Gast, 12 Contact person Ansprechpartner,
			13 Marketplace partner Marktplatz-Partner, 15 User Benutzer`,
	} {
		all := x.Rest("GET", "/"+list, nil).Want(200).Array()
		shown := []string{}
		for i, d := range all {
			en, de := d["names"].([]any)[0].(object), d["names"].([]any)[1].(object)
			shown = append(shown, fmt.Sprintf("%s %s %s", harness.OptionID(d), en["name"], de["name"]))
			if en["lang"] != "en" || de["lang"] != "de" || d["nonErasable"] != 1.0 || d["position"] != float64(i+1) || len(d) != 4 {
				t.Errorf("%s: %v", list, d)
			}
			item := "/" + list + "/" + harness.OptionID(d)
			if got := x.Rest("GET", item, nil).Want(200).Object(); !reflect.DeepEqual(got, d) {
				t.Errorf("%v is listed as %v", got, d)
			}
			x.Rest("PUT", item, d).Envelope(422, "request")
			x.Rest("DELETE", item, nil).Envelope(422, "request")
		}
		if got := strings.Join(shown, ", "); got != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%s are %s", list, got)
		}
	}
}

func TestATenantsOwnTypesFollowTheDefaultOnes(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *harness.Tenant, list string) {
		defaults := len(x.Rest("GET", "/"+list, nil).Want(200).Array())
		body := object{"names": harness.TypeNames("en", "Pager", "de", "Piepser"), "nonErasable": 0.0}
		made := x.Rest("POST", "/"+list, body).Want(200)
		shown := made.Object()
		id, item := harness.OptionID(shown), "/"+list+"/"+harness.OptionID(shown)
		if want := harness.With(body, "id", shown["id"], "position", float64(defaults+1)); !reflect.DeepEqual(shown, want) {
			t.Errorf("made %v, want %v", shown, want)
		}
		read := x.Rest("GET", item, nil).Want(200)
		if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
			t.Errorf("GET %s, POST %s", read.Body, made.Body)
		}
		second := x.NewType(list, object{"names": harness.TypeNames("en", "Behind")})
		first := x.NewType(list, object{"names": harness.TypeNames("en", "Before all"), "position": 0})
		between := x.NewType(list, object{"names": harness.TypeNames("en", "Between"), "position": 3})
		order := func() (ids []string) {
			for _, o := range x.Rest("GET", "/"+list, nil).Want(200).Array() {
				ids = append(ids, harness.OptionID(o))
			}
			return ids
		}
		want := []string{first.String(), "1", "2", "3", between.String(), "4"}
		if got := order(); len(got) != defaults+4 || !slices.Equal(got[:6], want) || !slices.Equal(got[defaults+2:], []string{id, second.String()}) {
			t.Errorf("in the order %q, want %q first", got, want)
		}
		if back := x.Rest("PUT", item, read.Body).Want(200); string(back.Body) != string(read.Body) {
			t.Errorf("%s, sent back, became %s", read.Body, back.Body)
		}
		replaced := x.Rest("PUT", item, object{"names": harness.TypeNames("fr", "Bip")}).Want(200).Object() // the position stays
		if want := harness.With(shown, "names", harness.TypeNames("fr", "Bip")); !reflect.DeepEqual(replaced, want) {
			t.Errorf("replaced %v, want %v", replaced, want)
		}
		x.Rest("PUT", item, object{"names": harness.TypeNames("fr", "Bip"), "position": 2147483647, "nonErasable": true}).Want(200)
		last := x.Rest("POST", "/"+list, object{"names": harness.TypeNames("en", "Last")}).Want(200).Object()
		x.Rest("PUT", "/"+list+"/"+harness.OptionID(last), last).Want(200) // it can be sent back, even at the largest position
		x.Rest("DELETE", item, nil).Envelope(422, "request")               // not erasable
		x.Rest("PUT", item, object{"names": harness.TypeNames("fr", "Bip")}).Want(200)
		x.Rest("DELETE", item, nil).Want(200)
		x.Rest("GET", item, nil).Envelope(404)
		x.Rest("PUT", item, body).Envelope(404)
		x.Rest("DELETE", item, nil).Envelope(404)
		if got := order(); slices.Contains(got, id) {
			t.Errorf("after its deletion: %q", got)
		}
	})
}

func TestFieldsOfATypeAreReadStrictly(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *harness.Tenant, list string) {
		good := object{"names": harness.TypeNames("en", "Pager")}
		item := "/" + list + "/" + x.NewType(list, good).String()
		many := []string{}
		for i := range 51 {
			many = append(many, string([]rune{'a' + rune(i/26), 'a' + rune(i%26)}), "Pager")
		}
		x.NewType(list, object{"names": harness.TypeNames(many[:100]...)})
		for _, c := range []struct {
			body   object
			faults []string
		}{
			{object{}, []string{"names"}},
			{object{"names": []any{}}, []string{"names"}},
			{object{"names": "Pager"}, []string{"names"}},
			{object{"names": harness.TypeNames(many...)}, []string{"names"}},
			{object{"names": harness.TypeNames("en", "Pager", "de", "Piepser", "en", "Beeper")}, []string{"names"}},
			{object{"names": harness.TypeNames("EN", "Pager", "deu", " ", "d", "")}, []string{"names.0.lang", "names.1.lang", "names.1.name", "names.2.lang", "names.2.name"}},
			{object{"names": []any{object{"lang": "en", "name": strings.Repeat("ä", 257)}, object{"lang": "de", "title": "x"}}},
				[]string{"names.0.name", "names.1.name", "names.1.title"}},
			{harness.With(good, "position", -1), []string{"position"}},
			{harness.With(good, "position", 2147483648), []string{"position"}},
			{harness.With(good, "position", "one"), []string{"position"}},
			{harness.With(good, "nonErasable", "no"), []string{"nonErasable"}},
			{harness.With(good, "name", "Pager"), []string{"name"}},
		} {
			x.Rest("POST", "/"+list, c.body).Envelope(422, c.faults...)
			x.Rest("PUT", item, c.body).Envelope(422, c.faults...)
		}
		x.Rest("POST", "/"+list, []object{good}).Envelope(422, "request")
		x.Rest("POST", "/"+list, `{"names":[}`).Envelope(400)
		x.Rest("PUT", item, harness.With(good, "id", "not looked at")).Want(200)
	})
}

func TestTypesAreTheTenantsOwn(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *harness.Tenant, list string) {
		other := harness.NewTenant(t)
		body := object{"names": harness.TypeNames("en", "Pager")}
		theirs := other.NewType(list, body)
		item := "/" + list + "/" + theirs.String()
		x.Rest("GET", item, nil).Envelope(404)
		x.Rest("PUT", item, body).Envelope(404)
		x.Rest("DELETE", item, nil).Envelope(404)
		field, o := "typeId", harness.OptionBody(theirs, 1, "a")
		if list == "option_sub_types" {
			field, o = "subTypeId", harness.OptionBody(5, theirs, "a")
		}
		erika := x.CreateIndividual("Erika")
		x.Rest("POST", harness.OptionsPath(erika), o).Envelope(422, field)
		x.Rest("GET", fmt.Sprintf("%s/validate?typeId=%s&subTypeId=%s&value=a", harness.OptionsPath(erika), o["typeId"], o["subTypeId"]), nil).Want(422)
		for _, id := range []string{"abc", "0", "14", "9007199254740992", harness.LastSegment(erika)} {
			x.Rest("GET", "/"+list+"/"+id, nil).Want(404)
		}
		// Types and sub-types have separate ids.
		wrong := harness.TypeLists[1-slices.Index(harness.TypeLists, list)]
		other.Rest("GET", "/"+wrong+"/"+theirs.String(), nil).Envelope(404)
		if list == "option_types" {
			other.Rest("POST", harness.OptionsPath(other.CreateIndividual("Max")), harness.OptionBody(5, theirs, "a")).Envelope(422, "subTypeId")
		}
	})
}

func TestATypeInUseCannotBeDeleted(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *harness.Tenant, list string) {
		own := x.NewType(list, object{"names": harness.TypeNames("en", "Own")})
		item := "/" + list + "/" + own.String()
		// of returns an option that uses the type.
		alone, channel := harness.OptionBody(own, 6, "erika"), object(nil)
		if list == "option_sub_types" {
			alone, channel = harness.OptionBody(5, own, "erika"), harness.OptionBody(1, own, "030 1")
		}
		used := func(by object) {
			t.Helper()
			if got := x.Rest("DELETE", item, nil).Envelope(422, "request")["request"]; !strings.Contains(strings.Join(got, " "), harness.OptionID(by)) {
				t.Errorf("refused as %q, want %s named", got, harness.OptionID(by))
			}
			x.Rest("GET", item, nil).Want(200)
		}
		erika, max := x.CreateIndividual("Erika"), x.CreateIndividual("Max")
		first, second := x.NewOptions(erika, alone)[0], x.NewOptions(max, alone)[0]
		used(first)
		x.Rest("PUT", item, object{"names": harness.TypeNames("en", "Renamed")}).Want(200)
		x.Rest("DELETE", harness.OptionPath(first), nil).Want(200)
		used(second)
		x.Rest("PUT", harness.OptionPath(second), harness.OptionBody(5, 6, "max")).Want(200) // it has another pair
		if channel != nil {
			phone := x.NewOptions(erika, channel)[0]
			used(phone)
			path := erika + "/phones/" + harness.OptionID(phone)
			x.Do("PUT", path, harness.With(harness.PhoneSample, "number", "030 2")).Want(200) // not qualified, as before
			used(phone)
			x.Do("PUT", path, harness.With(harness.PhoneSample, "type", "MOBILE")).Want(200) // it shows the pair no more, but would again
			used(phone)
			x.Rest("PUT", harness.OptionPath(phone), harness.OptionBody(2, own, "a@b")).Want(200)
			used(phone)
			x.Do("DELETE", erika+"/emails/"+harness.OptionID(phone), nil).Want(204)
		}
		x.NewOptions(erika, alone)
		x.Rest("DELETE", harness.OptionsPath(erika), nil).Want(200)
		x.NewOptions(max, alone)
		x.Do("DELETE", max, nil).Want(204)
		x.Rest("DELETE", item, nil).Want(200)
		x.Rest("POST", harness.OptionsPath(erika), alone).Envelope(422, map[string]string{"option_types": "typeId", "option_sub_types": "subTypeId"}[list])
	})
}
