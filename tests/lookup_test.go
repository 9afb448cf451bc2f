package tests

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/pkg/contact"
)

// found asks the look-up by one parameter.
func (x *tenant) found(by, value string) page {
	x.t.Helper()
	return x.get("/lookup?" + by + "=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")).page()
}

// leads holds that the look-up by one parameter leads to these contacts, in the order of their creation.
func (x *tenant) leads(by, value string, paths ...string) {
	x.t.Helper()
	ids := []string{}
	for _, path := range paths {
		ids = append(ids, tail(path))
	}
	if p := x.found(by, value); !slices.Equal(p.texts("id"), ids) || len(p.Problems) != 0 {
		x.t.Errorf("%s=%s leads to %q and %v, want %q", by, value, p.texts("id"), p.Problems, ids)
	}
}

// number is a phone with a number, address an email with an address.
func number(n string) object  { return with(phoneSample, "number", n) }
func address(a string) object { return with(emailSample, "address", a) }

func TestALookUpShowsIDKindAndName(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person := x.create("/individual", object{"name": "Erika", "external_id": "crm-1"})
	firm := x.create("/organization", object{"name": "ACME", "external_id": "crm-1"})
	till := x.create("/placeholder-customers", with(placeholderMinimal, "name", "Till", "external_id", "crm-1"))
	want := []object{
		{"id": tail(person), "kind": "INDIVIDUAL", "name": "Erika"},
		{"id": tail(firm), "kind": "ORGANIZATION", "name": "ACME"},
		{"id": tail(till), "kind": "PLACEHOLDER_CUSTOMER", "name": "Till"},
	}
	if got := x.found("external_id", "crm-1").Items; !reflect.DeepEqual(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	for _, path := range []string{person, firm} {
		x.create(path+"/emails", address("info@example.com"))
		x.create(path+"/phones", number("0221 5550123"))
		x.do("POST", path+"/tags", object{"name": "VIP"}).want(201)
	}
	for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "VIP"} {
		if got := x.found(by, value).Items; !reflect.DeepEqual(got, want[:2]) {
			t.Errorf("%s: found %v, want %v", by, got, want[:2])
		}
	}
	// A change of the name shows at once.
	x.do("PUT", person, object{"name": "Mia", "external_id": "crm-1"}).want(200)
	if got := x.found("tag", "VIP").texts("name"); !slices.Equal(got, []string{"Mia", "ACME"}) {
		t.Errorf("names %q", got)
	}
	x.leads("external_id", "CRM-1") // exactly
	x.leads("external_id", "crm-")
	if got := x.do("HEAD", "/lookup?tag=VIP", nil).want(200).header.Get("ETag"); got == "" {
		t.Error("HEAD shows no ETag")
	}
}

func TestAnEmailIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.create("/individual", object{"name": "Erika"})
	for _, a := range []string{"Erika.Mustermann+tag@Example.COM", `"Erika M"@example.com`, "a&b=c#d%41@example.com", "a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:DB8::2]"} {
		x.create(path+"/emails", address(a))
		for _, spelling := range []string{a, strings.ToLower(a), strings.ToUpper(a)} {
			x.leads("email", spelling, path)
		}
		x.leads("email", a[1:])
		x.leads("email", " "+a)
	}
	longest := strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "xyz.ab"
	x.create(path+"/emails", address(longest))
	x.leads("email", longest, path)
	for _, none := range []string{"@", "no mailbox", "ä@example.com", "*", "%"} {
		x.leads("email", none)
	}
}

