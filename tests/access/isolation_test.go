package access

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/webhook"
	"contacts/tests/harness"
)

// An operation is a row of api/operations.tsv. Its path has "{}" for each parameter.
type operation struct{ name, method, path string }

// operations returns the operations that require a token. (The three that issue tokens, and the health check, have tests of their own.) It logs those without a
// route.
func operations(t *testing.T) []operation {
	t.Helper()
	table, err := os.ReadFile(filepath.Join("..", "..", "api", "operations.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var all []operation
	var missing []string
	for line := range strings.Lines(string(table)) {
		row := strings.Split(strings.TrimSpace(line), "\t")
		if slices.Contains([]string{"operation", "authorize", "login", "refreshLogin", "logout", "getHealth"}, row[0]) {
			continue
		}
		op := operation{row[0], row[1], regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(row[2], "{}")}
		path := strings.ReplaceAll(op.path, "{}", "1")
		if a := harness.Send(t, op.method, path, nil); a.Status == 404 && string(a.Body) == `{"message":"Not Found"}` {
			if missing = append(missing, op.name); !op.isRest() {
				t.Errorf("%s has no route", op.name)
			}
			continue
		}
		all = append(all, op)
	}
	if missing != nil {
		t.Logf("%d operations have no route and are not tested: %s", len(missing), strings.Join(missing, ", "))
	}
	return all
}

func (op operation) isRest() bool { return strings.HasPrefix(op.path, "/rest/") }

// isAdministration reports whether the operation requires a scope of its own.
func (op operation) isAdministration() bool { return strings.Contains(op.path, "/webhooks") }

func (op operation) writes() bool { return op.method != "GET" }

// needsWriteScope reports whether the operation requires the scope of writing contacts. An export only reads them.
func (op operation) needsWriteScope() bool { return op.writes() && op.name != "createExport" }

// idPlaces returns the path up to each id, without the organization's.
func (op operation) idPlaces() (all []string) {
	parts := strings.Split(op.path, "{}")
	for i := 1; i < len(parts); i++ {
		if place := strings.Join(parts[:i], "{}"); place != "/contacts/org/" {
			all = append(all, place)
		}
	}
	return all
}

// A sampleOrganization has one of each resource, with its mark in every text, and knows a request for each operation that succeeds on
// them.
type sampleOrganization struct {
	*harness.Tenant
	mark       string
	operations []operation
	ids        map[string]string // by their places
	other      string            // another individual
}

func newSampleOrganization(t *testing.T) *sampleOrganization {
	t.Helper()
	w := &sampleOrganization{Tenant: harness.NewTenant(t).Admin(), operations: operations(t), ids: map[string]string{}}
	w.mark = "hidden-" + w.Org
	w.ids["/contacts/org/"] = w.Org
	w.other = harness.OwnerID(w.CreateIndividual(w.mark))
	first := []string{"createOrganization", "createIndividual"} // the others name them
	order := slices.SortedStableFunc(slices.Values(w.operations), func(a, b operation) int {
		return slices.Index(first, b.name) - slices.Index(first, a.name)
	})
	for _, op := range order {
		if op.method == "POST" || strings.HasPrefix(op.name, "put") || op.name == "replaceConfiguration" {
			w.make(op)
		}
	}
	w.deliver()
	for place, id := range w.ids {
		if owner, ok := strings.CutSuffix(w.fill(place, w.ids), "/images/"); ok {
			w.WaitForImage(strings.TrimPrefix(owner, w.Path("")), id)
		}
	}
	return w
}

// deliver adds a delivery of the webhook, as the deliverer does.
func (w *sampleOrganization) deliver() {
	w.T.Helper()
	hook, err := contact.ParseID(w.ids["/contacts/org/{}/webhooks/"])
	if err != nil {
		w.T.Fatal(err)
	}
	item, err := webhook.Delivery{ID: 1, Change: "1-1", Type: "individual.created", At: time.Now().UnixMilli(), Reason: w.mark, Try: 1}.Item(w.Org, hook)
	if err == nil {
		err = harness.Platform.Database.Table.Put(context.Background(), item)
	}
	if err != nil {
		w.T.Fatal(err)
	}
}

// make sends an operation that creates a resource, and keeps the id.
func (w *sampleOrganization) make(op operation) {
	w.T.Helper()
	a := w.send(op, w.fill(op.path, w.ids)+w.query(op), w.Token)
	if a.Status > 202 {
		a.Want(201)
	}
	place := op.path + "/"
	var made any
	a.Decode(&made)
	if list, ok := made.([]any); ok && len(list) > 0 {
		made, place = list[0], "/rest/accounts/contacts/options/"
	}
	switch id := made.(object)["id"].(type) {
	case string:
		w.ids[place] = id
	case float64:
		w.ids[place] = fmt.Sprintf("%.0f", id)
	}
	switch op.name {
	case "createIndividual", "createOrganization":
		w.ids[op.path+"-id-mapping/internal/"], w.ids[op.path+"-id-mapping/external/"] = w.ids[place], w.text(op)
		w.ids[op.path+"/id-from-external-id/"] = w.text(op)
		w.ids["/rest/accounts/contacts/"] = w.ids["/contacts/org/{}/individual/"]
	case "addCustomerListItems":
		w.ids[place] = w.ids["/contacts/org/{}/individual/"]
	}
}

// fill replaces the parameters of a path by ids.
func (w *sampleOrganization) fill(path string, ids map[string]string) string {
	w.T.Helper()
	parts := strings.Split(path, "{}")
	filled := parts[0]
	for i := 1; i < len(parts); i++ {
		id := ids[strings.Join(parts[:i], "{}")]
		if id == "" {
			w.T.Fatalf("nothing is made for the last id of %s{}", strings.Join(parts[:i], "{}"))
		}
		filled += id + parts[i]
	}
	return filled
}

// text returns the text that an operation writes.
func (w *sampleOrganization) text(op operation) string { return w.mark + "-" + op.name }

// query returns the query that an operation requires.
func (w *sampleOrganization) query(op operation) string {
	switch op.name {
	case "upsertIndividualByExternalID", "upsertOrganizationByExternalID":
		return "?external_id=" + w.ids[op.path+"-id-mapping/external/"]
	case "lookupContacts":
		return "?email=" + w.mark + "-createIndividualEmail@example.com"
	case "searchContacts":
		return "?query=" + w.mark
	case "validateContactOption":
		return "?typeId=5&subTypeId=7&value=" + w.mark
	}
	return ""
}

// body returns a body with which an operation succeeds.
func (w *sampleOrganization) body(op operation) any {
	w.T.Helper()
	if op.method == "GET" || op.method == "DELETE" {
		return nil
	}
	text, person, firm := w.text(op), w.ids["/contacts/org/{}/individual/"], w.ids["/contacts/org/{}/organization/"]
	collection := strings.TrimSuffix(op.path, "/{}")
	named := object{"name": text}
	optionType := object{"names": []object{{"lang": "en", "name": text}}}
	option := object{"typeId": 5, "subTypeId": 6, "value": text}
	if op.name == "updateContactOptions" {
		option["id"] = json.Number(w.ids["/rest/accounts/contacts/options/"])
	}
	contact := named
	if op.method == "POST" {
		contact = object{"name": text, "external_id": text}
	}
	internal := w.ids[strings.TrimSuffix(collection, "-id-mapping")+"/"]
	mapped := object{"items": []object{{"internal": internal, "external": text}}}
	bodies := map[string]any{
		"individual": contact, "organization": contact, "batch": object{"items": []object{named}},
		"addresses": harness.With(harness.AddressSample, "full_address", text), "emails": harness.With(harness.EmailSample, "address", text+"@example.com"),
		"phones": harness.With(harness.PhoneSample, "number", text), "web-addresses": harness.With(harness.WebSample, "url", "https://example.com/"+text),
		"personal-relationships":  object{"type": "SPOUSE", "individual_contact": w.other},
		"professional-identities": object{"organization_contact": firm, "is_active": true, "job_title": text},
		"departments":             named, "locations": named, "memberships": object{"type": "CLUB", "name": text}, "tags": named,
		"customer-lists":    named,
		"customer":          harness.With(harness.CustomerMinimal, "customer_id", text),
		"alternative-payer": harness.With(harness.PayerMinimal, "alternative_payer_id", text), "supplier": harness.With(harness.SupplierMinimal, "supplier_id", text),
		"images": harness.ImageBody(harness.JPEGOf(harness.Quarters(16, 16))), "upload": object{"content_type": "image/png"},
		"individual-id-mapping": mapped, "organization-id-mapping": mapped,
		"placeholder-customers": harness.With(harness.PlaceholderMinimal, "customer_id", text, "name", text), "items": harness.ListOf(person),
		"configuration": object{"use_external_contact_management": false, "custom_workflow_config": object{"provider_id": text}},
		"webhooks":      object{"url": "https://receiver.example/" + text}, "replay": object{"since": "2026-01-01T00:00:00Z"}, "test": nil, "secret": nil,
		"exports":  object{"format": "JSON_LINES", "tag": text},
		"contacts": object{"fullName": text}, "options": option, "option_types": optionType, "option_sub_types": optionType,
	}
	body, ok := bodies[harness.LastSegment(collection)]
	if !ok {
		w.T.Fatalf("%s has no body", op.name)
	}
	return body
}

// send sends an operation to a path, with its body.
func (w *sampleOrganization) send(op operation, path, token string, headers ...string) *harness.Answer {
	w.T.Helper()
	return harness.Send(w.T, op.method, path, w.body(op), append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

// readAll returns the answers of all operations that read.
func (w *sampleOrganization) readAll(token string) map[string]string {
	w.T.Helper()
	shown := map[string]string{}
	for _, op := range w.operations {
		if op.writes() {
			continue
		}
		path := w.fill(op.path, w.ids)
		if strings.Contains(path, "/images/") {
			a := w.GetUnfollowed("GET", strings.TrimPrefix(path, w.Path("")), "Authorization", "Bearer "+token).Want(302)
			shown[op.name] = a.Header.Get("ETag") // the target has a new signature each time
			continue
		}
		a := w.send(op, path+w.query(op), token).Want(200)
		if w.leaked(op, a) == "" && op.name != "validateContactOption" {
			w.T.Errorf("%s shows nothing of the organization: %s", a.What, a.Body)
		}
		shown[op.name] = a.Header.Get("ETag") + " " + string(a.Body)
		if op.name == "listChanges" { // whose token has the time
			shown[op.name] = fmt.Sprint(a.Object()["items"])
		}
	}
	return shown
}

// wantUnchanged requires all reads to answer as before.
func (w *sampleOrganization) wantUnchanged(before map[string]string, token string) {
	w.T.Helper()
	after := w.readAll(token)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] != after[name] {
			w.T.Errorf("%s shows\n%s, before it was\n%s", name, after[name], before[name])
		}
	}
}

// leaked returns what the answer to an operation reveals of the organization, apart from the request's own body: "" for nothing.
func (w *sampleOrganization) leaked(op operation, a *harness.Answer) string {
	w.T.Helper()
	said, err := json.Marshal(w.body(op))
	if err != nil {
		w.T.Fatal(err)
	}
	told := string(a.Body)
	for _, name := range []string{"Location", "Link", "ETag"} {
		told += "\n" + a.Header.Get(name)
	}
	told = strings.ReplaceAll(told, w.text(op), "")
	for _, secret := range append(slices.Collect(maps.Values(w.ids)), w.mark, w.other) {
		own := secret == w.Org || secret != w.mark && strings.Contains(string(said), secret)
		if !own && strings.Contains(told, secret) {
			return secret
		}
	}
	return ""
}

// wantRefused requires a refusal in the words of its dialect that reveals nothing.
func (w *sampleOrganization) wantRefused(op operation, a *harness.Answer, status int) {
	w.T.Helper()
	switch {
	case strings.HasPrefix(a.What, "HEAD"):
		a.Want(status)
	case op.isRest():
		a.Envelope(status)
	default:
		a.Problem(status)
	}
	if status == 401 && !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
		w.T.Errorf("%s: WWW-Authenticate %q", a.What, a.Header.Get("WWW-Authenticate"))
	}
	for _, name := range []string{"ETag", "Location", "Link"} {
		if got := a.Header.Get(name); got != "" {
			w.T.Errorf("%s: %s %q on a refusal", a.What, name, got)
		}
	}
	if secret := w.leaked(op, a); secret != "" {
		w.T.Errorf("%s reveals %q: %s", a.What, secret, a.Body)
	}
}
