package exports

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/tests/harness"
)

// names returns the names in a file of JSON Lines, in its order.
func names(t testing.TB, file string) (all []string) {
	t.Helper()
	for line := range strings.Lines(file) {
		var contact struct {
			Individual struct {
				Name string `json:"name"`
			} `json:"individual_contact"`
			Organization struct {
				Name string `json:"name"`
			} `json:"organization_contact"`
		}
		if err := json.Unmarshal([]byte(line), &contact); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, contact.Individual.Name+contact.Organization.Name)
	}
	return all
}

func TestAnExportHasEachContactThatIsNotDeletedOnce(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	want := []string{}
	for _, a := range harness.Concurrently(t, 120, func(int) (*harness.Answer, error) { return x.TryDo("POST", "/individual", object{"name": "Erika"}) }) {
		a.Want(201)
		want = append(want, "Erika")
	}
	x.Do("DELETE", x.CreateIndividual("Deleted"), nil).Want(204)
	x.Do("POST", "/placeholder-customers", object{"customer_id": "walk-in", "name": "Walk-in", "is_active": true, "customer_since": "2020-01-01", "requires_formal_invoice": false, "track_revenue": true}).Want(201)
	x.Do("POST", "/organization", object{"name": "Acme"}).Want(201)

	shown, file := exported(x, object{"format": "JSON_LINES"})
	if got := names(t, file); !slices.Equal(got, append(want, "Acme")) {
		t.Errorf("the file has %d contacts: %q", len(got), got)
	}
	if shown["contacts"] != float64(121) {
		t.Errorf("the export is %v", shown)
	}
	if _, file = exported(x, object{"format": "JSON_LINES", "kind": "ORGANIZATION"}); !slices.Equal(names(t, file), []string{"Acme"}) {
		t.Errorf("the organizations are %q", file)
	}
	shown, file = exported(x, object{"format": "VCARD", "version": "4.0"})
	if n := strings.Count(file, "BEGIN:VCARD\r\nVERSION:4.0\r\n"); n != 121 || shown["version"] != "4.0" {
		t.Errorf("the file has %d cards, the export is %v", n, shown)
	}
	x.IsSound()
}

func TestALineOfJSONIsWhatFullShowsWithTheTags(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := x.CreateIndividual("Erika")
	x.Do("POST", person+"/emails", object{"type": "WORK_EMAIL", "address": "erika@example.com", "usage_context": "PROFESSIONAL"}).Want(201)
	for _, tag := range []string{"VIP", "Berlin"} {
		x.Do("POST", person+"/tags", object{"name": tag}).Want(201)
	}
	want := x.Get(person + "/full").Want(200).Object()
	want["tags"] = []any{"VIP", "Berlin"}
	_, file := exported(x, object{"format": "JSON_LINES"})
	var got object
	if err := json.Unmarshal([]byte(file), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the line differs from full: %s", diff)
	}
}

