package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// contested returns a unique value that several clients try to use.
func (c *client) contested(what string) string {
	return fmt.Sprintf("contested-%s-%d", what, c.random.IntN(12))
}

// externalID returns a unique external id, sometimes a contested one, sometimes none.
func (c *client) externalID() string {
	switch n := c.random.IntN(20); {
	case n < 8:
		return ""
	case n < 10:
		return c.contested("external")
	case n < 12:
		return c.unique("external/with strange % signs ü")
	}
	return c.unique("external")
}

// newDoc returns the body of a new contact of a kind.
func (c *client) newDoc(kind, external string) object {
	doc := object{"name": c.unique("name")}
	if external != "" {
		doc["external_id"] = external
	}
	switch kind {
	case "Individual":
		if c.percent(40) {
			doc["date_of_birth"] = fmt.Sprintf("19%02d-0%d-1%d", c.random.IntN(90)+10, c.random.IntN(9)+1, c.random.IntN(10))
		}
	case "Organization":
		if c.percent(40) {
			doc["founded"] = fmt.Sprintf("18%02d-01-01", c.random.IntN(90)+10)
		}
		for _, field := range []string{"founders", "leaders"} {
			if ref, ok := c.identityRef(); ok && c.percent(25) {
				doc[field] = []any{ref}
			}
		}
	}
	return doc
}

// identityRef returns a reference to an identity of one of the client's contacts that isn't deleted.
func (c *client) identityRef() (object, bool) {
	p, ok := c.person()
	if !ok || len(p.identities) == 0 {
		return nil, false
	}
	id, _ := one(c, sortedIDs(p.identities))
	return object{"contact_id": p.id, "professional_identity_id": id}, true
}

func isContested(value string) bool { return strings.HasPrefix(value, "contested-") }

// expected returns the accepted statuses of a write: also 409 for a contested unique value.
func expected(value string, statuses ...int) []int {
	if isContested(value) {
		return append(statuses, 409)
	}
	return statuses
}

// keep adds a created contact to the client's own.
func (c *client) keep(kind string, doc object, r *result) *contact {
	p := newContact(kind)
	p.id, p.doc, p.born = r.text("id"), doc, r.span
	if before := c.ids.register("contacts", p.id, kind+" "+p.name()); p.id == "" || before != "" {
		c.fail("a new %s has the id %q, which %s has: %s", kind, p.id, before, r.body)
	}
	switch kind {
	case "Individual":
		p.channelled = c.percent(40)
		c.people = append(c.people, p)
	case "Organization":
		c.firms = append(c.firms, p)
	default:
		c.tills = append(c.tills, p)
	}
	return p
}

func (c *client) addContact(ctx context.Context) {
	kind := "Individual"
	if c.percent(20) {
		kind = "Organization"
	}
	external := c.externalID()
	doc := c.newDoc(kind, external)
	r := c.write(ctx, "create"+kind, doc)
	if c.want(r, nil, "create"+kind, expected(external, 201)...) && r.ok() {
		c.keep(kind, doc, r).note("created", doc, r)
	}
}

func (c *client) replaceContact(ctx context.Context) {
	p, ok := c.anyone()
	if !ok {
		return
	}
	external := p.external()
	if c.percent(30) {
		external = c.externalID()
	}
	doc := c.newDoc(p.kind, external)
	r := c.write(ctx, "replace"+p.kind, doc, p.id)
	p.note("replaced", doc, r)
	if c.want(r, p, "replace"+p.kind, expected(external, 200)...) && r.ok() {
		p.doc = doc
	}
}

func (c *client) deleteContact(ctx context.Context) {
	p, ok := c.anyone()
	if !ok || c.percent(20) {
		if p, ok = one(c, c.people); !ok { // it may be deleted already
			return
		}
	}
	why, held := c.holds("contact "+p.id, p)
	want := 204
	if held && !p.deleted {
		want = 422
	}
	r := c.write(ctx, "delete"+p.kind, nil, p.id)
	p.note("deleted, expecting "+fmt.Sprint(want)+" "+why, nil, r)
	if c.want(r, p, "delete"+p.kind, want) && r.ok() {
		p.deleted = true
	}
}

func (c *client) upsert(ctx context.Context) {
	kind, known := "Individual", c.people
	if c.percent(20) {
		kind, known = "Organization", c.firms
	}
	var p *contact
	external := c.unique("upserted")
	if old, ok := c.alive(known); ok && c.percent(50) && old.external() != "" && !isContested(old.external()) {
		p, external = old, old.external()
	}
	doc := c.newDoc(kind, external)
	sent := doc
	if c.percent(50) {
		sent = without(doc, "external_id")
	}
	request := c.operations.Request("upsert"+kind+"ByExternalID", org)
	request.Key, request.Body = c.unique("key"), encoded(sent)
	request.Path += "?" + url.Values{"external_id": {external}}.Encode()
	r := c.carryOut(ctx, "upsert"+kind+"ByExternalID", request)
	if p == nil {
		if c.want(r, nil, "upsert of a new contact", 201) {
			c.keep(kind, doc, r).note("upserted", doc, r)
		}
		return
	}
	p.note("upserted", doc, r)
	if c.want(r, p, "upsert of a known contact", 200) {
		p.doc = doc
		if r.text("id") != p.id {
			c.fail("an upsert of contact %s answered %s%s", p.id, r.body, p.history())
		}
	}
}

