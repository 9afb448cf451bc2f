package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// contactKinds are the lists of contacts that tags, id mappings, upserts and batches work on alike.
var contactKinds = []string{"/individual", "/organization"}

// eachKind runs a test on both kinds of contact, each in a tenant of its own.
func eachKind(t *testing.T, test func(t *testing.T, x *tenant, kind string)) {
	t.Helper()
	for _, kind := range contactKinds {
		t.Run(kind[1:], func(t *testing.T) {
			t.Parallel()
			test(t, newTenant(t), kind)
		})
	}
}

// contactOf adds a contact of a kind and returns its path below the tenant's.
func (x *tenant) contactOf(kind string, body object) string {
	x.t.Helper()
	whole := object{"name": "Erika"}
	maps.Copy(whole, body)
	return x.create(kind, whole)
}

// tags lists a contact's tags as "id name"; it holds that a list of tags is items alone, as the API document shows it.
func (x *tenant) tags(path string) []string {
	x.t.Helper()
	a := x.get(path + "/tags").want(200)
	list := a.object()
	items, ok := list["items"].([]any)
	if !ok || len(list) != 1 {
		x.t.Fatalf("%s: %s, want items alone", a.what, a.body)
	}
	tags := []string{}
	for _, item := range items {
		if tag := item.(object); len(tag) == 2 {
			tags = append(tags, fmt.Sprint(tag["id"], " ", tag["name"]))
		} else {
			x.t.Fatalf("%s: %v, want id and name alone", a.what, tag)
		}
	}
	return tags
}

// tag marks a contact with a tag and returns the tag's id.
func (x *tenant) tag(path, name string) string {
	x.t.Helper()
	return x.do("POST", path+"/tags", object{"name": name}).want(201).text("id")
}

func TestATagHasOneIDOnAllContactsOfBothKindsInAnyCase(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika, acme := x.contactOf("/individual", nil), x.contactOf("/organization", nil)
	for _, path := range []string{erika, acme} {
		if got := x.tags(path); len(got) != 0 {
			t.Errorf("a new contact has tags %q", got)
		}
	}
	for _, same := range [][]string{
		{"VIP", "vip", "Vip"}, {"Ärger", "äRGER", "A\u0308RGER"}, {"Straße", "STRAẞE"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"a/b c%d?#+", "A/B C%D?#+"},
	} {
		id := x.tag(erika, same[0])
		for _, name := range same[1:] {
			made := x.do("POST", acme+"/tags", object{"name": name}).want(201)
			if got := made.text("id"); got != id {
				t.Errorf("%q has id %s, %q has %s", name, got, same[0], id)
			}
			// What is added is what is listed: every contact shows one and the same tag.
			listed := x.tags(erika)
			if got := made.text("id") + " " + made.text("name"); got != listed[len(listed)-1] {
				t.Errorf("%q shows %q on one contact and %q on another", name, got, listed[len(listed)-1])
			}
			if got, want := made.header.Get("Location"), x.path(acme+"/tags/"+id); got != want {
				t.Errorf("Location %q, want %q", got, want)
			}
		}
		if got := x.tag(erika, same[len(same)-1]); got != id {
			t.Errorf("adding %q again gave id %s, not %s", same[0], got, id)
		}
	}
	if one, other := x.tags(erika), x.tags(acme); len(one) != 5 || !slices.Equal(one, other) {
		t.Errorf("tags %q and %q, want five, in the order in which they were added", one, other)
	}
	if got := x.tags(erika)[0]; !strings.HasSuffix(got, " VIP") {
		t.Errorf("tag %q, want the case of its first use", got)
	}
	for _, different := range []string{" vip", "vip ", "v i p", "vıp"} {
		if got := x.tag(erika, different); slices.Contains(x.tags(acme), got+" "+different) || len(x.tags(acme)) != 5 {
			t.Errorf("%q is taken for another tag: %q", different, got)
		}
	}
	other := newTenant(t)
	if got := other.tag(other.contactOf("/individual", nil), "VIP"); got == x.tag(erika, "VIP") {
		t.Errorf("two tenants share the tag %s", got)
	}
}

