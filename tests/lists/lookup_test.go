package lists

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/pkg/contact"
	"contacts/tests/harness"
)

func TestALookupShowsIDKindAndName(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.Create("/individual", object{"name": "Erika", "external_id": "crm-1"})
	firm := x.Create("/organization", object{"name": "ACME", "external_id": "crm-1"})
	till := x.Create("/placeholder-customers", harness.With(harness.PlaceholderMinimal, "name", "Till", "external_id", "crm-1"))
	want := []object{
		{"id": harness.LastSegment(person), "kind": "INDIVIDUAL", "name": "Erika"},
		{"id": harness.LastSegment(firm), "kind": "ORGANIZATION", "name": "ACME"},
		{"id": harness.LastSegment(till), "kind": "PLACEHOLDER_CUSTOMER", "name": "Till"},
	}
	if got := x.Lookup("external_id", "crm-1").Items; !reflect.DeepEqual(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	for _, path := range []string{person, firm} {
		x.Create(path+"/emails", harness.EmailWithAddress("info@example.com"))
		x.Create(path+"/phones", harness.PhoneWithNumber("0221 5550123"))
		x.Do("POST", path+"/tags", object{"name": "VIP"}).Want(201)
	}
	for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "VIP"} {
		if got := x.Lookup(by, value).Items; !reflect.DeepEqual(got, want[:2]) {
			t.Errorf("%s: found %v, want %v", by, got, want[:2])
		}
	}
	// A change of the name shows immediately.
	x.Do("PUT", person, object{"name": "Mia", "external_id": "crm-1"}).Want(200)
	if got := x.Lookup("tag", "VIP").Texts("name"); !slices.Equal(got, []string{"Mia", "ACME"}) {
		t.Errorf("names %q", got)
	}
	x.FindsOnly("external_id", "CRM-1") // exactly
	x.FindsOnly("external_id", "crm-")
	if got := x.Do("HEAD", "/lookup?tag=VIP", nil).Want(200).Header.Get("ETag"); got == "" {
		t.Error("HEAD shows no ETag")
	}
}

func TestAnEmailIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.Create("/individual", object{"name": "Erika"})
	for _, a := range []string{"Erika.Mustermann+tag@Example.COM", `"Erika M"@example.com`, "a&b=c#d%41@example.com", "a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:DB8::2]"} {
		x.Create(path+"/emails", harness.EmailWithAddress(a))
		for _, spelling := range []string{a, strings.ToLower(a), strings.ToUpper(a)} {
			x.FindsOnly("email", spelling, path)
		}
		x.FindsOnly("email", a[1:])
		x.FindsOnly("email", " "+a)
	}
	longest := strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "xyz.ab"
	x.Create(path+"/emails", harness.EmailWithAddress(longest))
	x.FindsOnly("email", longest, path)
	for _, none := range []string{"@", "no mailbox", "ä@example.com", "*", "%"} {
		x.FindsOnly("email", none)
	}
}

func TestAPhoneIsFoundByAnySpellingOfItsRegion(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t) // its region is DE
	one, other := x.Create("/individual", object{"name": "Erika"}), x.Create("/organization", object{"name": "ACME"})
	x.Create(one+"/phones", harness.PhoneWithNumber("0221 / 555-0123"))
	x.Create(other+"/phones", harness.PhoneWithNumber("+49 (0) 221 5550123"))
	x.Create(other+"/phones", harness.PhoneWithNumber("001 650 253 3666"))
	for _, spelling := range []string{
		"+492215550123", "0049 221 5550123", "02215550123", "(0221) 555 01 23", "0221-555.0123", "tel:+49-221-5550123", "+49 0221 5550123",
		"\uff0b\uff14\uff19 221 5550123", "0221/5550123",
	} {
		x.FindsOnly("phone", spelling, one, other)
	}
	for _, spelling := range []string{"+1 650-253-3666", "+1 (650) CLEFOOO", "0016502533666"} {
		x.FindsOnly("phone", spelling, other)
	}
	// As contact apps copy it, and with surrounding blanks.
	for _, spelling := range []string{"\u202a+49 221 5550123\u202c", "\u200e0221 5550123\u200f", "\u2066(0221) 555-0123\u2069", " 0221 5550123", " 0049 221 5550123", " +492215550123 "} {
		x.FindsOnly("phone", spelling, one, other)
	}
	// A blank is no plus sign: the number is one of the region.
	x.FindsOnly("phone", " 1 650 2533666")
	x.FindsOnly("phone", " 49 221 5550123")
	// An unescaped plus sign is a plus sign.
	for _, query := range []string{"+492215550123", "+49%20221%205550123", "%2B492215550123"} {
		if got := x.Get("/lookup?phone=" + query).Page().Texts("id"); len(got) != 2 {
			t.Errorf("%s leads to %q", query, got)
		}
	}
	third := x.Create("/individual", object{"name": "Max"})
	x.Create(third+"/phones", harness.PhoneWithNumber("\u202a+49 221 5550199\u202c"))
	x.FindsOnly("phone", "+492215550199", third)
	for _, another := range []string{"5550123", "+43 221 5550123", "0222 5550123", "string", "0", "+"} {
		x.FindsOnly("phone", another)
	}
	// A number without an E.164 form is kept, and not found.
	x.Create(one+"/phones", harness.PhoneWithNumber("string"))
	x.Create(one+"/phones", harness.PhoneWithNumber("please ask"))
	x.FindsOnly("phone", "string")
	x.FindsOnly("phone", "please ask")
}

