package tests

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const awsSDK = "github.com/aws/aws-sdk-go-v2"

// A unit is a package of this module with the imports of its files.
type unit struct {
	ImportPath string
	Imports    []string
}

func units(t *testing.T) []unit {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "contacts/...")
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []unit
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var u unit
		if err := d.Decode(&u); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, u)
	}
}

// under reports whether a package is one of these or below one.
func under(path string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") })
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "contacts"
}

// layers are the packages of the records, each with those of ours that it may import.
var layers = map[string][]string{
	"contacts/pkg/contact":           {},
	"contacts/pkg/search":            {},
	"contacts/pkg/capacity":          {},
	"contacts/pkg/retries":           {},
	"contacts/pkg/dynamo":            {"capacity", "retries"},
	"contacts/pkg/keys":              {"contact", "dynamo"},
	"contacts/pkg/idempotency":       {"contact", "dynamo", "keys", "retries"},
	"contacts/pkg/accounts":          {"contact", "dynamo", "keys", "history"},
	"contacts/pkg/store/offset":      {"contact", "dynamo", "keys"},
	"contacts/pkg/changes":           {"contact", "dynamo", "keys"},
	"contacts/pkg/history":           {"contact", "dynamo", "keys", "changes"},
	"contacts/pkg/webhook":           {"contact", "dynamo", "keys", "idempotency", "changes"},
	"contacts/pkg/job":               {"contact", "dynamo", "keys"},
	"contacts/pkg/vcard":             {},
	"contacts/pkg/vcard/reader":      {"vcard"},
	"contacts/pkg/csvfile":           {},
	"contacts/pkg/exchange":          {"contact", "phone", "search", "vcard"},
	"contacts/pkg/exchange/country":  {"contact", "search"},
	"contacts/pkg/exchange/card":     {"contact", "exchange", "exchange/country", "vcard"},
	"contacts/pkg/exchange/row":      {"contact", "phone", "csvfile", "exchange", "exchange/country"},
	"contacts/pkg/exports":           {"contact", "dynamo", "keys", "idempotency", "job", "store", "exchange", "image/object"},
	"contacts/pkg/exports/exporter":  {"contact", "dynamo", "keys", "job", "store", "details", "csvfile", "exchange", "exchange/card", "exchange/row", "exports", "vcard", "image/bucket"},
	"contacts/pkg/store":             {"contact", "dynamo", "keys", "idempotency", "changes", "history", "store/offset", "phone", "search", "collation", "capacity"},
	"contacts/pkg/webhook/address":   {"contact"},
	"contacts/pkg/webhook/deliverer": {"contact", "dynamo", "keys", "accounts", "changes", "webhook", "webhook/address"},
	"contacts/pkg/fsck":              {"contact", "dynamo", "keys", "idempotency", "accounts", "changes", "history", "store", "store/offset", "webhook", "job", "exports", "image/bucket", "image/object"},
	"contacts/pkg/backup":            {"contact", "dynamo", "keys", "accounts", "changes", "store", "webhook", "image/bucket", "image/object"},
}

func TestImportsPointDownwards(t *testing.T) {
	t.Parallel()
	list := units(t)
	if len(list) < 10 {
		t.Fatalf("go list knows %d packages", len(list))
	}
	rules := []struct {
		name   string
		breaks func(from, to string) bool
	}{
		{"the domain knows the standard library and golang.org/x/text", func(from, to string) bool {
			return from == "contacts/pkg/contact" && !standard(to) && !under(to, "golang.org/x/text")
		}},
		{"AWS is spoken to at the edges", func(from, to string) bool {
			return under(to, awsSDK, "github.com/aws/smithy-go") &&
				!under(from, "contacts/pkg/dynamo", "contacts/pkg/retries", "contacts/pkg/image", "contacts/pkg/wiring", "contacts/cmd", "contacts/tests", "contacts/tools")
		}},
		{"each client of the SDK is linked by the functions that need it alone", func(from, to string) bool {
			switch {
			case under(from, "contacts/tests", "contacts/tools"), under(to, awsSDK+"/service/dynamodb"):
				return false
			case under(to, awsSDK+"/service/s3"):
				return from != "contacts/pkg/image/bucket"
			case under(to, awsSDK+"/service/secretsmanager"):
				return from != "contacts/pkg/wiring/secret"
			}
			return under(to, awsSDK+"/service")
		}},
		{"not every function links password hashing", func(from, to string) bool {
			return from == "contacts/pkg/api" && to == "contacts/pkg/auth/password"
		}},
		{"each layer of the records imports those below it", func(from, to string) bool {
			below, isLayer := layers[from]
			return isLayer && under(to, "contacts") && !slices.Contains(below, strings.TrimPrefix(to, "contacts/pkg/"))
		}},
		{"what all operations share asks the store nothing", func(from, to string) bool {
			return from == "contacts/pkg/rest" && under(to, "contacts/pkg/store", "contacts/pkg/dynamo", "contacts/pkg/keys", "contacts/pkg/fsck", "contacts/pkg/backup")
		}},
		{"operations ask the store alone", func(from, to string) bool {
			return from == "contacts/pkg/api" && under(to, "contacts/pkg/dynamo", "contacts/pkg/keys", "contacts/pkg/store/offset", "contacts/pkg/fsck", "contacts/pkg/backup")
		}},
		{"one package wraps the proxy", func(from, to string) bool {
			return under(to, "github.com/awslabs/aws-lambda-go-api-proxy") && !under(from, "contacts/pkg/apigw", "contacts/tools")
		}},
		{"what all operations share knows none of them", func(from, to string) bool {
			return from == "contacts/pkg/rest" && under(to, "contacts/pkg/api", "contacts/pkg/apigw", "contacts/pkg/wiring")
		}},
		{"the local gateway knows no operation", func(from, to string) bool {
			return from == "contacts/pkg/local" && under(to, "contacts") && !under(to, "contacts/pkg/samtemplate")
		}},
		{"no package imports a command", func(from, to string) bool { return under(to, "contacts/cmd", "contacts/functions") }},
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, u := range list {
				for _, to := range u.Imports {
					if rule.breaks(u.ImportPath, to) {
						t.Errorf("%s imports %s", u.ImportPath, to)
					}
				}
			}
		})
	}
}

func TestTheStoreKnowsNoDialectAndTheMappingNoStore(t *testing.T) {
	t.Parallel()
	for _, u := range units(t) {
		for _, to := range u.Imports {
			mapping, store := u.ImportPath == "contacts/pkg/option", under(u.ImportPath, "contacts/pkg/store")
			if mapping && !standard(to) && to != "contacts/pkg/contact" || store && to == "contacts/pkg/option" {
				t.Errorf("%s imports %s", u.ImportPath, to)
			}
		}
	}
}
