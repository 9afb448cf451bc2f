package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAnExportIsAFileWithTheContactsOfTheOrganization(t *testing.T) {
	h := newPlatform(t)
	h.run("seed --contacts 120 --org demo")
	person := h.create("/individual", map[string]any{"name": "=Erika", "external_id": "K-1"})
	h.create(person+"/tags", map[string]any{"name": "Chess"})
	h.create(person+"/phones", map[string]any{"type": "MOBILE", "number": "+49 171 1234567", "usage_context": "PERSONAL"})
	folder := t.TempDir()

	file := filepath.Join(folder, "all.csv")
	if out := h.run("export --org demo --out %s", file); !strings.Contains(out, "121 contacts") {
		t.Errorf("printed %q", out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(rows) != 122 || !slices.ContainsFunc(rows, func(row []string) bool {
		return slices.Contains(row, "'=Erika") && slices.Contains(row, "K-1") && slices.Contains(row, "Chess") && slices.Contains(row, "'+49 171 1234567")
	}) {
		t.Errorf("%d rows, %v: %q", len(rows), err, rows[0])
	}
	if _, err := h.tries("export --org demo --out %s", file); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a file that is there: %v", err)
	}

	if card := h.run("export --org demo --out - --format vcard --version 4.0 --tag chess"); strings.Count(card, "BEGIN:VCARD") != 1 ||
		!strings.Contains(card, "VERSION:4.0") || !strings.Contains(card, "FN:=Erika") {
		t.Errorf("the card is %s", card)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(h.run("export --org demo --out - --format json_lines --kind individual --tag Chess")), &line); err != nil || line["individual_contact"] == nil {
		t.Errorf("the line is %v: %v", line, err)
	}
	if left, _ := filepath.Glob(folder + "/*"); len(left) != 1 {
		t.Errorf("there are %q", left)
	}
}

func TestAnExportThatCannotBeMeantSaysWhatToWrite(t *testing.T) {
	h := newPlatform(t)
	for line, says := range map[string]string{
		"export --org demo --out x.txt":                       "--format",
		"export --org demo --out x.csv --version 3.0":         "--version",
		"export --org demo --kind person":                     "--kind is",
		"export --org demo --changed-since yesterday":         "--changed-since is a time",
		"export --org nobody --out " + t.TempDir() + "/x.csv": "nobody",
	} {
		if out, err := h.tries("%s", line); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("contacts %s: %q, %v; want %q", line, out, err, says)
		}
	}
}
