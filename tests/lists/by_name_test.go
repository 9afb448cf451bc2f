package lists

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

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

// beginning returns the parameter starts_with.
func beginning(text string) string {
	return "&starts_with=" + strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// batch creates contacts.
func batch(x *harness.Tenant, list string, names ...string) {
	x.T.Helper()
	var rows []any
	for _, name := range names {
		rows = append(rows, object{"name": name})
	}
	x.Do("POST", list+"/batch", harness.BatchBody(rows...)).Want(200)
}

func TestAListIsInTheOrderOfNames(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	names := strings.Split("(Firma) Zimmer;3M;10;adam;Adam;Ädam;Anna-Maria;Anna Maria;Annabel;Ölberg;Ølberg;O'Brien;Obrist;Otto;Łukasz Żak;Łucja;Žofia;Zora;Émile;Emil;Æthel;Aethel;Maße;Masse;"+
		"Straßer;ﬁona;Đorđe;Dora;İrem;Irma;ırmak;Nguyễn;Nguyen;Ñandú;Nandu;Čapek;Capek;Öztürk;Иван;Йосип;Їжак;Інна;Ёлкин;Елена;Άννα;Αννα;Ωmega;ירון;שָׁלוֹם;أحمد;احمد;آدم;فاطمة;Գարիկ;"+
		"გიორგი;अमित;अंजलि;কমল;தமிழ்;เกศ;กมล;ແກ້ວ;បូផា;အောင်;山田;田中;김민;강;ガブリエル;カブ;さくら;😀 Smile;🦊 Fox;@home;#1", ";")
	batch(x, "/individual", names...)
	batch(x, "/organization", "Zeta", "Alpha")
	collate.New(language.Und).SortStrings(names)
	for _, limit := range []int{100, 7, 1} {
		if got := byName(x, "/individual", limit); !slices.Equal(got, names) {
			t.Errorf("pages of %d:\n%q, want\n%q", limit, got, names)
		}
	}
	if got := byName(x, "/organization", 1); !slices.Equal(got, []string{"Alpha", "Zeta"}) {
		t.Errorf("organizations: %q", got)
	}
	for prefix, want := range map[string]string{"ann": "Anna Maria;Anna-Maria;Annabel", "anna m": "Anna Maria;Anna-Maria", "ANNA_M": "Anna Maria;Anna-Maria", "ad": "adam;Adam;Ädam", "aed": "Ädam",
		"o": "O'Brien;Obrist;Ølberg;Ölberg;Otto;Öztürk", "ob": "O'Brien;Obrist", "o b": "O'Brien", "o’b": "O'Brien;Obrist", "firma z": "(Firma) Zimmer", "luk": "Łukasz Żak", "и": "Иван;Йосип",
		"йо": "Йосип", "і": "Їжак;Інна", "аn": "", "αν": "Άννα;Αννα", "ا": "آدم;أحمد;احمد", "כ": "", "של": "שָׁלוֹם", "山": "山田", "ガ": "ガブリエル", "김": "김민", "ก": "กมล", "เ": "เกศ", "fi": "(Firma) Zimmer;ﬁona", "masz": "",
		"mas": "Masse;Maße", "1": "#1;10", "3": "3M", "smi": "😀 Smile", "fox": "🦊 Fox", "home": "@home", "x": "", "!": ""} {
		for _, limit := range []int{1, 50} {
			got := byName(x, "/individual", limit, beginning(prefix))
			slices.Sort(got)
			wanted := strings.FieldsFunc(want, func(r rune) bool { return r == ';' })
			if slices.Sort(wanted); !slices.Equal(got, wanted) {
				t.Errorf("%q: %q, want %q", prefix, got, wanted)
			}
		}
	}
}

// Names that are alike in their first hundred characters are in the order of creation.
func TestTheFirstHundredCharactersAreSorted(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	long := strings.Repeat("ế", 99)
	names := []string{long + "b", long + "á", long + "A", long + "ab", long + "aa", long + "a"}
	for _, name := range names {
		x.CreateIndividual(name)
	}
	want := []string{names[3], names[4], names[5], names[2], names[1], names[0]}
	if got := byName(x, "/individual", 1); !slices.Equal(got, want) {
		t.Errorf("the order is %q", got)
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
	for _, both := range []string{"", "&deleted=true"} {
		if got := byName(x, "/individual", 1, both); !slices.Equal(got, []string{"Bert", "Zoe"}) {
			t.Errorf("with deleted ones: %q", got)
		}
	}
	if got := byName(x, "/individual", 1, "&deleted=false"); !slices.Equal(got, []string{"Zoe"}) {
		t.Errorf("without: %q", got)
	}
	if got := byName(x, "/individual", 1, "&deleted=false", beginning("b")); got != nil {
		t.Errorf("without, by their beginning: %q", got)
	}
	if whole := x.Get("/individual?sort=name&deleted=false").Page(); whole.Items[0]["id"] != harness.OwnerID(a) {
		t.Errorf("shown: %v", whole.Items)
	}
	long := strings.Repeat("x", 100) // the place in the list stays, the entry changes
	x.Do("PUT", a, object{"name": long + "y"}).Want(200)
	x.Do("PUT", a, object{"name": long + "z"}).Want(200)
	if got := byName(x, "/individual", 10, beginning(long+"z")); !slices.Equal(got, []string{long + "z"}) {
		t.Errorf("by its new beginning: %q", got)
	}
	if got := byName(x, "/individual", 10, beginning(long+"y")); got != nil {
		t.Errorf("by its former one: %q", got)
	}
	x.IsSound()
}

// What keeps its name is on exactly one page, whatever else is renamed, made or deleted meanwhile.
func TestWhatKeepsItsNameIsShownOnceWhileOthersAreRenamed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	first, last := x.CreateIndividual("B moves back"), x.CreateIndividual("Y moves to the front")
	var kept []string
	for i := range 10 {
		kept = append(kept, fmt.Sprint("M", i))
	}
	batch(x, "/individual", kept...)
	var shown []string
	path := "/individual?sort=name&limit=3"
	for page := 0; path != ""; page++ {
		a := x.Get(path)
		shown = append(shown, a.Page().Texts("name")...)
		switch page {
		case 0:
			x.Do("PUT", first, object{"name": "Z moved"}).Want(200)
			x.Do("PUT", last, object{"name": "A moved"}).Want(200)
			x.CreateIndividual("M1 and more")
		case 1:
			x.Do("DELETE", first, nil).Want(204)
		}
		path = x.Next(a)
	}
	if others := slices.DeleteFunc(slices.Clone(shown), func(name string) bool { return !slices.Contains(kept, name) }); !slices.Equal(others, kept) {
		t.Errorf("shown are %q", shown)
	}
}

// A page by a beginning jumps over names before it, also over those that begin with punctuation.
func TestAPageByABeginningReadsFewOtherNames(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	var names []string
	for i := range 120 {
		names = append(names, fmt.Sprintf("(Firma %03d)", i), fmt.Sprintf("Sommer, Anna %03d", i), fmt.Sprintf("Som %03d", i), fmt.Sprintf("🦊 %03d", i))
	}
	batch(x, "/individual", append(names, "Sommer-Zoe", "(Sommer) Zoe", "Zacharias")...)
	a := x.Get("/individual?sort=name&limit=2" + beginning("sommer z"))
	if got := a.Page().Texts("name"); !slices.Equal(got, []string{"(Sommer) Zoe", "Sommer-Zoe"}) || x.Next(a) != "" {
		t.Errorf("the page is %q", got)
	}
	if l := a.Log(); l.ReadUnits > 2+12 {
		t.Errorf("it takes %v read units", l.ReadUnits)
	}
}

func TestANameCostsTwoUnitsInTheListByName(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	created := x.Do("POST", "/individual", object{"name": "Erika Maria Sommer"}).Want(201)
	if l := created.Log(); l.WriteUnits > 16 {
		t.Errorf("a contact with three words takes %v units", l.WriteUnits)
	}
	person := "/individual/" + created.Text("id")
	if l := x.Do("PUT", person, object{"name": "Erika Maria Sommer", "date_of_birth": "1980-01-01"}).Want(200).Log(); l.WriteUnits > 8 {
		t.Errorf("a change that leaves the name takes %v units", l.WriteUnits)
	}
}

func TestAListByNameRefusesWhatDoesNotGoTogether(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	for i := range 3 {
		for _, tenant := range []*harness.Tenant{x, other} {
			tenant.CreateIndividual(fmt.Sprint("Anna ", i))
			tenant.CreateOrganization(fmt.Sprint("Anna ", i))
		}
	}
	for _, query := range []string{"?sort=age", "?sort=Name", "?sort=name&offset=0", "?sort=name&offset=1", "?starts_with=a", "?sort=name&starts_with=", "?sort=name&starts_with=" + strings.Repeat("x", 257),
		"?sort=name&starts_with=%ff", "?sort=name&limit=0", "?sort=name&limit=5001", "?sort=name&cursor=x", "?sort=name&cursor=", "?sort=name&deleted=maybe", "?sort=", "?sort=name&sort=name",
		"?sort=name&starts_with=a&starts_with=b"} {
		x.Get("/individual" + query).Problem(400)
	}
	x.Get("/individual?sort=name" + beginning(strings.Repeat("ä", 256))).Page()
	x.Get("/placeholder-customers?sort=name").Problem(400)
	cursorOf := func(next string) string {
		_, cursor, _ := strings.Cut(next, "cursor=")
		cursor, _, _ = strings.Cut(cursor, "&")
		return "cursor=" + cursor
	}
	cursor := cursorOf(x.Next(x.Get("/individual?sort=name&limit=1")))
	if got := x.Get("/individual?sort=name&" + cursor).Page().Texts("name"); !slices.Equal(got, []string{"Anna 1", "Anna 2"}) {
		t.Errorf("the rest is %q", got)
	}
	plain := cursorOf(x.Next(x.Get("/individual?limit=1")))
	for _, query := range []string{"/organization?sort=name&" + cursor, "/individual?" + cursor, "/individual?sort=name&starts_with=a&" + cursor, "/individual?sort=name&deleted=false&" + cursor,
		"/individual?sort=name&" + plain, "/individual?sort=name&offset=0&" + cursor} {
		x.Get(query).Problem(400)
	}
	other.Get("/individual?sort=name&" + cursor).Problem(400)
}

// The entries of the longest names, before and after, fit into one transaction with those of everything else that a replacement changes.
func TestALongNameIsReplacedByAnother(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	long := func(letter string) string {
		var words []string
		for i := range 41 {
			words = append(words, fmt.Sprintf("%sö%d", letter, i))
		}
		return strings.Join(words, " ")
	}
	person := x.Create("/individual", object{"name": long("a"), "external_id": "A"})
	x.Do("PUT", person, object{"name": long("b"), "external_id": "B"}, "Idempotency-Key", "long").Want(200)
	if got := byName(x, "/individual", 1, beginning("bo0 boe1")); !slices.Equal(got, []string{long("b")}) {
		t.Errorf("listed are %q", got)
	}
	if got := byName(x, "/individual", 1, beginning("a")); got != nil {
		t.Errorf("its former name is listed: %q", got)
	}
	x.Do("DELETE", person, nil, "Idempotency-Key", "gone").Want(204)
	x.IsSound()
}
