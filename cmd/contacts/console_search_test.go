package main

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// found are the names of the contacts that the list shows.
const found = `[...document.querySelectorAll(".list-pane .row-name")].map(e => e.textContent).join("|")`

func TestContactsAreFoundWhileAPersonTypes(t *testing.T) {
	v, c := openConsole(t)
	organization := made(t, c, "organization", `{"name":"Lovelace Engines"}`)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	made(t, c, "individual/"+ada+"/emails", `{"type":"PERSONAL_EMAIL","address":"countess@example.org","usage_context":"PERSONAL"}`)
	made(t, c, "individual", `{"name":"Jürgen Müller"}`)
	v.at("individuals")
	v.press("/")
	v.until(`document.activeElement.id === "search"`)

	// How long after each key the results of it are there, in milliseconds.
	v.read(`globalThis.slowest = 0, document.querySelector("#search").addEventListener("input", () => {
		const began = performance.now(), request = performance.getEntriesByType("resource").length;
		new MutationObserver((_, watch) => { if (document.querySelector(".row") && performance.getEntriesByType("resource").length > request) { watch.disconnect(); slowest = Math.max(slowest, performance.now() - began) } })
			.observe(document.querySelector(".list-pane"), {subtree: true, childList: true, characterData: true});
	}), ""`)
	v.press("lo")
	v.until(found + ` === "Ada Lovelace|Lovelace Engines"`)
	t.Logf("results after at most %s ms", v.read(`slowest.toFixed(0)`))
	v.inspect("console-search")
	v.click(`[...document.querySelectorAll(".among button")].find(b => b.textContent === "Organizations")`)
	v.until(found + ` === "Lovelace Engines"`)
	v.click(`[...document.querySelectorAll(".among button")].find(b => b.textContent === "All")`)
	for _, sought := range []struct{ text, want string }{
		{"lovelace ad", "Ada Lovelace"}, {"mueller", "Jürgen Müller"}, {"countess", "Ada Lovelace"}, {"nobody", ""},
	} {
		v.fill("#search", sought.text)
		v.until(found + ` === ` + strconv.Quote(sought.want))
	}
	v.until(`document.querySelector(".list-pane .empty")?.textContent === "Nothing matches."`)

	// Enter opens the first, of whatever kind; what was found stays; a key leads from one to the next.
	v.fill("#search", "engines")
	v.until(found + ` === "Lovelace Engines"`)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`location.pathname === "/console/organizations/` + organization + `" && document.querySelector(".contact-name h1")?.textContent === "Lovelace Engines" && ` + found + ` === "Lovelace Engines"`)
	v.fill("#search", "love")
	v.until(found + ` === "Ada Lovelace|Lovelace Engines"`)
	v.do(chromedp.KeyEvent(kb.ArrowDown))
	v.until(`document.activeElement.textContent.includes("Ada Lovelace")`)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`location.pathname === "/console/individuals/` + ada + `"`)
	v.click(`document.querySelector(".side-link[href$=individuals]")`)
	v.until(found + ` === "Ada Lovelace|Jürgen Müller" && document.querySelector("#search").value === ""`)
}
