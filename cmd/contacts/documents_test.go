package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The commands that documents tell operators to run do run, in their order, on the local engine instead of AWS.
func TestTheDocumentsCommandsWork(t *testing.T) {
	h := newPlatform(t)
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeTool(t, filepath.Join(folder, "bin", "contacts"))
	if err := os.Symlink(h.data, filepath.Join(folder, ".data")); err != nil {
		t.Fatal(err)
	}
	given := 0
	for _, document := range []string{"README.md", "docs/operations.md", "docs/administration.md", "docs/local.md", "docs/testing.md"} {
		table := strings.ToLower(strings.TrimSuffix(filepath.Base(document), ".md"))
		do := func(command string) {
			t.Helper()
			given++
			shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", command)
			shell.Dir = folder
			shell.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "TABLE="+table, "OTHER_TABLE=elsewhere", "BUCKET="+h.services.Bucket, "OTHER_BUCKET="+h.services.Bucket,
				"AWS_ENDPOINT_URL_S3="+h.services.S3)
			if out, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", document, command, err, out)
			}
		}
		for _, name := range []string{table, "elsewhere", "contacts-restored"} {
			do("bin/contacts table create --table " + name)
		}
		do("bin/contacts org create other --table " + table)
		for _, command := range commandsOf(t, "../../"+document) {
			do(strings.ReplaceAll(command, "--contacts 1000", "--contacts 40")) // fewer suffice
		}
	}
	if given < 35 {
		t.Errorf("only %d commands were found: are they written in another way now?", given)
	}
}

// elsewhereRun are the other commands in documents, and the tests that run them.
var elsewhereRun = map[string]string{
	"aws":                "needs an account",
	"docker compose":     "TestTheContainerRunsWhatIsThere, as far as it goes without Docker",
	"sam deploy":         "TestSamDeployGuidedPassesOnItsDefaults, as far as it goes without an account",
	"sam build":          "make test-sam-build",
	"go build":           "make bin/contacts",
	"make run":           "TestTheReadmesCommandsPrintWhatItShows, by contacts serve",
	"make test":          "this",
	"make sam-local":     "make test-sam",
	"make test-sam":      ".ci/run",
	"URL=":               "TestTheReadmesCommandsPrintWhatItShows",
	"TABLE=":             "the environment",
	"tools/sam-local.sh": "make test-sam",
}

// commandsOf returns the tool's commands in a document: those in shell blocks, and whole ones in its text.
func commandsOf(t *testing.T, document string) (commands []string) {
	t.Helper()
	within := regexp.MustCompile("(?m)^ *```sh\n((?s:.*?))^ *```$|`((?:bin/)?contacts [a-z]+ [^`…]*--[^`…]*)`")
	for _, m := range within.FindAllStringSubmatch(readText(t, document), -1) {
		if m[2] != "" {
			commands = append(commands, "bin/"+strings.TrimPrefix(m[2], "bin/"))
			continue
		}
		block := strings.ReplaceAll(m[1], "\\\n", " ")
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			if strings.Contains(line, "bin/contacts ") && !strings.HasPrefix(line, "go build") {
				commands = append(commands, line)
				continue
			}
			known := slices.ContainsFunc(slices.Collect(maps.Keys(elsewhereRun)), func(begin string) bool { return strings.HasPrefix(line, begin) })
			if line != "" && !known {
				t.Errorf("%s: no test runs %q", document, line)
			}
		}
	}
	return commands
}

// Every make target in a document exists, and make help explains it.
func TestTheDocumentsTargetsOfMakeAreThere(t *testing.T) {
	makefile := readText(t, "../../Makefile")
	for document, text := range documents(t) {
		for _, m := range regexp.MustCompile("(?m)(?:`|^ *|\\| )make ([a-z][a-z-]+)").FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:.*## `).MatchString(makefile) {
				t.Errorf("%s speaks of make %s, which make help doesn't have", document, m[1])
			}
		}
	}
}

// documents returns the paths of all documents.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, _ := filepath.Glob("../../docs/*.md") // can't fail: the pattern is valid
	all := map[string]string{}
	for _, file := range append(files, "../../README.md", "../../CONTRIBUTING.md", "../../CHANGELOG.md", "../../events/README.md") {
		all[file] = readText(t, file)
	}
	return all
}

func TestTheDocumentsLinkToWhatIsThere(t *testing.T) {
	all := documents(t)
	code := regexp.MustCompile("(?ms)^```.*?^```$")
	for document, text := range all {
		for _, link := range regexp.MustCompile(`\]\(([^)#\s"]*)(#[^)]*)?\)`).FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			to := filepath.Join(filepath.Dir(document), link[1])
			if link[1] == "" {
				to = document
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s: %v", document, link[1], err)
			}
			if target, ok := all[to]; ok && link[2] != "" && !slices.Contains(anchors(target), link[2]) {
				t.Errorf("%s links to %s%s, which has no such heading", document, link[1], link[2])
			}
		}
	}
	for document := range all {
		if name := filepath.Base(document); strings.Contains(document, "/docs/") && name != "index.md" &&
			!strings.Contains(all["../../docs/index.md"], fmt.Sprintf("[%s](%[1]s)", name)) {
			t.Errorf("docs/index.md does not have %s", name)
		}
	}
}

// Code in docs/clients.md is part of the program in the same language that make test-clients runs.
func TestTheCodeForClientsIsOfProgramsThatRun(t *testing.T) {
	indent := regexp.MustCompile(`(?m)^[ \t]+`)
	blocks := regexp.MustCompile("(?m)^```(go|ts|python|java)\n((?s:.*?))^```$").FindAllStringSubmatch(readText(t, "../../docs/clients.md"), -1)
	if len(blocks) < 4 {
		t.Errorf("docs/clients.md has only %d excerpts", len(blocks))
	}
	for _, b := range blocks {
		program := map[string]string{"go": "go/walk.go", "ts": "typescript/walk.ts", "python": "python/walk.py", "java": "java/src/main/java/Walk.java"}[b[1]]
		if !strings.Contains(indent.ReplaceAllString(readText(t, "../../tools/clients/"+program), ""), indent.ReplaceAllString(b[2], "")) {
			t.Errorf("docs/clients.md has code that is not in %s:\n%s", program, b[2])
		}
	}
}

// anchors returns the anchors of a document's headings, as GitHub derives them.
func anchors(text string) (names []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, "#"+strings.ReplaceAll(name, " ", "-"))
	}
	return names
}
