package main

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"contacts"
)

// An operation is a row of api/operations.tsv: its method, its path, and the success statuses.
type operation struct{ method, path, success string }

// operations reads api/operations.tsv.
func operations(t *testing.T) map[string]operation {
	t.Helper()
	text, err := os.ReadFile("../../api/operations.tsv")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]operation{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) != 4 {
			t.Fatalf("api/operations.tsv:%d has %d fields, want 4", i+1, len(fields))
		}
		if i == 0 {
			continue
		}
		if _, twice := table[fields[0]]; twice {
			t.Errorf("api/operations.tsv:%d: %s is there twice", i+1, fields[0])
		}
		table[fields[0]] = operation{strings.ToLower(fields[1]), fields[2], fields[3]}
	}
	return table
}

// A described operation is one in api/openapi.yaml. The schemas of its bodies may be references.
type described struct {
	OperationID string             `yaml:"operationId"`
	RequestBody *content           `yaml:"requestBody"`
	Responses   map[string]content `yaml:"responses"`
}

// A pathItem has the operations of a path.
type pathItem struct{ Get, Put, Post, Patch, Delete *described }

// operations returns the operations by their method.
func (p pathItem) operations() map[string]*described {
	all := map[string]*described{"get": p.Get, "put": p.Put, "post": p.Post, "patch": p.Patch, "delete": p.Delete}
	for method, d := range all {
		if d == nil {
			delete(all, method)
		}
	}
	return all
}

// A document is api/openapi.yaml.
type document struct {
	Paths      map[string]pathItem
	Components struct {
		Schemas       map[string]*schema
		Responses     map[string]content
		RequestBodies map[string]content `yaml:"requestBodies"`
	}
}

// readDescription decodes the description of the API.
func readDescription(t *testing.T) (d document) {
	t.Helper()
	if err := yaml.Unmarshal(contacts.OpenAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDescriptionAgreesWithTheTableOfOperations(t *testing.T) {
	t.Parallel()
	table := operations(t)
	built := map[string]bool{}
	for path, item := range readDescription(t).Paths {
		for method, d := range item.operations() {
			want, known := table[d.OperationID]
			if !known {
				t.Errorf("%s %s: there is no operation %q in the table", method, path, d.OperationID)
				continue
			}
			if built[d.OperationID] {
				t.Errorf("%s is described twice", d.OperationID)
			}
			built[d.OperationID] = true
			if method != want.method || path != want.path {
				t.Errorf("%s is %s %s, want %s %s", d.OperationID, method, path, want.method, want.path)
			}
			succeeds := map[string]bool{}
			for status := range d.Responses {
				if status < "400" && status != "304" {
					succeeds[status] = true
				}
			}
			for status := range strings.SplitSeq(want.success, " or ") {
				if !succeeds[status] {
					t.Errorf("%s lacks the answer %s", d.OperationID, status)
				}
				delete(succeeds, status)
			}
			if len(succeeds) != 0 {
				t.Errorf("%s succeeds with %v too, want %s", d.OperationID, succeeds, want.success)
			}
		}
	}
	for name, o := range table {
		if !built[name] {
			t.Errorf("%s %s (%s) is missing", o.method, o.path, name)
		}
	}
}
