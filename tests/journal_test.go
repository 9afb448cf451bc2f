package tests

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The methods that write to the table, with the files of pkg/store and pkg/fsck that may call them. What changes a contact is committed in
// transaction.go, which writes the entries of its changes.
var writers = map[string][]string{
	"Begin":     {"pkg/store/transaction.go", "pkg/store/offset/write.go", "pkg/fsck/"},
	"Commit":    {"pkg/store/transaction.go", "pkg/store/offset/write.go", "pkg/fsck/repair.go"},
	"Increment": {"pkg/store/singletons.go"}, // a number of accounts
	"PutAll":    {},
}

// keysOfContacts make the keys of what a contact is stored as.
var keysOfContacts = []string{"Contacts", "Contact", "Parts", "PartsOf", "Part", "Guard", "Owner", "Role", "Image", "OptionSet", "Representative", "Tagged"}

// A contact changes only in transactions that write the entries of its changes, by whatever operation: nothing but the store, its check and
// a restore makes the keys of contacts, the feed to read their guard items; and these have no other way to commit.
func TestContactsChangeOnlyWithEntriesOfTheirChanges(t *testing.T) {
	t.Parallel()
	commits := 0
	for _, root := range []string{"pkg", "cmd", "functions"} {
		if err := filepath.WalkDir(filepath.Join("..", root), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))
			stored := strings.HasPrefix(name, "pkg/store/") || strings.HasPrefix(name, "pkg/fsck/")
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				of, _ := s.X.(*ast.Ident)
				if !stored && !strings.HasPrefix(name, "pkg/backup/") && name != "pkg/changes/walk.go" && name != "pkg/history/read.go" && of != nil && of.Name == "keys" && slices.Contains(keysOfContacts, s.Sel.Name) {
					t.Errorf("%s: keys.%s is for the store", set.Position(s.Pos()), s.Sel.Name)
				}
				if allowed, writes := writers[s.Sel.Name]; writes && stored {
					commits++
					if !slices.ContainsFunc(allowed, func(file string) bool { return strings.HasPrefix(name, file) }) {
						t.Errorf("%s: %s goes past the entries of changes: commit by the transaction of the store", set.Position(s.Pos()), s.Sel.Name)
					}
				}
				return true
			})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if commits < 8 {
		t.Errorf("%d calls were found that write", commits)
	}
}