func TestAPhoneIsFoundInAnySpellingOfTheRegion(t *testing.T) {
	t.Parallel()
	x := newTenant(t) // its region is DE
	one, other := x.create("/individual", object{"name": "Erika"}), x.create("/organization", object{"name": "ACME"})
	x.create(one+"/phones", number("0221 / 555-0123"))
	x.create(other+"/phones", number("+49 (0) 221 5550123"))
	x.create(other+"/phones", number("001 650 253 3666"))
	for _, spelling := range []string{
		"+492215550123", "0049 221 5550123", "02215550123", "(0221) 555 01 23", "0221-555.0123", "tel:+49-221-5550123", "+49 0221 5550123",
		"\uff0b\uff14\uff19 221 5550123", "0221/5550123",
	} {
		x.leads("phone", spelling, one, other)
	}
	for _, spelling := range []string{"+1 650-253-3666", "+1 (650) CLEFOOO", "0016502533666"} {
		x.leads("phone", spelling, other)
	}
	// As contact apps copy it, and with blanks around it.
	for _, spelling := range []string{"\u202a+49 221 5550123\u202c", "\u200e0221 5550123\u200f", "\u2066(0221) 555-0123\u2069", " 0221 5550123", " 0049 221 5550123", " +492215550123 "} {
		x.leads("phone", spelling, one, other)
	}
	// A blank is no plus sign: what begins with one is a number of the region.
	x.leads("phone", " 1 650 2533666")
	x.leads("phone", " 49 221 5550123")
	// A plus sign that is not encoded is one.
	for _, query := range []string{"+492215550123", "+49%20221%205550123", "%2B492215550123"} {
		if got := x.get("/lookup?phone=" + query).page().texts("id"); len(got) != 2 {
			t.Errorf("%s leads to %q", query, got)
		}
	}
	third := x.create("/individual", object{"name": "Max"})
	x.create(third+"/phones", number("\u202a+49 221 5550199\u202c"))
	x.leads("phone", "+492215550199", third)
	for _, another := range []string{"5550123", "+43 221 5550123", "0222 5550123", "string", "0", "+"} {
		x.leads("phone", another)
	}
	// A number without an E.164 form is kept, and leads nowhere; nor do two of them meet.
	x.create(one+"/phones", number("string"))
	x.create(one+"/phones", number("please ask"))
	x.leads("phone", "string")
	x.leads("phone", "please ask")
}

func TestALookUpGoesByTheChannelsOfContactsAndOfTheirIdentities(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person, firm := x.create("/individual", object{"name": "Erika"}), x.create("/organization", object{"name": "ACME"})
	identity := x.identity(person, firm)
	second := x.identity(person, firm)
	for owner, leadsTo := range map[string]string{person: person, firm: firm, identity: person} {
		for segment, c := range map[string]struct {
			by             string
			body           func(string) object
			before, behind string
		}{
			"emails": {"email", address, "one@example.com", "two@example.com"},
			"phones": {"phone", number, "0221 5550123", "0221 5550124"},
		} {
			item := x.create(owner+"/"+segment, c.body(c.before))
			x.leads(c.by, c.before, leadsTo)
			x.do("PUT", item, with(c.body(c.before), "description", "new")).want(200)
			x.leads(c.by, c.before, leadsTo)
			x.do("PUT", item, c.body(c.behind)).want(200) // read-after-write, both ways
			x.leads(c.by, c.before)
			x.leads(c.by, c.behind, leadsTo)
			// A second one with the same value: the contact is found once, until both are gone.
			twin := x.create(owner+"/"+segment, c.body(c.behind))
			x.leads(c.by, c.behind, leadsTo)
			x.do("DELETE", item, nil).want(204)
			x.leads(c.by, c.behind, leadsTo)
			x.do("PUT", twin, c.body(c.before)).want(200)
			x.leads(c.by, c.behind)
			x.do("DELETE", twin, nil).want(204)
			x.leads(c.by, c.before)
		}
	}
	// Several owners of one value; those of an identity go with it.
	x.create(firm+"/emails", address("all@example.com"))
	x.create(identity+"/emails", address("ALL@example.com"))
	x.create(identity+"/phones", number("0221 5550125"))
	x.create(second+"/emails", address("all@example.com"))
	x.leads("email", "all@example.com", person, firm)
	x.do("DELETE", identity, nil).want(204)
	x.leads("email", "all@example.com", person, firm)
	x.leads("phone", "0221 5550125")
	x.do("DELETE", second, nil).want(204)
	x.leads("email", "all@example.com", firm)
}

