package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

const root = "../.."

func TestFormsKnowWhatTheDescriptionSays(t *testing.T) {
	description, err := os.ReadFile(filepath.Join(root, "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(description)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(root, schemasFile)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what api/openapi.yaml says: run make console (%v)", schemasFile, err)
	}
}

// limits are the greatest sizes of what a browser loads first, compressed, in bytes.
var limits = map[string]int{
	"pkg/console/assets/console.js": 70_000, "pkg/console/assets/console.css": 15_000,
	"pkg/docs/assets/reference.js": 12_000, "pkg/docs/assets/errors.js": 1_000, "pkg/docs/assets/docs.css": 5_000,
}

func TestTheEmbeddedConsoleIsThatOfItsSourcesAndSmall(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root, "console", "node_modules", "preact")); err != nil {
		t.Fatalf("the packages of the console are missing, `make test` installs them: %v", err)
	}
	files, err := bundle(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(limits) {
		t.Errorf("%d files are built, %d are limited", len(files), len(limits))
	}
	for name, limit := range limits {
		packed, err := os.ReadFile(filepath.Join(root, name+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if embedded, err := io.ReadAll(r); err != nil || !bytes.Equal(embedded, files[name]) {
			t.Errorf("%s is not built from the sources in console/: run make console (%v)", name, err)
		}
		t.Logf("%s: %d bytes, compressed %d", name, len(files[name]), len(packed))
		if len(packed) > limit {
			t.Errorf("%s has %d bytes, compressed: more than %d", name, len(packed), limit)
		}
	}
}
