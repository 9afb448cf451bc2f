package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestNothingTypedIsLostOffline(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	v.click(button("Add phone number"))
	v.until(`document.querySelector("[name='/number']")`)
	v.fill(`[name='/number']`, "+44 20 7946 0123")
	v.do(chromedp.Reload())
	v.until(`document.querySelector("[name='/number']")?.value === "+44 20 7946 0123"`)
	v.offline(true)
	v.focus(`document.querySelector("[name='/number']")`)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`[...document.querySelectorAll(".note")].some(e => e.textContent.includes("You are offline"))`)
	v.inspect("console-offline")
	v.offline(false)
	v.until(`document.querySelector("a[href='tel:+442079460123']")`)
	if n := len(exchange(t, c, http.MethodGet, "/contacts/org/acme/individual/"+ada+"/phones", "")["items"].([]any)); n != 1 {
		t.Errorf("there are %d numbers", n)
	}
}

// troubledPlatform starts a platform behind a gateway that answers 503 while troubled is set, and logs in to its console.
func troubledPlatform(t *testing.T) (v visitor, c credentials, troubled *atomic.Bool) {
	t.Helper()
	c, _ = servePlatform(t)
	platform, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	troubled = new(atomic.Bool)
	proxy := httputil.NewSingleHostReverseProxy(platform)
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if troubled.Load() && !strings.HasPrefix(r.URL.Path, "/console") {
			w.Header().Set("Retry-After", "1")
			http.Error(w, `{"message":"Service Unavailable"}`, http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(gateway.Close)
	pictures := picturesOf(t, c)
	c.URL = gateway.URL
	v = visit(t, c.URL, pictures)
	v.resize(1280, "light")
	v.do(chromedp.Navigate(c.URL + "/console"))
	v.logIn(c)
	return v, c, troubled
}

func TestNothingTypedIsLostWhileThePlatformAnswers503(t *testing.T) {
	v, c, troubled := troubledPlatform(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	v.click(button("Add phone number"))
	v.until(`document.querySelector("[name='/number']")`)
	troubled.Store(true)
	v.fill(`[name='/number']`, "+44 20 7946 0123")
	v.do(chromedp.KeyEvent(kb.Enter))
	const waiting = `[...document.querySelectorAll(".note")].some(e => e.textContent.includes("The platform is busy. Not saved yet."))`
	v.until(waiting)
	v.inspect("console-503")

	// Another page fails, and says so; back on this one, what was typed is there.
	v.click(`document.querySelector(".side-link[href$=organizations]")`)
	v.until(`document.querySelector(".list-pane [role=alert]")?.textContent.includes("The platform is busy.")`)
	v.do(chromedp.NavigateBack())
	v.until(`location.pathname.endsWith("` + ada + `")`)

	// A page that is loaded anew waits for the platform, and goes on by itself.
	v.do(chromedp.Reload())
	v.until(`document.querySelector("main.empty")?.textContent.includes("Trying again")`)
	v.inspect("console-unreachable")
	troubled.Store(false)
	v.until(`document.querySelector("[name='/number']")?.value === "+44 20 7946 0123"`)
	troubled.Store(true)
	v.focus(`document.querySelector("[name='/number']")`)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(waiting)
	troubled.Store(false)
	v.until(`document.querySelector("a[href='tel:+442079460123']")`)
	if n := len(exchange(t, c, http.MethodGet, "/contacts/org/"+c.Org+"/individual/"+ada+"/phones", "")["items"].([]any)); n != 1 {
		t.Errorf("there are %d numbers", n)
	}
}

// offline cuts the page off the network, or connects it again.
func (v visitor) offline(is bool) {
	v.t.Helper()
	pattern := &network.BlockPattern{URLPattern: "*://*:*/*", Block: is}
	if _, err := chromedp.Call(v.ctx, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{pattern}}); err != nil {
		v.t.Fatal(err)
	}
}

// later lets the page believe that it is two days later: its access token has ended.
const later = `(() => { const now = Date.now; Date.now = () => now() + 2 * 86400000; return "" })()`

func TestATokenThatEndsIsRenewedOrThePersonLogsInAgainWhereTheyAre(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	refresh := v.read(`JSON.parse(sessionStorage.getItem("contacts.refresh")).refresh`)
	v.read(later)
	v.click(button("Edit"))
	v.fill(`[name='/name']`, "Ada King")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector(".contact-name h1").textContent === "Ada King"`)
	if again := v.read(`JSON.parse(sessionStorage.getItem("contacts.refresh")).refresh`); again == refresh {
		t.Error("the token was not renewed")
	}

	// The session ends elsewhere.
	v.at("individuals/" + ada)
	refresh = v.read(`JSON.parse(sessionStorage.getItem("contacts.refresh")).refresh`)
	exchange(t, c, http.MethodPost, "/rest/login/refresh", `{"refresh_token":"`+refresh+`"}`)
	v.click(button("Edit"))
	v.fill(`[name='/name']`, "Ada Byron")
	v.read(later)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector("dialog[open] #password")`)
	v.inspect("console-log-in-again")
	v.fill("#password", c.Password)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector(".contact-name h1").textContent === "Ada Byron"`)
	v.click(`document.querySelector(".account summary")`)
	v.click(button("Log out"))
	v.until(`document.querySelector("#username") && !sessionStorage.getItem("contacts.refresh")`)
}

func TestTwoTabsOfOneSessionRefreshOnce(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	other := v.anotherTab()
	other.do(chromedp.Navigate(v.origin + "/console/individuals/" + ada))
	other.until(`document.querySelector(".contact-name h1")`) // it took over the session of the first tab
	for _, tab := range []visitor{v, other} {
		tab.read(later)
		tab.read(`globalThis.refreshes = 0, globalThis.plain = fetch, globalThis.fetch = (...given) => { if (String(given[0]).includes("refresh")) refreshes++; return plain(...given) }, ""`)
		tab.read(`setTimeout(() => document.querySelector("[aria-label='Placeholders'], .side-link[href$=organizations]").click(), 100), ""`)
	}
	sum := ""
	for _, tab := range []visitor{v, other} {
		tab.until(`document.querySelector(".list-pane .empty") && location.pathname === "/console/organizations"`)
		sum += tab.read(`String(refreshes)`)
	}
	if sum != "10" && sum != "01" {
		t.Errorf("the tabs refreshed %q times", sum)
	}
}

func TestOfTwoTabsThatSaveAtOnceOneIsAsked(t *testing.T) {
	v, c := openConsole(t)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	v.at("individuals/" + ada)
	tabs := map[string]visitor{"Ada King": v, "Ada Byron": v.anotherTab()}
	for name, tab := range tabs {
		tab.at("individuals/" + ada)
		tab.click(button("Edit"))
		tab.until(hasRead(ada))
		tab.fill(`[name='/name']`, name)
	}
	for _, tab := range tabs { // without a wait for the other's answer
		tab.read(`document.querySelector(".editor [type=submit]").click(), ""`)
	}
	asked := 0
	for name, tab := range tabs {
		tab.until(`document.querySelector(".conflict") || !document.querySelector(".contact-head .editor")`)
		if tab.read(`String(Boolean(document.querySelector(".conflict")))`) == "true" {
			asked++
			tab.click(button("Save the choice"))
			tab.until(`!document.querySelector(".contact-head .editor")`)
			if got := exchange(t, c, http.MethodGet, "/contacts/org/acme/individual/"+ada, "")["name"]; got != name {
				t.Errorf("%s was chosen, but it is %v", name, got)
			}
		}
	}
	if asked != 1 {
		t.Errorf("%d tabs were asked", asked)
	}
}
