package keys

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
)

// The platform's own records belong to no tenant: these constructors, and no others, build keys without one.
var platformKeyConstructors = []string{"platformOrganizations", "platformApplications", "platformUsers", "platformKeys",
	"organizationKey", "applicationKey", "userKey", "signingKeyKey",
	"platformGuesses", "guessesKey", "platformSessions", "sessionKey", "platformCounters", "userCounterKey"}

// A watch reads the package's source and tells of each partition key that may not begin with the tenant. It follows four
// rules:
//
//   - the letters "T#" stand in the function tenant alone, those of the platform's partitions in its constructors, and both
//     in whereIs, which reads keys;
//   - whatever becomes a partition key (the first field of a Key, an item's pk, a query's :pk) is a partition: tenant(org),
//     what a function returns that is made of it, a part of a Key made before, or a parameter that is handed one;
//   - a function that builds a key or a partition takes the tenant: org first, or an Owner or a Key, which have it;
//   - what is handed on as the tenant is called org.
type watch struct {
	files *token.FileSet
	// makers are the functions that return a partition or a Key, and take org first.
	makers map[string]bool
	// takers are the functions with a parameter that is a partition, and which one it is.
	takers map[string]int
	faults []string
}

func (w *watch) fault(at ast.Node, format string, args ...any) {
	where := w.files.Position(at.Pos())
	w.faults = append(w.faults, fmt.Sprintf("%s:%d: ", filepath.Base(where.Filename), where.Line)+fmt.Sprintf(format, args...))
}

// watchOver returns what is wrong with sources, by their names.
func watchOver(t testing.TB, sources map[string]string) []string {
	t.Helper()
	w := &watch{files: token.NewFileSet(), makers: map[string]bool{}, takers: map[string]int{}}
	var functions []*ast.FuncDecl
	var rest []ast.Node
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		file, err := parser.ParseFile(w.files, name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				functions = append(functions, f)
			} else {
				rest = append(rest, d)
			}
		}
	}
	w.makers["tenant"] = true
	for known := -1; known < len(w.makers); { // what is made of what is made of the tenant, and so on
		known = len(w.makers)
		for _, f := range functions {
			if f.Recv == nil && takesTenant(f) && w.makes(f) && !isPlatforms(f) {
				w.makers[f.Name.Name] = true
			}
		}
	}
	for _, f := range functions {
		for i, p := range fields(f.Type.Params) {
			if p.kind == "string" && (p.name == "partition" || p.name == "list") {
				w.takers[f.Name.Name] = i
			}
		}
		if !isPlatforms(f) && w.makes(f) && !takesTenant(f) && !hasTenant(f) {
			w.fault(f, "%s builds a key, and takes no tenant first", f.Name.Name)
		}
	}
	for _, f := range functions {
		w.check(f.Body, f)
	}
	for _, d := range rest {
		w.check(d, nil)
	}
	return w.faults
}

func isPlatforms(f *ast.FuncDecl) bool { return slices.Contains(platformKeyConstructors, f.Name.Name) }

// takesTenant tells whether a function's first parameter is the tenant.
func takesTenant(f *ast.FuncDecl) bool {
	parameters := fields(f.Type.Params)
	return len(parameters) > 0 && parameters[0] == field{"org", "string"}
}

// hasTenant tells whether a function is given something that has the tenant: an owner, or a key made before.
func hasTenant(f *ast.FuncDecl) bool {
	return slices.ContainsFunc(append(fields(f.Recv), fields(f.Type.Params)...), func(p field) bool {
		return p.kind == "Owner" || p.kind == "Key" || p.kind == "Item"
	})
}

// makes tells whether a function returns a Key, or a text that begins with a partition.
func (w *watch) makes(f *ast.FuncDecl) (found bool) {
	results := fields(f.Type.Results)
	if len(results) == 0 || results[0].kind != "string" {
		return len(results) > 0 && results[0].kind == "Key"
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			call, ok := leftmost(r.Results[0]).(*ast.CallExpr)
			found = found || ok && w.makers[nameOf(call.Fun)]
		}
		return true
	})
	return found
}

