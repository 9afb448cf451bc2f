package docs_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"contacts"
	"contacts/pkg/docs"
)

func TestTheTypesOfProblemsAreAPage(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	docs.New().ServeHTTP(answer, httptest.NewRequest("GET", "/docs/errors", nil))
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", answer.Code, answer.Header())
	}
	page := answer.Body.String()
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if anchors[m[1]] {
			t.Errorf("two headings have the anchor %s", m[1])
		}
		anchors[m[1]] = true
	}
	types := regexp.MustCompile(`(?m)^### (.+)$`).FindAllSubmatch(contacts.Errors, -1)
	if len(types) < 15 {
		t.Fatalf("docs/errors.md has %d types of problems", len(types))
	}
	for _, name := range types {
		if !anchors[string(name[1])] {
			t.Errorf("no heading has the anchor %s, but %v", name[1], anchors)
		}
	}
	// It is shown by itself: its links lead to its own headings, or to pages of the platform.
	for _, m := range regexp.MustCompile(` href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if anchor, within := strings.CutPrefix(m[1], "#"); m[1] != "/docs" && m[1] != "/console" && !strings.HasPrefix(m[1], "/docs/") && !(within && anchors[anchor]) {
			t.Errorf("the page has a link to %s", m[1])
		}
	}
	if !strings.Contains(page, "<table>") || !strings.Contains(page, "<pre><code") || strings.Contains(page, "\n### ") {
		t.Error("the page is not rendered")
	}
}
