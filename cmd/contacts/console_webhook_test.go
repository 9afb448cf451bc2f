package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func TestAPersonMakesTestsAndMendsAWebhook(t *testing.T) {
	var secret atomic.Value // the newest
	var status atomic.Int32
	status.Store(http.StatusOK)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		verifier, err := standardwebhooks.NewWebhook(secret.Load().(string))
		if err != nil {
			t.Error(err)
		}
		// Another event can have been signed before the secret was rotated.
		if err := verifier.Verify(body, r.Header); err != nil && strings.Contains(string(body), "webhook.test") {
			t.Errorf("the secret that was shown does not verify %s: %v", body, err)
		}
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(receiver.Close)
	v, c := openConsole(t, "--allow-local-webhooks")
	v.press("gw")
	v.until(`document.querySelector(".list-pane .empty")`)
	v.press("n")
	v.until(`document.activeElement.name === "/url"`)
	v.inspect("console-webhook-new")

	// An address that can't be sent to is refused below its field.
	v.do(chromedp.KeyEvent("ftp://x" + kb.Enter))
	v.until(`document.querySelector(".field.uri .fault")?.textContent`)
	v.fill(`[name='/url']`, receiver.URL+"/hooks")
	v.click(`[...document.querySelectorAll(".WebhookEvents label")].find(e => e.textContent === "Person created").querySelector("input")`)
	v.click(`[...document.querySelectorAll(".WebhookEvents label")].find(e => e.textContent === "Person changed").querySelector("input")`)
	v.do(chromedp.Click(chromedp.CSS(".editor [type=submit]")))

	// The secret is shown once.
	v.until(`document.querySelector("dialog[open] .secret code")?.textContent.startsWith("whsec_")`)
	v.inspect("console-webhook-secret")
	secret.Store(v.read(`document.querySelector(".secret code").textContent`))
	v.click(button("I have kept it"))
	v.until(`!document.querySelector("dialog")`)
	v.click(button("Send a test"))
	v.until(`document.querySelector(".delivery.new .badge.good")?.textContent === "200"`)

	// What the receiver refuses is seen with the reason, what it takes again without.
	status.Store(http.StatusServiceUnavailable)
	made(t, c, "individual", `{"name":"Ada Lovelace"}`)
	const refused = `[...document.querySelectorAll(".delivery")].some(e => e.textContent.includes("Person created: Ada Lovelace") && e.querySelector(".badge.bad")?.textContent === "503" && e.querySelector(".delivery-reason"))`
	v.until(`(document.querySelector("[aria-label=Refresh]").click(), ` + refused + `)`)
	v.inspect("console-webhook")
	v.click(button("Disable"))
	v.until(`document.querySelector(".list-pane .badge")?.textContent === "Disabled"`)
	status.Store(http.StatusOK)
	v.click(button("Enable"))
	v.until(`!document.querySelector(".list-pane .badge")`)
	v.until(`(document.querySelector("[aria-label=Refresh]").click(), [...document.querySelectorAll(".delivery")].some(e => e.textContent.includes("Ada Lovelace") && e.querySelector(".badge.good")))`)
	delivered := `[...document.querySelectorAll(".delivery")].filter(e => e.textContent.includes("Ada Lovelace") && e.querySelector(".badge.good")).length`
	v.read(`(() => { const field = document.querySelector("#replay-since"); field.value = "2026-01-01T00:00"; field.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	v.click(button("Send again"))
	v.until(`(document.querySelector("[aria-label=Refresh]").click(), ` + delivered + ` === 2)`)

	// Deliveries are signed by the new secret too.
	v.click(button("New secret"))
	v.click(`document.querySelector("dialog[open] .primary")`)
	v.until(`document.querySelector("dialog[open] .secret code")?.textContent.startsWith("whsec_")`)
	rotated := v.read(`document.querySelector(".secret code").textContent`)
	if rotated == secret.Load() {
		t.Error("the secret is the same as before")
	}
	secret.Store(rotated)
	v.click(button("I have kept it"))
	v.until(`!document.querySelector("dialog")`)
	if html := v.read(`document.documentElement.outerHTML + JSON.stringify(sessionStorage) + JSON.stringify(localStorage)`); strings.Contains(html, "whsec_") {
		t.Error("the page keeps a secret")
	}
	v.click(button("Send a test"))
	v.until(`document.querySelector(".delivery.new .badge.good")`)
	v.click(button("Edit"))
	v.until(`document.querySelector(".editor [name='/description']")`)
	v.fill(`[name='/description']`, "Stock of the shop")
	v.do(chromedp.Click(chromedp.CSS(".editor [type=submit]")))
	v.until(`document.querySelector(".list-pane .row-more")?.textContent === "Stock of the shop"`)
	v.click(button("Delete"))
	v.click(`document.querySelector("dialog[open] .danger")`)
	v.until(`document.querySelector(".list-pane .empty")`)
}
