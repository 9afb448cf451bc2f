package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The README's commands run as they are written, in one shell and in their order, and print what it shows.
func TestTheReadmesCommandsPrintWhatItShows(t *testing.T) {
	steps := readmeSteps(t)
	c, _ := servePlatform(t)
	var script strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&script, "%s\nprintf '%s'\n", s.commands, endOfStep)
	}
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-u", "-c", script.String())
	shell.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "URL="+c.URL, "ORG="+c.Org, "APP="+c.App, "SECRET="+c.Secret, "USER_NAME="+c.Username, "PASSWORD="+c.Password)
	var stderr bytes.Buffer
	shell.Stderr = &stderr
	out, err := shell.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("the commands failed: %v\n%s%s", err, out, stderr.Bytes())
	}
	printed := strings.Split(string(out), endOfStep)
	if len(printed) != len(steps)+1 {
		t.Fatalf("%d of %d steps came to their end:\n%s", len(printed)-1, len(steps), out)
	}
	for i, s := range steps {
		if got, want := withoutIDs(printed[i]), withoutIDs(s.shown); got != want {
			t.Errorf("%s\nprinted\n%s\nthe README shows\n%s", s.commands, got, want)
		}
	}
}

// The quick start shows every promise, so that the test above can't pass on less.
func TestTheReadmeWalksThroughAllKindsOfOperation(t *testing.T) {
	var commands, shown string
	for _, s := range readmeSteps(t) {
		commands, shown = commands+s.commands, shown+s.shown
	}
	for _, want := range []string{"/auth/authorize/", "/addresses", "/phones", "/web-addresses", "/rest/login", "/options\" -d", "/options\"\n", "/emails", "/full", "/lookup?email=",
		"/lookup?phone=", "?limit=", "-X PUT", "-X DELETE"} {
		if !strings.Contains(commands, want) {
			t.Errorf("no command of the README has %s", want)
		}
	}
	for status, want := range map[string]int{"\n201\n": 4, "\n200\n": 9, "\n204\n": 1, "\n422\n": 1} {
		if got := strings.Count(shown, status); got != want {
			t.Errorf("the README shows the status %s %d times, want %d", strings.TrimSpace(status), got, want)
		}
	}
}

// A problem's type links to a heading of docs/errors.md, and each heading there is that of a type.
func TestEveryTypeOfProblemIsDocumented(t *testing.T) {
	types := map[string]bool{}
	sources, _ := filepath.Glob("../../pkg/rest/*.go") // can't fail: the pattern is valid
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`kind\{"([a-z-]+)"`).FindAllStringSubmatch(readText(t, source), -1) {
			types[m[1]] = true
		}
	}
	if len(types) < 15 {
		t.Fatalf("only %d types of problem found in pkg/rest: are they written in another way now?", len(types))
	}
	headings := map[string]bool{}
	_, described, _ := strings.Cut(readText(t, "../../docs/errors.md"), "\n## Types\n")
	for _, m := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(described, -1) {
		headings[m[1]] = true
	}
	for name := range types {
		if !headings[name] {
			t.Errorf("docs/errors.md has no heading %q", name)
		}
	}
	for name := range headings {
		if !types[name] {
			t.Errorf("docs/errors.md describes %q, which no problem has", name)
		}
	}
}

// A step is a block of commands, and the output that follows it.
type step struct{ commands, shown string }

const endOfStep = "\x1e"

// readmeSteps parses the quick start. Blocks marked "sh" are not run.
func readmeSteps(t *testing.T) []step {
	t.Helper()
	var steps []step
	blocks := regexp.MustCompile("(?ms)^```(bash|text)\n(.*?)^```$")
	for _, m := range blocks.FindAllStringSubmatch(readText(t, "../../README.md"), -1) {
		if m[1] == "bash" {
			steps = append(steps, step{commands: m[2]})
		} else {
			steps[len(steps)-1].shown = m[2]
		}
	}
	if len(steps) == 0 {
		t.Fatal("the README has no commands")
	}
	return steps
}

// withoutIDs replaces what differs between runs: ids of resources and requests, the port, and times.
func withoutIDs(output string) string {
	output = regexp.MustCompile(`"http://127\.0\.0\.1:[0-9]+/`).ReplaceAllString(output, `"http://127.0.0.1:PORT/`)
	output = regexp.MustCompile(`"[0-9]{15,16}"`).ReplaceAllString(output, `"ID"`)
	output = regexp.MustCompile(`([iI]d":)[0-9]{15,16}`).ReplaceAllString(output, `${1}ID`)
	output = regexp.MustCompile(`(edAt":)"[0-9]+"`).ReplaceAllString(output, `${1}"TIME"`)
	return regexp.MustCompile(`urn:request:[^"]+`).ReplaceAllString(output, "urn:request:ID")
}

// servePlatform runs contacts serve on a free port and an empty data folder, which it returns, until the test ends.
func servePlatform(t *testing.T) (ready credentials, data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	ready, stop := serveOn(t, data)
	t.Cleanup(stop)
	return ready, data
}

// generous bounds every wait, even on a slow machine.
const generous = 5 * time.Minute

// serveOn runs contacts serve on a free port and a data folder, until stop is called. Its ready file is next to the folder.
func serveOn(t *testing.T, data string, flags ...string) (ready credentials, stop func()) {
	t.Helper()
	file := filepath.Join(filepath.Dir(data), "ready.json")
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--port", "0", "--data", data, "--ready-file", file}, flags...), io.Discard)
	}()
	stop = func() {
		end()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
	for limit := time.After(generous); ; {
		select {
		case err := <-ended:
			ended <- nil
			t.Fatalf("serve ended before it was ready: %v", err)
		case <-limit:
			t.Fatalf("serve was not ready within %s", generous)
		case <-time.After(20 * time.Millisecond):
		}
		text, err := os.ReadFile(file)
		if err != nil {
			continue // written atomically, once all is ready
		}
		if err := json.Unmarshal(text, &ready); err != nil {
			t.Fatal(err)
		}
		return ready, stop
	}
}

func readText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
