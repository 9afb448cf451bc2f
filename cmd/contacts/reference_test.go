package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The API reference opens in a browser, shows every operation, accepts a token, and its "Try it out" calls the platform.
func TestTheReferenceOpensInABrowserAndTriesOperationsOut(t *testing.T) {
	c, _ := servePlatform(t)
	token := tokenOf(t, c)
	ctx := newPage(t)
	do := func(what string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		limited, cancel := context.WithTimeout(ctx, generous)
		defer cancel()
		if err := chromedp.Do(limited, steps...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	text := func(a chromedp.Action[string]) string {
		t.Helper()
		limited, cancel := context.WithTimeout(ctx, generous)
		defer cancel()
		shown, err := chromedp.Run(limited, a)
		if err != nil {
			t.Fatal(err)
		}
		return shown
	}
	do("opening the reference", chromedp.Navigate(c.URL+"/docs"), chromedp.WaitVisible(chromedp.CSS(".opblock")))
	table, err := os.ReadFile("../../api/operations.tsv")
	if err != nil {
		t.Fatal(err)
	}
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll(".opblock").length`))
	if want := strings.Count(string(table), "\n") - 1; err != nil || shown != want {
		t.Errorf("the reference shows %d operations, want %d, %v", shown, want, err)
	}
	const bearer = chromedp.CSS("#auth-bearer-value")
	do("giving it a token", chromedp.Click(chromedp.CSS("button.authorize")), chromedp.WaitVisible(bearer), chromedp.SendKeys(bearer, token),
		chromedp.Evaluate[chromedp.Void](`document.querySelector("#auth-bearer-value").closest("form").querySelector("button.authorize").click()`),
		chromedp.Click(chromedp.CSS("button.btn-done")))
	in := func(selector string) chromedp.CSS {
		return chromedp.CSS("#operations-individuals-listIndividuals " + selector)
	}
	do("trying an operation out", chromedp.Click(in(".opblock-summary-control")), chromedp.Click(in(".try-out__btn")),
		chromedp.SendKeys(in(`tr[data-param-name="org-id"] input`), c.Org), chromedp.Click(in(".execute")),
		chromedp.WaitVisible(in(".live-responses-table .response-col_status")))
	status := text(chromedp.Text(in(".live-responses-table .response .response-col_status")))
	body := text(chromedp.Text(in(".live-responses-table .response .response-col_description")))
	if !strings.HasPrefix(status, "200") || !strings.Contains(body, `"problems"`) {
		t.Errorf("the operation answers %q %q, want 200 and a list", status, body)
	}
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

// tokenOf requests an access token with the application's credentials.
func tokenOf(t *testing.T, c credentials) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/auth/authorize/"+c.Org, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(c.App, c.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	var given struct{ AccessToken string }
	if err != nil || json.Unmarshal(text, &given) != nil || given.AccessToken == "" {
		t.Fatalf("no token: %s, %v", text, err)
	}
	return given.AccessToken
}
