package functions

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// accessesDuring returns a sandbox's accesses to the table while do runs.
func accessesDuring(s *harness.Sandbox, do func()) []access {
	s.T.Helper()
	recorder := &accessRecorder{seen: map[access]bool{}}
	s.Transport.Inject(&harness.StoreFault{Matches: func(r *http.Request) bool {
		_, operation, ofTable := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if !ofTable {
			return false
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.T.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorder.record("", operation, body)
		return false
	}}, 0)
	do()
	s.Transport.Inject(nil, 0)
	return slices.Collect(maps.Keys(recorder.seen))
}

// All contacts of a kind are in one partition, which takes 1,000 units a second. Writes of parts use none of them: they check and count by the
// contact's guard.
func TestNoWriteOfAPartUsesThePartitionOfContacts(t *testing.T) {
	t.Parallel()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{Pictures: true})
	person, firm, other := s.CreateIndividual("Erika"), s.CreateOrganization("ACME"), s.CreateIndividual("Max")
	placeholder, list := s.NewPlaceholder("p"), s.NewList()
	identity := s.CreateIdentity(person, firm)
	for _, role := range []string{person, other} { // the account's number is taken by now
		s.Do("PUT", role+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", harness.LastSegment(role))).Want(200)
	}
	own := s.NewType("option_types", object{"names": harness.TypeNames("en", "Pager")})
	held := func(what string, do func()) {
		t.Helper()
		accesses := accessesDuring(s, do)
		guarded := false
		for _, a := range accesses {
			for pk := range strings.SplitSeq(a.keys, "\n") {
				if rest, ok := strings.CutPrefix(pk, "T#"+s.Org+"#"); ok && len(rest) == 1 && strings.Contains("IOP", rest) {
					t.Errorf("%s: %s in the list %s", what, a.action, pk)
				}
				guarded = guarded || strings.HasPrefix(pk, "T#"+s.Org+"#C#") && a.action == "UpdateItem" || a.action == "ConditionCheckItem"
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
		{person + "/addresses", harness.AddressSample}, {person + "/emails", harness.EmailSample}, {person + "/phones", harness.PhoneSample}, {person + "/web-addresses", harness.WebSample},
		{person + "/personal-relationships", object{"type": "SPOUSE", "individual_contact": harness.LastSegment(other)}},
		{identity + "/emails", harness.EmailSample}, {identity + "/phones", harness.PhoneSample}, {identity + "/addresses", harness.AddressSample}, {identity + "/web-addresses", harness.WebSample},
		{firm + "/departments", harness.DepartmentSample}, {firm + "/locations", harness.LocationSample}, {firm + "/memberships", object{"type": "CLUB", "name": "Rotary"}},
		{firm + "/addresses", harness.AddressSample}, {firm + "/emails", harness.EmailSample}, {firm + "/phones", harness.PhoneSample}, {firm + "/web-addresses", harness.WebSample},
	} {
		var made string
		held("POST "+part.collection, func() { made = s.Create(part.collection, part.body) })
		held("PUT "+made, func() { s.Do("PUT", made, part.body).Want(200) })
		held("DELETE "+made, func() { s.Do("DELETE", made, nil).Want(204) })
	}
	for _, owner := range []string{person, firm} {
		for role, body := range map[string]object{"customer": harness.With(harness.CustomerMinimal, "customer_id", harness.LastSegment(owner)), "supplier": harness.With(harness.SupplierMinimal, "supplier_id", harness.LastSegment(owner)),
			"alternative-payer": {"alternative_payer_id": harness.LastSegment(owner), "is_active": true, "since": "2025-03-25"}} {
			held("PUT of "+role, func() { s.Do("PUT", owner+"/roles/"+role, body).Want(200) })
		}
		var tag string
		held("a tag", func() { tag = s.Do("POST", owner+"/tags", object{"name": owner}).Want(201).Text("id") })
		held("no tag", func() { s.Do("DELETE", owner+"/tags/"+tag, nil).Want(204) })
	}
	for _, owner := range []string{person, firm, placeholder} {
		var image string
		held("a picture", func() { image = s.Create(owner+"/images", harness.ImageBody(harness.SmallPicture)) })
		held("no picture", func() { s.Do("DELETE", image, nil).Want(204) })
		held("an upload", func() { s.RequestUpload(owner, harness.UploadJPEG) })
	}
	var option string
	held("an option", func() { option = harness.OptionID(s.NewOptions(person, harness.OptionBody(own, 6, "erika77"))[0]) })
	held("a change of an option", func() { s.Rest("PUT", "/options/"+option, harness.OptionBody(own, 6, "erika78")).Want(200) })
	held("a change of options", func() { s.Rest("PUT", harness.OptionsPath(person), harness.OptionBody(own, 6, "erika79")).Want(200) })
	held("no option", func() { s.Rest("DELETE", "/options/"+option, nil).Want(200) })
	held("no options", func() { s.Rest("DELETE", harness.OptionsPath(person), nil).Want(200) })
	held("a customer in a list", func() {
		s.Do("POST", list+"/items", object{"items": []any{object{"id": harness.LastSegment(person)}}}).Want(200)
	})
}
