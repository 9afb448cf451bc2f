package main

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestSeedFillsAnOrganizationOnceHoweverOftenItRuns(t *testing.T) {
	c, data := servePlatform(t)
	fill := func(n string) {
		t.Helper()
		if err := run(t.Context(), []string{"seed", "--contacts", n, "--org", c.Org, "--data", data}, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	get := func(path string, into any) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token(t, c))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, response.StatusCode, err)
		}
	}
	count := func(list string) int {
		t.Helper()
		var page struct{ Items []struct{ ID, Name string } }
		get("/contacts/org/"+c.Org+"/"+list, &page)
		return len(page.Items)
	}

	fill("40")
	if individuals, organizations := count("individual"), count("organization"); individuals != 32 || organizations != 8 {
		t.Errorf("%d individuals and %d organizations, want 32 and 8", individuals, organizations)
	}
	fill("40")
	fill("60")
	if individuals, organizations := count("individual"), count("organization"); individuals != 48 || organizations != 12 {
		t.Errorf("%d individuals and %d organizations after the second run, want 48 and 12", individuals, organizations)
	}
	if n := count("lookup?external_id=person-1-0"); n != 1 {
		t.Errorf("%d contacts have the external id of the first person, want 1", n)
	}
	if n := count("lookup?tag=vip"); n == 0 {
		t.Error("no contact has a tag of the samples")
	}
}

func TestSeedSaysWhatItNeeds(t *testing.T) {
	for _, args := range []string{"", "--contacts 10", "--contacts 0 --org demo", "--contacts 10 --org a --org b", "--contacts 10 --org demo more"} {
		err := run(t.Context(), append([]string{"seed", "--data", filepath.Join(t.TempDir(), "none")}, strings.Fields(args)...), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "contacts seed --contacts") {
			t.Errorf("seed %s: %v", args, err)
		}
	}
}

func token(t *testing.T, c credentials) string {
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
	var answer struct {
		AccessToken string `json:"accessToken"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.AccessToken
}