func TestALookupFindsChannelsOfContactsAndOfTheirIdentities(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.Create("/individual", object{"name": "Erika"}), x.Create("/organization", object{"name": "ACME"})
	identity := x.CreateIdentity(person, firm)
	second := x.CreateIdentity(person, firm)
	for owner, leadsTo := range map[string]string{person: person, firm: firm, identity: person} {
		for segment, c := range map[string]struct {
			by            string
			body          func(string) object
			before, after string
		}{
			"emails": {"email", harness.EmailWithAddress, "one@example.com", "two@example.com"},
			"phones": {"phone", harness.PhoneWithNumber, "0221 5550123", "0221 5550124"},
		} {
			item := x.Create(owner+"/"+segment, c.body(c.before))
			x.FindsOnly(c.by, c.before, leadsTo)
			x.Do("PUT", item, harness.With(c.body(c.before), "description", "new")).Want(200)
			x.FindsOnly(c.by, c.before, leadsTo)
			x.Do("PUT", item, c.body(c.after)).Want(200) // read-after-write, both ways
			x.FindsOnly(c.by, c.before)
			x.FindsOnly(c.by, c.after, leadsTo)
			// A second part with the same value: the contact is found once, until both are deleted.
			twin := x.Create(owner+"/"+segment, c.body(c.after))
			x.FindsOnly(c.by, c.after, leadsTo)
			x.Do("DELETE", item, nil).Want(204)
			x.FindsOnly(c.by, c.after, leadsTo)
			x.Do("PUT", twin, c.body(c.before)).Want(200)
			x.FindsOnly(c.by, c.after)
			x.Do("DELETE", twin, nil).Want(204)
			x.FindsOnly(c.by, c.before)
		}
	}
	// Several owners of one value. An identity's values go with it.
	x.Create(firm+"/emails", harness.EmailWithAddress("all@example.com"))
	x.Create(identity+"/emails", harness.EmailWithAddress("ALL@example.com"))
	x.Create(identity+"/phones", harness.PhoneWithNumber("0221 5550125"))
	x.Create(second+"/emails", harness.EmailWithAddress("all@example.com"))
	x.FindsOnly("email", "all@example.com", person, firm)
	x.Do("DELETE", identity, nil).Want(204)
	x.FindsOnly("email", "all@example.com", person, firm)
	x.FindsOnly("phone", "0221 5550125")
	x.Do("DELETE", second, nil).Want(204)
	x.FindsOnly("email", "all@example.com", firm)
}

