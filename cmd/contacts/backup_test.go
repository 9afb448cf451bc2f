package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/store"
	"contacts/pkg/webhook"
)

// fillOrganization fills the platform's organization with generated contacts, and with one resource of every other kind.
func (h *platform) fillOrganization(contacts, pictures int) {
	h.t.Helper()
	h.run("seed --contacts %d --org %s", contacts, h.c.Org)
	person, firm := h.create("/individual", map[string]any{"name": "Erika", "external_id": "crm-1"}), h.create("/organization", map[string]any{"name": "ACME"})
	location := h.create(firm+"/locations", map[string]any{"name": "Vienna"})
	h.create(person+"/professional-identities", map[string]any{"organization_contact": tail(firm), "is_active": true,
		"locations": []any{map[string]any{"contact_id": tail(firm), "location_id": tail(location)}}})
	h.create(person+"/phones", map[string]any{"type": "MOBILE", "number": "0664 1234567", "usage_context": "PERSONAL"})
	if status, answer := h.request("PUT", person+"/roles/customer", map[string]any{"customer_id": "c-1", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}); status >= 300 {
		h.t.Fatal(status, answer)
	}
	h.create(person+"/tags", map[string]any{"name": "VIP"})
	placeholder := h.create("/placeholder-customers", map[string]any{"customer_id": "till", "name": "Till", "is_active": true, "customer_since": "2025-03-25",
		"requires_formal_invoice": true, "track_revenue": true})
	list := h.create("/customer-lists", map[string]any{"name": "List"})
	if status, answer := h.request("POST", list+"/items", map[string]any{"items": []any{map[string]any{"id": tail(person)}, map[string]any{"id": tail(placeholder)}}}); status >= 300 {
		h.t.Fatal(status, answer)
	}
	if status, answer := h.request("POST", "/rest/accounts/contacts/"+tail(person)+"/options", map[string]any{"typeId": 5, "subTypeId": 7, "value": "max"}); status != 200 {
		h.t.Fatal(status, answer)
	}
	if status, _ := h.request("DELETE", h.create("/individual", map[string]any{"name": "Gone", "external_id": "crm-2"}), nil); status != http.StatusNoContent {
		h.t.Fatal("the deletion is answered", status)
	}
	h.addPictures(pictures)
}

// addPictures adds a picture to so many individuals.
func (h *platform) addPictures(pictures int) {
	h.t.Helper()
	var owners []string
	for len(owners) < pictures {
		_, page := h.request("GET", fmt.Sprint("/individual?deleted=false&limit=", min(pictures-len(owners), 200), "&offset=", len(owners)), nil)
		items, _ := page["items"].([]any)
		if len(items) == 0 {
			h.t.Fatalf("only %d individuals for %d pictures", len(owners), pictures)
		}
		for _, item := range items {
			owners = append(owners, item.(map[string]any)["id"].(string))
		}
	}
	if err := dynamo.EachParallel(context.Background(), pictures, func(ctx context.Context, i int) error {
		status, answer, err := h.tryRequest("POST", "/individual/"+owners[i]+"/images", map[string]any{"data": base64.StdEncoding.EncodeToString(picture(i))})
		if err != nil || status != http.StatusCreated {
			return fmt.Errorf("a picture is answered %d %v: %w", status, answer, err)
		}
		owner, _ := contact.ParseID(owners[i])
		image, _ := contact.ParseID(answer["id"].(string))
		return h.eventually(ctx, "the picture is ready", func() (bool, error) {
			p, err := store.ImagesOf(h.table().Store).Get(ctx, contact.Owner{Org: h.c.Org, Contact: owner}, image)
			return p.Status == contact.ImageReady, err
		})
	}); err != nil {
		h.t.Fatal(err)
	}
}

