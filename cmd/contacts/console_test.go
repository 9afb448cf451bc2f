package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// openConsole starts a platform with flags of `serve`, and logs in to its console.
func openConsole(t *testing.T, flags ...string) (visitor, credentials) {
	t.Helper()
	c, stop := serveOn(t, filepath.Join(t.TempDir(), "data"), append(flags, "--org", "acme")...)
	t.Cleanup(stop)
	v := visit(t, c.URL, picturesOf(t, c))
	v.resize(1280, "light")
	v.do(chromedp.Navigate(c.URL + "/console"))
	v.logIn(c)
	return v, c
}

// picturesOf returns the only other origin that the console's policy allows: that of the bucket.
func picturesOf(t *testing.T, c credentials) string {
	t.Helper()
	response, err := http.Get(c.URL + "/console")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, origin, found := strings.Cut(response.Header.Get("Content-Security-Policy"), "connect-src 'self' ")
	if !found || !strings.HasPrefix(origin, "http://127.0.0.1:") || strings.ContainsAny(origin, " ;") {
		t.Fatalf("the pictures are at %q", origin)
	}
	return origin
}

// logIn logs in by the form that is shown.
func (v visitor) logIn(c credentials) {
	v.t.Helper()
	v.until(`document.querySelector("#username")`)
	v.fill("#username", c.Username)
	v.fill("#password", c.Password)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector(".shell")`)
}

// at shows a page of the console.
func (v visitor) at(page string) {
	v.t.Helper()
	v.do(chromedp.Navigate(v.origin + "/console/" + page))
	v.until(`document.querySelector(".shell") && !document.querySelector(".contact.placeholder, .skeleton")`)
}

// button finds what a person would call by a name.
func button(name string) string {
	return `[...document.querySelectorAll("button, a, summary")].find(b => b.offsetParent && (b.ariaLabel ?? b.textContent).trim() === "` + name + `")`
}

// exchange sends a request of an application, which must succeed, and returns what the answer says.
func exchange(t *testing.T, c credentials, method, path, content string) (answer map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+tokenOf(t, c, "contacts:read contacts:write contacts:admin"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s (%v)", method, path, response.StatusCode, text, err)
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestAPersonMakesAndChangesAContactByTheKeyboardAlone(t *testing.T) {
	v, _ := openConsole(t)
	v.until(`document.querySelector(".empty")`)
	v.inspect("console-empty")
	v.press("n")
	v.until(`document.activeElement.name === "/external_id"`)
	v.do(chromedp.KeyEvent("crm-1" + kb.Tab + "Ada Lovelace"))
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector(".contact-name h1")?.textContent === "Ada Lovelace"`)
	v.until(`document.querySelector(".list-pane .row-name")?.textContent === "Ada Lovelace"`)

	// An address that is none is refused below its field, with the focus on it.
	v.focus(button("Add email address"))
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.activeElement.name === "/type"`)
	v.do(chromedp.KeyEvent(kb.Tab + "ada@" + kb.Enter))
	v.until(`document.querySelector(".field.email .fault")?.textContent && document.activeElement.name === "/address"`)
	v.inspect("console-fault")
	v.do(chromedp.KeyEvent(kb.End + "example.org" + kb.Enter))
	v.until(`document.querySelector('a[href="mailto:ada@example.org"]')`)

	// What is removed comes back.
	v.focus(button("Remove email address"))
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`!document.querySelector('a[href="mailto:ada@example.org"]')`)
	v.focus(button("Undo"))
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector('a[href="mailto:ada@example.org"]')`)

	v.read(`document.activeElement.blur(), ""`)
	v.press("e")
	v.until(`document.querySelector(".contact-head .editor")`)
	v.fill(`[name='/name']`, "Ada King")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector(".contact-name h1").textContent === "Ada King" && document.querySelector(".list-pane .row-name").textContent === "Ada King"`)

	v.read(`document.activeElement.blur(), ""`)
	v.press("?")
	v.until(`document.querySelector("dialog[open] .shortcuts")`)
	v.inspect("console-shortcuts")
	v.do(chromedp.KeyEvent(kb.Escape))
	v.until(`!document.querySelector("dialog[open]")`)
	v.press("go")
	v.until(`location.pathname === "/console/organizations"`)
}

// focus focuses what an expression finds, once it is there.
func (v visitor) focus(element string) {
	v.t.Helper()
	v.until(element)
	v.read(element + `.focus(), ""`)
}

// made makes a contact by the API and returns its id.
func made(t *testing.T, c credentials, kind, content string) string {
	t.Helper()
	return fmt.Sprint(exchange(t, c, http.MethodPost, "/contacts/org/"+c.Org+"/"+kind, content)["id"])
}

// hasRead tells that the editor of a person has read what it will replace.
func hasRead(person string) string {
	return `performance.getEntriesByType("resource").some(e => e.name.endsWith("/individual/` + person + `") && e.responseEnd)`
}

func TestWhatTwoPeopleChangedIsShownSideBySide(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	v.click(button("Edit"))
	v.until(`document.querySelector(".editor [name='/name']")`)
	v.until(hasRead(ada))
	exchange(t, c, http.MethodPut, "/contacts/org/acme/individual/"+ada, `{"name":"Ada Byron","date_of_birth":"1815-12-10"}`)
	v.fill(`[name='/name']`, "Ada King")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector(".conflict")`)
	if versions := v.read(`[...document.querySelectorAll(".version-value")].map(e => e.textContent).join("|")`); versions != "Ada Byron|Ada King|Dec 10, 1815|–" {
		t.Errorf("the versions are %s", versions)
	}
	v.inspect("console-conflict")
	v.click(button("Save the choice"))
	v.until(`document.querySelector(".contact-name h1").textContent === "Ada King" && document.querySelector(".meta").textContent.includes("Dec 10, 1815")`)
}
