package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
)

// together sends writes at once, each as a client of its own would, and returns their results; nil if the storm was interrupted.
func (c *client) together(do ...func(c *client) *result) []*result {
	results := make([]*result, len(do))
	var wait sync.WaitGroup
	for i, f := range do {
		aside := &client{storm: c.storm, number: c.next(), random: rand.New(rand.NewPCG(c.random.Uint64(), uint64(i)))}
		wait.Go(func() { results[i] = f(aside) })
	}
	wait.Wait()
	for _, r := range results {
		if r == nil {
			return nil
		}
	}
	return results
}

// A duel is two writes at once of which one takes away what the other one needs: one of them wins.
type duel struct {
	contact, other *contact // whose trails tell of it
	names          string
	refers         func(c *client) *result // needs it: 200 or 201, or else 422
	removes        func(c *client) *result // takes it away: 200 or 204, or else 422
	referred       func(r *result)         // brings the winner into the model
	removed        func()
}

func (c *client) fight(d duel) {
	results := c.together(d.refers, d.removes)
	if results == nil {
		return
	}
	refers, removes := results[0], results[1]
	d.contact.note(d.names+", refers", nil, refers)
	d.other.note(d.names+", removes", nil, removes)
	if refers.ok() == removes.ok() || !refers.ok() && refers.status != 422 || !removes.ok() && removes.status != 422 {
		c.fail("%s: what refers was answered %d %s, what removes %d %s%s%s", d.names, refers.status, refers.body, removes.status, removes.body,
			d.contact.history(), d.other.history())
	}
	if refers.ok() {
		d.referred(refers)
	}
	if removes.ok() {
		d.removed()
	}
}

// duel lets two writes fight about something that nothing else refers to.
func (c *client) duel(ctx context.Context) {
	p, okP := c.person()
	firm, okF := c.firm()
	if !okP || !okF {
		return
	}
	free := func(target string) bool { _, held := c.holds(target, nil); return !held }
	role := object{"customer_id": c.unique("role"), "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}
	put := func(name string) duel {
		return duel{contact: p, other: p, names: name,
			refers:   func(c *client) *result { return c.write(ctx, "putIndividualCustomer", role, p.id) },
			referred: func(r *result) { p.roles["Customer"] = role; c.account(p, r, "Customer") }}
	}
	switch c.random.IntN(6) {
	case 0:
		id, ok := one(c, sortedIDs(p.parts["Address"]))
		if !ok || !free("address "+p.id+" "+id) {
			return
		}
		role["delivery_and_invoicing_configurations"] = []any{object{"invoice_address_id": id}}
		d := put("customer role and its address")
		d.removes = func(c *client) *result { return c.write(ctx, "deleteIndividualAddress", nil, p.id, id) }
		d.removed = func() { delete(p.parts["Address"], id) }
		c.fight(d)
	case 1:
		payer, ok := c.person()
		if !ok || payer == p || !free("contact "+payer.id) {
			return
		}
		role["alternative_payer"] = object{"id": payer.id}
		d := put("customer role and its payer")
		d.other = payer
		d.removes = func(c *client) *result { return c.write(ctx, "deleteIndividual", nil, payer.id) }
		d.removed = func() { payer.deleted = true }
		c.fight(d)
	case 2:
		if len(p.identities) > 5 || !free("contact "+firm.id) {
			return
		}
		body := object{"organization_contact": firm.id, "is_active": true}
		c.fight(duel{contact: p, other: firm, names: "active identity and its organization",
			refers:  func(c *client) *result { return c.write(ctx, "createProfessionalIdentity", body, p.id) },
			removes: func(c *client) *result { return c.write(ctx, "deleteOrganization", nil, firm.id) },
			referred: func(r *result) {
				p.identities[r.text("id")] = &identity{body: body, parts: map[string]map[string]object{}}
			},
			removed: func() { firm.deleted = true }})
	case 3:
		noun, _ := one(c, []string{"Department", "Location"})
		id, ok := one(c, sortedIDs(firm.parts[noun]))
		field, name := "departments", "department"
		if noun == "Location" {
			field, name = "locations", "location"
		}
		if !ok || len(p.identities) > 5 || !free(name+" "+firm.id+" "+id) {
			return
		}
		body := object{"organization_contact": firm.id, "is_active": c.percent(50), field: []any{object{"contact_id": firm.id, name + "_id": id}}}
		c.fight(duel{contact: p, other: firm, names: "identity and its " + name,
			refers:  func(c *client) *result { return c.write(ctx, "createProfessionalIdentity", body, p.id) },
			removes: func(c *client) *result { return c.write(ctx, "delete"+noun, nil, firm.id, id) },
			referred: func(r *result) {
				p.identities[r.text("id")] = &identity{body: body, parts: map[string]map[string]object{}}
			},
			removed: func() { delete(firm.parts[noun], id) }})
	case 4:
		id, ok := one(c, sortedIDs(p.identities))
		if !ok || !free("professionalidentity "+p.id+" "+id) {
			return
		}
		doc := without(firm.doc, "founders")
		doc["leaders"] = []any{object{"contact_id": p.id, "professional_identity_id": id}}
		c.fight(duel{contact: firm, other: p, names: "organization and its leader",
			refers:   func(c *client) *result { return c.write(ctx, "replaceOrganization", doc, firm.id) },
			removes:  func(c *client) *result { return c.write(ctx, "deleteProfessionalIdentity", nil, p.id, id) },
			referred: func(*result) { firm.doc = doc },
			removed:  func() { delete(p.identities, id) }})
	default:
		t, ok := one(c, c.types)
		if !ok || !free("optiontype "+t.id) {
			return
		}
		o := option{sub: 8, value: c.unique("value")}
		_, _ = fmt.Sscan(t.id, &o.kind)
		c.fight(duel{contact: p, other: p, names: "option and its type",
			refers:  func(c *client) *result { return c.write(ctx, "createContactOptions", o.body(), p.id) },
			removes: func(c *client) *result { return c.write(ctx, "deleteOptionType", nil, t.id) },
			referred: func(r *result) {
				if order, _, err := optionsOf(r.body); err == nil && len(order) == 1 {
					p.options[order[0]] = o
				}
			},
			removed: func() { c.types = remove(c.types, t) }})
	}
}

func remove[T comparable](of []T, one T) (rest []T) {
	for _, other := range of {
		if other != one {
			rest = append(rest, other)
		}
	}
	return rest
}

// rush sends writes at once of which each may succeed, or one alone.
func (c *client) rush(ctx context.Context) {
	switch c.random.IntN(5) {
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
	case 3: // a deletion, and emails that come while it runs
		p, ok := c.person()
		if !ok || p.channelled {
			return
		}
		if _, held := c.holds("contact "+p.id, p); held {
			return
		}
		c.deletedMeanwhile(ctx, p)
	default: // an identity's deletion, and emails that come while it runs
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

// deletedMeanwhile deletes a contact while it gets emails: it keeps those that were answered, and is found by none.
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

// nowhere holds that an address leads to nobody.
func (c *client) nowhere(ctx context.Context, p *contact, address string) {
	r := c.read(ctx, "lookupContacts", "?"+url.Values{"email": {address}}.Encode())
	if c.want(r, p, "lookupContacts", 200) && len(idsIn(r.body)) > 0 {
		c.fail("%s leads to %s, though what had it is deleted%s", address, r.body, p.history())
	}
}
