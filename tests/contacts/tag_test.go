package contacts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestATagHasOneIDOnAllContactsOfBothKindsInAnyCase(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika, acme := x.CreateContact("/individual", nil), x.CreateContact("/organization", nil)
	for _, path := range []string{erika, acme} {
		if got := x.Tags(path); len(got) != 0 {
			t.Errorf("a new contact has tags %q", got)
		}
	}
	for _, same := range [][]string{
		{"VIP", "vip", "Vip"}, {"Ärger", "äRGER", "A\u0308RGER"}, {"Straße", "STRAẞE"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"a/b c%d?#+", "A/B C%D?#+"},
	} {
		id := x.AddTag(erika, same[0])
		for _, name := range same[1:] {
			made := x.Do("POST", acme+"/tags", object{"name": name}).Want(201)
			if got := made.Text("id"); got != id {
				t.Errorf("%q has id %s, %q has %s", name, got, same[0], id)
			}
			// Every contact shows the same tag.
			listed := x.Tags(erika)
			if got := made.Text("id") + " " + made.Text("name"); got != listed[len(listed)-1] {
				t.Errorf("%q shows %q on one contact and %q on another", name, got, listed[len(listed)-1])
			}
			if got, want := made.Header.Get("Location"), x.Path(acme+"/tags/"+id); got != want {
				t.Errorf("Location %q, want %q", got, want)
			}
		}
		if got := x.AddTag(erika, same[len(same)-1]); got != id {
			t.Errorf("adding %q again gave id %s, not %s", same[0], got, id)
		}
	}
	if one, other := x.Tags(erika), x.Tags(acme); len(one) != 5 || !slices.Equal(one, other) {
		t.Errorf("tags %q and %q, want five, in the order in which they were added", one, other)
	}
	if got := x.Tags(erika)[0]; !strings.HasSuffix(got, " VIP") {
		t.Errorf("tag %q, want the case of its first use", got)
	}
	for _, different := range []string{" vip", "vip ", "v i p", "vıp"} {
		if got := x.AddTag(erika, different); slices.Contains(x.Tags(acme), got+" "+different) || len(x.Tags(acme)) != 5 {
			t.Errorf("%q is taken for another tag: %q", different, got)
		}
	}
	other := harness.NewTenant(t)
	if got := other.AddTag(other.CreateContact("/individual", nil), "VIP"); got == x.AddTag(erika, "VIP") {
		t.Errorf("two tenants share the tag %s", got)
	}
}

func TestATagCanBeRemovedAndAddedAgain(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path, other := x.CreateContact(kind, nil), x.CreateContact(kind, nil)
		vip, late := x.AddTag(path, "VIP"), x.AddTag(path, "late")
		x.AddTag(other, "VIP")
		x.Do("DELETE", path+"/tags/"+vip, nil).Want(204)
		if got := x.Tags(path); !slices.Equal(got, []string{late + " late"}) {
			t.Errorf("tags %q", got)
		}
		if got := x.Tags(other); !slices.Equal(got, []string{vip + " VIP"}) {
			t.Errorf("another contact's tags %q", got)
		}
		x.Do("DELETE", path+"/tags/"+vip, nil).Problem(404)
		x.Do("DELETE", other+"/tags/"+late, nil).Problem(404) // a tag, but not of this contact
		if got := x.AddTag(path, "vip"); got != vip {
			t.Errorf("put on again it has id %s, not %s", got, vip)
		}
		if got := x.Tags(path); !slices.Equal(got, []string{late + " late", vip + " VIP"}) {
			t.Errorf("tags %q, want the one that was put on again last", got)
		}
		for _, bad := range []string{"abc", "0", "01", "9007199254740992", "8127", "%20"} {
			x.Do("DELETE", path+"/tags/"+bad, nil).Problem(404)
		}
	})
}

func TestIfMatchRestrictsTheRemovalOfATag(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateContact("/individual", nil)
	made := x.Do("POST", path+"/tags", object{"name": "VIP"}).Want(201)
	item := path + "/tags/" + made.Text("id")
	x.Do("DELETE", item, nil, "If-Match", "1").Faults(400, "?If-Match")
	x.Do("DELETE", item, nil, "If-Match", `"99"`).Problem(412)
	if got := x.Tags(path); len(got) != 1 {
		t.Errorf("a refused DELETE left tags %q", got)
	}
	x.Do("DELETE", item, nil, "If-Match", made.Header.Get("ETag")).Want(204)
}

func TestTheTagsOfADeletedContactStay(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path, other := x.CreateContact(kind, nil), x.CreateContact(kind, nil)
		vip, late := x.AddTag(path, "VIP"), x.AddTag(other, "late")
		x.Do("DELETE", path, nil).Want(204)
		for _, name := range []string{"VIP", "late", "new"} { // one that it has, one of another contact, one of nobody
			x.Do("POST", path+"/tags", object{"name": name}).Problem(422)
		}
		x.Do("DELETE", path+"/tags/"+vip, nil).Problem(422)
		if got := x.Tags(path); !slices.Equal(got, []string{vip + " VIP"}) {
			t.Errorf("tags %q", got)
		}
		if got := x.AddTag(other, "vip"); got != vip {
			t.Errorf("the tag's id is %s now, not %s", got, vip)
		}
		if got := x.Tags(other); !slices.Equal(got, []string{late + " late", vip + " VIP"}) {
			t.Errorf("another contact's tags %q", got)
		}
	})
}