func TestADeletedContactIsNotFound(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm := x.create("/organization", object{"name": "ACME"})
	for _, kind := range contactKinds {
		stays := x.create(kind, object{"name": "stays"})
		goes := x.create(kind, object{"name": "goes", "external_id": "crm-1"})
		owners := []string{stays, goes}
		if kind == "/individual" {
			owners = append(owners, x.identity(goes, firm))
		}
		for _, owner := range owners {
			x.create(owner+"/emails", address("info@example.com"))
			x.create(owner+"/phones", number("0221 5550123"))
		}
		for _, owner := range owners[:2] {
			x.do("POST", owner+"/tags", object{"name": "VIP"}).want(201)
		}
		x.leads("external_id", "crm-1", goes)
		x.do("DELETE", goes, nil).want(204)
		x.leads("external_id", "crm-1")
		for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "vip"} {
			x.leads(by, value, stays)
		}
		x.do("DELETE", stays, nil).want(204)
		for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "vip"} {
			x.leads(by, value)
		}
	}
	till := x.create("/placeholder-customers", with(placeholderMinimal, "external_id", "crm-1"))
	x.leads("external_id", "crm-1", till)
	x.do("PUT", till, with(placeholderMinimal, "external_id", "crm-2")).want(200)
	x.leads("external_id", "crm-1")
	x.do("DELETE", till, nil).want(204)
	x.leads("external_id", "crm-2")
}

func TestADamagedContactIsAProblemOfTheLookUpThatShiftsNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	var ids []string
	for i := range 4 {
		path := x.create("/individual", object{"name": fmt.Sprint(i), "external_id": fmt.Sprint("crm-", i)})
		x.tag(path, "VIP")
		ids = append(ids, tail(path))
	}
	damage(t, "T#"+x.org+"#I", fmt.Sprintf("%016s", ids[1]), `{"name":`)
	for query, want := range map[string][]string{
		"?tag=vip": {ids[0], ids[2], ids[3]}, "?tag=vip&limit=2": ids[:1], "?tag=vip&limit=2&offset=1": ids[2:3], "?external_id=crm-1": {},
	} {
		a := x.get("/lookup" + query)
		if p := a.page(); !slices.Equal(p.texts("id"), want) || len(p.Problems) != 1 || p.Problems[0]["on_resource"] != x.path("/individual/"+ids[1]) {
			t.Errorf("%s: %s, want %q and a problem with %s", query, a.body, want, ids[1])
		}
	}
	if got := x.get(x.next(x.get("/lookup?tag=vip&limit=2"))).page().texts("id"); !slices.Equal(got, ids[2:]) {
		t.Errorf("behind the cursor: %q, want %q", got, ids[2:])
	}
}

func TestALookUpFollowsExternalIDsAndTags(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	a, b := x.create("/individual", object{"name": "a", "external_id": "1"}), x.create("/individual", object{"name": "b"})
	x.do("PUT", "/individual-id-mapping", mapping(b, "1", a, "2")).want(200)
	x.leads("external_id", "1", b)
	x.leads("external_id", "2", a)
	x.do("DELETE", internalPath(b), nil).want(204)
	x.leads("external_id", "1")
	x.do("PUT", a, object{"name": "a"}).want(200)
	x.leads("external_id", "2")
	vip := x.tag(a, "Äußerst wichtig?")
	x.leads("tag", "ÄUßERST WICHTIG?", a)
	x.leads("tag", "a\u0308ußerst Wichtig?", a)
	x.tag(b, "äußerst wichtig?")
	x.leads("tag", "Äußerst wichtig?", a, b)
	x.do("DELETE", a+"/tags/"+vip, nil).want(204)
	x.leads("tag", "Äußerst wichtig?", b)
	x.leads("tag", "äußerst wichtig")
}

