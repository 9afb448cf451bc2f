package platform

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Operations are the operations of the API by name: method and path, as in api/operations.tsv.
type Operations map[string][2]string

// ReadOperations reads the table, which it finds here or above.
func ReadOperations() (Operations, error) {
	folder, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "api", "operations.tsv"))
		if err == nil {
			all := Operations{}
			for line := range strings.Lines(string(text)) {
				if row := strings.Split(line, "\t"); len(row) > 2 {
					all[row[0]] = [2]string{row[1], strings.TrimSpace(row[2])}
				}
			}
			return all, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return nil, fmt.Errorf("api/operations.tsv is not here or above: start the tool in its repository")
		}
		folder = parent
	}
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// Request is one of an operation: ids fill the parameters of its path, but for the organization.
func (all Operations) Request(operation, org string, ids ...string) Request {
	row, ok := all[operation]
	if !ok {
		panic("api/operations.tsv has no operation " + operation)
	}
	path := parameter.ReplaceAllStringFunc(row[1], func(name string) string {
		if name == "{org-id}" {
			return org
		}
		if len(ids) == 0 {
			panic("too few ids for " + operation)
		}
		id := ids[0]
		ids = ids[1:]
		return url.PathEscape(id)
	})
	return Request{Org: org, Method: row[0], Path: path}
}
