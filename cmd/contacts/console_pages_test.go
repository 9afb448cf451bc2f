package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// furnish makes something for every page of the console, and returns the pages' addresses by their names.
func furnish(t *testing.T, c credentials) map[string]string {
	t.Helper()
	organization := made(t, c, "organization", `{"name":"Analytical Engines GmbH","founded":"1837-06-01"}`)
	made(t, c, "organization/"+organization+"/departments", `{"name":"Computing","code":"C"}`)
	ada := made(t, c, "individual", `{"name":"Ada Lovelace","external_id":"crm-1815","date_of_birth":"1815-12-10"}`)
	person := "individual/" + ada
	made(t, c, person+"/emails", `{"type":"PERSONAL_EMAIL","address":"ada@example.org","usage_context":"PERSONAL"}`)
	made(t, c, person+"/addresses", `{"type":"RESIDENTIAL_HOME","full_address":"12 St James's Square\nLondon","country_code":"GB","usage_context":"PERSONAL"}`)
	made(t, c, person+"/professional-identities", `{"organization_contact":"`+organization+`","is_active":true,"job_title":"Chief analyst"}`)
	made(t, c, person+"/tags", `{"name":"Mathematics"}`)
	list := made(t, c, "customer-lists", `{"name":"Christmas cards"}`)
	walkIn := made(t, c, "placeholder-customers", `{"customer_id":"P-1","name":"Walk-in","is_active":true,"customer_since":"2024-01-01","requires_formal_invoice":false,"track_revenue":true}`)
	moment := exchange(t, c, "GET", "/contacts/org/"+c.Org+"/"+person+"/history", "")["items"].([]any)[0].(map[string]any)["at"].(string)
	request := `{"url":"https://shop.example.com/hooks/contacts","description":"Stock of the shop","events":["individual.*"],"status":"DISABLED"}`
	hook := fmt.Sprint(exchange(t, c, "POST", "/contacts/org/"+c.Org+"/webhooks", request)["id"])
	return map[string]string{
		"individuals": "individuals", "individual": "individuals/" + ada, "organization": "organizations/" + organization, "placeholder": "placeholders/" + walkIn,
		"list": "lists/" + list, "configuration": "configuration", "design": "design", "new": "individuals/new", "missing": "nothing",
		"history": "individuals/" + ada + "/history", "moment": "individuals/" + ada + "/at/" + moment, "webhook": "webhooks/" + hook, "webhook-new": "webhooks/new",
	}
}

// shifts sums up how much of the page moved without the person's doing: https://web.dev/articles/cls.
const shifts = `new Promise(resolve => {
	let sum = 0, what = [];
	new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) { sum += e.value; what.push(...e.sources.map(s => s.node?.outerHTML?.slice(0, 80))) } }).observe({type: "layout-shift", buffered: true});
	requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum ? sum.toFixed(4) + " " + what.join("\n") : ""), 0)));
})`

func TestPagesAreReadableAtThreeWidthsInBothLanguagesAndStandStill(t *testing.T) {
	v, c := openConsole(t)
	pages := furnish(t, c)
	for i, language := range []string{"en", "de"} {
		v.read(`localStorage.setItem("contacts.language", "` + language + `"), ""`)
		for j, width := range []int64{360, 768, 3840} {
			v.resize(width, []string{"light", "dark"}[(i+j)%2])
			for name, page := range pages {
				v.at(page)
				v.inspect(fmt.Sprintf("console-%s-%d-%s", name, width, language))
				if moving := v.read(`String(document.getAnimations().length)`); moving != "0" {
					t.Errorf("%s has %s animations, though the person wants less motion", name, moving)
				}
				if moved := v.read(shifts); moved != "" {
					t.Errorf("%s moves at %d pixels by %s", name, width, moved)
				}
			}
		}
		if got := v.read(`document.documentElement.lang`); got != language {
			t.Errorf("the page's language is %q", got)
		}
	}
}

