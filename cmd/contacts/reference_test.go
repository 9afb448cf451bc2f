package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// listContacts is the place in the reference of the operation that tests try out.
const listContacts = "tag/individual-contacts/GET/contacts/org/{org-id}/individual"

// openReference opens the reference at a place.
func openReference(v visitor, operation string) {
	v.t.Helper()
	v.do(chromedp.Navigate("about:blank"), chromedp.Navigate(v.origin+"/docs#"+operation))
	v.until(`document.querySelector(".references-rendered section[id$='` + operation + `']")`)
}

func TestTheReferenceHasAllOperations(t *testing.T) {
	c, _ := servePlatform(t)
	v := visit(t, c.URL)
	v.resize(1280, "light")
	v.do(chromedp.Navigate(c.URL + "/docs"))
	v.until(`document.querySelector(".references-rendered .section")`)
	table, err := os.ReadFile("../../api/operations.tsv")
	if err != nil {
		t.Fatal(err)
	}
	want := strconv.Itoa(strings.Count(string(table), "\n") - 1)
	v.until(`(() => {
		[...document.querySelectorAll("button")].filter(b => b.textContent.startsWith("Open Group")).forEach(b => b.click());
		const operations = [...document.querySelectorAll("a[href*='#tag/']")].map(a => a.hash)
			.filter(hash => /\/(GET|PUT|POST|PATCH|DELETE)\//.test(hash) && !hash.includes("/webhook/"));
		return new Set(operations).size === ` + want + `;
	})()`)
}

func TestThePagesAreReadableOnPhonesAndDesktopsInLightAndDark(t *testing.T) {
	c, _ := servePlatform(t)
	v := visit(t, c.URL)
	for _, colours := range []string{"light", "dark"} {
		v.resize(390, colours)
		openReference(v, listContacts)
		v.until(`document.querySelector(".show-api-client-button")`)
		v.inspect("reference-390-" + colours)
		v.resize(1280, colours)
		v.inspect("reference-1280-" + colours)
		v.do(chromedp.Click(chromedp.CSS("#enter")))
		v.inspect("log-in-1280-" + colours)
		v.do(chromedp.Navigate(c.URL + "/docs/errors"))
		v.inspect("errors-1280-" + colours)
		v.resize(390, colours)
		v.inspect("errors-390-" + colours)
	}
}

func TestTheReferenceIsSearched(t *testing.T) {
	c, _ := servePlatform(t)
	v := visit(t, c.URL)
	v.resize(1280, "light")
	openReference(v, listContacts)
	v.click(`[...document.querySelectorAll("button")].find(b => b.textContent.startsWith("Open Search") && b.offsetParent)`)
	v.until(`document.activeElement.matches("[role=dialog] input")`)
	v.do(chromedp.KeyEvent("role as a supplier"))
	v.until(`[...document.querySelectorAll("[role=dialog] [role=option]")].some(e => /supplier/i.test(e.textContent))`)
	v.inspect("search")
	v.click(`[...document.querySelectorAll("[role=dialog] [role=option]")].find(e => /supplier/.test(e.textContent))`)
	v.until(`location.hash.includes("supplier")`)
}

