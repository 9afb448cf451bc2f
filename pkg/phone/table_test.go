package phone_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"contacts/tools/phonegen/tablegen"

	"github.com/google/go-cmp/cmp"
)

func TestTheTablesAreWhatTheGeneratorMakesOfTheMetadata(t *testing.T) {
	t.Parallel()
	codes, plans, err := tablegen.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"codes.txt": codes, "plans.txt": plans} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is stale, run go generate (-file +metadata):\n%s", name, cmp.Diff(string(got), want))
		}
	}
}

// A program that imports phone must not pay for it before main starts, nor link
// the library that the table comes from.
func TestTheRuntimeIsStandardLibraryOnlyAndDoesNothingAtInit(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(name, "/"); first == "contacts" || strings.Contains(first, ".") {
				t.Errorf("%s imports %s", path, name)
			}
		}
		for _, decl := range file.Decls {
			checkNoInit(t, path, decl)
		}
	}
}

// checkNoInit reports init functions and package variables with a value.
func checkNoInit(t *testing.T, path string, decl ast.Decl) {
	t.Helper()
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name == "init" {
			t.Errorf("%s has an init function", path)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR && len(v.Values) > 0 {
				t.Errorf("%s sets %s at init", path, v.Names[0])
			}
		}
	}
}