// observe notes what is focused: its name, and what is wrong with it.
const observe = `globalThis.focused = [], addEventListener("focusin", event => {
	const e = event.target, box = e.getBoundingClientRect(), style = getComputedStyle(e);
	const wrong = [];
	if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth || !box.width) wrong.push("out of sight");
	if (style.outlineStyle === "none" || style.outlineWidth === "0px") wrong.push("no ring");
	focused.push({e, name: (e.ariaLabel || e.labels?.[0]?.textContent || e.textContent || e.placeholder || e.tagName).trim().slice(0, 60), wrong: wrong.join(", ")});
}), ""`

// tabbable are the elements that the Tab key should reach. Of the radio buttons of a group it reaches one.
const tabbable = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(e =>
	!e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}) && !(e.type === "radio" && !e.checked))`

func TestEveryPageIsWalkedByTheKeyboardAlone(t *testing.T) {
	v, c := openConsole(t)
	pages := furnish(t, c)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		v.at(pages[name])
		v.read(`document.activeElement.blur(), ` + observe)
		// From wherever the page puts the focus, round and round until all is reached: more of the page can arrive meanwhile.
		const rounds, presses = 6, 40
		missed := ""
		for range rounds {
			v.do(chromedp.KeyEvent(strings.Repeat(kb.Tab, presses)))
			if missed = v.read(tabbable + `.filter(e => !focused.some(f => f.e === e)).map(e => e.outerHTML.slice(0, 120)).join("; ")`); missed == "" {
				break
			}
		}
		if wrong := v.read(`focused.filter(f => f.wrong).map(f => f.name + ": " + f.wrong).join("; ")`); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
		if missed != "" {
			t.Errorf("%s: the keyboard misses %s", name, missed)
		}
		if v.read(`String(new Set(focused.map(f => f.e)).size > 8)`) != "true" {
			t.Errorf("%s: the keyboard reaches less than the way to the other pages", name)
		}
	}
}

func TestShortcutsDoWhatTheirListSays(t *testing.T) {
	v, c := openConsole(t)
	pages := furnish(t, c)
	v.at("design")
	for key, page := range map[string]string{"p": "individuals", "o": "organizations", "k": "placeholders", "l": "lists", "w": "webhooks", "c": "configuration"} {
		v.press("g" + key)
		v.until(`location.pathname === "/console/` + page + `"`)
	}
	v.at(pages["individual"])
	v.press("/")
	v.until(`document.activeElement.id === "search"`)
	v.do(chromedp.KeyEvent(kb.Escape))
	v.press("h")
	v.until(`location.pathname.endsWith("/history") && document.querySelector(".history-entry")`)
	v.do(chromedp.KeyEvent(kb.Escape))
	v.until(`document.querySelector("#edit")`)
	v.press("e")
	v.until(`document.querySelector(".contact-head .editor")`)
	v.do(chromedp.KeyEvent(kb.Escape))
	v.until(`!document.querySelector(".contact-head .editor")`)
	v.read(`document.activeElement.blur(), ""`)
	v.press("?")
	v.until(`document.querySelector("dialog[open] .shortcuts")`)
	listed := v.read(`[...document.querySelectorAll(".shortcuts kbd")].map(e => e.textContent).join("")`)
	for _, key := range []string{"/", "n", "j", "k", "Enter", "e", "h", "Ctrl", "Esc", "gp", "go", "gk", "gl", "gw", "gc", "?"} {
		if !strings.Contains(listed, key) {
			t.Errorf("the list %s lacks %s", listed, key)
		}
	}
	v.do(chromedp.KeyEvent(kb.Escape))
	v.until(`!document.querySelector("dialog[open]")`)
	v.do(chromedp.KeyEvent(kb.Escape))
	v.until(`location.pathname === "/console/individuals"`)
	v.read(`document.activeElement.blur(), ""`)
	v.press("j")
	v.until(`document.activeElement.matches(".row")`)
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector("#edit")`)
}
