package main

import (
	"context"
	"net/url"
)

// rush sends concurrent writes of which all, or only one, may succeed.
func (c *client) rush(ctx context.Context) {
	switch c.random.IntN(7) {
	case 0: // one external id: one contact
		external := c.unique("rushed")
		upsert := func(c *client) *result {
			request := c.operations.Request("upsertIndividualByExternalID", org)
			request.Key, request.Body = c.unique("key"), encoded(object{"name": external})
			request.Path += "?" + url.Values{"external_id": {external}}.Encode()
			return c.carryOut(ctx, "upsertIndividualByExternalID", request)
		}
		results := c.together(upsert, upsert, upsert, upsert, upsert)
		made := 0
		for _, r := range results {
			if r.status == 201 {
				made++
			}
			if !r.ok() || r.text("id") != results[0].text("id") {
				c.fail("upserts at once of one external id were answered %s and %d %s", results[0].body, r.status, r.body)
			}
		}
		if made != 1 && results != nil {
			c.fail("%d of the upserts at once of %s were answered 201", made, external)
		}
		if made > 0 {
			c.keep("Individual", object{"name": external, "external_id": external}, results[0])
		}
	case 1: // one external id, created
		doc := object{"name": c.unique("rushed"), "external_id": c.unique("rushed")}
		create := func(c *client) *result { return c.write(ctx, "createIndividual", doc) }
		made := 0
		for _, r := range c.together(create, create, create) {
			if c.want(r, nil, "one of three contacts with one external id", 201, 409) && r.ok() {
				if made++; made > 1 {
					c.fail("a second contact has the external id %s: %s", doc["external_id"], r.body)
				}
				c.keep("Individual", doc, r)
			}
		}
	case 2: // two roles: one account
		p, ok := c.anyone()
		if !ok {
			return
		}
		customer := object{"customer_id": c.unique("role"), "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}
		payer := object{"alternative_payer_id": c.unique("role"), "is_active": true, "since": "2025-03-25"}
		results := c.together(func(c *client) *result { return c.write(ctx, "put"+p.kind+"Customer", customer, p.id) },
			func(c *client) *result { return c.write(ctx, "put"+p.kind+"AlternativePayer", payer, p.id) })
		for i, r := range results {
			p.note("two roles at once", nil, r)
			if c.want(r, p, "one of two roles at once", 200) {
				name := []string{"Customer", "AlternativePayer"}[i]
				p.roles[name] = []object{customer, payer}[i]
				c.account(p, r, name)
			}
		}
	case 3: // a deletion with concurrent new emails
		p, ok := c.person()
		if !ok || p.channelled {
			return
		}
		if _, held := c.holds("contact "+p.id, p); held {
			return
		}
		c.deletedMeanwhile(ctx, p)
	case 4: // one option pair, which a contact has once
		p, ok := c.person()
		o := option{kind: 9, sub: 9, value: c.unique("rushed")}
		if !ok || p.has(o, "") {
			return
		}
		add := func(c *client) *result { return c.write(ctx, "createContactOptions", o.body(), p.id) }
		for _, r := range c.together(add, add, add) {
			p.note("options of one pair at once", o.body(), r)
			if !c.want(r, p, "one of three options of one pair", 200, 422) || !r.ok() {
				continue
			}
			if p.has(o, "") {
				c.fail("contact %s got two options of one pair: %s%s", p.id, r.body, p.history())
			}
			if order, _, err := optionsOf(r.body); err == nil && len(order) == 1 {
				p.options[order[0]] = o
			}
		}
	case 5: // one ETag, with which one change succeeds
		p, ok := c.person()
		if !ok {
			return
		}
		read := c.read(ctx, "getIndividual", "", p.id)
		if !c.want(read, p, "getIndividual", 200) {
			return
		}
		tag, changed := read.header.Get("ETag"), 0
		replace := func(c *client) *result {
			doc := without(p.doc)
			doc["name"] = c.unique("rushed")
			return c.writeMatching(ctx, "replaceIndividual", tag, doc, p.id)
		}
		for _, r := range c.together(replace, replace, replace) {
			p.note("replaced at once with If-Match", nil, r)
			if c.want(r, p, "one of three changes with one ETag", 200, 412) && r.ok() {
				changed++
				p.doc = without(r.object(), "id", "deleted")
			}
		}
		if changed > 1 {
			c.fail("%d changes of contact %s succeeded with If-Match: %s", changed, p.id, tag)
		}
	default: // deletion of an identity with concurrent new emails
		p, ok := c.person()
		if !ok || len(p.identities) == 0 {
			return
		}
		id, _ := one(c, sortedIDs(p.identities))
		if _, held := c.holds("professionalidentity "+p.id+" "+id, nil); held {
			return
		}
		email := func(c *client) *result {
			return c.write(ctx, "createProfessionalIdentityEmail", emailOf(c), p.id, id)
		}
		results := c.together(email, email, func(c *client) *result { return c.write(ctx, "deleteProfessionalIdentity", nil, p.id, id) }, email)
		for i, r := range results {
			p.note("identity "+id+" removed, and emails at once", nil, r)
			if i == 2 {
				if c.want(r, p, "deletion of an identity", 204) {
					delete(p.identities, id)
				}
				continue
			}
			if c.want(r, p, "an email of an identity that goes", 201, 404) && r.ok() {
				defer c.nowhere(ctx, p, r.text("address"))
			}
		}
	}
}

func emailOf(c *client) object {
	return object{"type": "WORK_EMAIL", "address": c.unique("meanwhile") + "@example.com", "usage_context": "PROFESSIONAL"}
}

// deletedMeanwhile deletes a contact while emails are added. It must keep the answered ones, and be found by none.
func (c *client) deletedMeanwhile(ctx context.Context, p *contact) {
	email := func(c *client) *result { return c.write(ctx, "createIndividualEmail", emailOf(c), p.id) }
	results := c.together(email, email, func(c *client) *result { return c.write(ctx, "deleteIndividual", nil, p.id) }, email)
	for i, r := range results {
		p.note("deleted, and emails at once", nil, r)
		if i == 2 {
			if c.want(r, p, "deletion", 204) {
				p.deleted = true
			}
			continue
		}
		if c.want(r, p, "an email of a contact that goes", 201, 422) && r.ok() {
			if p.parts["Email"] == nil {
				p.parts["Email"] = map[string]object{}
			}
			p.parts["Email"][r.text("id")] = without(r.object(), "id")
			defer c.nowhere(ctx, p, r.text("address"))
		}
	}
}

// nowhere checks that an address finds nobody.
func (c *client) nowhere(ctx context.Context, p *contact, address string) {
	r := c.read(ctx, "lookupContacts", "?"+url.Values{"email": {address}}.Encode())
	if c.want(r, p, "lookupContacts", 200) && len(idsIn(r.body)) > 0 {
		c.fail("%s leads to %s, though what had it is deleted%s", address, r.body, p.history())
	}
}
