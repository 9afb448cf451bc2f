package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A visitor looks at pages of one origin in a headless browser. The test fails if a request leaves the origin for others than it may, or if
// the page's policy refuses something.
type visitor struct {
	t      *testing.T
	origin string
	ctx    context.Context
}

// visit returns a visitor of the origin, whose pages may also send requests to others.
func visit(t *testing.T, origin string, others ...string) visitor {
	t.Helper()
	ctx := newPage(t)
	var mu sync.Mutex
	var outside, refused []string
	if err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			allowed := func(other string) bool { return strings.HasPrefix(e.Request.URL, other+"/") }
			if url := e.Request.URL; !slices.ContainsFunc(append(others, origin, "blob:"+origin), allowed) && !strings.HasPrefix(url, "data:") {
				outside = append(outside, url)
			}
		case *log.EventEntryAdded:
			if strings.Contains(e.Entry.Text, "Content Security Policy") {
				refused = append(refused, e.Entry.Text)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(outside)+len(refused) > 0 {
			t.Errorf("requests to other origins: %q, refused by the policy: %q", outside, refused)
		}
	})
	return visitor{t, origin, ctx}
}

// anotherTab returns a visitor with a tab of its own in the same browser.
func (v visitor) anotherTab() visitor {
	v.t.Helper()
	ctx, cancel := chromedp.NewContext(v.ctx)
	v.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // open the tab outside the timeout
		v.t.Fatal(err)
	}
	return visitor{v.t, v.origin, ctx}
}

// newPage returns a page of a headless browser: of this machine's, or of the one that `make test` installs.
func newPage(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("no-zygote", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(generous))
	if !hasBrowser() {
		installed, err := filepath.Abs("../../tools/browser/chromium")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(installed); err != nil {
			t.Fatalf("there is no browser: install Chromium, or let `make tools/browser/chromium` do so: %v", err)
		}
		options = append(options, chromedp.ExecPath(installed))
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // start the browser outside the timeout
		t.Fatal(err)
	}
	return ctx
}

// hasBrowser reports whether chromedp finds a browser on this machine.
func hasBrowser() bool {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"} {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	return false
}

// do takes steps, or ends the test.
func (v visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	limited, cancel := context.WithTimeout(v.ctx, generous)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		v.t.Fatal(err)
	}
}

// read returns the text that an expression or its promise results in, or ends the test.
func (v visitor) read(expression string) string {
	v.t.Helper()
	limited, cancel := context.WithTimeout(v.ctx, generous)
	defer cancel()
	text, err := chromedp.Run(limited, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("%s: %v", expression, err)
	}
	return text
}

// until waits for a condition in the page. One that fails isn't true yet: what it reads may not be there while the page is rendered.
func (v visitor) until(condition string) {
	v.t.Helper()
	v.read(`new Promise(resolve => { (function look() {
		let isTrue = false;
		try { isTrue = ` + condition + ` } catch {}
		isTrue ? resolve("") : setTimeout(look, 20);
	})() })`)
}

// click clicks what an expression finds, once it is there.
func (v visitor) click(element string) {
	v.t.Helper()
	v.until(element)
	v.read(element + `.click(), ""`)
}

// fill types text into a field, in place of what is there.
func (v visitor) fill(selector, text string) {
	v.t.Helper()
	v.read(`document.querySelector("` + selector + `").select(), ""`)
	v.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// press presses keys as a keyboard does: what the page takes as a shortcut types nothing.
func (v visitor) press(keys string) {
	v.t.Helper()
	for _, key := range keys {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			event := input.DispatchKeyEventParams{Type: kind, Key: string(key)}
			if kind == input.DispatchKeyEventTypeKeyDown {
				event.Text = string(key)
			}
			if _, err := chromedp.Call(v.ctx, input.DispatchKeyEvent, event); err != nil {
				v.t.Fatal(err)
			}
		}
	}
}

// resize sets the width of the window in pixels, and the colours that the system prefers: light or dark. A window of 4K has its height.
func (v visitor) resize(width int64, colours string) {
	v.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		v.t.Fatal(err)
	}
	height := int64(844)
	if width == 3840 {
		height = 2160
	}
	v.do(chromedp.EmulateViewport(width, height))
}

// inspect writes a screenshot to build/pages, and fails if the page is wider than its window or if axe finds faults that are serious or
// critical.
func (v visitor) inspect(name string) {
	v.t.Helper()
	v.until(`document.getAnimations().every(a => a.playState !== "running" || a.effect.getTiming().iterations === Infinity)`)
	limited, cancel := context.WithTimeout(v.ctx, generous)
	defer cancel()
	fast := true // the encoding of large ones takes longer than all else
	picture, err := chromedp.Call(limited, page.CaptureScreenshot, page.CaptureScreenshotParams{OptimizeForSpeed: &fast})
	if err != nil {
		v.t.Fatal(err)
	}
	folder := filepath.Join("..", "..", "build", "pages")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture.Data, 0o644); err != nil {
		v.t.Fatal(err)
	}
	axe, err := os.ReadFile("../../tools/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		v.t.Fatalf("axe is missing, `make test` installs it: %v", err)
	}
	v.do(chromedp.Evaluate[chromedp.Void](string(axe)))
	if faults := v.read(`axe.run({resultTypes: ["violations"]}).then(found => found.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v =>
		v.impact + " " + v.id + ": " + v.nodes.map(n => n.html.slice(0, 200) + " " + n.failureSummary).join("\n  ")).join("\n"))`); faults != "" {
		v.t.Errorf("%s: axe finds %s", name, faults)
	}
	if wide := v.read(`String(document.documentElement.scrollWidth - window.innerWidth)`); wide != "0" && !strings.HasPrefix(wide, "-") {
		v.t.Errorf("%s: the page is %s pixels wider than its window", name, wide)
	}
}