// batch sends rows with new, existing and invalid contacts.
func (c *client) batch(ctx context.Context) {
	var rows []object
	var wants []*contact // nil for a new one
	wrong := map[int]bool{}
	for range c.random.IntN(12) + 2 {
		switch n := c.random.IntN(10); {
		case n < 1:
			wrong[len(rows)] = true
			rows, wants = append(rows, object{"name": " "}), append(wants, nil)
		case n < 5:
			if p, ok := c.person(); ok && p.external() != "" && !isContested(p.external()) && !slices.Contains(wants, p) {
				rows, wants = append(rows, c.newDoc("Individual", p.external())), append(wants, p)
				continue
			}
			fallthrough
		default:
			external := ""
			if c.percent(50) {
				external = c.unique("row")
			}
			rows, wants = append(rows, c.newDoc("Individual", external)), append(wants, nil)
		}
	}
	r := c.insistOnRows(ctx, rows)
	if !c.want(r, nil, "batchUpsertIndividuals", 200) {
		return
	}
	o := r.object()
	items, problems := list(o, "items"), list(o, "problems")
	if len(items)+len(problems) != len(rows) || len(problems) != len(wrong) {
		c.fail("a batch of %s answered %s", encoded(rows), r.body)
		return
	}
	at := 0
	for i, doc := range rows {
		if wrong[i] {
			continue
		}
		item := items[at]
		at++
		id, _ := item["id"].(string)
		if wants[i] == nil {
			own := *r
			own.body = []byte(encoded(item))
			c.keep("Individual", doc, &own).note("row of a batch", doc, r)
			continue
		}
		wants[i].note("row of a batch", doc, r)
		if wants[i].doc = doc; id != wants[i].id {
			c.fail("row %d of a batch is contact %s, not %s%s", i, id, wants[i].id, wants[i].history())
		}
	}
}

// insistOnRows sends a batch until no row fails temporarily.
func (c *client) insistOnRows(ctx context.Context, rows []object) *result {
	request := c.operations.Request("batchUpsertIndividuals", org)
	request.Key, request.Body = c.unique("key"), encoded(object{"items": rows})
	var r *result
	for range 20 {
		r = &result{}
		a := c.insist(ctx, request, c.random.IntN(2))
		if a == nil {
			return nil
		}
		c.count("batchUpsertIndividuals", a.Status)
		r.status, r.header, r.body = a.Status, a.Header, a.Body
		busy := slices.ContainsFunc(list(r.object(), "problems"), func(p object) bool { return p["status"] == 503.0 })
		if !busy {
			break
		}
		c.counts.busy.Add(1)
	}
	return r
}

// swapMappings exchanges the external ids of two contacts in one request.
func (c *client) swapMappings(ctx context.Context) {
	a, okA := c.person()
	b, okB := c.person()
	if !okA || !okB || a == b {
		return
	}
	x, y := a.external(), b.external()
	if x == "" || y == "" || isContested(x) || isContested(y) {
		x, y = c.unique("mapped"), c.unique("mapped")
	} else {
		x, y = y, x
	}
	body := object{"items": []object{{"internal": a.id, "external": x}, {"internal": b.id, "external": y}}}
	r := c.write(ctx, "mergeIndividualIDMappings", body)
	a.note("mapped", body, r)
	b.note("mapped", body, r)
	if c.want(r, a, "mergeIndividualIDMappings", 200) {
		a.doc["external_id"], b.doc["external_id"] = x, y
	}
}

func (c *client) dropMapping(ctx context.Context) {
	p, ok := c.anyone()
	if !ok || p.external() == "" {
		return
	}
	operation, id := "delete"+p.kind+"IDMappingByInternal", p.id
	if c.percent(50) {
		operation, id = "delete"+p.kind+"IDMappingByExternal", p.external()
	}
	r := c.write(ctx, operation, nil, id)
	p.note(operation, nil, r)
	if c.want(r, p, operation, 204) {
		p.doc = without(p.doc, "external_id")
	}
}

func (c *client) changePlaceholder(ctx context.Context) {
	customerID := c.unique("till")
	if c.percent(25) {
		customerID = c.contested("customer")
	}
	doc := object{"customer_id": customerID, "name": c.unique("name"), "is_active": c.percent(50), "customer_since": "2025-03-25",
		"requires_formal_invoice": true, "track_revenue": false}
	p, ok := c.alive(c.tills)
	switch {
	case !ok || c.percent(40):
		r := c.write(ctx, "createPlaceholderCustomer", doc)
		if c.want(r, nil, "createPlaceholderCustomer", expected(customerID, 201)...) && r.ok() {
			c.keep("PlaceholderCustomer", doc, r).note("created", doc, r)
		}
	case c.percent(80):
		r := c.write(ctx, "replacePlaceholderCustomer", doc, p.id)
		p.note("replaced", doc, r)
		if c.want(r, p, "replacePlaceholderCustomer", expected(customerID, 200)...) && r.ok() {
			p.doc = doc
		}
	default:
		r := c.write(ctx, "deletePlaceholderCustomer", nil, p.id)
		p.note("deleted", nil, r)
		if c.want(r, p, "deletePlaceholderCustomer", 204) {
			p.deleted = true
		}
	}
}