func TestAnExportSelectsByTagAndByTimeOfTheLastChange(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	tagged, other := x.CreateIndividual("Tagged"), x.CreateIndividual("Other")
	firm := "/organization/" + x.Do("POST", "/organization", object{"name": "Acme"}).Want(201).Text("id")
	for _, path := range []string{tagged, firm} {
		x.Do("POST", path+"/tags", object{"name": "VIP"}).Want(201)
	}
	if _, file := exported(x, object{"format": "JSON_LINES", "tag": "vip"}); !slices.Equal(names(t, file), []string{"Tagged", "Acme"}) {
		t.Errorf("with the tag: %q", names(t, file))
	}
	if _, file := exported(x, object{"format": "JSON_LINES", "tag": "vip", "kind": "INDIVIDUAL"}); !slices.Equal(names(t, file), []string{"Tagged"}) {
		t.Errorf("individuals with the tag: %q", names(t, file))
	}
	history := x.Get(firm + "/history").Want(200).Page()
	last, err := time.Parse(time.RFC3339Nano, history.Items[0]["at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	x.Do("PUT", other, object{"name": "Changed"}).Want(200)
	if _, file := exported(x, object{"format": "JSON_LINES", "changed_since": last.Format(time.RFC3339Nano)}); !slices.Equal(names(t, file), []string{"Changed", "Acme"}) {
		t.Errorf("changed since: %q", names(t, file))
	}
	if _, file := exported(x, object{"format": "JSON_LINES", "changed_since": last.Add(time.Hour).Format(time.RFC3339Nano)}); file != "" {
		t.Errorf("changed since the future: %q", file)
	}
	if _, file := exported(x, object{"format": "VCARD", "tag": "none"}); file != "" {
		t.Errorf("with a tag that nobody has: %q", file)
	}
}

func TestTheAddressOfAFileIsNewWithEachGETAndTheETagLeavesItOut(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.CreateIndividual("Erika")
	created := x.Do("POST", "/exports", object{"format": "VCARD"}).Want(201)
	path := "/exports/" + created.Text("id")
	if got := created.Object(); got["status"] != "RUNNING" || got["url"] != nil || got["version"] != "3.0" {
		t.Errorf("a new export is %v", got)
	}
	ended(x, path)
	first := x.Get(path).Want(200)
	x.Get(path, "If-None-Match", first.Header.Get("ETag")).Want(304)
	if first.Header.Get("ETag") == created.Header.Get("ETag") {
		t.Error("the ETag of an export that is DONE is that of one that is RUNNING")
	}
	list := x.Get("/exports").Page()
	if len(list.Items) != 1 || list.Items[0]["url"] != nil || list.Items[0]["id"] != created.Text("id") {
		t.Errorf("the list is %v", list)
	}
}

func TestExportsAreListedTheNewestFirstPageAfterPage(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	want := []string{}
	for range 5 {
		want = append([]string{x.Do("POST", "/exports", object{"format": "JSON_LINES"}).Want(201).Text("id")}, want...)
	}
	got := []string{}
	for path := "/exports?limit=2"; path != ""; {
		a := x.Get(path)
		page := a.Page()
		got = append(got, page.Texts("id")...)
		if path = ""; page.Next != nil {
			path = "/exports?limit=2&cursor=" + *page.Next
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %q, want %q", got, want)
	}
	x.Get("/exports?cursor=none").Problem(400)
}

func TestAnExportIsRefusedForWhatItCanNotHave(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Do("POST", "/exports", object{}).Faults(400, "/format")
	x.Do("POST", "/exports", object{"format": "XML"}).Faults(400, "/format")
	x.Do("POST", "/exports", object{"format": "CSV", "version": "3.0"}).Faults(400, "/version")
	x.Do("POST", "/exports", object{"format": "VCARD", "version": "2.1"}).Faults(400, "/version")
	x.Do("POST", "/exports", object{"format": "VCARD", "kind": "PLACEHOLDER_CUSTOMER", "tag": "", "changed_since": "yesterday"}).Faults(400, "/kind", "/tag", "/changed_since")
	x.Get("/exports/4").Problem(404)
	other := harness.NewTenant(t)
	x.Get("/exports/" + other.Do("POST", "/exports", object{"format": "VCARD"}).Want(201).Text("id")).Problem(404)
}

func TestARepeatedRequestMakesOneExport(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	first := x.Do("POST", "/exports", object{"format": "VCARD"}, "Idempotency-Key", "export").Want(201)
	runJobs(t)
	harness.SameAnswer(t, first, x.Do("POST", "/exports", object{"format": "VCARD"}, "Idempotency-Key", "export"))
	if n := len(x.Get("/exports").Page().Items); n != 1 {
		t.Errorf("%d exports", n)
	}
}

func TestACSVFileHasAColumnForEachFieldThatAContactHas(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person := "/individual/" + x.Do("POST", "/individual", object{"name": "=Erika", "external_id": "0012"}).Want(201).Text("id")
	for _, address := range []string{"erika@example.com", "erika@home.example"} {
		x.Do("POST", person+"/emails", object{"type": "WORK_EMAIL", "address": address, "usage_context": "PROFESSIONAL"}).Want(201)
	}
	x.Do("POST", "/organization", object{"name": "Müller, Söhne"}).Want(201)
	shown, file := exported(x, object{"format": "CSV"})
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) != 3 || shown["contacts"] != float64(2) {
		t.Fatalf("%q, %v: %v", file, err, shown)
	}
	cell := func(row int, heading string) string { return rows[row][slices.Index(rows[0], heading)] }
	for _, want := range []struct {
		row            int
		heading, value string
	}{{1, "name", "'=Erika"}, {1, "external_id", "0012"}, {1, "kind", "INDIVIDUAL"}, {2, "name", "Müller, Söhne"}, {2, "kind", "ORGANIZATION"}} {
		if got := cell(want.row, want.heading); got != want.value {
			t.Errorf("%s of row %d is %q, want %q", want.heading, want.row, got, want.value)
		}
	}
	if !strings.Contains(file, "erika@example.com") || !strings.Contains(file, "erika@home.example") {
		t.Errorf("the file lacks an address: %q", file)
	}
}
