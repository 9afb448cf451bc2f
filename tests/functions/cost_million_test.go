package functions

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// Prices in USD, as in docs/cost.md: of a million units, and of a million requests apart from the table.
const (
	readPrice, writePrice = 0.125, 0.625
	requestPrice          = 1.00 + 0.20 + 10e-3*0.5*13.3 // the HTTP API, Lambda's requests, and 10 ms each with 512 MB
)

// The prices of a million requests follow from the budgets of the operations.
func TestTheCostOfEachOperationFollowsFromItsBudget(t *testing.T) {
	t.Parallel()
	table, _ := budgets(t)
	table["authorize"] = authorizing(t)
	rows := map[budget][]string{}
	for operation, b := range table {
		rows[budget{read: b.read, write: b.write}] = append(rows[budget{read: b.read, write: b.write}], operation)
	}
	price := func(b budget) float64 { return readPrice*b.read + writePrice*b.write }
	var want []string
	for _, b := range slices.SortedFunc(maps.Keys(rows), func(a, b budget) int { return cmp.Or(cmp.Compare(price(a), price(b)), cmp.Compare(a.write, b.write)) }) {
		want = append(want, fmt.Sprintf("| %s | %v, %v | %.2f | %.2f |", shortest(rows[b]), b.read, b.write, price(b), price(b)+requestPrice))
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "cost.md"))
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(want, "\n"); !strings.Contains(string(text), "|---|---|---|---|\n"+all+"\n\n") {
		t.Errorf("docs/cost.md should price a million of\n%s", all)
	}
}

// shortest returns the four shortest names, and how many more there are.
func shortest(names []string) string {
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	if rest := len(names) - 4; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:4], ", "), rest)
	}
	return strings.Join(names, ", ")
}

// authorizing returns the cost of a token. It has no budget, because it sometimes includes a read of the keys.
func authorizing(t *testing.T) (least budget) {
	t.Helper()
	x := harness.NewTenant(t)
	for range 5 {
		l := harness.Send(t, "GET", "/auth/authorize/"+x.Org, nil, "Authorization", harness.BasicAuth(x.App, x.Secret)).Want(200).Log()
		if b := (budget{l.StoreCalls, l.ReadUnits, l.WriteUnits}); least.calls == 0 || b.calls < least.calls {
			least = b
		}
	}
	return least
}
