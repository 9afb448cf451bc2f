package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// With --json each command prints an object a line, and all names are in snake_case.
func TestTheJSONOfEachCommandIsInSnakeCase(t *testing.T) {
	h := newPlatform(t)
	id := filepath.Base(h.create("/individual", map[string]any{"name": "Erika Mustermann", "external_id": "K-10023"}))
	folder := filepath.Join(t.TempDir(), "backup")
	for _, line := range []string{
		"org create acme", "org list", "app create shop --org acme", "app grant shop --org demo", "app scope shop --scope contacts:read", "app rotate shop",
		"app revoke shop --org demo", "app revoke shop", "app list", "app delete shop --yes", "user create erika --org acme", "user scope erika --scope contacts:read",
		"user password erika", "user disable erika", "user enable erika", "user list", "user delete erika --yes", "key list", "key rotate", "key list",
		"table create", "table describe", "seed --contacts 5 --org acme", "check", "backup --org demo --out " + folder, "restore " + folder + " --as copy", "export --org demo --out " + filepath.Join(t.TempDir(), "demo.csv"), "erase " + id + " --org demo",
	} {
		out := h.run("%s --json", line)
		if out == "" {
			t.Errorf("contacts %s prints nothing", line)
		}
		for printed := range strings.Lines(out) {
			var object map[string]any
			if err := json.Unmarshal([]byte(printed), &object); err != nil {
				t.Errorf("contacts %s prints %s: %v", line, printed, err)
			}
			for _, m := range regexp.MustCompile(`"([^"]*)":`).FindAllStringSubmatch(printed, -1) {
				if !regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`).MatchString(m[1]) {
					t.Errorf("contacts %s prints %q", line, m[1])
				}
			}
		}
	}
}