// check holds what stands in a function, or outside of all, to the rules.
func (w *watch) check(n ast.Node, f *ast.FuncDecl) {
	name := ""
	if f != nil {
		name = f.Name.Name
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			tenants, platforms := strings.Contains(n.Value, "T#"), strings.Contains(n.Value, "P#")
			if name == "whereIs" {
				return true // it reads keys
			}
			if tenants && name != "tenant" || platforms && !slices.Contains(platformKeyConstructors, name) {
				w.fault(n, "%s is written by hand", n.Value)
			}
		case *ast.CompositeLit:
			keys := []ast.Expr{n}
			if list, ok := n.Type.(*ast.ArrayType); ok && nameOf(list.Elt) == "Key" {
				keys = n.Elts // whose own type is left out
			} else if nameOf(n.Type) != "Key" {
				keys = nil
			}
			for _, k := range keys {
				if key, ok := k.(*ast.CompositeLit); ok && len(key.Elts) == 2 && !(name == "key" && isStored(key.Elts[0])) {
					if _, named := key.Elts[0].(*ast.KeyValueExpr); !named {
						w.partition(key.Elts[0], f)
					}
				}
			}
		case *ast.KeyValueExpr:
			switch nameOf(n.Key) {
			case `"pk"`, `":pk"`, "PK":
				w.partition(unwrapped(n.Value), f)
			case "list", "partition":
				if !w.makers[nameOf(n.Value)] {
					w.fault(n, "%s is no partition of a tenant", nameOf(n.Key))
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if at, ok := left.(*ast.IndexExpr); ok && (nameOf(at.Index) == `"pk"` || nameOf(at.Index) == `":pk"`) {
					w.partition(unwrapped(n.Rhs[i]), f)
				} else if s, ok := left.(*ast.SelectorExpr); ok && s.Sel.Name == "PK" {
					w.partition(n.Rhs[i], f)
				}
			}
		case *ast.CallExpr:
			called := nameOf(n.Fun)
			_, local := n.Fun.(*ast.Ident)
			if i, ok := w.takers[called]; ok && len(n.Args) > i && !(called == "refuse" && local) {
				w.partition(n.Args[i], f)
			}
			if w.makers[called] && !(len(n.Args) > 0 && isTenant(n.Args[0])) {
				w.fault(n, "%s is given something else than org", called)
			}
			// A method key takes nothing, or an owner first (o), or the tenant.
			if called == "key" && !local && len(n.Args) > 0 && !isTenant(n.Args[0]) && nameOf(n.Args[0]) != "o" {
				w.fault(n, "a key of something else than org")
			}
		}
		return true
	})
}

// partition holds an expression to be one.
func (w *watch) partition(e ast.Expr, f *ast.FuncDecl) {
	switch e := leftmost(e).(type) {
	case *ast.CallExpr:
		switch called := nameOf(e.Fun); {
		case called == "tenant", w.makers[called], called == "partition", called == "list":
			return
		case slices.Contains(platformKeyConstructors, called):
			return
		}
	case *ast.SelectorExpr:
		if e.Sel.Name == "PK" {
			return
		}
	case *ast.Ident:
		if f != nil && slices.Contains(fields(f.Type.Params), field{e.Name, "string"}) && (e.Name == "partition" || e.Name == "list") {
			return // what calls the function is held to it
		}
		if f != nil && isFromUnder(e.Name, f.Body) {
			return
		}
	}
	w.fault(e, "a partition key that does not come from the tenant")
}

// A field is a parameter, a result or a receiver.
type field struct{ name, kind string }

