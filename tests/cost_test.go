package tests

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A budget is what an operation may ask of the store.
type budget struct {
	calls       int
	read, write float64
}

// budgets reads the table of docs/benchmarks.md, and why no row of it can be less.
func budgets(t *testing.T) (table map[string]budget, reasons map[budget]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, reasons = map[string]budget{}, map[budget]string{}
	_, section, _ := strings.Cut(string(text), "\n## Store units\n")
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		var b budget
		if len(cells) != 5 {
			continue
		}
		if _, err := fmt.Sscan(strings.Join(cells[1:4], " "), &b.calls, &b.read, &b.write); err != nil {
			continue
		}
		reasons[b] = strings.TrimSpace(cells[4])
		for operation := range strings.SplitSeq(cells[0], ",") {
			table[strings.TrimSpace(operation)] = b
		}
	}
	return table, reasons
}

func TestEachOperationKeepsToItsBudget(t *testing.T) {
	t.Parallel()
	table, reasons := budgets(t)
	spent := map[string]budget{}
	for _, a := range walk(t) {
		l := a.log()
		b := budget{l.StoreCalls, l.ReadUnits, l.WriteUnits}
		if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" && b.write > 0 {
			// DynamoDB Local says 4 of every transaction of small items, however many they are; DynamoDB takes 2 for each.
			b.write = table[l.Operation].write
		}
		if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" && b.read < table[l.Operation].read {
			b.read = table[l.Operation].read // nor does it count a Query that finds nothing
		}
		if want, ok := table[l.Operation]; !ok || b != want {
			t.Errorf("%s: %d calls, %v read and %v write units; docs/benchmarks.md says %+v", l.Operation, b.calls, b.read, b.write, want)
		}
		spent[l.Operation] = b
	}
	for operation, b := range table {
		if _, ok := spent[operation]; !ok {
			t.Errorf("docs/benchmarks.md has %s, which the walk leaves out", operation)
		}
		if reasons[b] == "" {
			t.Errorf("docs/benchmarks.md does not say why %s takes no less", operation)
		}
	}
	if t.Failed() {
		t.Log("the table as it was measured:\n" + budgetTable(spent, reasons))
	}
}

// budgetTable is the table as docs/benchmarks.md has it: operations that cost the same in one row, with the reason of the row that costs it now.
func budgetTable(spent map[string]budget, reasons map[budget]string) string {
	rows := map[budget][]string{}
	for operation, b := range spent {
		rows[b] = append(rows[b], operation)
	}
	byCost := func(a, b budget) int {
		return cmp.Or(cmp.Compare(a.write, b.write), cmp.Compare(a.read, b.read), cmp.Compare(a.calls, b.calls))
	}
	var lines []string
	for _, b := range slices.SortedFunc(maps.Keys(rows), byCost) {
		slices.Sort(rows[b])
		lines = append(lines, fmt.Sprintf("| %s | %d | %v | %v | %s |", strings.Join(rows[b], ", "), b.calls, b.read, b.write, reasons[b]))
	}
	return strings.Join(lines, "\n")
}

func TestWhatIsRefusedAtTheDoorAsksNothingOfTheStore(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	x.get("/individual").want(200) // the keys are read by now
	for _, a := range []*answer{
		x.get("/individual", "Authorization", "Bearer x"), x.get("/individual/abc"), x.get("/individual?limit=0"), x.do("POST", "/individual", object{}),
		x.do("POST", "/individual", "", "Content-Type", "text/plain"), x.get("/individual/8123"),
	} {
		if l := a.log(); l.StoreCalls != 0 {
			t.Errorf("%s = %d after %d calls", a.what, a.status, l.StoreCalls)
		}
	}
}

func TestTheLogHoldsNoPersonalDataAndNoSecrets(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	private := []string{x.token, strings.Split(x.token, ".")[2], x.secret, platform.secret, "Geheimrat", "geheim@example.com", "+49 221 98765", "https://geheim.example",
		"crm-geheim", "idem-geheim", "1999-09-09", "Geheimweg"}
	path := "/individual/" + x.do("POST", "/individual", object{"name": "Geheimrat", "external_id": "crm-geheim", "date_of_birth": "1999-09-09"},
		"Idempotency-Key", "idem-geheim").want(201).text("id")
	x.do("POST", "/individual", object{"name": "Geheimrat", "external_id": "crm-geheim"}).problem(409)
	x.do("POST", "/individual", object{"name": "Geheimrat", "Geheimweg": 1}).problem(400)
	x.do("POST", "/individual", `{"name":"Geheimrat`).problem(400)
	x.do("POST", path+"/emails", with(emailSample, "address", "geheim@example.com")).want(201)
	x.do("POST", path+"/emails", with(emailSample, "address", "geheim@example.com@x")).problem(400)
	x.do("POST", path+"/phones", with(phoneSample, "number", "+49 221 98765")).want(201)
	x.do("POST", path+"/web-addresses", with(webSample, "url", "https://geheim.example")).want(201)
	x.do("POST", path+"/addresses", with(addressSample, "full_address", "Geheimweg 1")).want(201)
	x.get("/individual?cursor=Geheimrat").problem(400)
	x.get("/Geheimweg").want(404)
	x.get("/individual/Geheimrat").problem(404)
	x.get("/individual", "Authorization", "Bearer "+x.token+"x").problem(403)
	send(t, "GET", "/auth/authorize/"+x.org, nil, "Authorization", basicAuth("Geheimrat", x.secret)).problem(401)
	damage(t, "T#"+x.org+"#I", strings.Repeat("0", 16-len(path[len("/individual/"):]))+path[len("/individual/"):], `{"name":"Geheimrat"`)
	x.get(path)
	log := platform.log.all()
	for _, p := range private {
		if at := strings.Index(log, p); at >= 0 {
			t.Errorf("the log holds %q: %s", p, log[max(0, at-200):min(len(log), at+200)])
		}
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line is no JSON: %q", line)
		}
	}
}
