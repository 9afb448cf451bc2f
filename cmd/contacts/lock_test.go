package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"contacts/pkg/backup"
)

// A second serve on the same data ends with one sentence, and leaves the first one's ready file alone.
func TestASecondServeLeavesTheReadyFileOfTheFirstAlone(t *testing.T) {
	_, data := servePlatform(t)
	ready := filepath.Join(filepath.Dir(data), "ready.json")
	before := readText(t, ready)
	for _, flags := range [][]string{nil, {"--backing-only"}} {
		err := run(t.Context(), append([]string{"serve", "--port", "0", "--data", data, "--ready-file", ready}, flags...), io.Discard)
		if err == nil || exitCode(err) != 2 || !strings.Contains(err.Error(), "is in use by another process") || strings.Contains(err.Error(), "\n") {
			t.Errorf("serve %q ends with %v", flags, err)
		}
		if after := readText(t, ready); after != before {
			t.Errorf("the ready file was %s, and is %s", before, after)
		}
	}
}

// Of two backups into one folder, the second ends with one sentence, and the first is complete. The lock of a killed one is
// free: the next one resumes.
func TestOneBackupAtATimeWritesToAFolder(t *testing.T) {
	h := newPlatform(t)
	h.fillOrganization(50, 2)
	folder := filepath.Join(t.TempDir(), "backup")
	w := newWire(t, h.services.DynamoDB)
	var second error
	w.meanwhile = func(call int64) {
		if call == 20 {
			_, second = h.tries("backup --org %s --out %s", h.c.Org, folder)
		}
	}
	args := []string{"backup", "--org", h.c.Org, "--out", folder, "--table", localTable, "--endpoint", w.url, "--bucket", h.services.Bucket, "--s3-endpoint", h.services.S3}
	if err := run(t.Context(), args, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, backup.ErrLocked) || exitCode(second) != 2 || strings.Contains(second.Error(), "\n") {
		t.Errorf("the second backup ends with %v", second)
	}
	h.run("restore %s --as copy", folder)

	killed := filepath.Join(t.TempDir(), "killed")
	w.meanwhile = nil
	if ended, told := h.process(w, 40, "backup --org %s --out %s", h.c.Org, killed); ended {
		t.Fatalf("the backup was not killed: %s", told)
	}
	h.run("backup --org %s --out %s", h.c.Org, killed)
	for _, folder := range []string{folder, killed} {
		if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || strings.Contains(strings.Join(left, " "), ".lock") {
			t.Errorf("what is left: %q, %v", left, err)
		}
	}
	if _, err := os.Stat(filepath.Join(killed, "records.jsonl")); err != nil {
		t.Error(err)
	}
}
