package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A person who has never seen the console makes a contact with a picture, finds it, changes it on a phone, and sees who changed what and when.
// Each step is a click on what the page says, or a key.
func TestAPersonDoesAllThisWithoutAManual(t *testing.T) {
	v, c := openConsole(t)
	point := func(name string) { // clicks where the pointer would
		t.Helper()
		v.until(button(name))
		v.read(button(name) + `.setAttribute("data-pointed", ""), ""`)
		v.do(chromedp.Click(chromedp.CSS("[data-pointed]")))
		v.read(`document.querySelector("[data-pointed]")?.removeAttribute("data-pointed"), ""`)
	}
	point("Add the first one")
	v.until(`document.querySelector(".editor [name='/name']")`)
	v.fill(`[name='/name']`, "Grace Hopper")
	point("Create")
	v.until(`document.querySelector(".contact-name h1")?.textContent === "Grace Hopper"`)
	file := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(file, lyingPhoto(t), 0o600); err != nil {
		t.Fatal(err)
	}
	v.do(chromedp.SetUploadFiles(chromedp.CSS("#picture-file"), []string{file}, chromedp.NodeReady))
	v.until(`document.querySelector(".portrait img")?.naturalWidth > 0`)

	v.resize(360, "light")
	v.do(chromedp.Navigate(c.URL + "/console"))
	v.until(`document.querySelector("#search")`)
	v.do(chromedp.Click(chromedp.CSS("#search")), chromedp.KeyEvent("hop"))
	v.until(found + ` === "Grace Hopper"`)
	v.inspect("console-first-found")
	v.do(chromedp.Click(chromedp.CSS(".row")))
	v.until(`document.querySelector(".portrait img")?.naturalWidth > 0`)
	point("Add email address")
	v.until(`document.querySelector("[name='/address']")`)
	v.fill(`[name='/address']`, "grace@example.org")
	v.do(chromedp.KeyEvent(kb.Enter))
	v.until(`document.querySelector("a[href='mailto:grace@example.org']")`)
	v.inspect("console-first-changed")
	point("History")
	v.until(`document.querySelectorAll(".history-entry").length === 3`)
	v.inspect("console-first-history")
	for _, want := range []string{c.Username, "email address added", "grace@example.org", "picture", "Contact created"} {
		if text := v.read(`document.querySelector(".history").textContent`); !strings.Contains(text, want) {
			t.Errorf("the history lacks %s: %s", want, text)
		}
	}
}
