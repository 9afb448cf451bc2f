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
	erika, acme := x.ContactOf("/individual", nil), x.ContactOf("/organization", nil)
	for _, path := range []string{erika, acme} {
		if got := x.Tags(path); len(got) != 0 {
			t.Errorf("a new contact has tags %q", got)
		}
	}
	for _, same := range [][]string{
		{"VIP", "vip", "Vip"}, {"Ärger", "äRGER", "A\u0308RGER"}, {"Straße", "STRAẞE"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"a/b c%d?#+", "A/B C%D?#+"},
	} {
		id := x.Tag(erika, same[0])
		for _, name := range same[1:] {
			made := x.Do("POST", acme+"/tags", object{"name": name}).Want(201)
			if got := made.Text("id"); got != id {
				t.Errorf("%q has id %s, %q has %s", name, got, same[0], id)
			}
			// What is added is what is listed: every contact shows one and the same tag.
			listed := x.Tags(erika)
			if got := made.Text("id") + " " + made.Text("name"); got != listed[len(listed)-1] {
				t.Errorf("%q shows %q on one contact and %q on another", name, got, listed[len(listed)-1])
			}
			if got, want := made.Header.Get("Location"), x.Path(acme+"/tags/"+id); got != want {
				t.Errorf("Location %q, want %q", got, want)
			}
		}
		if got := x.Tag(erika, same[len(same)-1]); got != id {
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
		if got := x.Tag(erika, different); slices.Contains(x.Tags(acme), got+" "+different) || len(x.Tags(acme)) != 5 {
			t.Errorf("%q is taken for another tag: %q", different, got)
		}
	}
	other := harness.NewTenant(t)
	if got := other.Tag(other.ContactOf("/individual", nil), "VIP"); got == x.Tag(erika, "VIP") {
		t.Errorf("two tenants share the tag %s", got)
	}
}

