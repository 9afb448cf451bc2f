package keys

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
)

// Tests of the sources: a partition begins with its tenant, and only package keys says how.

var files = token.NewFileSet()

// sources parses the Go files of a folder and the folders in it, without tests.
func sources(t *testing.T, folder string) map[string]*ast.File {
	t.Helper()
	parsed := map[string]*ast.File{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		parsed[filepath.ToSlash(path)], err = parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// typeName returns a type or a function as it is written: "string", "dynamo.Key"; "" for what has no name.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	}
	return ""
}

// leftmost returns where a sum of texts begins.
func leftmost(e ast.Expr) ast.Expr {
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok || sum.Op != token.ADD {
			return e
		}
		e = sum.X
	}
}

// beginsWithTenant reports whether a function returns a text that begins with a partition of a tenant.
func beginsWithTenant(f *ast.FuncDecl, partitions map[string]bool) (found bool) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			call, ok := leftmost(r.Results[0]).(*ast.CallExpr)
			found = found || ok && partitions[typeName(call.Fun)]
		}
		return true
	})
	return found
}

func TestEveryConstructorTakesTheTenantFirst(t *testing.T) {
	t.Parallel()
	parsed := sources(t, ".")
	delete(parsed, "platform.go") // its records belong to no tenant
	partitions := map[string]bool{"Tenant": true}
	for known := 0; known < len(partitions); { // partitions that begin with partitions
		known = len(partitions)
		for _, file := range parsed {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && typeName(f.Type.Results.List[0].Type) == "string" && beginsWithTenant(f, partitions) {
					partitions[f.Name.Name] = true
				}
			}
		}
	}
	checked := 0
	for _, file := range parsed {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if name, isConstructor := constructorName(f); !isConstructor && !partitions[f.Name.Name] || f.Name.Name == "key" {
				continue
			} else if isConstructor && f.Recv != nil && !strings.HasPrefix(name, "Target.") {
				t.Errorf("%s: a key of something else than a Target", name)
			}
			checked++
			first := f.Type.Params.List[0]
			switch typeName(first.Type) {
			case "contact.Owner", "dynamo.Key":
			case "string":
				if first.Names[0].Name != "org" {
					t.Errorf("%s takes %s first, not org", f.Name.Name, first.Names[0].Name)
				}
			default:
				t.Errorf("%s does not take the tenant first", f.Name.Name)
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d constructors were checked", checked)
	}
}

// A partitionCheck finds partition keys that do not come from package keys. A partition is what a function of package keys returns, the PK
// of a key, or a variable or function with one of the names below; and what becomes one is checked.
type partitionCheck struct {
	// takers are the functions with a parameter named partition.
	takers map[string]taker
	faults []string
}

// A taker is a function with parameters, the one at index partition named so. It is called in its folder alone unless it is exported.
type taker struct {
	folder                string
	parameters, partition int
}

// partitionNames are the variables that are partitions, and the functions that return one: those in store.Parts, by which a collection says
// where it is, too.
var partitionNames = map[string]bool{"PK": true, "partition": true, "ownPartition": true, "children": true}

// notPartitions are functions whose results are stored nowhere.
var notPartitions = map[string]string{"t.within": "the pk of an exported item leaves the tenant out: it may be restored under another name"}

func (c *partitionCheck) fault(at ast.Node, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("%s: ", files.Position(at.Pos()))+fmt.Sprintf(format, args...))
}

func (c *partitionCheck) addTakers(folder string, file *ast.File) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		n, at := 0, -1
		for _, p := range f.Type.Params.List {
			for _, name := range p.Names {
				if name.Name == "partition" {
					at = n
				}
				n++
			}
		}
		if at >= 0 {
			c.takers[f.Name.Name] = taker{folder, n, at}
		}
	}
}