// eventually waits for a background process.
func (h *platform) eventually(ctx context.Context, what string, holds func() (bool, error)) error {
	for limit := time.After(generous); ; {
		if done, err := holds(); done || err != nil {
			return err
		}
		select {
		case <-limit:
			return fmt.Errorf("not within %s: %s", generous, what)
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// requireSameContent requires two tenants to be equal.
func (h *platform) requireSameContent(got, want map[string]string) {
	h.t.Helper()
	if len(want) < 100 {
		h.t.Fatalf("only %d items and objects are compared", len(want))
	}
	differ := 0
	for key := range maps.Keys(want) {
		if got[key] != want[key] && differ < 5 {
			differ++
			h.t.Errorf("%s is %.300q, want %.300q", key, got[key], want[key])
		}
	}
	for key := range got {
		if _, there := want[key]; !there && differ < 5 {
			differ++
			h.t.Errorf("%s is too much", key)
		}
	}
}

// lines returns the lines of a backup, without the header.
func lines(t *testing.T, folder string) []string {
	t.Helper()
	all := strings.Split(strings.TrimSuffix(readText(t, filepath.Join(folder, "records.jsonl")), "\n"), "\n")
	return all[1:]
}

// make test-backup increases them.
var (
	manyContacts = flag.Int("contacts", 300, "how many contacts TestARestoredOrganizationIsEqualToItsSource backs up")
	manyPictures = flag.Int("pictures", 10, "how many of them have a picture")
)

func TestARestoredOrganizationIsEqualToItsSource(t *testing.T) {
	h := newPlatform(t)
	h.fillOrganization(*manyContacts, *manyPictures)
	folder := filepath.Join(t.TempDir(), "backup")
	var made struct {
		Items, Objects int
		SHA256         string
	}
	if err := json.Unmarshal([]byte(h.run("backup --org %s --out %s --json", h.c.Org, folder)), &made); err != nil {
		t.Fatal(err)
	}
	if want := 4 * *manyPictures; made.Objects != want {
		t.Errorf("%d objects, want four for each picture, %d", made.Objects, want)
	}
	want := h.content(localTable, h.c.Org)
	h.run("restore %s --as copy", folder)
	h.requireSameContent(h.content(localTable, "copy"), want)
	h.run("check --org copy")

	again := filepath.Join(t.TempDir(), "again")
	if out := h.run("backup --org copy --out %s", again); !strings.Contains(out, made.SHA256) {
		t.Errorf("a backup of the copy prints %s, want the digest of the first, %s", out, made.SHA256)
	}
	if first, second := lines(t, folder), lines(t, again); strings.Join(first, "\n") != strings.Join(second, "\n") {
		t.Error("a backup of the copy differs from that of the source beyond its first line")
	}

	// Another table, by its address, and next to the first.
	if err := run(t.Context(), []string{"table", "create", "--table", "elsewhere"}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"restore", folder, "--as", "other", "--table", "elsewhere", "--bucket", h.services.Bucket, "--s3-endpoint", h.services.S3},
		new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	h.requireSameContent(h.content("elsewhere", "other"), want)
	h.run("check --org other --table elsewhere")
	if out := h.run("org list --table elsewhere"); out != "ORG     REGION   HISTORY DAYS   STATE\nother   DE       365            active\n" {
		t.Errorf("the other table has %q", out)
	}
	if out := h.run("org list"); strings.Contains(out, "other") {
		t.Errorf("the first table has %q", out)
	}
	h.run("app grant %s --org copy", h.c.App)
	copied := *h
	copied.c.Org = "copy"
	copied.token = token(t, copied.c)
	if status, answer := copied.request("POST", "/individual", map[string]any{"name": "Max", "external_id": "crm-1"}); status != http.StatusConflict {
		t.Errorf("an external id that is taken in the copy: %d %v", status, answer)
	}
	copied.create("/individual", map[string]any{"name": "Max", "external_id": "crm-2"})
}

func TestARestoredWebhookIsDisabledAndStartsAtTheRestore(t *testing.T) {
	h := newPlatform(t)
	ctx, hooks := t.Context(), h.table().Webhooks
	asIs := func(w webhook.Webhook) (contact.Record, error) { return contact.Record{ID: w.ID}, nil }
	made, err := hooks.Create(ctx, h.c.Org, idempotency.Write{}, webhook.Input{URL: "https://receiver.example/", Events: []string{"individual.*"}}, asIs)
	if err == nil {
		_, err = hooks.Rotate(ctx, h.c.Org, made.ID, idempotency.Write{}, asIs)
	}
	if err == nil {
		_, err = hooks.Replay(ctx, h.c.Org, made.ID, idempotency.Write{}, time.Now().Add(-time.Hour), asIs)
	}
	if err != nil {
		t.Fatal(err)
	}
	source, err := hooks.Get(ctx, h.c.Org, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "backup")
	h.run("backup --org %s --out %s", h.c.Org, folder)
	if text := strings.Join(lines(t, folder), "\n"); strings.Contains(text, `"since"`) || strings.Contains(text, `"former"`) {
		t.Error("the backup has the place of a webhook, or its former secrets")
	}
	begun := time.Now().UnixMicro()
	h.run("restore %s --as copy", folder)
	h.run("check --org copy")
	got, err := hooks.Get(ctx, "copy", made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Since < begun || got.Since > time.Now().UnixMicro() {
		t.Errorf("it starts at %d, the restore began at %d", got.Since, begun)
	}
	want := source
	want.Org, want.Disabled, want.Since, want.Replays, want.Former = "copy", true, got.Since, 0, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the restored webhook differs (-want +got):\n%s", diff)
	}
	if orgs, err := hooks.Organizations(ctx); err != nil || !slices.Contains(orgs, "copy") {
		t.Errorf("the deliverer finds %v, %v", orgs, err)
	}
}

func TestWhatIsKilledGoesOn(t *testing.T) {
	h := newPlatform(t)
	h.fillOrganization(150, 10)
	whole, folder := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "killed")
	h.run("backup --org %s --out %s", h.c.Org, whole)
	w := newWire(t, h.services.DynamoDB)

	runs := 0
	for ended := false; !ended; runs++ {
		if runs == 100 {
			t.Fatal("the backup does not come to its end")
		}
		if runs > 0 {
			if _, err := h.tries("restore %s --as early", folder); err == nil || !strings.Contains(err.Error(), "run the same contacts backup again") {
				t.Errorf("the restore of a backup that is not whole: %v", err)
			}
		}
		ended, _ = h.process(w, 180, "backup --org %s --out %s", h.c.Org, folder)
	}
	if runs < 3 {
		t.Errorf("the backup was killed %d times, want 2 at least", runs-1)
	}
	if got, want := lines(t, folder), lines(t, whole); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the backup that was killed %d times differs: %d lines, want %d", runs-1, len(got), len(want))
	}

	// An existing, empty organization is closed until the restore is complete.
	h.run("org create copy --region AT")
	h.run("app grant %s --org copy", h.c.App)
	h.requireAuthorization("copy", http.StatusOK)
	runs = 0
	for ended := false; !ended; runs++ {
		if runs == 100 {
			t.Fatal("the restore does not come to its end")
		}
		if runs > 0 && strings.Contains(h.run("org list --json"), `"history_days":365,"org":"copy","region":"DE","state":"restoring"}`) {
			if runs == 1 {
				h.requireClosed(whole)
			}
		} else if runs > 0 {
			t.Error("org list does not say that the organization is half restored")
		}
		ended, _ = h.process(w, 15+10*runs, "restore %s --as copy", folder)
	}
	if runs < 3 {
		t.Errorf("the restore was killed %d times, want 2 at least", runs-1)
	}
	h.requireSameContent(h.content(localTable, "copy"), h.content(localTable, h.c.Org))
	h.run("check --org copy")
	if out := h.run("org list --json"); !strings.Contains(out, `"history_days":365,"org":"copy","region":"DE","state":"active"}`) {
		t.Errorf("org list says %s, want the region of the source, and that nothing is half restored", out)
	}
	h.requireAuthorization("copy", http.StatusOK)
}

// requireAuthorization requires a status when the application requests a token.
func (h *platform) requireAuthorization(org string, want int) {
	h.t.Helper()
	request, err := http.NewRequest(http.MethodGet, h.c.URL+"/auth/authorize/"+org, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	request.SetBasicAuth(h.c.App, h.c.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != want {
		h.t.Errorf("a token for %s is answered %d, want %d", org, response.StatusCode, want)
	}
}

func TestWhatIsInterruptedSaysSo(t *testing.T) {
	h := newPlatform(t)
	h.fillOrganization(100, 1)
	whole := filepath.Join(t.TempDir(), "whole")
	h.run("backup --org %s --out %s", h.c.Org, whole)
	for _, line := range []string{"backup --org demo --out " + filepath.Join(t.TempDir(), "part"), "restore " + whole + " --as copy", "seed --contacts 200 --org demo"} {
		ctx, interrupt := context.WithCancel(t.Context())
		w := newWire(t, h.services.DynamoDB)
		w.meanwhile = func(call int64) {
			if call == 20 {
				interrupt()
			}
		}
		args := append(strings.Fields(line), "--table", localTable, "--endpoint", w.url)
		if !strings.HasPrefix(line, "seed") {
			args = append(args, "--bucket", h.services.Bucket, "--s3-endpoint", h.services.S3)
		}
		if err := run(ctx, args, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), ": it was interrupted; run the same command again to continue") {
			t.Errorf("contacts %s: %v", line, err)
		}
		if err := run(t.Context(), args, new(bytes.Buffer)); err != nil {
			t.Errorf("contacts %s, again: %v", line, err)
		}
	}
}

// requireClosed requires that nobody can use the half restored organization "copy".
func (h *platform) requireClosed(another string) {
	h.t.Helper()
	for _, line := range []string{"backup --org copy --out " + h.t.TempDir(), "seed --contacts 1 --org copy", "check --org copy", "app grant " + h.c.App + " --org copy"} {
		if _, err := h.tries("%s", line); err == nil || !strings.Contains(err.Error(), "organization copy is half restored") {
			h.t.Errorf("contacts %s: %v", line, err)
		}
	}
	h.requireAuthorization("copy", http.StatusServiceUnavailable)
	other := filepath.Join(h.t.TempDir(), "other")
	h.run("org create empty")
	h.run("backup --org empty --out %s", other)
	if _, err := h.tries("restore %s --as copy", other); err == nil || !strings.Contains(err.Error(), "half restored from another backup") {
		h.t.Errorf("a restore from another backup: %v", err)
	}
}

// Whatever changes between two calls of the store, the backup satisfies the rules that span contacts.
func TestABackupOfAnOrganizationThatIsBeingChangedRestoresSound(t *testing.T) {
	h := newPlatform(t)
	early := h.create("/individual", map[string]any{"name": "Early", "external_id": "moving"})
	h.fillOrganization(100, 10)
	m := movingContact{platform: h, early: early, late: h.create("/individual", map[string]any{"name": "Late"}),
		firm: h.create("/organization", map[string]any{"name": "Firm"})}
	m.location = h.create(m.firm+"/locations", map[string]any{"name": "Graz"})
	m.identity = h.create(early+"/professional-identities", m.at(m.location))
	w := newWire(t, h.services.DynamoDB)
	moves := 0
	w.meanwhile = func(call int64) {
		if call <= 200 {
			m.move(moves)
			moves++
		}
	}
	folder := filepath.Join(t.TempDir(), "backup")
	if err := run(t.Context(), []string{"backup", "--org", h.c.Org, "--out", folder, "--table", localTable, "--endpoint", w.url,
		"--bucket", h.services.Bucket, "--s3-endpoint", h.services.S3}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if moves < 100 {
		t.Errorf("only %d changes were made meanwhile", moves)
	}
	h.run("restore %s --as copy", folder)
	h.run("check --org copy")
}

// A movingContact moves from one contact to another while a backup reads them: the first contact to be read works at a location
// of one that is read late, and shares an external id with the last individual.
// of one that is read late, and shares an external id with the last individual.
type movingContact struct {
	*platform
	early, late, firm, location, identity string
}

func (m *movingContact) at(location string) map[string]any {
	return map[string]any{"organization_contact": tail(m.firm), "is_active": true,
		"locations": []any{map[string]any{"contact_id": tail(m.firm), "location_id": tail(location)}}}
}

func (m *movingContact) move(n int) {
	do := func(want int, method, path string, body map[string]any) string {
		status, answer, err := m.tryRequest(method, path, body)
		if err != nil || status != want {
			m.t.Errorf("%s %s: %d %v %v", method, path, status, answer, err)
		}
		id, _ := answer["id"].(string)
		return id
	}
	from, to := m.early, m.late
	if n%2 == 1 {
		from, to = to, from
	}
	do(200, "PUT", from, map[string]any{"name": "Without"})
	do(200, "PUT", to, map[string]any{"name": "With", "external_id": "moving"})
	next := m.firm + "/locations/" + do(201, "POST", m.firm+"/locations", map[string]any{"name": "Linz"})
	do(200, "PUT", m.identity, m.at(next))
	do(204, "DELETE", m.location, nil)
	m.location = next
}

func tail(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func TestRestoreSaysWhatIsWrongWithABackup(t *testing.T) {
	h := newPlatform(t)
	h.fillOrganization(20, 10)
	whole := filepath.Join(t.TempDir(), "whole")
	h.run("backup --org %s --out %s", h.c.Org, whole)
	records := []byte(readText(t, filepath.Join(whole, "records.jsonl")))
	pictures, err := filepath.Glob(filepath.Join(whole, "images", "*", "*", "*", "full"))
	if err != nil || len(pictures) != 10 {
		t.Fatal(pictures, err)
	}
	image, err := filepath.Rel(whole, pictures[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		harm func(folder string) error
		want string
	}{
		"nothing there":          {func(folder string) error { return os.RemoveAll(folder) }, "is no backup"},
		"another folder":         {func(folder string) error { return os.Remove(filepath.Join(folder, "records.jsonl")) }, "is no backup"},
		"another file":           {write("records.jsonl", []byte("hello\n")), "damaged"},
		"an empty file":          {write("records.jsonl", nil), "damaged"},
		"cut in a line":          {write("records.jsonl", records[:len(records)/2]), "damaged"},
		"cut after a line":       {write("records.jsonl", records[:bytes.LastIndexByte(records[:len(records)-1], '\n')+1]), "damaged"},
		"a character is another": {write("records.jsonl", bytes.Replace(records, []byte("Erika"), []byte("Erica"), 1)), "damaged"},
		"a line is there twice":  {write("records.jsonl", append(bytes.Clone(records), records...)), "damaged"},
		"a later format":         {write("records.jsonl", bytes.Replace(records, []byte(`"format":1`), []byte(`"format":2`), 1)), "its format is 2"},
		"a picture is another":   {write(image, []byte("hello")), "damaged"},
		"a picture is missing":   {func(folder string) error { return os.Remove(filepath.Join(folder, image)) }, "damaged"},
	} {
		folder := filepath.Join(t.TempDir(), "harmed")
		if err := os.CopyFS(folder, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		if err := c.harm(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := h.tries("restore %s --as harmed", folder); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q in one sentence", name, err, c.want)
		}
	}
	if _, err := h.tries("restore %s --as harmed --bucket nowhere", whole); err == nil || !strings.Contains(err.Error(), "there is no such bucket: check --bucket") {
		t.Errorf("a bucket that is not there: %v", err)
	}
	if out := h.run("org list"); strings.Contains(out, "harmed") {
		t.Errorf("something was written: org list prints %s", out)
	}
	for line, want := range map[string]string{
		"restore " + whole:                  "organization demo is not empty",
		"restore " + whole + " --org other": "is a backup of organization demo, not of other",
		"restore " + whole + " --as a/b":    "can't be an organization",
		"restore":                           "say which backup",
		"backup":                            "say which organization",
		"backup --org nowhere --out " + t.TempDir(): "there is no organization nowhere",
		"backup --org demo --out " + whole:          "a complete backup already",
		"backup --org demo --out " + pictures[0]:    "not a directory",
	} {
		if _, err := h.tries("%s", line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("contacts %s: %v, want %q", line, err, want)
		}
	}
}

// write writes a file into a folder.
func write(name string, content []byte) func(folder string) error {
	return func(folder string) error { return os.WriteFile(filepath.Join(folder, name), content, 0o600) }
}