func TestATagsNameIsOneTo256Characters(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateContact("/organization", nil)
	for i, name := range []string{"a", strings.Repeat("ä", 256), strings.Repeat("😀", 256), strings.Repeat("ΐ", 256), strings.Repeat("ß", 256)} {
		id := x.AddTag(path, name)
		if got := x.AddTag(path, strings.ToUpper(name)); got != id {
			t.Errorf("in another case %d has id %s, not %s", i, got, id)
		}
		if got := x.Tags(path); len(got) != i+1 || got[i] != id+" "+name {
			t.Errorf("tags %q", got)
		}
		if got := x.Lookup("tag", name).Texts("id"); !slices.Equal(got, []string{harness.LastSegment(path)}) {
			t.Errorf("%d: found %q", i, got)
		}
	}
	for name, body := range map[string]object{
		"empty": {"name": ""}, "blank": {"name": " \t"}, "long": {"name": strings.Repeat("ä", 257)}, "number": {"name": 5}, "missing": {},
		"null": {"name": nil}, "control": {"name": "a\u0007"}, "array": {"name": []any{"VIP"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range x.ForSubtest(t).Do("POST", path+"/tags", body).Problem(400).Errors {
				if f.Pointer != "/name" {
					t.Errorf("pointer %q", f.Pointer)
				}
			}
		})
	}
	x.Do("POST", path+"/tags", object{"name": "VIP", "color": "red"}).Faults(400, "/color")
	x.Do("POST", path+"/tags", object{"name": "a", "id": "7"}).Want(201) // what a list showed can be sent back
	if got := x.Tags(path); len(got) != 5 {
		t.Errorf("%d tags, want 5", len(got))
	}
}

func TestTagsRequireAnExistingContact(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	acme, foreign := x.CreateContact("/organization", nil), other.CreateContact("/individual", nil)
	for _, path := range []string{"/individual/8124", "/organization/8125", "/individual/abc", "/individual/" + harness.LastSegment(acme), foreign} {
		x.Get(path + "/tags").Problem(404)
		x.Do("POST", path+"/tags", object{"name": "VIP"}).Problem(404)
		x.Do("DELETE", path+"/tags/"+x.AddTag(acme, "VIP"), nil).Problem(404)
	}
	if got := other.Tags(foreign); len(got) != 0 {
		t.Errorf("another tenant's contact got tags %q", got)
	}
}

func TestARepeatedRequestOnTagsIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateContact("/individual", nil)
	first := x.Do("POST", path+"/tags", object{"name": "VIP"}, "Idempotency-Key", "a").Want(201)
	item := path + "/tags/" + first.Text("id")
	again := x.Do("POST", path+"/tags", object{"name": "vip"}, "Idempotency-Key", "b").Want(201) // there already
	gone := x.Do("DELETE", item, nil, "Idempotency-Key", "c").Want(204)
	harness.SameAnswer(t, first, x.Do("POST", path+"/tags", object{"name": "VIP"}, "Idempotency-Key", "a"))
	harness.SameAnswer(t, again, x.Do("POST", path+"/tags", object{"name": "vip"}, "Idempotency-Key", "b"))
	if got := x.Tags(path); len(got) != 0 {
		t.Errorf("a replay put on %q", got)
	}
	x.AddTag(path, "VIP")
	harness.SameAnswer(t, gone, x.Do("DELETE", item, nil, "Idempotency-Key", "c"))
	if got := x.Tags(path); len(got) != 1 {
		t.Errorf("a replay took the tag off: %q", got)
	}
}

func TestADamagedTagDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateContact("/individual", nil)
	bad, good := x.AddTag(path, "VIP"), x.AddTag(path, "late")
	harness.Damage(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", harness.LastSegment(path)), "tag#"+fmt.Sprintf("%016s", bad), "no JSON")
	if got := x.Tags(path); !slices.Equal(got, []string{good + " late"}) {
		t.Errorf("tags %q, want the one that can be shown", got)
	}
	x.Do("DELETE", path+"/tags/"+bad, nil).Want(204)
}

func TestFortyConcurrentFirstUsesOfATagGiveItOneID(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	paths := make([]string, 40)
	for i := range paths {
		paths[i] = x.CreateContact(harness.ContactKinds[i%2], nil)
	}
	answers := harness.Concurrently(t, len(paths), func(i int) (*harness.Answer, error) {
		name := []string{"neu", "NEU", "Neu", "nEu"}[i%4]
		return x.TryDo("POST", paths[i]+"/tags", object{"name": name})
	})
	tags := map[string]bool{}
	for i, a := range answers {
		a.Want(201)
		tag := a.Text("id") + " " + a.Text("name")
		tags[tag] = true
		if got := x.Tags(paths[i]); !slices.Equal(got, []string{tag}) {
			t.Errorf("listed %q, answered %q", got, tag)
		}
	}
	if len(tags) != 1 {
		t.Errorf("%d tags: %v", len(tags), slices.Collect(maps.Keys(tags)))
	}
	if got := len(x.Lookup("tag", "neu").Items); got != len(paths) {
		t.Errorf("%d contacts are found by it, want %d", got, len(paths))
	}
}

func TestFortyConcurrentAdditionsOfATagAreOneTag(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateContact("/individual", nil)
	answers := harness.Concurrently(t, 40, func(int) (*harness.Answer, error) {
		return x.TryDo("POST", path+"/tags", object{"name": "neu"})
	})
	for _, a := range answers {
		if got := x.Tags(path); !slices.Equal(got, []string{a.Want(201).Text("id") + " neu"}) {
			t.Errorf("listed %q, answered %s", got, a.Body)
		}
	}
}
