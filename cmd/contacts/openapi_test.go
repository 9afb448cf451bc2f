package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestTheDescriptionIsWhatTheCodeSays(t *testing.T) {
	t.Parallel()
	want, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("api/openapi.yaml is stale: run make openapi")
	}
}

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

// readDescription decodes the description of the API.
func readDescription(t *testing.T, description any) {
	t.Helper()
	text, err := describe()
	if err == nil {
		err = yaml.Unmarshal(text, description)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheDescriptionAgreesWithTheTableOfOperations(t *testing.T) {
	t.Parallel()
	var description struct {
		Paths map[string]map[string]struct {
			OperationID string         `yaml:"operationId"`
			Responses   map[string]any `yaml:"responses"`
		}
	}
	readDescription(t, &description)
	table := operations(t)
	built, collections := map[string]bool{}, map[string]bool{}
	for path, methods := range description.Paths {
		for method, d := range methods {
			want, known := table[d.OperationID]
			if !known {
				t.Errorf("%s %s: there is no operation %q in the table", method, path, d.OperationID)
				continue
			}
			if built[d.OperationID] {
				t.Errorf("%s is described twice", d.OperationID)
			}
			built[d.OperationID] = true
			collections[path] = true
			if method != want.method || path != want.path {
				t.Errorf("%s is %s %s, want %s %s", d.OperationID, method, path, want.method, want.path)
			}
			succeeds := map[string]bool{}
			for status := range d.Responses {
				if status < "400" {
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
