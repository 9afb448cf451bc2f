package contacts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

// Every operation of the enfore dialect refuses the query parameters that it doesn't know, and names all of them: a filter that is
// ignored would return everything.
func TestUnknownQueryParametersAreRefused(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t).Admin()
	table, err := os.ReadFile(filepath.Join("..", "..", "api", "operations.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for row := range strings.Lines(string(table)) {
		operation := strings.Split(strings.TrimSpace(row), "\t")
		if operation[0] == "operation" || strings.HasPrefix(operation[2], "/rest/") {
			continue
		}
		tested++
		path := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(strings.Replace(operation[2], "{org-id}", x.Org, 1), "1")
		authorization := "Bearer " + x.Token
		if operation[0] == "authorize" {
			authorization = harness.BasicAuth(x.App, x.Secret)
		}
		var body any
		if operation[1] != "GET" && operation[1] != "DELETE" {
			body = object{}
		}
		var refused []string
		for _, f := range harness.Send(t, operation[1], path+"?order=name&name=Erika&Limit=1&limit[]=1", body, "Authorization", authorization).Problem(400).Errors {
			if f.Parameter != "" && f.Pointer == "" {
				refused = append(refused, f.Parameter)
			}
		}
		for _, name := range []string{"order", "name", "Limit", "limit[]"} {
			if !slices.Contains(refused, name) {
				t.Errorf("%s %s: the parameter %s is not refused, but %q", operation[1], path, name, refused)
			}
		}
		if operation[1] == "GET" {
			harness.Send(t, "HEAD", path+"?order=name", nil, "Authorization", authorization).Want(400)
		}
	}
	if tested < 130 {
		t.Errorf("%d operations were tested", tested)
	}
	// Credentials come first.
	harness.Send(t, "GET", x.Path("/individual?order=name"), nil).Problem(403)
}

// The vendor's description of 2019 has two query parameters, on two operations.
func TestTheVendorsQueryParametersAreKnown(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Get("/individual?limit=1&offset=0").Want(200)
	x.Get("/organization?limit=1&offset=0").Want(200)
}

func TestAQueryParameterHasOneValue(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for path, parameters := range map[string][]string{
		"/individual?limit=1&limit=1":                                               {"?limit"},
		"/individual?limit=1&limit=2&offset=0&offset=0&sort=a&sort=b":               {"?limit", "?offset", "?sort"},
		"/individual?deleted=true&deleted=false&limit=0":                            {"?deleted", "?limit"},
		"/lookup?email=a@example.com&email=b@example.com":                           {"?email"},
		"/individual/1/roles/customer/delivery-and-invoicing?brand_id=1&brand_id=2": {"?brand_id"},
	} {
		x.Get(path).Faults(400, parameters...)
	}
}

func TestANextPageHasTheParametersThatTheListKnows(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.CreateIndividuals(3)
	for query, want := range map[string]string{
		"?limit=1": "cursor limit", "?limit=1&deleted=false&offset=1": "cursor deleted limit", "?limit=2&": "cursor limit",
	} {
		next := x.Next(x.Get("/individual" + query))
		_, rest, _ := strings.Cut(next, "?")
		var names []string
		for pair := range strings.SplitSeq(rest, "&") {
			name, _, _ := strings.Cut(pair, "=")
			names = append(names, name)
		}
		if slices.Sort(names); strings.Join(names, " ") != want {
			t.Errorf("%s leads to %s", query, next)
		}
	}
}
