package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Nobody is deleted by a command that nobody confirms.
func TestADeletionRequiresConfirmation(t *testing.T) {
	h := newPlatform(t)
	for line, want := range map[string]string{
		"app delete demo-app":   "Delete application demo-app, which may use demo? This can't be undone; --yes confirms it",
		"user delete demo-user": "Delete user demo-user of organization demo? This can't be undone; --yes confirms it",
	} {
		if _, err := h.tries("%s", line); err == nil || err.Error() != want { // no terminal to ask on
			t.Errorf("contacts %s: %v, want %q", line, err, want)
		}
	}
	if got := h.authorize(h.c.App, h.c.Secret, "demo", ""); got != 200 {
		t.Errorf("the application gets %d", got)
	}
	if out := h.run("user list --json"); !strings.Contains(out, `"state":"active"`) {
		t.Errorf("the user is not active: %s", out)
	}
}

func TestADeletedApplicationIsGoneAndItsNameIsFree(t *testing.T) {
	h := newPlatform(t)
	h.run("org create acme")
	secret := h.secretOf(h.run("app create shop --org acme --org demo --json"))
	if out := h.run("app delete shop --yes --json"); out != `{"app":"shop","state":"deleted"}`+"\n" {
		t.Errorf("app delete prints %s", out)
	}
	for _, org := range []string{"acme", "demo"} {
		if got := h.authorize("shop", secret, org, ""); got != 401 {
			t.Errorf("the deleted application gets %d for %s", got, org)
		}
	}
	if _, err := h.tries("app delete shop --yes"); exitCode(err) != 2 || !strings.Contains(err.Error(), "there is no application shop") {
		t.Errorf("another deletion: %v", err)
	}
	next := h.secretOf(h.run("app create shop --org acme --json"))
	for secret, want := range map[string]int{secret: 401, next: 200} {
		if got := h.authorize("shop", secret, "acme", ""); got != want {
			t.Errorf("the next application of that name gets %d, want %d", got, want)
		}
	}
	if got := h.authorize("shop", next, "demo", ""); got != 403 {
		t.Errorf("it inherits access: %d", got)
	}
}

// A deletion that is killed at any of its calls leaves nothing that contradicts itself, and its repeat completes it.
func TestAKilledDeletionOfAUserIsRepeated(t *testing.T) {
	h := newPlatform(t)
	w := newWire(t, h.services.DynamoDB)
	for n := 1; ; n++ {
		h.run("user create erika --org demo")
		ended, stderr := h.process(w, n, "user delete erika --yes")
		h.run("check")
		if ended {
			if n < 5 {
				t.Errorf("the deletion made %d calls, want 5 at least", n-1)
			}
			return
		}
		if n > 20 {
			t.Fatalf("the deletion does not come to its end: %s", stderr)
		}
		if _, err := h.tries("user delete erika --yes"); err != nil && !strings.Contains(err.Error(), "there is no user erika") {
			t.Fatalf("killed at call %d, then repeated: %v", n, err)
		}
		if out := h.run("user list"); strings.Contains(out, "erika") {
			t.Errorf("killed at call %d: the repeat leaves\n%s", n, out)
		}
	}
}

// key list has each key with its state, and no secret.
func TestTheListOfKeysTellsWhichSignsAndUntilWhenTheOthersAreValid(t *testing.T) {
	h := newPlatform(t)
	keys := func() (all []map[string]string) {
		t.Helper()
		for line := range strings.Lines(h.run("key list --json")) {
			var k map[string]string
			if err := json.Unmarshal([]byte(line), &k); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if _, err := time.Parse(time.RFC3339, k["created"]); err != nil || len(k["kid"]) != 43 {
				t.Errorf("a key is listed as %s", line)
			}
			delete(k, "created")
			all = append(all, k)
		}
		return all
	}
	first := keys()
	var rotated map[string]string
	if err := json.Unmarshal([]byte(h.run("key rotate --json")), &rotated); err != nil {
		t.Fatal(err)
	}
	then := keys()
	if len(first) != 1 || len(then) != 1 || fmt.Sprint(first[0]) != fmt.Sprint(map[string]string{"kid": first[0]["kid"], "state": "signing"}) ||
		fmt.Sprint(then[0]) != fmt.Sprint(map[string]string{"kid": first[0]["kid"], "state": "valid", "valid_until": rotated["former_key_ends"]}) {
		t.Errorf("at first %v, then %v; rotated until %v", first, then, rotated)
	}
	text := h.run("key list")
	if want := "KID                                           STATE   CREATED                VALID UNTIL\n" + first[0]["kid"] + "   valid   "; !strings.HasPrefix(text, want) ||
		strings.Count(text, "\n") != 2 || !strings.HasSuffix(text, "   "+rotated["former_key_ends"]+"\n") {
		t.Errorf("key list prints\n%swant\n%s", text, want)
	}
}
