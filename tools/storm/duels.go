package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

// together sends writes concurrently, as separate clients would, and returns their results, nil if the storm was interrupted.
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

// A duel is two concurrent writes of which one deletes what the other one refers to. Exactly one must succeed.
type duel struct {
	contact, other *contact // in whose trails it is recorded
	names          string
	refers         func(c *client) *result // 200 or 201, or 422 if it loses
	removes        func(c *client) *result // 200 or 204, or 422 if it loses
	referred       func(r *result)         // applies the result to the model
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

// duel runs a duel about a resource that nothing else refers to.
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