func TestATagCanBeTakenOffAndPutOnAgain(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		path, other := x.contactOf(kind, nil), x.contactOf(kind, nil)
		vip, late := x.tag(path, "VIP"), x.tag(path, "late")
		x.tag(other, "VIP")
		x.do("DELETE", path+"/tags/"+vip, nil).want(204)
		if got := x.tags(path); !slices.Equal(got, []string{late + " late"}) {
			t.Errorf("tags %q", got)
		}
		if got := x.tags(other); !slices.Equal(got, []string{vip + " VIP"}) {
			t.Errorf("another contact's tags %q", got)
		}
		x.do("DELETE", path+"/tags/"+vip, nil).problem(404)
		x.do("DELETE", other+"/tags/"+late, nil).problem(404) // a tag, but not of this contact
		if got := x.tag(path, "vip"); got != vip {
			t.Errorf("put on again it has id %s, not %s", got, vip)
		}
		if got := x.tags(path); !slices.Equal(got, []string{late + " late", vip + " VIP"}) {
			t.Errorf("tags %q, want the one that was put on again last", got)
		}
		for _, bad := range []string{"abc", "0", "01", "9007199254740992", "8127", "%20"} {
			x.do("DELETE", path+"/tags/"+bad, nil).problem(404)
		}
	})
}

func TestIfMatchHoldsForTakingATagOffToo(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.contactOf("/individual", nil)
	made := x.do("POST", path+"/tags", object{"name": "VIP"}).want(201)
	item := path + "/tags/" + made.text("id")
	x.do("DELETE", item, nil, "If-Match", "1").faults(400, "?If-Match")
	x.do("DELETE", item, nil, "If-Match", `"99"`).problem(412)
	if got := x.tags(path); len(got) != 1 {
		t.Errorf("a refused DELETE left tags %q", got)
	}
	x.do("DELETE", item, nil, "If-Match", made.header.Get("ETag")).want(204)
}

func TestTheTagsOfADeletedContactStayAsTheyAre(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		path, other := x.contactOf(kind, nil), x.contactOf(kind, nil)
		vip, late := x.tag(path, "VIP"), x.tag(other, "late")
		x.do("DELETE", path, nil).want(204)
		for _, name := range []string{"VIP", "late", "new"} { // one that it has, one of another contact, one of nobody
			x.do("POST", path+"/tags", object{"name": name}).problem(422)
		}
		x.do("DELETE", path+"/tags/"+vip, nil).problem(422)
		if got := x.tags(path); !slices.Equal(got, []string{vip + " VIP"}) {
			t.Errorf("tags %q", got)
		}
		if got := x.tag(other, "vip"); got != vip {
			t.Errorf("the tag's id is %s now, not %s", got, vip)
		}
		if got := x.tags(other); !slices.Equal(got, []string{late + " late", vip + " VIP"}) {
			t.Errorf("another contact's tags %q", got)
		}
	})
}

func TestATagsNameIsOneTo256Characters(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.contactOf("/organization", nil)
	for i, name := range []string{"a", strings.Repeat("ä", 256), strings.Repeat("😀", 256), strings.Repeat("ΐ", 256), strings.Repeat("ß", 256)} {
		id := x.tag(path, name)
		if got := x.tag(path, strings.ToUpper(name)); got != id {
			t.Errorf("in another case %d has id %s, not %s", i, got, id)
		}
		if got := x.tags(path); len(got) != i+1 || got[i] != id+" "+name {
			t.Errorf("tags %q", got)
		}
		if got := x.found("tag", name).texts("id"); !slices.Equal(got, []string{tail(path)}) {
			t.Errorf("%d: found %q", i, got)
		}
	}
	for name, body := range map[string]object{
		"empty": {"name": ""}, "blank": {"name": " \t"}, "long": {"name": strings.Repeat("ä", 257)}, "number": {"name": 5}, "missing": {},
		"null": {"name": nil}, "control": {"name": "a\u0007"}, "array": {"name": []any{"VIP"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range x.in(t).do("POST", path+"/tags", body).problem(400).Errors {
				if f.Pointer != "/name" {
					t.Errorf("pointer %q", f.Pointer)
				}
			}
		})
	}
	x.do("POST", path+"/tags", object{"name": "VIP", "color": "red"}).faults(400, "/color")
	x.do("POST", path+"/tags", object{"name": "a", "id": "7"}).want(201) // what a list showed can be sent back
	if got := x.tags(path); len(got) != 5 {
		t.Errorf("%d tags, want 5", len(got))
	}
}

