package collation_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"testing"

	"contacts/tools/collationgen/tablegen"
)

func TestTheTableIsWhatTheGeneratorMakesOfTheLibrary(t *testing.T) {
	t.Parallel()
	want, err := tablegen.Table()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("root.bin"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("root.bin is stale, run go generate in pkg/collation (%v)", err)
	}
}

// A function that makes no keys must neither link the table nor pay for it when it starts.
func TestThePackageDoesNothingAtInit(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"collation.go", "prefix.go", "table.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.GenDecl); ok && v.Tok == token.VAR {
				for _, spec := range v.Specs {
					if spec := spec.(*ast.ValueSpec); len(spec.Values) > 0 {
						t.Errorf("%s sets %s", name, spec.Names[0])
					}
				}
			}
			f, isFunc := n.(*ast.FuncDecl)
			if isFunc && f.Name.Name == "init" {
				t.Errorf("%s has an init function", name)
			}
			return !isFunc
		})
	}
}