func TestADeletedContactIsNotFound(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm := x.Create("/organization", object{"name": "ACME"})
	for _, kind := range harness.ContactKinds {
		stays := x.Create(kind, object{"name": "stays"})
		goes := x.Create(kind, object{"name": "goes", "external_id": "crm-1"})
		owners := []string{stays, goes}
		if kind == "/individual" {
			owners = append(owners, x.CreateIdentity(goes, firm))
		}
		for _, owner := range owners {
			x.Create(owner+"/emails", harness.EmailWithAddress("info@example.com"))
			x.Create(owner+"/phones", harness.PhoneWithNumber("0221 5550123"))
		}
		for _, owner := range owners[:2] {
			x.Do("POST", owner+"/tags", object{"name": "VIP"}).Want(201)
		}
		x.FindsOnly("external_id", "crm-1", goes)
		x.Do("DELETE", goes, nil).Want(204)
		x.FindsOnly("external_id", "crm-1")
		for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "vip"} {
			x.FindsOnly(by, value, stays)
		}
		x.Do("DELETE", stays, nil).Want(204)
		for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "vip"} {
			x.FindsOnly(by, value)
		}
	}
	till := x.Create("/placeholder-customers", harness.With(harness.PlaceholderMinimal, "external_id", "crm-1"))
	x.FindsOnly("external_id", "crm-1", till)
	x.Do("PUT", till, harness.With(harness.PlaceholderMinimal, "external_id", "crm-2")).Want(200)
	x.FindsOnly("external_id", "crm-1")
	x.Do("DELETE", till, nil).Want(204)
	x.FindsOnly("external_id", "crm-2")
}

func TestADamagedContactIsAProblemOfTheLookupAndShiftsNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	var ids []string
	for i := range 4 {
		path := x.Create("/individual", object{"name": fmt.Sprint(i), "external_id": fmt.Sprint("crm-", i)})
		x.AddTag(path, "VIP")
		ids = append(ids, harness.LastSegment(path))
	}
	harness.Damage(t, "T#"+x.Org+"#I", fmt.Sprintf("%016s", ids[1]), `{"name":`)
	for query, want := range map[string][]string{
		"?tag=vip": {ids[0], ids[2], ids[3]}, "?tag=vip&limit=2": ids[:1], "?tag=vip&limit=2&offset=1": ids[2:3], "?external_id=crm-1": {},
	} {
		a := x.Get("/lookup" + query)
		if p := a.Page(); !slices.Equal(p.Texts("id"), want) || len(p.Problems) != 1 || p.Problems[0]["on_resource"] != x.Path("/individual/"+ids[1]) {
			t.Errorf("%s: %s, want %q and a problem with %s", query, a.Body, want, ids[1])
		}
	}
	if got := x.Get(x.Next(x.Get("/lookup?tag=vip&limit=2"))).Page().Texts("id"); !slices.Equal(got, ids[2:]) {
		t.Errorf("after the cursor: %q, want %q", got, ids[2:])
	}
}

func TestALookupFindsExternalIDsAndTags(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	a, b := x.Create("/individual", object{"name": "a", "external_id": "1"}), x.Create("/individual", object{"name": "b"})
	x.Do("PUT", "/individual-id-mapping", harness.Mapping(b, "1", a, "2")).Want(200)
	x.FindsOnly("external_id", "1", b)
	x.FindsOnly("external_id", "2", a)
	x.Do("DELETE", harness.InternalPath(b), nil).Want(204)
	x.FindsOnly("external_id", "1")
	x.Do("PUT", a, object{"name": "a"}).Want(200)
	x.FindsOnly("external_id", "2")
	vip := x.AddTag(a, "Äußerst wichtig?")
	x.FindsOnly("tag", "ÄUßERST WICHTIG?", a)
	x.FindsOnly("tag", "a\u0308ußerst Wichtig?", a)
	x.AddTag(b, "äußerst wichtig?")
	x.FindsOnly("tag", "Äußerst wichtig?", a, b)
	x.Do("DELETE", a+"/tags/"+vip, nil).Want(204)
	x.FindsOnly("tag", "Äußerst wichtig?", b)
	x.FindsOnly("tag", "äußerst wichtig")
}

