package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// authorize requests a token for an organization with an application's secret, and returns the status.
func (h *platform) authorize(app, secret, org, scope string) int {
	h.t.Helper()
	return authorizes(h.t, credentials{URL: h.c.URL, App: app, Secret: secret}, org, scope)
}

func authorizes(t *testing.T, c credentials, org, scope string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/auth/authorize/"+org+"?scope="+scope, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(c.App, c.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// secretOf returns the secret that a command printed as JSON.
func (h *platform) secretOf(printed string) string {
	h.t.Helper()
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(printed), &made); err != nil || made.Secret == "" {
		h.t.Fatalf("%s: %v", printed, err)
	}
	return made.Secret
}

func TestAnApplicationAsksForTheScopesThatItWasGrantedAlone(t *testing.T) {
	h := newPlatform(t)
	plain := h.secretOf(h.run("app create plain --org demo --json"))
	reader := h.secretOf(h.run("app create reader --org demo --scope contacts:read --scope contacts:admin --json"))
	for _, c := range []struct {
		app, secret, scope string
		want               int
	}{
		{h.c.App, h.c.Secret, "contacts:read+contacts:write+contacts:admin+contacts:erase", 200},
		{"plain", plain, "contacts:read+contacts:write", 200}, {"plain", plain, "contacts:admin", 403}, {"plain", plain, "contacts:erase", 403},
		{"reader", reader, "", 200}, {"reader", reader, "contacts:admin", 200}, {"reader", reader, "contacts:write", 403},
	} {
		if got := h.authorize(c.app, c.secret, "demo", c.scope); got != c.want {
			t.Errorf("%s asks for %q: %d, want %d", c.app, c.scope, got, c.want)
		}
	}
	h.run("app scope plain --scope contacts:erase --scope contacts:write")
	for scope, want := range map[string]int{"": 200, "contacts:erase": 200, "contacts:read": 403} {
		if got := h.authorize("plain", plain, "demo", scope); got != want {
			t.Errorf("asked for %q after another grant: %d, want %d", scope, got, want)
		}
	}
	list := h.run("app list")
	if want := `APP        STATE    ORGS   SCOPES
demo-app   active   demo   contacts:read, contacts:write, contacts:admin, contacts:erase
plain      active   demo   contacts:write, contacts:erase
reader     active   demo   contacts:read, contacts:admin
`; list != want {
		t.Errorf("app list prints\n%swant\n%s", list, want)
	}
	h.run("user scope demo-user --scope contacts:read")
	if got := h.run("user list --json"); !strings.Contains(got, `"scopes":["contacts:read"]`) {
		t.Errorf("user list prints %s", got)
	}
}

func TestAnOrganizationIsTakenAwayFromAnApplicationAlone(t *testing.T) {
	h := newPlatform(t)
	for _, org := range []string{"acme", "beta", "gamma"} {
		h.run("org create %s", org)
	}
	secret := h.secretOf(h.run("app create shop --org acme --org beta --org acme --json"))
	h.run("app revoke shop --org acme")
	if a, b := h.authorize("shop", secret, "acme", ""), h.authorize("shop", secret, "beta", ""); a != 403 || b != 200 {
		t.Errorf("acme is answered %d, beta %d, want 403 and 200", a, b)
	}
	for line, want := range map[string]string{
		"app revoke shop --org acme":              "no access to organization acme", // by now
		"app revoke shop --org gamma":             "no access to organization gamma",
		"app revoke shop --org nowhere":           "no access to organization nowhere",
		"app revoke shop --org beta --org gamma":  "no access to organization gamma",
		"app revoke nobody --org acme":            "there is no application nobody",
		"app scope shop":                          "say which scopes",
		"app scope shop --scope contacts:all":     `"contacts:all" is not a scope: there are contacts:read, contacts:write, contacts:admin, contacts:erase`,
		"app scope shop --scope read":             `"read" is not a scope`,
		"app scope nobody --scope contacts:read":  "there is no application nobody",
		"app create x --org demo --scope x":       `"x" is not a scope`,
		"user scope demo-user":                    "say which scopes",
		"user scope demo-user --scope read":       `"read" is not a scope`,
		"user scope nobody --scope contacts:read": "there is no user nobody",
		"user create x --org demo --scope x":      `"x" is not a scope`,
	} {
		if out, err := h.tries("%s", line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("contacts %s: %q, %v, want %q", line, out, err, want)
		}
	}
	if got := h.authorize("shop", secret, "beta", ""); got != 200 {
		t.Errorf("a refused revocation took beta away: %d", got)
	}
	h.run("app revoke shop --org beta") // the last one
	h.run("app grant shop --org gamma")
	if b, g := h.authorize("shop", secret, "beta", ""), h.authorize("shop", secret, "gamma", ""); b != 403 || g != 200 {
		t.Errorf("beta is answered %d, gamma %d, want 403 and 200", b, g)
	}
}

// Another start on the same data grants access for what is new, and restores nothing that was revoked.
func TestAStartRestoresNoGrantThatWasRevoked(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	c, stop := serveOn(t, data, "--org", "acme", "--org", "beta")
	for _, line := range []string{"app revoke demo-app --org acme", "app scope demo-app --scope contacts:read", "user scope demo-user --scope contacts:read"} {
		if err := run(t.Context(), append(strings.Fields(line), "--data", data), new(strings.Builder)); err != nil {
			t.Fatal(err)
		}
	}
	if got := authorizes(t, c, "acme", ""); got != 403 {
		t.Errorf("acme is answered %d after the revocation", got)
	}
	stop()
	c, stop = serveOn(t, data, "--org", "acme", "--org", "beta", "--org", "gamma")
	defer stop()
	for org, want := range map[string]int{"acme": 403, "beta": 200, "gamma": 200} {
		if got := authorizes(t, c, org, ""); got != want {
			t.Errorf("%s is answered %d after another start, want %d", org, got, want)
		}
	}
	if got := authorizes(t, c, "beta", "contacts:write"); got != 403 {
		t.Errorf("a scope that was taken away is answered %d after another start", got)
	}
}