// isPartition reports whether an expression is a partition, or begins with one.
func isPartition(e ast.Expr) bool {
	switch e := leftmost(e).(type) {
	case *ast.CallExpr:
		switch name := typeName(e.Fun); {
		case name == "dynamo.String" && len(e.Args) == 1:
			return isPartition(e.Args[0])
		case strings.HasPrefix(name, "keys."), notPartitions[name] != "":
			return true
		default:
			return isPartition(e.Fun)
		}
	case *ast.SelectorExpr:
		return partitionNames[e.Sel.Name] || strings.HasPrefix(typeName(e), "keys.")
	case *ast.Ident:
		return partitionNames[e.Name]
	case *ast.FuncLit:
		return returnsPartitions(e.Body)
	}
	return false
}

// isPartitionName reports whether an expression names the attribute of a partition key, or a variable for one.
func isPartitionName(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value == `"pk"` || e.Value == `":pk"`
	case *ast.IndexExpr:
		return isPartitionName(e.Index)
	case *ast.SelectorExpr:
		return partitionNames[e.Sel.Name]
	case *ast.Ident:
		return partitionNames[e.Name]
	}
	return false
}

// checkTexts finds partitions that are written by hand.
func (c *partitionCheck) checkTexts(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(literal.Value); err == nil && (strings.HasPrefix(text, "T#") || strings.HasPrefix(text, "P#")) {
				c.fault(n, "%s is written by hand", literal.Value)
			}
		}
		return true
	})
}

// check finds partitions that are made of something else.
func (c *partitionCheck) check(folder string, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "partition" && !returnsPartitions(n.Body) {
				c.fault(n, "partition returns something else")
			}
		case *ast.CompositeLit:
			if typeName(n.Type) == "dynamo.Key" && len(n.Elts) > 0 {
				if _, named := n.Elts[0].(*ast.KeyValueExpr); !named && !isPartition(n.Elts[0]) {
					c.fault(n, "a key whose partition is not of package keys")
				}
			}
		case *ast.KeyValueExpr:
			if isPartitionName(n.Key) && !isPartition(n.Value) {
				c.fault(n, "a partition that is not of package keys")
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if isPartitionName(left) && !isPartition(n.Rhs[min(i, len(n.Rhs)-1)]) {
					c.fault(n, "a partition that is not of package keys")
				}
			}
		case *ast.CallExpr:
			name := typeName(n.Fun)
			if s, ok := n.Fun.(*ast.SelectorExpr); ok {
				name = s.Sel.Name
			}
			if to, ok := c.takers[name]; ok && (to.folder == folder || ast.IsExported(name)) && len(n.Args) == to.parameters && !isPartition(n.Args[to.partition]) {
				c.fault(n, "%s is given a partition that is not of package keys", name)
			}
		}
		return true
	})
}

func returnsPartitions(body *ast.BlockStmt) bool {
	all := true
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			all = all && isPartition(r.Results[0])
		}
		return true
	})
	return all
}