func TestTagsBelongToAContactThatIsThere(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	acme, foreign := x.contactOf("/organization", nil), other.contactOf("/individual", nil)
	for _, path := range []string{"/individual/8124", "/organization/8125", "/individual/abc", "/individual/" + tail(acme), foreign} {
		x.get(path + "/tags").problem(404)
		x.do("POST", path+"/tags", object{"name": "VIP"}).problem(404)
		x.do("DELETE", path+"/tags/"+x.tag(acme, "VIP"), nil).problem(404)
	}
	if got := other.tags(foreign); len(got) != 0 {
		t.Errorf("another tenant's contact got tags %q", got)
	}
}

func TestARepeatedRequestOnTagsIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.contactOf("/individual", nil)
	first := x.do("POST", path+"/tags", object{"name": "VIP"}, "Idempotency-Key", "a").want(201)
	item := path + "/tags/" + first.text("id")
	again := x.do("POST", path+"/tags", object{"name": "vip"}, "Idempotency-Key", "b").want(201) // there already
	gone := x.do("DELETE", item, nil, "Idempotency-Key", "c").want(204)
	same(t, first, x.do("POST", path+"/tags", object{"name": "VIP"}, "Idempotency-Key", "a"))
	same(t, again, x.do("POST", path+"/tags", object{"name": "vip"}, "Idempotency-Key", "b"))
	if got := x.tags(path); len(got) != 0 {
		t.Errorf("a replay put on %q", got)
	}
	x.tag(path, "VIP")
	same(t, gone, x.do("DELETE", item, nil, "Idempotency-Key", "c"))
	if got := x.tags(path); len(got) != 1 {
		t.Errorf("a replay took the tag off: %q", got)
	}
}

func TestADamagedTagDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.contactOf("/individual", nil)
	bad, good := x.tag(path, "VIP"), x.tag(path, "late")
	damage(t, "T#"+x.org+"#C#"+fmt.Sprintf("%016s", tail(path)), "tag#"+fmt.Sprintf("%016s", bad), "no JSON")
	if got := x.tags(path); !slices.Equal(got, []string{good + " late"}) {
		t.Errorf("tags %q, want the one that can be shown", got)
	}
	x.do("DELETE", path+"/tags/"+bad, nil).want(204)
}

func TestFortyFirstUsesOfATagGiveItOneID(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	paths := make([]string, 40)
	for i := range paths {
		paths[i] = x.contactOf(contactKinds[i%2], nil)
	}
	answers := together(t, len(paths), func(i int) (*answer, error) {
		name := []string{"neu", "NEU", "Neu", "nEu"}[i%4]
		return x.tryAs("POST", paths[i]+"/tags", object{"name": name})
	})
	tags := map[string]bool{}
	for i, a := range answers {
		a.want(201)
		tag := a.text("id") + " " + a.text("name")
		tags[tag] = true
		if got := x.tags(paths[i]); !slices.Equal(got, []string{tag}) {
			t.Errorf("listed %q, answered %q", got, tag)
		}
	}
	if len(tags) != 1 {
		t.Errorf("%d tags: %v", len(tags), slices.Collect(maps.Keys(tags)))
	}
	if got := len(x.found("tag", "neu").Items); got != len(paths) {
		t.Errorf("%d contacts are found by it, want %d", got, len(paths))
	}
}

func TestFortyUsesOfATagOnOneContactAreOneTag(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.contactOf("/individual", nil)
	answers := together(t, 40, func(int) (*answer, error) {
		return x.tryAs("POST", path+"/tags", object{"name": "neu"})
	})
	for _, a := range answers {
		if got := x.tags(path); !slices.Equal(got, []string{a.want(201).text("id") + " neu"}) {
			t.Errorf("listed %q, answered %s", got, a.body)
		}
	}
}
