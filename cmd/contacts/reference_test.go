package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// The address of the platform leads to the reference, which opens in a browser and shows each group of operations.
func TestTheReferenceOpensInABrowser(t *testing.T) {
	c, _ := servePlatform(t)
	limited, cancel := context.WithTimeout(newPage(t), generous)
	defer cancel()
	if err := chromedp.Do(limited, chromedp.Navigate(c.URL), chromedp.WaitVisible(chromedp.CSS(".references-rendered .section"))); err != nil {
		t.Fatal(err)
	}
	path, err := chromedp.Run(limited, chromedp.Evaluate[string]("location.pathname"))
	if err != nil || path != "/docs" {
		t.Errorf("the address of the platform leads to %q, %v", path, err)
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
