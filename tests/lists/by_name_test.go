package lists

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// byName returns the names of a list in the order of names, over all pages of a limit.
func byName(x *harness.Tenant, list string, limit int, more ...string) (names []string) {
	x.T.Helper()
	path := list + "?sort=name&limit=" + fmt.Sprint(limit) + strings.Join(more, "")
	for pages := 0; path != ""; pages++ {
		if pages > 100 {
			x.T.Fatal("more than 100 pages")
		}
		a := x.Get(path)
		names = append(names, a.Page().Texts("name")...)
		path = x.Next(a)
	}
	return names
}

func TestAListIsInTheOrderOfNames(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	want := []string{"(Firma) Zimmer", "3M", "adam", "Adam", "Ädam", "Anna-Maria", "Annabel", "Ølberg", "O'Brien", "Obrist", "Otto", "Łukasz", "Žofia", "Иван", "山田"}
	for _, i := range []int{14, 3, 0, 8, 5, 11, 1, 13, 7, 2, 10, 4, 12, 6, 9} {
		x.CreateIndividual(want[i])
	}
	x.CreateOrganization("Zeta")
	x.CreateOrganization("Alpha")
	first := byName(x, "/individual", 100)
	if slices.Index(first, "adam") > slices.Index(first, "Adam") || slices.Index(first, "Adam") > slices.Index(first, "Ädam") || slices.Index(first, "Ädam") > slices.Index(first, "Anna-Maria") ||
		first[0] != "(Firma) Zimmer" || first[1] != "3M" || first[len(first)-1] != "山田" || slices.Index(first, "Otto") > slices.Index(first, "Žofia") {
		t.Errorf("the order is %q", first)
	}
	for _, limit := range []int{1, 2, 7} {
		if got := byName(x, "/individual", limit); !slices.Equal(got, first) {
			t.Errorf("pages of %d: %q", limit, got)
		}
	}
	if got := byName(x, "/organization", 1); !slices.Equal(got, []string{"Alpha", "Zeta"}) {
		t.Errorf("organizations: %q", got)
	}
	for prefix, names := range map[string][]string{"ann": {"Anna-Maria", "Annabel"}, "anna m": {"Anna-Maria"}, "ad": {"adam", "Adam", "Ädam"}, "aed": {"Ädam"}, "ob": {"O'Brien", "Obrist"},
		"firma z": {"(Firma) Zimmer"}, "luk": {"Łukasz"}, "и": {"Иван"}, "山": {"山田"}, "x": nil, "!": nil} {
		got := byName(x, "/individual", 1, "&starts_with="+strings.ReplaceAll(url.QueryEscape(prefix), "+", "%20"))
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(names))) {
			t.Errorf("%q: %q, want %q", prefix, got, names)
		}
	}
}

func TestAListByNameFollowsChanges(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	a, b := x.CreateIndividual("Anna"), x.CreateIndividual("Bert")
	x.Do("PUT", a, object{"name": "Zoe"}).Want(200)
	if got := byName(x, "/individual", 10); !slices.Equal(got, []string{"Bert", "Zoe"}) {
		t.Errorf("renamed: %q", got)
	}
	x.Do("DELETE", b, nil).Want(204)
	if got := byName(x, "/individual", 1); !slices.Equal(got, []string{"Bert", "Zoe"}) {
		t.Errorf("with deleted ones: %q", got)
	}
	if got := byName(x, "/individual", 1, "&deleted=false"); !slices.Equal(got, []string{"Zoe"}) {
		t.Errorf("without: %q", got)
	}
	if whole := x.Get("/individual?sort=name&deleted=false"); whole.Page().Items[0]["id"] != harness.OwnerID(a) {
		t.Errorf("shown: %v", whole.Page().Items)
	}
}

func TestAListByNameRefusesWhatDoesNotGoTogether(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for i := range 3 {
		x.CreateIndividual(fmt.Sprint("Anna ", i))
		x.CreateOrganization(fmt.Sprint("Anna ", i))
	}
	for _, query := range []string{"?sort=age", "?sort=name&offset=0", "?sort=name&offset=1", "?starts_with=a", "?sort=name&starts_with=", "?sort=name&starts_with=" + strings.Repeat("x", 257),
		"?sort=name&limit=0", "?sort=name&limit=5001", "?sort=name&cursor=x", "?sort=name&deleted=maybe", "?sort="} {
		x.Get("/individual" + query).Problem(400)
	}
	x.Get("/placeholder-customers?sort=name").Problem(400)
	next := x.Next(x.Get("/individual?sort=name&limit=1"))
	cursorOf := func(next string) string {
		_, cursor, _ := strings.Cut(next, "cursor=")
		cursor, _, _ = strings.Cut(cursor, "&")
		return "cursor=" + cursor
	}
	cursor := cursorOf(next)
	x.Get("/individual?sort=name&" + cursor).Page()
	plain := x.Next(x.Get("/individual?limit=1"))
	for _, other := range []string{"/organization?sort=name&" + cursor, "/individual?" + cursor, "/individual?sort=name&starts_with=a&" + cursor, "/individual?sort=name&deleted=false&" + cursor,
		"/individual?sort=name&" + cursorOf(plain)} {
		x.Get(other).Problem(400)
	}
}
