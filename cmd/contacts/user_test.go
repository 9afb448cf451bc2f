package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// userCommands runs the commands for a platform's users.
type userCommands struct {
	t    *testing.T
	c    credentials
	data string
}

func newDesk(t *testing.T) userCommands {
	c, data := servePlatform(t)
	return userCommands{t, c, data}
}

// run runs contacts user with standard input, and returns its output.
func (d userCommands) run(stdin string, args ...string) string {
	d.t.Helper()
	out, err := d.tries(stdin, args...)
	if err != nil {
		d.t.Fatalf("contacts user %q: %v", args, err)
	}
	return out
}

func (d userCommands) tries(stdin string, args ...string) (string, error) {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "stdin")
	if err := os.WriteFile(file, []byte(stdin), 0o600); err != nil {
		d.t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		d.t.Fatal(err)
	}
	defer in.Close()
	before := os.Stdin
	os.Stdin = in
	defer func() { os.Stdin = before }()
	var out bytes.Buffer
	err = run(d.t.Context(), append(append([]string{"user"}, args...), "--data", d.data), &out)
	return out.String(), err
}

// post sends a form and returns status and body.
func (d userCommands) post(path string, fields url.Values) (int, map[string]any) {
	d.t.Helper()
	response, err := http.PostForm(d.c.URL+path, fields)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, answer
}

func (d userCommands) login(name, password string) (status int, refresh string) {
	d.t.Helper()
	status, answer := d.post("/rest/login", url.Values{"username": {name}, "password": {password}})
	refresh, _ = answer["refresh_token"].(string)
	return status, refresh
}

// requireLogin requires a login to succeed or fail.
func (d userCommands) requireLogin(name, password string, want int) {
	d.t.Helper()
	if status, _ := d.login(name, password); status != want {
		d.t.Errorf("the log-in of %s with %q is answered %d, want %d", name, password, status, want)
	}
}

func TestTheUserThatServePrintsCanLogIn(t *testing.T) {
	d := newDesk(t)
	d.requireLogin(d.c.Username, d.c.Password, 200)
	var printed bytes.Buffer
	d.c.announce(&printed)
	if want := "curl -s -d 'username=" + d.c.Username + "' -d 'password=" + d.c.Password + "' '" + d.c.URL + "/rest/login'"; !strings.Contains(printed.String(), want) {
		t.Errorf("serve prints\n%s\nwithout\n%s", printed.String(), want)
	}
}

func TestAnOperatorLooksAfterUsers(t *testing.T) {
	d := newDesk(t)
	if out := d.run("correct horse\n", "create", "erika", "--org", d.c.Org); strings.Contains(out, "horse") {
		t.Errorf("a given password is printed: %s", out)
	}
	d.requireLogin("erika", "correct horse", 200)
	var made map[string]string
	if err := json.Unmarshal([]byte(d.run("", "create", "max muster", "--org", d.c.Org, "--json")), &made); err != nil || made["org"] != d.c.Org {
		t.Fatal(made, err)
	}
	d.requireLogin("max muster", made["password"], 200)

	_, refresh := d.login("erika", "correct horse")
	d.run("", "disable", "erika")
	d.requireLogin("erika", "correct horse", 401)
	if status, _ := d.post("/rest/login/refresh", url.Values{"refresh_token": {refresh}}); status != 401 {
		t.Errorf("a disabled user's refresh token is answered %d", status)
	}
	if got, want := d.run("", "list"), `USER         STATE      ORG    SCOPES
demo-user    active     demo   contacts:read, contacts:write, contacts:admin, contacts:erase
erika        disabled   demo   contacts:read, contacts:write
max muster   active     demo   contacts:read, contacts:write
`; got != want {
		t.Errorf("list prints\n%swant\n%s", got, want)
	}
	if got := d.run("", "list", "--json"); !strings.Contains(got, `{"org":"demo","scopes":["contacts:read","contacts:write"],"state":"disabled","user":"erika"}`+"\n") {
		t.Errorf("list prints %s", got)
	}
	d.run("", "enable", "erika")
	d.requireLogin("erika", "correct horse", 200)

	_, refresh = d.login("erika", "correct horse")
	d.run("battery staple\r\n", "password", "erika")
	d.requireLogin("erika", "correct horse", 401)
	d.requireLogin("erika", "battery staple", 200)
	if status, _ := d.post("/rest/login/refresh", url.Values{"refresh_token": {refresh}}); status != 401 {
		t.Errorf("a refresh token of the former password is answered %d", status)
	}
	made = nil
	if err := json.Unmarshal([]byte(d.run("", "password", "erika", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	d.requireLogin("erika", made["password"], 200)
}

func TestTheUserCommandSaysWhatIsWrong(t *testing.T) {
	d := newDesk(t)
	for args, want := range map[string]string{
		"disable nobody":                         "there is no user nobody",
		"enable nobody":                          "there is no user nobody",
		"password nobody":                        "there is no user nobody",
		"create erika":                           "belongs to one organization",
		"create erika --org demo --org x":        "belongs to one organization",
		"create erika --org nowhere":             "organization nowhere",
		"create --org demo":                      "one name",
		"create a b --org demo":                  "one name",
		"disable":                                "one name",
		"forget erika":                           "contacts user --help lists all",
		"remove erika":                           "did you mean delete?",
		"delete nobody":                          "there is no user nobody",
		"delete " + d.c.Username:                 "--yes confirms it",
		"create " + d.c.Username + " --org demo": "already user " + d.c.Username,
	} {
		if _, err := d.tries("", strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("contacts user %s: %v, want %q", args, err, want)
		}
	}
	for _, name := range []string{" erika", "a\tb", strings.Repeat("a", 257)} {
		if _, err := d.tries("", "create", name, "--org", d.c.Org); err == nil || !strings.Contains(err.Error(), "a user's name") {
			t.Errorf("contacts user create %q: %v", name, err)
		}
	}
	if _, err := d.tries(strings.Repeat("a", 2000), "create", "erika", "--org", d.c.Org); err == nil {
		t.Error("a password of 2,000 bytes is taken")
	}
}
