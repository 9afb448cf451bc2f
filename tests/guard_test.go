package tests

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// touched are the accesses to table that a stage's requests make while do runs.
func (s *stage) touched(do func()) []access {
	s.t.Helper()
	officer := &customs{seen: map[access]bool{}}
	s.wire.arm(&accident{befalls: func(r *http.Request) bool {
		_, operation, ofTable := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if !ofTable {
			return false
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		officer.note("", operation, body)
		return false
	}}, 0)
	do()
	s.wire.arm(nil, 0)
	return slices.Collect(maps.Keys(officer.seen))
}

// All contacts of a kind lie in one partition, which takes 1,000 units a second. No write of a part asks anything of it: what such a write
// checks and counts is the contact's guard.
func TestNoWriteOfAPartTouchesTheListOfContacts(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTenant(t), stageOptions{pictures: true})
	person, firm, other := s.individual("Erika"), s.firm("ACME"), s.individual("Max")
	placeholder, list := s.newPlaceholder("p"), s.newList()
	identity := s.identity(person, firm)
	for _, role := range []string{person, other} { // the account's number is taken by now
		s.do("PUT", role+"/roles/customer", with(customerMinimal, "customer_id", tail(role))).want(200)
	}
	own := s.newType("option_types", object{"names": names("en", "Pager")})
	held := func(what string, do func()) {
		t.Helper()
		accesses := s.touched(do)
		guarded := false
		for _, a := range accesses {
			for pk := range strings.SplitSeq(a.keys, "\n") {
				if rest, ok := strings.CutPrefix(pk, "T#"+s.org+"#"); ok && len(rest) == 1 && strings.Contains("IOP", rest) {
					t.Errorf("%s: %s in the list %s", what, a.action, pk)
				}
				guarded = guarded || strings.HasPrefix(pk, "T#"+s.org+"#C#") && a.action == "UpdateItem" || a.action == "ConditionCheckItem"
			}
		}
		if !guarded {
			t.Errorf("%s: no guard is seen among %v: the test says nothing", what, accesses)
		}
	}
	for _, part := range []struct {
		collection string
		body       object
	}{
		{person + "/addresses", addressSample}, {person + "/emails", emailSample}, {person + "/phones", phoneSample}, {person + "/web-addresses", webSample},
		{person + "/personal-relationships", object{"type": "SPOUSE", "individual_contact": tail(other)}},
		{identity + "/emails", emailSample}, {identity + "/phones", phoneSample}, {identity + "/addresses", addressSample}, {identity + "/web-addresses", webSample},
		{firm + "/departments", departmentSample}, {firm + "/locations", locationSample}, {firm + "/memberships", object{"type": "CLUB", "name": "Rotary"}},
		{firm + "/addresses", addressSample}, {firm + "/emails", emailSample}, {firm + "/phones", phoneSample}, {firm + "/web-addresses", webSample},
	} {
		var made string
		held("POST "+part.collection, func() { made = s.create(part.collection, part.body) })
		held("PUT "+made, func() { s.do("PUT", made, part.body).want(200) })
		held("DELETE "+made, func() { s.do("DELETE", made, nil).want(204) })
	}
	for _, owner := range []string{person, firm} {
		for role, body := range map[string]object{"customer": with(customerMinimal, "customer_id", tail(owner)), "supplier": with(supplierMinimal, "supplier_id", tail(owner)),
			"alternative-payer": {"alternative_payer_id": tail(owner), "is_active": true, "since": "2025-03-25"}} {
			held("PUT of "+role, func() { s.do("PUT", owner+"/roles/"+role, body).want(200) })
		}
		var tag string
		held("a tag", func() { tag = s.do("POST", owner+"/tags", object{"name": owner}).want(201).text("id") })
		held("no tag", func() { s.do("DELETE", owner+"/tags/"+tag, nil).want(204) })
	}
	for _, owner := range []string{person, firm, placeholder} {
		var image string
		held("a picture", func() { image = s.create(owner+"/images", dataOf(studioPicture)) })
		held("no picture", func() { s.do("DELETE", image, nil).want(204) })
		held("an upload", func() { s.form(owner, uploadJPEG) })
	}
	var option string
	held("an option", func() { option = idOf(s.newOptions(person, anOption(own, 6, "erika77"))[0]) })
	held("a change of an option", func() { s.rest("PUT", "/options/"+option, anOption(own, 6, "erika78")).want(200) })
	held("a change of options", func() { s.rest("PUT", optionsOf(person), anOption(own, 6, "erika79")).want(200) })
	held("no option", func() { s.rest("DELETE", "/options/"+option, nil).want(200) })
	held("no options", func() { s.rest("DELETE", optionsOf(person), nil).want(200) })
	held("a customer in a list", func() {
		s.do("POST", list+"/items", object{"items": []any{object{"id": tail(person)}}}).want(200)
	})
}