func TestAnApplicationLogsInAndTriesAnOperation(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c, stop := serveOn(t, data, "--org", "acme")
	t.Cleanup(stop)
	v := visit(t, c.URL)
	v.resize(390, "dark")
	openReference(v, listContacts)
	v.do(chromedp.Click(chromedp.CSS("#enter")))
	v.fill("#login-org", "acme")
	v.fill("#login-name", c.App)
	v.fill("#login-secret", "wrong")
	v.do(chromedp.Click(chromedp.CSS("#login [type=submit]")))
	v.until(`document.getElementById("login-error").textContent === "Name or secret is wrong."`)
	v.inspect("log-in-refused")
	v.fill("#login-secret", c.Secret)
	v.do(chromedp.Click(chromedp.CSS("#login [type=submit]")))
	wantSession(v, c.App+", acme")

	// The samples have the organization and the token, in the languages that come first.
	v.resize(1280, "dark")
	for _, sample := range [][2]string{{"Go", "http.NewRequest("}, {"TypeScript", "fetch('"}, {"Python", "requests.get("}, {"Shell", "curl "}} {
		v.click(`[...document.querySelectorAll("[role=tab].client-libraries")].slice(0, 4).find(tab => tab.textContent.trim() === "` + sample[0] + `")`)
		v.until(`[...document.querySelectorAll("pre")].some(pre => pre.textContent.includes("` + sample[1] + `") &&
			pre.textContent.includes("/contacts/org/acme/individual") && pre.textContent.includes("Bearer ey"))`)
	}

	tryOut(v)
	v.inspect("try-out-1280")
	v.resize(390, "dark")
	v.inspect("try-out-390")

	// A new page of the tab has the session still, until it is left.
	v.do(chromedp.Reload())
	wantSession(v, c.App+", acme")
	if kept := v.read(`Object.keys(localStorage) + " " + document.cookie`); strings.Contains(kept, "session") {
		t.Errorf("kept beyond the tab: %s", kept)
	}
	v.do(chromedp.Click(chromedp.CSS("#leave")))
	wantSession(v, "")
	if kept := v.read(`sessionStorage.getItem("contacts.application") ?? ""`); kept != "" {
		t.Errorf("the session is kept: %s", kept)
	}
}

func TestAUserLogsInAndTriesAnOperation(t *testing.T) {
	c, _ := servePlatform(t)
	v := visit(t, c.URL)
	v.resize(1280, "light")
	openReference(v, listContacts)
	v.do(chromedp.Click(chromedp.CSS("#enter")), chromedp.Click(chromedp.CSS("#login [value=user]")))
	v.fill("#login-name", c.Username)
	v.fill("#login-secret", c.Password)
	v.do(chromedp.Click(chromedp.CSS("#login [type=submit]")))
	wantSession(v, c.Username+", "+c.Org)
	tryOut(v)
}

// Who logs in at the console is logged in at the reference, in the same tab and in others, with the same colours; and the other way round.
func TestTheConsoleAndTheReferenceShareOneSession(t *testing.T) {
	v, c := openConsole(t)
	who := c.Username + ", " + c.Org
	v.read(`localStorage.setItem("contacts.theme", "dark"), ""`)
	v.do(chromedp.Navigate(c.URL + "/docs"))
	wantSession(v, who)
	v.until(`document.body.matches(".dark-mode")`)
	v.inspect("reference-of-console")
	other := v.anotherTab()
	other.do(chromedp.Navigate(c.URL + "/docs"))
	wantSession(other, who)
	other.do(chromedp.Click(chromedp.CSS("#leave")))
	wantSession(other, "")
	wantSession(v, "")

	// Logged in here, the person is logged in at the console that waits in another tab.
	other.do(chromedp.Navigate(c.URL + "/console"))
	other.until(`document.querySelector("#username")`)
	v.do(chromedp.Click(chromedp.CSS("#enter")), chromedp.Click(chromedp.CSS("#login [value=user]")))
	v.fill("#login-name", c.Username)
	v.fill("#login-secret", c.Password)
	v.do(chromedp.Click(chromedp.CSS("#login [type=submit]")))
	wantSession(v, who)
	other.until(`document.querySelector(".shell")`)
	v.do(chromedp.Navigate(c.URL + "/console"))
	v.until(`document.querySelector(".shell")`)
}

// wantSession waits until the page says whose session it is, "" for none.
func wantSession(v visitor, want string) {
	v.t.Helper()
	v.until(`document.getElementById("session").textContent === ` + strconv.Quote(want) + ` && document.querySelector(".references-rendered .section")`)
}

// tryOut sends the request of listContacts and waits for its answer of 200.
func tryOut(v visitor) {
	v.t.Helper()
	v.click(`[...document.querySelectorAll(".show-api-client-button")].find(b => b.textContent.includes("(get /contacts/org/{org-id}/individual)"))`)
	v.click(`[...document.querySelectorAll("button")].find(b => /^\s*Send(?! Request)/.test(b.textContent) && b.offsetParent)`)
	v.until(`[...document.querySelectorAll(".request-response-header")].some(e => e.textContent.includes("200 OK"))`)
}