func TestALookupTakesExactlyOneParameter(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, query := range []string{
		"", "?", "?name=Erika", "?Email=a@b", "?limit=5", "?email=", "?phone=", "?external_id=", "?tag=", "?email", "?email=a@b&phone=110",
		"?email=a@b&tag=", "?external_id=a&tag=a", "?phone=110&external_id=a", "?email=a@b&phone=110&external_id=a&tag=a", "?email=a@b&email=a@b",
		"?tag=a&tag=b", "?tag=a%07b", "?tag=%00", "?tag=%FF", "?tag=%zz", "?email=" + strings.Repeat("x", 255),
		"?tag=" + strings.Repeat("x", 257), "?external_id=" + strings.Repeat("x", 257), "?phone=" + strings.Repeat("1", 1025),
		"?tag=a&limit=0", "?tag=a&limit=5001", "?tag=a&offset=-1", "?tag=a&offset=1&cursor=x", "?tag=a&cursor=x",
	} {
		x.Get("/lookup" + query).Problem(400)
	}
	x.Get("/lookup?tag=a&color=red").Faults(400, "?color")
	x.Do("POST", "/lookup?tag=a", object{}).Problem(405)
	x.Get("/lookup?tag=a", "Authorization", "Bearer x").Problem(403)
	x.Get("/lookup?tag=a", "Authorization", "Bearer "+harness.NewTenant(t).Token).Problem(403)
	x.Get("/lookup?tag=a", "Authorization", "Bearer "+x.Authorize("?scope=contacts:read")).Page()
}

func TestALookupFindsNothingOfAnotherTenant(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	for _, y := range []*harness.Tenant{x, other} {
		path := y.Create("/individual", object{"name": y.Org, "external_id": "crm-1"})
		y.Create(path+"/emails", harness.EmailWithAddress("info@example.com"))
		y.Create(path+"/phones", harness.PhoneWithNumber("0221 5550123"))
		y.AddTag(path, "VIP")
	}
	for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "VIP", "external_id": "crm-1"} {
		if got := x.Lookup(by, value).Texts("name"); !slices.Equal(got, []string{x.Org}) {
			t.Errorf("%s leads to %q", by, got)
		}
	}
	x.FindsOnly("tag", "VIP#"+other.Org)
}

func TestALookupHasPages(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	paths := make([]string, 31)
	for i := range paths {
		paths[i] = x.Create(harness.ContactKinds[i%2], object{"name": fmt.Sprint(i)})
	}
	// Two functions create the two kinds: within a millisecond, the order is that of the ids.
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(harness.LastSegment(a), harness.LastSegment(b)) })
	for i := range paths { // marked from the last to the first: the order is that of the contacts
		path := paths[len(paths)-1-i]
		x.AddTag(path, "VIP")
		for range 2 {
			x.Create(path+"/phones", harness.PhoneWithNumber("0221 5550123"))
		}
		x.Create(path+"/phones", harness.PhoneWithNumber("+49 221 5550123"))
	}
	var living, ids []string // 25 of them
	for i, path := range paths {
		if i%6 == 1 || i == 30 {
			x.Do("DELETE", path, nil).Want(204)
		} else {
			living, ids = append(living, path), append(ids, harness.LastSegment(path))
		}
	}
	for by, value := range map[string]string{"tag": "vip", "phone": "0221/5550123"} {
		x.FindsOnly(by, value, living...)
		base := "/lookup?" + url.Values{by: {value}}.Encode()
		for _, c := range []struct{ limit, offset, from, to int }{
			{25, 0, 0, 25}, {24, 0, 0, 24}, {1, 0, 0, 1}, {10, 0, 0, 10}, {10, 10, 10, 20}, {10, 20, 20, 25}, {5, 20, 20, 25}, {1, 24, 24, 25},
			{10, 25, 25, 25}, {10, 26, 25, 25}, {5000, 7, 7, 25}, {1, 2147483647, 25, 25}, {5000, 9223372036854775807, 25, 25},
		} {
			a := x.Get(fmt.Sprintf("%s&limit=%d&offset=%d", base, c.limit, c.offset))
			if got := a.Page().Texts("id"); !slices.Equal(got, ids[c.from:c.to]) {
				t.Errorf("%s: %q, want %q", a.What, got, ids[c.from:c.to])
			}
			if more := c.to < 25; more != (x.Next(a) != "") {
				t.Errorf("%s: Link %q", a.What, a.Header.Get("Link"))
			}
		}
		for _, limit := range []int{1, 4, 5, 24} {
			var seen []string
			for path, n := fmt.Sprintf("%s&limit=%d", base, limit), 0; path != "" && n < 30; n++ {
				a := x.Get(path)
				if got := len(a.Page().Items); got > limit || got == 0 {
					t.Errorf("%s: %d items", path, got)
				}
				seen = append(seen, a.Page().Texts("id")...)
				path = x.Next(a)
			}
			if !slices.Equal(seen, ids) {
				t.Errorf("by %d: %q, want %q", limit, seen, ids)
			}
		}
	}
	same := "/lookup?external_id=crm-1"
	for _, kind := range harness.ContactKinds {
		x.Create(kind, object{"name": "Erika", "external_id": "crm-1"})
	}
	first := x.Get(same + "&limit=1")
	second := x.Get(x.Next(first))
	kinds := append(first.Page().Texts("kind"), second.Page().Texts("kind")...)
	if want := []string{"INDIVIDUAL", "ORGANIZATION"}; !slices.Equal(kinds, want) || x.Next(second) != "" {
		t.Errorf("by external id: %q, want %q", kinds, want)
	}
	if got := x.Get(same + "&offset=1").Page().Texts("kind"); !slices.Equal(got, []string{"ORGANIZATION"}) {
		t.Errorf("from the second: %q", got)
	}
	// A cursor belongs to its query.
	cursor, err := url.Parse(x.Next(x.Get("/lookup?tag=vip&limit=1")))
	if err != nil {
		t.Fatal(err)
	}
	at := "&cursor=" + url.QueryEscape(cursor.Query().Get("cursor"))
	x.Get("/lookup?tag=vip" + at).Page()
	for _, other := range []string{"/lookup?tag=vib" + at, "/lookup?phone=vip" + at, "/individual?deleted=false" + at} {
		x.Get(other).Faults(400, "?cursor")
	}
}

