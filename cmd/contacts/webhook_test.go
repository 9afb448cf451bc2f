package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"
)

// scopedToken returns a token with scopes of a running platform's application.
func scopedToken(t *testing.T, c credentials, scopes string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/auth/authorize/"+c.Org+"?scope="+scopes, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(c.App, c.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var token struct{ AccessToken string }
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil || token.AccessToken == "" {
		t.Fatalf("%s: no token: %v", response.Status, err)
	}
	return token.AccessToken
}

// What a laptop does after a write, a stream does on AWS.
func TestServeDeliversAChangeToAWebhook(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct{ Type string }
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		arrived <- event.Type
	}))
	t.Cleanup(receiver.Close)
	known, stop := serveOn(t, filepath.Join(t.TempDir(), "data"), "--allow-local-webhooks")
	defer stop()
	token := scopedToken(t, known, "contacts:read+contacts:write+contacts:admin")
	post := func(path string, body any) {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, known.URL+"/contacts/org/"+known.Org+path, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _ = response.Body.Close(); response.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %s", path, response.Status)
		}
	}
	post("/webhooks", map[string]any{"url": receiver.URL})
	post("/individual", map[string]any{"name": "Erika"})
	began := time.Now()
	select {
	case event := <-arrived:
		if event != "individual.created" {
			t.Errorf("%s arrived", event)
		}
		t.Logf("it arrived %v after the answer", time.Since(began).Round(time.Millisecond))
	case <-time.After(generous):
		t.Fatal("nothing arrived")
	}
}

func TestASecretThatANewerVersionRequiresIsCreated(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file := filepath.Join(data, "secrets.json")
	if err := writeAtomically(file, map[string]string{"signing_secret": "signs", "secret": "app", "password": "user"}); err != nil {
		t.Fatal(err)
	}
	first, err := loadCredentials(data)
	if err != nil || first.webhookSecret == "" || first.signingSecret != "signs" || first.Secret != "app" || first.Password != "user" {
		t.Errorf("%+v, %v", first, err)
	}
	if second, err := loadCredentials(data); err != nil || second.webhookSecret != first.webhookSecret {
		t.Errorf("%q, then %q: %v", first.webhookSecret, second.webhookSecret, err)
	}
}
