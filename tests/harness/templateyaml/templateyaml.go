// Package templateyaml reads template.yaml as plain maps and lists, for tests that need no platform.
package templateyaml

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A Tree is a YAML document as maps, lists and scalars. Short tags are dropped: !Ref X is the text X.
type Tree = map[string]any

// ReadTemplate returns template.yaml.
func ReadTemplate(t *testing.T) Tree {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var s Tree
	if err := yaml.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// At returns the value at a path of names and indexes, or nil.
func At(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch inner := v.(type) {
		case Tree:
			v = inner[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(inner) {
				return nil
			}
			v = inner[i]
		default:
			return nil
		}
	}
	return v
}

// Statements returns the statements of a function's policies, inline or by reference.
func Statements(s Tree, function string) (all []any) {
	policies, _ := At(s, "Resources."+function+".Properties.Policies").([]any)
	for _, policy := range policies {
		statements, _ := At(policy, "Statement").([]any)
		if name, ok := policy.(string); ok {
			statements, _ = At(s, "Resources."+name+".Properties.PolicyDocument.Statement").([]any)
		}
		all = append(all, statements...)
	}
	return all
}
