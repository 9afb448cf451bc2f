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
		{"the store knows nothing of HTTP or of dialects", func(from, to string) bool {
			return from == "contacts/pkg/dynamo" && under(to, "contacts/pkg/rest", "contacts/pkg/api", "contacts/pkg/apigw", "contacts/pkg/wiring", "contacts/pkg/local")
		}},
		{"one package wraps the proxy", func(from, to string) bool {
			return under(to, "github.com/awslabs/aws-lambda-go-api-proxy") && !under(from, "contacts/pkg/apigw", "contacts/tools")
		}},
		{"what all operations share knows none of them", func(from, to string) bool {
			return from == "contacts/pkg/rest" && under(to, "contacts/pkg/api", "contacts/pkg/apigw", "contacts/pkg/wiring")
		}},
		{"the local gateway knows no operation", func(from, to string) bool {
			return from == "contacts/pkg/local" && under(to, "contacts") && !under(to, "contacts/pkg/samtemplate", "contacts/pkg/filelock")
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
			mapping, store := u.ImportPath == "contacts/pkg/option", u.ImportPath == "contacts/pkg/dynamo"
			if mapping && !standard(to) && to != "contacts/pkg/contact" || store && to == "contacts/pkg/option" {
				t.Errorf("%s imports %s", u.ImportPath, to)
			}
		}
	}
}
