package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// A handler that names an owner takes the organization from the path, which the caller is authorized for.
func TestHandlersNameOwnersOfTheRequestsTenantAlone(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files, named := token.NewFileSet(), 0
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			if name, ok := field.Key.(*ast.Ident); ok && name.Name == "Org" {
				if named++; !isOrg(field.Value) {
					t.Errorf("%s: an owner of something else than org", files.Position(field.Pos()))
				}
			}
			return true
		})
	}
	if named < 5 {
		t.Errorf("%d owners are named: is this the package of the handlers?", named)
	}
}

// isOrg reports whether an expression is org, or the Org of a path or an owner.
func isOrg(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "org"
	case *ast.SelectorExpr:
		return e.Sel.Name == "Org"
	}
	return false
}
