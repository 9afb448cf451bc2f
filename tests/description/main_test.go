// Package description holds the platform's answers to api/openapi.yaml.
package description

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"contacts"
	"contacts/tests/harness"
)

// object is JSON that is sent.
type object = harness.Object

func TestMain(m *testing.M) { harness.Main(m) }

// A document is api/openapi.yaml.
type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Responses map[string]struct {
			Content map[string]struct{ Examples map[string]any }
		}
		Examples map[string]struct{ Value any }
	}
	compiler *jsonschema.Compiler
}

// readDescription returns the description, with a compiler of its schemas.
func readDescription(t *testing.T) (d document) {
	t.Helper()
	text, err := yaml.YAMLToJSON(contacts.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	resource, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	d.compiler = jsonschema.NewCompiler()
	d.compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) {
		return regexp.Compile(regexp.MustCompile(`\\u([0-9a-f]{4})`).ReplaceAllString(pattern, `\x{$1}`))
	})
	if err := d.compiler.AddResource("openapi.json", resource); err != nil {
		t.Fatal(err)
	}
	return d
}

// fault returns what is wrong with JSON by the schema at a pointer of the description, "" for nothing.
func (d document) fault(t *testing.T, pointer, text string) string {
	t.Helper()
	schema, err := d.compiler.Compile("openapi.json#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// escape returns a key as part of a JSON pointer in a URI.
func escape(key string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(key) }

// rawDescription returns the description as it is.
func rawDescription(t *testing.T) (d map[string]any) {
	t.Helper()
	text, err := yaml.YAMLToJSON(contacts.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}