func TestPartitionsComeFromThisPackageAlone(t *testing.T) {
	t.Parallel()
	c := &partitionCheck{takers: map[string]taker{}}
	parsed := sources(t, "..")
	for path, file := range parsed {
		c.addTakers(filepath.Dir(path), file)
	}
	checked := 0
	for path, file := range parsed {
		if strings.HasPrefix(path, "../dynamo/") || strings.HasPrefix(path, "../keys/") {
			continue
		}
		c.checkTexts(file)
		if slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"contacts/pkg/dynamo"` }) {
			checked++
			c.check(filepath.Dir(path), file)
		}
	}
	if checked < 40 || len(c.takers) < 4 {
		t.Errorf("%d files, %d takers of partitions: are these the packages?", checked, len(c.takers))
	}
	for _, fault := range c.faults {
		t.Error(fault)
	}
}

// Each way in which a key could lose its tenant is found.
func TestAPartitionFromElsewhereIsFound(t *testing.T) {
	t.Parallel()
	faults := func(source string) []string {
		file, err := parser.ParseFile(files, "source.go", "package store\n"+source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		c := &partitionCheck{takers: map[string]taker{"Query": {"dynamo", 1, 0}}}
		c.addTakers("store", file)
		c.checkTexts(file)
		c.check("store", file)
		return c.faults
	}
	const right = `func (p Parts) partition(o Owner) string { return keys.PartsOf(o) }
func read(t *Table, o Owner, p Parts) { t.Query(p.partition(o)); x["pk"] = dynamo.String(keys.Guard(o.Org, 1).PK) }
func list(t *Table, partition string) dynamo.Key { t.Query(partition); return dynamo.Key{PK: partition, SK: "A"} }
func next(k dynamo.Key) dynamo.Key { list(t, keys.Contacts(org, 1)); return dynamo.Key{k.PK, "B"} }`
	if found := faults(right); found != nil {
		t.Errorf("faults in right sources: %q", found)
	}
	for name, wrong := range map[string]string{
		"written by hand":           `func f(org string) string { return "T#" + org + "#C" }`,
		"the platform's":            `func f(org string) string { return "P#USER" }`,
		"another text":              `func f(name string) dynamo.Key { return dynamo.Key{name, "A"} }`,
		"by its field's name":       `func f(name string) dynamo.Key { return dynamo.Key{PK: name, SK: "A"} }`,
		"after something":           `func f(org string) dynamo.Key { return dynamo.Key{PK: "X#" + keys.Tenant(org)} }`,
		"set later":                 `func f(k dynamo.Key, name string) { k.PK = name }`,
		"an item's":                 `func f(name string) dynamo.Item { return dynamo.Item{"pk": dynamo.String(name)} }`,
		"an item's, set later":      `func f(i dynamo.Item, name string) { i["pk"] = dynamo.String(name) }`,
		"a query's":                 `func f(t *Table, name string) { t.Query(name) }`,
		"given to a function":       `func f(name string) { g(name) }; func g(partition string) {}`,
		"named partition":           `func f(name string) { partition := name }`,
		"what partition returns":    `func (p Parts) partition(o Owner) string { return o.Org }`,
		"a collection's":            `var p = Parts{ownPartition: func(org string) string { return org }}`,
		"outside of functions":      `var k = dynamo.Key{"X", "A"}`,
		"an attribute of an item's": `func f(i dynamo.Item) dynamo.Key { return dynamo.Key{i.String("elsewhere"), "A"} }`,
	} {
		if len(faults(wrong)) == 0 {
			t.Errorf("%s: %s passes", name, wrong)
		}
	}
}

// Contacts that are made one after the other, alone or by a batch, are spread over the partitions of changes.
func TestTheChangesOfContactsMadeTogetherAreSpread(t *testing.T) {
	t.Parallel()
	for _, stride := range []int{1, 8} {
		var contacts [ChangeShards]int
		for n := range 400 {
			contacts[ChangeShard(contact.ID(752257927212316+n*stride<<2))]++
		}
		for shard, n := range contacts {
			if n < 80 || n > 120 {
				t.Errorf("with ids %d apart, partition %d has the changes of %d contacts of 400", stride, shard, n)
			}
		}
	}
}

func TestAUniqueValueIsReadFromItsSortKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := contact.NormalizeText(rapid.StringOf(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.Zs)).Draw(t, "value"))
		sk := UniqueSortKey(value)
		if len(sk) > 1024 {
			t.Fatalf("the key of %q has %d bytes", value, len(sk))
		}
		if got, whole := UniqueValue(sk); whole && got != value {
			t.Fatalf("%q is read as %q", value, got)
		}
	})
	for _, value := range []string{strings.Repeat("é", 256), strings.Repeat("😀", 256), strings.Repeat("Éa", 256), strings.Repeat("x", 2000)} {
		if sk := UniqueSortKey(value); len(sk) > 1024 {
			t.Errorf("a key has %d bytes", len(sk))
		}
	}
}
