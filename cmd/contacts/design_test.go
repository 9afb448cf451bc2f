package main

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// matches returns the first group of each match in the Go files of a package.
func matches(t *testing.T, dir, pattern string) (found []string) {
	t.Helper()
	files, _ := filepath.Glob("../../" + dir + "/*.go") // can't fail: the pattern is valid
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(readText(t, file), -1) {
			found = append(found, m[1])
		}
	}
	return found
}

func TestTableDesignNamesEveryStoredAttribute(t *testing.T) {
	design, attributes := readText(t, "../../docs/table-design.md"), 0
	for _, dir := range []string{"pkg/dynamo", "pkg/keys", "pkg/store", "pkg/store/offset", "pkg/idempotency", "pkg/accounts", "pkg/webhook"} {
		names := append(matches(t, dir, `(?m)^\s*(?:const )?[aA]ttr\w*\s*=\s*"(\w+)"`), matches(t, dir, `dynamodbav:"(\w+)[",]`)...)
		attributes += len(names)
		for _, name := range names {
			if !strings.Contains(design, "`"+name+"`") {
				t.Errorf("docs/table-design.md does not have the attribute %s of %s", name, dir)
			}
		}
	}
	if attributes < 80 {
		t.Errorf("only %d attributes were found: are they declared in another way now?", attributes)
	}
}

func TestTheGuideNamesEveryKindOfFinding(t *testing.T) {
	var documented []string
	_, section, _ := strings.Cut(readText(t, "../../docs/administration.md"), "\n## Check\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, m[1])
	}
	declared := matches(t, "pkg/fsck", `(?m)^\s*Found\w+\s+FindingKind\s*=\s*"([^"]+)"`)
	slices.Sort(documented)
	slices.Sort(declared)
	if len(declared) == 0 || !slices.Equal(documented, declared) {
		t.Errorf("docs/administration.md has the kinds %q, pkg/fsck has %q", documented, declared)
	}
}

func TestTheGlossaryHasEachTermOnceInOrder(t *testing.T) {
	var terms []string
	for _, m := range regexp.MustCompile(`(?m)^\| (\S.*?) \|`).FindAllStringSubmatch(readText(t, "../../docs/glossary.md"), -1) {
		if m[1] != "term" && m[1] != "---" {
			terms = append(terms, strings.ToLower(strings.Trim(m[1], "`")))
		}
	}
	if len(terms) < 80 {
		t.Fatalf("only %d terms were found", len(terms))
	}
	for i, term := range terms[1:] {
		if cmp.Compare(terms[i], term) >= 0 {
			t.Errorf("%s is not after %s", term, terms[i])
		}
	}
}

// A question of a newcomer is answered by one file.
func TestEachQuestionOfTheArchitectureHasOneAnswer(t *testing.T) {
	_, section, _ := strings.Cut(readText(t, "../../docs/architecture.md"), "\n## Where is…?\n")
	section, _, _ = strings.Cut(section, "\n## ")
	questions := 0
	for line := range strings.Lines(section) {
		if !strings.Contains(line, "?") {
			continue
		}
		questions++
		if links := regexp.MustCompile(`\]\(\.\./\S+\.go\)`).FindAllString(line, -1); len(links) != 1 {
			t.Errorf("%s has the answers %q", strings.TrimSpace(line), links)
		}
	}
	if questions < 20 {
		t.Errorf("only %d questions were found", questions)
	}
}
