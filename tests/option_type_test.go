package tests

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// jsonNumber is an id as this dialect sends it.
func jsonNumber(id string) json.Number { return json.Number(id) }

// names are those of an option type: languages and names in turns.
func names(namesOf ...string) []any {
	all := []any{}
	for i := 0; i < len(namesOf); i += 2 {
		all = append(all, object{"lang": namesOf[i], "name": namesOf[i+1]})
	}
	return all
}

// newType adds a type or sub-type of options and returns its id.
func (x *tenant) newType(list string, body object) json.Number {
	x.t.Helper()
	return jsonNumber(idOf(x.rest("POST", "/"+list, body).want(200).object()))
}

var typeLists = []string{"option_types", "option_sub_types"}

// eachTypeList tests types, and sub-types, which keep to the same promises.
func eachTypeList(t *testing.T, test func(t *testing.T, x *tenant, list string)) {
	for _, list := range typeLists {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			test(t, newTenant(t), list)
		})
	}
}

func TestEveryTenantHasTheDefaultTypes(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for list, want := range map[string]string{
		"option_types": `1 Telephone Telefon, 2 Email E-Mail, 3 Telefax Telefax, 4 Web page Webseite, 5 Marketplace Marktplatz,
			6 Identification number Identifikationsnummer, 7 Payment Zahlung, 8 User name Benutzername, 9 Group Gruppe, 10 Access Zugang, 11 Additional Zusätzlich, 13 Converted by Konvertiert durch`,
		"option_sub_types": `1 Work Arbeit, 2 Mobile private Mobil privat, 3 Mobile work Mobil geschäftlich, 4 Private Privat,
			5 PayPal PayPal, 6 Ebay eBay, 7 Amazon Amazon, 8 Klarna Klarna, 9 DHL DHL, 10 Forum Forum, 11 Guest Gast, 12 Contact person Ansprechpartner,
			13 Marketplace partner Marktplatz-Partner, 15 User Benutzer`,
	} {
		all := x.rest("GET", "/"+list, nil).want(200).array()
		shown := []string{}
		for i, d := range all {
			en, de := d["names"].([]any)[0].(object), d["names"].([]any)[1].(object)
			shown = append(shown, fmt.Sprintf("%s %s %s", idOf(d), en["name"], de["name"]))
			if en["lang"] != "en" || de["lang"] != "de" || d["nonErasable"] != 1.0 || d["position"] != float64(i+1) || len(d) != 4 {
				t.Errorf("%s: %v", list, d)
			}
			item := "/" + list + "/" + idOf(d)
			if got := x.rest("GET", item, nil).want(200).object(); !reflect.DeepEqual(got, d) {
				t.Errorf("%v is listed as %v", got, d)
			}
			x.rest("PUT", item, d).envelope(422, "request")
			x.rest("DELETE", item, nil).envelope(422, "request")
		}
		if got := strings.Join(shown, ", "); got != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%s are %s", list, got)
		}
	}
}

func TestATenantAddsTypesOfItsOwnBehindTheDefaultOnes(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *tenant, list string) {
		defaults := len(x.rest("GET", "/"+list, nil).want(200).array())
		body := object{"names": names("en", "Pager", "de", "Piepser"), "nonErasable": 0.0}
		made := x.rest("POST", "/"+list, body).want(200)
		shown := made.object()
		id, item := idOf(shown), "/"+list+"/"+idOf(shown)
		if want := with(body, "id", shown["id"], "position", float64(defaults+1)); !reflect.DeepEqual(shown, want) {
			t.Errorf("made %v, want %v", shown, want)
		}
		read := x.rest("GET", item, nil).want(200)
		if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
			t.Errorf("GET %s, POST %s", read.body, made.body)
		}
		second := x.newType(list, object{"names": names("en", "Behind")})
		first := x.newType(list, object{"names": names("en", "Before all"), "position": 0})
		between := x.newType(list, object{"names": names("en", "Between"), "position": 3})
		order := func() (ids []string) {
			for _, o := range x.rest("GET", "/"+list, nil).want(200).array() {
				ids = append(ids, idOf(o))
			}
			return ids
		}
		want := []string{first.String(), "1", "2", "3", between.String(), "4"}
		if got := order(); len(got) != defaults+4 || !slices.Equal(got[:6], want) || !slices.Equal(got[defaults+2:], []string{id, second.String()}) {
			t.Errorf("in the order %q, want %q first", got, want)
		}
		if back := x.rest("PUT", item, read.body).want(200); string(back.body) != string(read.body) {
			t.Errorf("%s, sent back, became %s", read.body, back.body)
		}
		replaced := x.rest("PUT", item, object{"names": names("fr", "Bip")}).want(200).object() // the position stays
		if want := with(shown, "names", names("fr", "Bip")); !reflect.DeepEqual(replaced, want) {
			t.Errorf("replaced %v, want %v", replaced, want)
		}
		x.rest("PUT", item, object{"names": names("fr", "Bip"), "position": 2147483647, "nonErasable": true}).want(200)
		last := x.rest("POST", "/"+list, object{"names": names("en", "Last")}).want(200).object()
		x.rest("PUT", "/"+list+"/"+idOf(last), last).want(200) // it can be sent back, though nothing is behind the largest position
		x.rest("DELETE", item, nil).envelope(422, "request")   // not erasable
		x.rest("PUT", item, object{"names": names("fr", "Bip")}).want(200)
		x.rest("DELETE", item, nil).want(200)
		x.rest("GET", item, nil).envelope(404)
		x.rest("PUT", item, body).envelope(404)
		x.rest("DELETE", item, nil).envelope(404)
		if got := order(); slices.Contains(got, id) {
			t.Errorf("after its deletion: %q", got)
		}
	})
}