func TestALookupsPagesNeitherSkipNorRepeatDuringWrites(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	var ids []string
	for range 12 {
		path := x.Create("/individual", object{"name": "Erika"})
		x.AddTag(path, "VIP")
		ids = append(ids, harness.LastSegment(path))
	}
	var seen []string
	for path, n := "/lookup?tag=VIP&limit=5", 0; path != "" && n < 20; n++ {
		a := x.Get(path)
		seen = append(seen, a.Page().Texts("id")...)
		path = x.Next(a)
		if n < 2 { // between the pages: a new one, a change, and a deletion of one that was shown
			x.AddTag(x.Create("/organization", object{"name": "new"}), "VIP")
			x.Do("PUT", "/individual/"+ids[11], object{"name": "changed"}).Want(200)
			x.Do("DELETE", "/individual/"+ids[n], nil).Want(204)
		}
	}
	if len(seen) != 14 || !slices.Equal(seen[:12], ids) {
		t.Errorf("seen %q, want first %q", seen, ids)
	}
}

// Each kind is created by a function of its own. Later ones have greater ids.
func TestIDsOfAllKindsAreInTheOrderOfCreation(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	last := contact.ID(0)
	for i := range 100 {
		for _, path := range []string{
			x.Create("/individual", object{"name": "a"}), x.Create("/organization", object{"name": "a"}),
			x.NewPlaceholder(fmt.Sprint(i)), x.NewList(),
		} {
			id, err := contact.ParseID(harness.LastSegment(path))
			if err != nil || id <= last {
				t.Errorf("%s was created after %s: %v", path, last, err)
			}
			last = id
		}
	}
}

// In the query of a lookup a plus sign is a plus sign, and a blank is %20.
func TestAPlusSignInALookupIsAPlusSign(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	plus := x.Create("/individual", object{"name": "a+b", "external_id": "a+b"})
	blank := x.Create("/individual", object{"name": "a b", "external_id": "a b"})
	x.Create(plus+"/emails", harness.EmailWithAddress("a+b@example.com"))
	x.AddTag(plus, "a+b")
	x.AddTag(blank, "a b")
	for query, want := range map[string]string{
		"email=a+b@example.com": plus, "email=a%2Bb@example.com": plus, "external_id=a+b": plus, "external_id=a%2Bb": plus,
		"external_id=a%20b": blank, "tag=a+b": plus, "tag=a%20b": blank,
	} {
		if got := x.Get("/lookup?" + query).Page().Texts("id"); !slices.Equal(got, []string{harness.LastSegment(want)}) {
			t.Errorf("%s finds %q, want %s", query, got, harness.LastSegment(want))
		}
	}
	// The next page has the same query.
	x.AddTag(plus, "a b")
	next := x.Next(x.Get("/lookup?tag=a%20b&limit=1"))
	if got := x.Get(next).Page().Texts("id"); len(got) != 1 {
		t.Errorf("%s shows %q", next, got)
	}
}