func fields(list *ast.FieldList) (all []field) {
	if list == nil {
		return nil
	}
	for _, f := range list.List {
		kind := nameOf(f.Type)
		if f.Names == nil {
			all = append(all, field{"", kind})
		}
		for _, n := range f.Names {
			all = append(all, field{n.Name, kind})
		}
	}
	return all
}

// nameOf is the last name of an expression: f of f and of x.f; of a literal its text.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.BasicLit:
		return e.Value
	case *ast.StarExpr:
		return nameOf(e.X)
	}
	return ""
}

// leftmost is where a sum of texts begins.
func leftmost(e ast.Expr) ast.Expr {
	for {
		sum, ok := e.(*ast.BinaryExpr)
		if !ok || sum.Op != token.ADD {
			return e
		}
		e = sum.X
	}
}

// unwrapped is what str makes an attribute of.
func unwrapped(e ast.Expr) ast.Expr {
	if call, ok := e.(*ast.CallExpr); ok && nameOf(call.Fun) == "str" && len(call.Args) == 1 {
		return call.Args[0]
	}
	return e
}

func isTenant(e ast.Expr) bool {
	switch name := nameOf(e); e.(type) {
	case *ast.Ident:
		return name == "org"
	case *ast.SelectorExpr:
		return name == "org" || name == "Org"
	}
	return false
}

// isStored tells whether an expression reads the key of a stored item: i.text("pk").
func isStored(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && nameOf(call.Fun) == "text" && len(call.Args) == 1 && nameOf(call.Args[0]) == `"pk"`
}

// isFromUnder tells whether a name is the partition that a kind of part declares its contents to lie in.
func isFromUnder(name string, body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && nameOf(a.Lhs[0]) == name {
			call, ok := a.Rhs[0].(*ast.CallExpr)
			found = found || ok && nameOf(call.Fun) == "under"
		}
		return true
	})
	return found
}

func TestEveryKeyBelongsToATenant(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			sources[name] = string(text)
		}
	}
	if sources["keys.go"] == "" || len(sources) < 10 {
		t.Fatalf("%d files are no whole package", len(sources))
	}
	for _, fault := range watchOver(t, sources) {
		t.Error(fault)
	}
}

// Organizations are letters, digits, "_" and "-": no value that a caller chooses makes a key of one tenant another's.
func TestNoValueLeadsOutOfATenant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		org := rapid.StringMatching("[A-Za-z0-9_-]{1,64}").Draw(t, "org")
		value := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "#", "#I", "T#other#I", "../other", "\x00"})).Draw(t, "value")
		id := contact.ID(rapid.Int64Range(1, int64(contact.MaxID)).Draw(t, "id"))
		kind := contact.Kind(rapid.IntRange(0, 3).Draw(t, "kind"))
		o, part := Owner{Org: org, Contact: id, Identity: id}, target{id, value}
		for name, k := range map[string]Key{
			"contact": contactKey(org, id), "list": listKey(org, id), "entry": entryKey(org, id, id), "member": memberKey(org, id, id),
			"owner": o.key(), "changes": changesKey(o), "find": findKey(org, value, part), "claim": claimKey(org, value, value),
			"plan":  planKey(org, kind),
			"guard": guardKey(org, id), "representative": representativeKey(org, id, value), "option": optionKey(org, id), "tag id": tagIDKey(org, id),
			"tag": tagKey(org, value), "counter": counterKey(org, value), "configuration": configurationKey(org), "attempt": attemptKey(org,
				[]byte(value)),
			"row": attemptKey(org, nil).row(1), "piece": attemptKey(org, nil).piece(1), "part": part.key(org),
			"reference": referenceKey(org, part, part),
			"role":      roleKey(value)(o), "contacts": {PK: listOf(org, kind)}, "items": {PK: itemsOf(org, id)}, "of a kind": Emails(nil).key(o, id),
		} {
			if !strings.HasPrefix(k.PK, "T#"+org+"#") {
				t.Fatalf("%s: the key %q is not of %s", name, k.PK, org)
			}
		}
	})
}