func TestFieldsOfATypeAreReadStrictly(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *tenant, list string) {
		good := object{"names": names("en", "Pager")}
		item := "/" + list + "/" + x.newType(list, good).String()
		many := []string{}
		for i := range 51 {
			many = append(many, string([]rune{'a' + rune(i/26), 'a' + rune(i%26)}), "Pager")
		}
		x.newType(list, object{"names": names(many[:100]...)})
		for _, c := range []struct {
			body   object
			faults []string
		}{
			{object{}, []string{"names"}},
			{object{"names": []any{}}, []string{"names"}},
			{object{"names": "Pager"}, []string{"names"}},
			{object{"names": names(many...)}, []string{"names"}},
			{object{"names": names("en", "Pager", "de", "Piepser", "en", "Beeper")}, []string{"names"}},
			{object{"names": names("EN", "Pager", "deu", " ", "d", "")}, []string{"names.0.lang", "names.1.lang", "names.1.name", "names.2.lang", "names.2.name"}},
			{object{"names": []any{object{"lang": "en", "name": strings.Repeat("ä", 257)}, object{"lang": "de", "title": "x"}}},
				[]string{"names.0.name", "names.1.name", "names.1.title"}},
			{with(good, "position", -1), []string{"position"}},
			{with(good, "position", 2147483648), []string{"position"}},
			{with(good, "position", "one"), []string{"position"}},
			{with(good, "nonErasable", "no"), []string{"nonErasable"}},
			{with(good, "name", "Pager"), []string{"name"}},
		} {
			x.rest("POST", "/"+list, c.body).envelope(422, c.faults...)
			x.rest("PUT", item, c.body).envelope(422, c.faults...)
		}
		x.rest("POST", "/"+list, []object{good}).envelope(422, "request")
		x.rest("POST", "/"+list, `{"names":[}`).envelope(400)
		x.rest("PUT", item, with(good, "id", "not looked at")).want(200)
	})
}

func TestTypesAreTheTenantsOwn(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *tenant, list string) {
		other := newTenant(t)
		body := object{"names": names("en", "Pager")}
		theirs := other.newType(list, body)
		item := "/" + list + "/" + theirs.String()
		x.rest("GET", item, nil).envelope(404)
		x.rest("PUT", item, body).envelope(404)
		x.rest("DELETE", item, nil).envelope(404)
		field, o := "typeId", anOption(theirs, 1, "a")
		if list == "option_sub_types" {
			field, o = "subTypeId", anOption(5, theirs, "a")
		}
		erika := x.individual("Erika")
		x.rest("POST", optionsOf(erika), o).envelope(422, field)
		x.rest("GET", fmt.Sprintf("%s/validate?typeId=%s&subTypeId=%s&value=a", optionsOf(erika), o["typeId"], o["subTypeId"]), nil).want(422)
		for _, id := range []string{"abc", "0", "14", "9007199254740992", tail(erika)} {
			x.rest("GET", "/"+list+"/"+id, nil).want(404)
		}
		// A type and a sub-type are not each other's.
		wrong := typeLists[1-slices.Index(typeLists, list)]
		other.rest("GET", "/"+wrong+"/"+theirs.String(), nil).envelope(404)
		if list == "option_types" {
			other.rest("POST", optionsOf(other.individual("Max")), anOption(5, theirs, "a")).envelope(422, "subTypeId")
		}
	})
}

func TestATypeInUseCannotBeDeleted(t *testing.T) {
	t.Parallel()
	eachTypeList(t, func(t *testing.T, x *tenant, list string) {
		own := x.newType(list, object{"names": names("en", "Own")})
		item := "/" + list + "/" + own.String()
		// of is an option that uses it: one alone, or with a channel behind it where that can't say so.
		alone, channel := anOption(own, 6, "erika"), object(nil)
		if list == "option_sub_types" {
			alone, channel = anOption(5, own, "erika"), anOption(1, own, "030 1")
		}
		used := func(by object) {
			t.Helper()
			if got := x.rest("DELETE", item, nil).envelope(422, "request")["request"]; !strings.Contains(strings.Join(got, " "), idOf(by)) {
				t.Errorf("refused as %q, want %s named", got, idOf(by))
			}
			x.rest("GET", item, nil).want(200)
		}
		erika, max := x.individual("Erika"), x.individual("Max")
		first, second := x.newOptions(erika, alone)[0], x.newOptions(max, alone)[0]
		used(first)
		x.rest("PUT", item, object{"names": names("en", "Renamed")}).want(200)
		x.rest("DELETE", optionAt(first), nil).want(200)
		used(second)
		x.rest("PUT", optionAt(second), anOption(5, 6, "max")).want(200) // it has another pair
		if channel != nil {
			phone := x.newOptions(erika, channel)[0]
			used(phone)
			path := erika + "/phones/" + idOf(phone)
			x.do("PUT", path, with(phoneSample, "number", "030 2")).want(200) // not qualified, as before
			used(phone)
			x.do("PUT", path, with(phoneSample, "type", "MOBILE")).want(200) // it shows the pair no more, but would again
			used(phone)
			x.rest("PUT", optionAt(phone), anOption(2, own, "a@b")).want(200)
			used(phone)
			x.do("DELETE", erika+"/emails/"+idOf(phone), nil).want(204)
		}
		x.newOptions(erika, alone)
		x.rest("DELETE", optionsOf(erika), nil).want(200)
		x.newOptions(max, alone)
		x.do("DELETE", max, nil).want(204)
		x.rest("DELETE", item, nil).want(200)
		x.rest("POST", optionsOf(erika), alone).envelope(422, map[string]string{"option_types": "typeId", "option_sub_types": "subTypeId"}[list])
	})
}
