package functions

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

	"contacts/tests/harness"
)

// A budget is the cost of an operation at the store.
type budget struct {
	calls       int
	read, write float64
}

// budgets reads the tables of docs/benchmarks.md: the budget of each operation, and why operations of that cost take no less.
func budgets(t *testing.T) (table map[string]budget, reasons map[budget]string) {
	t.Helper()
	table, reasons = map[string]budget{}, map[budget]string{}
	_, section, _ := strings.Cut(benchmarks(t), "\n## Store units\n")
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		var b budget
		if len(cells) < 4 {
			continue
		}
		if _, err := fmt.Sscan(strings.Join(cells[1:4], " "), &b.calls, &b.read, &b.write); err != nil {
			continue
		}
		if len(cells) == 5 {
			reasons[b] = strings.TrimSpace(cells[4])
		} else {
			table[strings.TrimSpace(cells[0])] = b
		}
	}
	return table, reasons
}

func benchmarks(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEachOperationKeepsToItsBudget(t *testing.T) {
	t.Parallel()
	table, reasons := budgets(t)
	spent := map[string]budget{}
	for _, a := range walk(t) {
		l := a.Log()
		b := budget{l.StoreCalls, l.ReadUnits, l.WriteUnits}
		if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" && b.write > 0 {
			// DynamoDB Local reports 4 for every transaction of small items; DynamoDB takes 2 for each item.
			b.write = table[l.Operation].write
		}
		if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" && b.read < table[l.Operation].read {
			b.read = table[l.Operation].read // it does not count a Query that finds nothing
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
	for _, operation := range operations(t) {
		if _, ok := spent[operation]; !ok && operation != "authorize" && operation != "getHealth" { // their costs vary: see authorizing
			t.Errorf("api/operations.tsv has %s, which the walk leaves out", operation)
		}
	}
	if want := budgetTables(spent, reasons); t.Failed() || !strings.Contains(benchmarks(t), want) {
		t.Errorf("docs/benchmarks.md should have these tables, as they were measured:\n%s", want)
	}
}

// operations returns the names of all operations.
func operations(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "api", "operations.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(string(text), "\n") // without the header
	for row := range strings.Lines(rows) {
		name, _, _ := strings.Cut(row, "\t")
		names = append(names, name)
	}
	return names
}

// budgetTables returns the tables for docs/benchmarks.md: the costs, each with the reason of the row that has it now, and the operations.
func budgetTables(spent map[string]budget, reasons map[budget]string) string {
	rows := map[budget][]string{}
	for operation, b := range spent {
		rows[b] = append(rows[b], operation)
	}
	byCost := func(a, b budget) int {
		return cmp.Or(cmp.Compare(a.write, b.write), cmp.Compare(a.read, b.read), cmp.Compare(a.calls, b.calls))
	}
	var text strings.Builder
	text.WriteString("| operations | calls | read units | write units | why no less |\n|---|---|---|---|---|\n")
	for _, b := range slices.SortedFunc(maps.Keys(rows), byCost) {
		fmt.Fprintf(&text, "| %s | %d | %v | %v | %s |\n", shortest(rows[b]), b.calls, b.read, b.write, reasons[b])
	}
	text.WriteString("\n<details>\n<summary>Every operation by its name</summary>\n\n| operation | calls | read units | write units |\n|---|---|---|---|\n")
	for _, operation := range slices.Sorted(maps.Keys(spent)) {
		b := spent[operation]
		fmt.Fprintf(&text, "| %s | %d | %v | %v |\n", operation, b.calls, b.read, b.write)
	}
	return text.String() + "\n</details>"
}

func TestInvalidRequestsCostNoCallOfTheStore(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Get("/individual").Want(200) // the keys are read by now
	for _, a := range []*harness.Answer{
		x.Get("/individual", "Authorization", "Bearer x"), x.Get("/individual/abc"), x.Get("/individual?limit=0"), x.Do("POST", "/individual", object{}),
		x.Do("POST", "/individual", "", "Content-Type", "text/plain"), x.Get("/individual/8123"),
	} {
		if l := a.Log(); l.StoreCalls != 0 {
			t.Errorf("%s = %d after %d calls", a.What, a.Status, l.StoreCalls)
		}
	}
}

func TestTheLogHasNoPersonalDataAndNoSecrets(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	private := []string{x.Token, strings.Split(x.Token, ".")[2], x.Secret, harness.Platform.Secret, "Geheimrat", "geheim@example.com", "+49 221 98765", "https://geheim.example",
		"crm-geheim", "idem-geheim", "1999-09-09", "Geheimweg"}
	path := "/individual/" + x.Do("POST", "/individual", object{"name": "Geheimrat", "external_id": "crm-geheim", "date_of_birth": "1999-09-09"},
		"Idempotency-Key", "idem-geheim").Want(201).Text("id")
	x.Do("POST", "/individual", object{"name": "Geheimrat", "external_id": "crm-geheim"}).Problem(409)
	x.Do("POST", "/individual", object{"name": "Geheimrat", "Geheimweg": 1}).Problem(400)
	x.Do("POST", "/individual", `{"name":"Geheimrat`).Problem(400)
	x.Do("POST", path+"/emails", harness.With(harness.EmailSample, "address", "geheim@example.com")).Want(201)
	x.Do("POST", path+"/emails", harness.With(harness.EmailSample, "address", "geheim@example.com@x")).Problem(400)
	x.Do("POST", path+"/phones", harness.With(harness.PhoneSample, "number", "+49 221 98765")).Want(201)
	x.Do("POST", path+"/web-addresses", harness.With(harness.WebSample, "url", "https://geheim.example")).Want(201)
	x.Do("POST", path+"/addresses", harness.With(harness.AddressSample, "full_address", "Geheimweg 1")).Want(201)
	x.Get("/individual?cursor=Geheimrat").Problem(400)
	x.Get("/Geheimweg").Want(404)
	x.Get("/individual/Geheimrat").Problem(404)
	x.Get("/individual", "Authorization", "Bearer "+x.Token+"x").Problem(403)
	harness.Send(t, "GET", "/auth/authorize/"+x.Org, nil, "Authorization", harness.BasicAuth("Geheimrat", x.Secret)).Problem(401)
	harness.Damage(t, "T#"+x.Org+"#I", strings.Repeat("0", 16-len(path[len("/individual/"):]))+path[len("/individual/"):], `{"name":"Geheimrat"`)
	x.Get(path)
	log := harness.Platform.Log.All()
	for _, p := range private {
		if at := strings.Index(log, p); at >= 0 {
			t.Errorf("the log has %q: %s", p, log[max(0, at-200):min(len(log), at+200)])
		}
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line is no JSON: %q", line)
		}
	}
}