// What the watch has to see, each a way in which a key could lose its tenant.
func TestAKeyWithoutItsTenantDoesNotPassTheWatch(t *testing.T) {
	t.Parallel()
	const right = `package dynamo
func tenant(org string) string { return "T#" + org }
func partsOf(org string, id int) string { return tenant(org) + "#C#" + digits(id) }
func partKey(org string, id int) Key { return Key{partsOf(org, id), "A"} }
func (o Owner) partition() string { return partsOf(o.Org, o.Contact) }
func (o Owner) key() Key { return Key{o.partition(), "A"} }
func (k Key) next() Key { return Key{k.PK, "B"} }
func (i Item) key() Key { return Key{i.text("pk"), i.text("sk")} }
func userKey(name string) Key { return Key{platformUsers(), name} }
func platformUsers() string { return "P#USER" }
func (t *Table) prefixed(partition string) Item { return Item{":pk": str(partition)} }
func read(o Owner) { t.prefixed(o.partition()); x["pk"] = str(partKey(o.Org, 1).PK) }
`
	if faults := watchOver(t, map[string]string{"right.go": right}); faults != nil {
		t.Errorf("faults in what is right: %q", faults)
	}
	for name, wrong := range map[string]string{
		"written by hand":             `func f(org string) string { return "T#" + org + "#C" }`,
		"of the platform's letters":   `func f(org string) Key { return Key{"P#USER", org} }`,
		"no tenant":                   `func f(id int) Key { return Key{partsOf(org, id), "A"} }`,
		"the tenant comes second":     `func f(id int, org string) Key { return Key{partsOf(org, id), "A"} }`,
		"of letters alone":            `func f(org string) Key { return Key{"X", org} }`,
		"the tenant behind something": `func f(org string) Key { return Key{"X#" + tenant(org), "A"} }`,
		"of another text":             `func f(org, name string) Key { return Key{name, "A"} }`,
		"of another's tenant":         `func f(org, other string) Key { return partKey(other, 1) }`,
		"of a fixed tenant":           `func f(org string) Key { return partKey("demo", 1) }`,
		"a method's, of another's":    `func f(t target, org, other string) Key { return t.key(other) }`,
		"in a list":                   `func f(org string) { keys := []Key{{"X", "A"}} }`,
		"by its fields' names":        `func f(org string) { k := Key{SK: "A", PK: "X"} }`,
		"set later":                   `func f(k Key, name string) { k.PK = name }`,
		"an item's":                   `func f(name string) Item { return Item{"pk": str(name)} }`,
		"an item's, set later":        `func f(i Item, name string) { i["pk"] = str(name) }`,
		"a query's":                   `func f(name string) Item { return Item{":pk": str(name)} }`,
		"handed to a reader":          `func f(t *Table, name string) { t.prefixed(name) }`,
		"outside of functions":        `var k = Key{"X", "A"}`,
		"of what an item holds":       `func f(i Item) Key { return Key{i.text("elsewhere"), "A"} }`,
	} {
		if faults := watchOver(t, map[string]string{"right.go": right, "wrong.go": "package dynamo\n" + wrong}); len(faults) == 0 {
			t.Errorf("%s: %s passes", name, wrong)
		}
	}
}

// Whoever is an owner, its tenant is the one of the request: where a handler names an owner, it takes that one over.
func TestHandlersNameOwnersOfTheRequestsTenantAlone(t *testing.T) {
	t.Parallel()
	files, named := token.NewFileSet(), 0
	names, err := filepath.Glob(filepath.Join("..", "api", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if at, ok := n.(*ast.KeyValueExpr); ok && nameOf(at.Key) == "Org" {
				if named++; !isTenant(at.Value) {
					t.Errorf("%s: an owner of something else than org", files.Position(at.Pos()))
				}
			}
			return true
		})
	}
	if named < 5 {
		t.Errorf("%d owners are named: is this the package of the handlers?", named)
	}
}