func TestALookUpTakesExactlyOneParameter(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, query := range []string{
		"", "?", "?name=Erika", "?Email=a@b", "?limit=5", "?email=", "?phone=", "?external_id=", "?tag=", "?email", "?email=a@b&phone=110",
		"?email=a@b&tag=", "?external_id=a&tag=a", "?phone=110&external_id=a", "?email=a@b&phone=110&external_id=a&tag=a", "?email=a@b&email=a@b",
		"?tag=a&tag=b", "?tag=a%07b", "?tag=%00", "?tag=%FF", "?tag=%zz", "?email=" + strings.Repeat("x", 255),
		"?tag=" + strings.Repeat("x", 257), "?external_id=" + strings.Repeat("x", 257), "?phone=" + strings.Repeat("1", 1025),
		"?tag=a&limit=0", "?tag=a&limit=5001", "?tag=a&offset=-1", "?tag=a&offset=1&cursor=x", "?tag=a&cursor=x",
	} {
		x.get("/lookup" + query).problem(400)
	}
	x.get("/lookup?tag=a&color=red").faults(400, "?color")
	x.do("POST", "/lookup?tag=a", object{}).problem(405)
	x.get("/lookup?tag=a", "Authorization", "Bearer x").problem(403)
	x.get("/lookup?tag=a", "Authorization", "Bearer "+newTenant(t).token).problem(403)
	x.get("/lookup?tag=a", "Authorization", "Bearer "+x.authorize("?scope=contacts:read")).page()
}

func TestALookUpNeverLeadsToAnotherTenant(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	for _, y := range []*tenant{x, other} {
		path := y.create("/individual", object{"name": y.org, "external_id": "crm-1"})
		y.create(path+"/emails", address("info@example.com"))
		y.create(path+"/phones", number("0221 5550123"))
		y.tag(path, "VIP")
	}
	for by, value := range map[string]string{"email": "info@example.com", "phone": "0221 5550123", "tag": "VIP", "external_id": "crm-1"} {
		if got := x.found(by, value).texts("name"); !slices.Equal(got, []string{x.org}) {
			t.Errorf("%s leads to %q", by, got)
		}
	}
	x.leads("tag", "VIP#"+other.org)
}

func TestALookUpHasPages(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	paths := make([]string, 31)
	for i := range paths {
		paths[i] = x.create(contactKinds[i%2], object{"name": fmt.Sprint(i)})
	}
	// Two kinds have two functions: what both make in one millisecond has no order but that of the ids.
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(tail(a), tail(b)) })
	for i := range paths { // marked from the last to the first: the order is that of the contacts
		path := paths[len(paths)-1-i]
		x.tag(path, "VIP")
		for range 2 {
			x.create(path+"/phones", number("0221 5550123"))
		}
		x.create(path+"/phones", number("+49 221 5550123"))
	}
	var living, ids []string // 25 of them
	for i, path := range paths {
		if i%6 == 1 || i == 30 {
			x.do("DELETE", path, nil).want(204)
		} else {
			living, ids = append(living, path), append(ids, tail(path))
		}
	}
	for by, value := range map[string]string{"tag": "vip", "phone": "0221/5550123"} {
		x.leads(by, value, living...)
		base := "/lookup?" + url.Values{by: {value}}.Encode()
		for _, c := range []struct{ limit, offset, from, to int }{
			{25, 0, 0, 25}, {24, 0, 0, 24}, {1, 0, 0, 1}, {10, 0, 0, 10}, {10, 10, 10, 20}, {10, 20, 20, 25}, {5, 20, 20, 25}, {1, 24, 24, 25},
			{10, 25, 25, 25}, {10, 26, 25, 25}, {5000, 7, 7, 25}, {1, 2147483647, 25, 25}, {5000, 9223372036854775807, 25, 25},
		} {
			a := x.get(fmt.Sprintf("%s&limit=%d&offset=%d", base, c.limit, c.offset))
			if got := a.page().texts("id"); !slices.Equal(got, ids[c.from:c.to]) {
				t.Errorf("%s: %q, want %q", a.what, got, ids[c.from:c.to])
			}
			if more := c.to < 25; more != (x.next(a) != "") {
				t.Errorf("%s: Link %q", a.what, a.header.Get("Link"))
			}
		}
		for _, limit := range []int{1, 4, 5, 24} {
			var seen []string
			for path, n := fmt.Sprintf("%s&limit=%d", base, limit), 0; path != "" && n < 30; n++ {
				a := x.get(path)
				if got := len(a.page().Items); got > limit || got == 0 {
					t.Errorf("%s: %d items", path, got)
				}
				seen = append(seen, a.page().texts("id")...)
				path = x.next(a)
			}
			if !slices.Equal(seen, ids) {
				t.Errorf("by %d: %q, want %q", limit, seen, ids)
			}
		}
	}
	same := "/lookup?external_id=crm-1"
	for _, kind := range contactKinds {
		x.create(kind, object{"name": "Erika", "external_id": "crm-1"})
	}
	first := x.get(same + "&limit=1")
	second := x.get(x.next(first))
	kinds := append(first.page().texts("kind"), second.page().texts("kind")...)
	if want := []string{"INDIVIDUAL", "ORGANIZATION"}; !slices.Equal(kinds, want) || x.next(second) != "" {
		t.Errorf("by external id: %q, want %q", kinds, want)
	}
	if got := x.get(same + "&offset=1").page().texts("kind"); !slices.Equal(got, []string{"ORGANIZATION"}) {
		t.Errorf("from the second: %q", got)
	}
	// A cursor belongs to what was asked.
	cursor, err := url.Parse(x.next(x.get("/lookup?tag=vip&limit=1")))
	if err != nil {
		t.Fatal(err)
	}
	at := "&cursor=" + url.QueryEscape(cursor.Query().Get("cursor"))
	x.get("/lookup?tag=vip" + at).page()
	for _, other := range []string{"/lookup?tag=vib" + at, "/lookup?phone=vip" + at, "/individual?deleted=false" + at} {
		x.get(other).faults(400, "?cursor")
	}
}

