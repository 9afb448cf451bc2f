package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A user who may only read is shown nothing that would be refused.
func TestAUserWhoMayOnlyReadIsOfferedNothingElse(t *testing.T) {
	d := newDesk(t)
	d.run("correct horse\n", "create", "erika", "--org", d.c.Org, "--scope", "contacts:read")
	pages := furnish(t, d.c)
	v := visit(t, d.c.URL, picturesOf(t, d.c))
	v.resize(1280, "light")
	v.do(chromedp.Navigate(d.c.URL + "/console"))
	d.c.Username, d.c.Password = "erika", "correct horse"
	v.logIn(d.c)
	for _, name := range []string{"individual", "organization", "placeholder", "history", "list", "configuration"} {
		v.at(pages[name])
		v.until(`document.querySelector(".detail h1")`)
		if offered := v.read(`[...document.querySelectorAll("#edit, .part-tools, .add, .picker, .tag-input, .drop, .primary, .side-link[href$=webhooks], .history-what button")].map(e => e.outerHTML.slice(0, 80)).join("; ")`); offered != "" {
			t.Errorf("%s offers %s", name, offered)
		}
	}
}