func TestATagCanBeTakenOffAndPutOnAgain(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path, other := x.ContactOf(kind, nil), x.ContactOf(kind, nil)
		vip, late := x.Tag(path, "VIP"), x.Tag(path, "late")
		x.Tag(other, "VIP")
		x.Do("DELETE", path+"/tags/"+vip, nil).Want(204)
		if got := x.Tags(path); !slices.Equal(got, []string{late + " late"}) {
			t.Errorf("tags %q", got)
		}
		if got := x.Tags(other); !slices.Equal(got, []string{vip + " VIP"}) {
			t.Errorf("another contact's tags %q", got)
		}
		x.Do("DELETE", path+"/tags/"+vip, nil).Problem(404)
		x.Do("DELETE", other+"/tags/"+late, nil).Problem(404) // a tag, but not of this contact
		if got := x.Tag(path, "vip"); got != vip {
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

func TestIfMatchHoldsForTakingATagOffToo(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.ContactOf("/individual", nil)
	made := x.Do("POST", path+"/tags", object{"name": "VIP"}).Want(201)
	item := path + "/tags/" + made.Text("id")
	x.Do("DELETE", item, nil, "If-Match", "1").Faults(400, "?If-Match")
	x.Do("DELETE", item, nil, "If-Match", `"99"`).Problem(412)
	if got := x.Tags(path); len(got) != 1 {
		t.Errorf("a refused DELETE left tags %q", got)
	}
	x.Do("DELETE", item, nil, "If-Match", made.Header.Get("ETag")).Want(204)
}

func TestTheTagsOfADeletedContactStayAsTheyAre(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path, other := x.ContactOf(kind, nil), x.ContactOf(kind, nil)
		vip, late := x.Tag(path, "VIP"), x.Tag(other, "late")
		x.Do("DELETE", path, nil).Want(204)
		for _, name := range []string{"VIP", "late", "new"} { // one that it has, one of another contact, one of nobody
			x.Do("POST", path+"/tags", object{"name": name}).Problem(422)
		}
		x.Do("DELETE", path+"/tags/"+vip, nil).Problem(422)
		if got := x.Tags(path); !slices.Equal(got, []string{vip + " VIP"}) {
			t.Errorf("tags %q", got)
		}
		if got := x.Tag(other, "vip"); got != vip {
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
	path := x.ContactOf("/organization", nil)
	for i, name := range []string{"a", strings.Repeat("ä", 256), strings.Repeat("😀", 256), strings.Repeat("ΐ", 256), strings.Repeat("ß", 256)} {
		id := x.Tag(path, name)
		if got := x.Tag(path, strings.ToUpper(name)); got != id {
			t.Errorf("in another case %d has id %s, not %s", i, got, id)
		}
		if got := x.Tags(path); len(got) != i+1 || got[i] != id+" "+name {
			t.Errorf("tags %q", got)
		}
		if got := x.Found("tag", name).Texts("id"); !slices.Equal(got, []string{harness.Tail(path)}) {
			t.Errorf("%d: found %q", i, got)
		}
	}
	for name, body := range map[string]object{
		"empty": {"name": ""}, "blank": {"name": " \t"}, "long": {"name": strings.Repeat("ä", 257)}, "number": {"name": 5}, "missing": {},
		"null": {"name": nil}, "control": {"name": "a\u0007"}, "array": {"name": []any{"VIP"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range x.In(t).Do("POST", path+"/tags", body).Problem(400).Errors {
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

func TestTagsBelongToAContactThatIsThere(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	acme, foreign := x.ContactOf("/organization", nil), other.ContactOf("/individual", nil)
	for _, path := range []string{"/individual/8124", "/organization/8125", "/individual/abc", "/individual/" + harness.Tail(acme), foreign} {
		x.Get(path + "/tags").Problem(404)
		x.Do("POST", path+"/tags", object{"name": "VIP"}).Problem(404)
		x.Do("DELETE", path+"/tags/"+x.Tag(acme, "VIP"), nil).Problem(404)
	}
	if got := other.Tags(foreign); len(got) != 0 {
		t.Errorf("another tenant's contact got tags %q", got)
	}
}

func TestARepeatedRequestOnTagsIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.ContactOf("/individual", nil)
	first := x.Do("POST", path+"/tags", object{"name": "VIP"}, "Idempotency-Key", "a").Want(201)
	item := path + "/tags/" + first.Text("id")
	again := x.Do("POST", path+"/tags", object{"name": "vip"}, "Idempotency-Key", "b").Want(201) // there already
	gone := x.Do("DELETE", item, nil, "Idempotency-Key", "c").Want(204)
	harness.SameAnswer(t, first, x.Do("POST", path+"/tags", object{"name": "VIP"}, "Idempotency-Key", "a"))
	harness.SameAnswer(t, again, x.Do("POST", path+"/tags", object{"name": "vip"}, "Idempotency-Key", "b"))
	if got := x.Tags(path); len(got) != 0 {
		t.Errorf("a replay put on %q", got)
	}
	x.Tag(path, "VIP")
	harness.SameAnswer(t, gone, x.Do("DELETE", item, nil, "Idempotency-Key", "c"))
	if got := x.Tags(path); len(got) != 1 {
		t.Errorf("a replay took the tag off: %q", got)
	}
}

func TestADamagedTagDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.ContactOf("/individual", nil)
	bad, good := x.Tag(path, "VIP"), x.Tag(path, "late")
	harness.Damage(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", harness.Tail(path)), "tag#"+fmt.Sprintf("%016s", bad), "no JSON")
	if got := x.Tags(path); !slices.Equal(got, []string{good + " late"}) {
		t.Errorf("tags %q, want the one that can be shown", got)
	}
	x.Do("DELETE", path+"/tags/"+bad, nil).Want(204)
}

func TestFortyFirstUsesOfATagGiveItOneID(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	paths := make([]string, 40)
	for i := range paths {
		paths[i] = x.ContactOf(harness.ContactKinds[i%2], nil)
	}
	answers := harness.Together(t, len(paths), func(i int) (*harness.Answer, error) {
		name := []string{"neu", "NEU", "Neu", "nEu"}[i%4]
		return x.TryAs("POST", paths[i]+"/tags", object{"name": name})
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
	if got := len(x.Found("tag", "neu").Items); got != len(paths) {
		t.Errorf("%d contacts are found by it, want %d", got, len(paths))
	}
}

func TestFortyUsesOfATagOnOneContactAreOneTag(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.ContactOf("/individual", nil)
	answers := harness.Together(t, 40, func(int) (*harness.Answer, error) {
		return x.TryAs("POST", path+"/tags", object{"name": "neu"})
	})
	for _, a := range answers {
		if got := x.Tags(path); !slices.Equal(got, []string{a.Want(201).Text("id") + " neu"}) {
			t.Errorf("listed %q, answered %s", got, a.Body)
		}
	}
}