func TestALookUpsPagesNeitherSkipNorRepeatWhileOthersWrite(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	var ids []string
	for range 12 {
		path := x.create("/individual", object{"name": "Erika"})
		x.tag(path, "VIP")
		ids = append(ids, tail(path))
	}
	var seen []string
	for path, n := "/lookup?tag=VIP&limit=5", 0; path != "" && n < 20; n++ {
		a := x.get(path)
		seen = append(seen, a.page().texts("id")...)
		path = x.next(a)
		if n < 2 { // between the pages: a new one, a change, and a deletion of one that was shown
			x.tag(x.create("/organization", object{"name": "new"}), "VIP")
			x.do("PUT", "/individual/"+ids[11], object{"name": "changed"}).want(200)
			x.do("DELETE", "/individual/"+ids[n], nil).want(204)
		}
	}
	if len(seen) != 14 || !slices.Equal(seen[:12], ids) {
		t.Errorf("seen %q, want first %q", seen, ids)
	}
}

// Each kind is made by a function of its own; what one makes behind another has the greater id.
func TestIDsAreInTheOrderOfCreationWhateverTheyAreOf(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	last := contact.ID(0)
	for i := range 100 {
		for _, path := range []string{
			x.create("/individual", object{"name": "a"}), x.create("/organization", object{"name": "a"}),
			x.newPlaceholder(fmt.Sprint(i)), x.newList(),
		} {
			id, err := contact.ParseID(tail(path))
			if err != nil || id <= last {
				t.Errorf("%s was made behind %s: %v", path, last, err)
			}
			last = id
		}
	}
}

// The look-up's query is read by the letter: a plus sign is one, and a blank is %20.
func TestAPlusSignInALookUpIsOne(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	plus := x.create("/individual", object{"name": "a+b", "external_id": "a+b"})
	blank := x.create("/individual", object{"name": "a b", "external_id": "a b"})
	x.create(plus+"/emails", address("a+b@example.com"))
	x.tag(plus, "a+b")
	x.tag(blank, "a b")
	for query, want := range map[string]string{
		"email=a+b@example.com": plus, "email=a%2Bb@example.com": plus, "external_id=a+b": plus, "external_id=a%2Bb": plus,
		"external_id=a%20b": blank, "tag=a+b": plus, "tag=a%20b": blank,
	} {
		if got := x.get("/lookup?" + query).page().texts("id"); !slices.Equal(got, []string{tail(want)}) {
			t.Errorf("%s finds %q, want %s", query, got, tail(want))
		}
	}
	// The next page is asked for in the same words.
	x.tag(plus, "a b")
	next := x.next(x.get("/lookup?tag=a%20b&limit=1"))
	if got := x.get(next).page().texts("id"); len(got) != 1 {
		t.Errorf("%s shows %q", next, got)
	}
}
