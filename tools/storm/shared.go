package main

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// shared are the resources that all clients write to.
type shared struct {
	hot           []*hotContact
	configuration *register
	firm          *contact // an organization that is never changed or deleted, with departments and locations
	lists         []string // customer lists
	crowd         string   // a contact on which each client has its own parts and options
	mu            sync.Mutex
	doomed        [4]*doomed
	graveyard     []*doomed // all former ones
}

// A hotContact is a contact that all clients change.
type hotContact struct {
	id, external string
	name, option *register

	mu      sync.Mutex
	matched map[string]bool // ETags with which a change by If-Match succeeded
}

// A doomed contact is one to which all clients add emails and references, until one of them deletes it.
type doomed struct {
	id string

	mu       sync.Mutex
	emails   map[string]string // addresses by id, of answered writes
	accepted []span
	refused  []span
	deletion *span
}

const hotOption, hotSubType = 5, 6

// share creates the shared resources.
func (s *storm) share(ctx context.Context) error {
	c := &client{storm: s, random: s.clients[0].random}
	s.shared = &shared{configuration: newRegister("configuration", "first")}
	made := func(operation string, body object, ids ...string) string {
		r := c.write(ctx, operation, body, ids...)
		if r == nil || !r.ok() {
			return ""
		}
		return r.text("id")
	}
	for i := range 4 {
		h := &hotContact{external: fmt.Sprint("hot-", i), matched: map[string]bool{}}
		h.name, h.option = newRegister("name of "+h.external, "first"), newRegister("option of "+h.external, "first")
		h.id = made("createIndividual", object{"name": "first", "external_id": h.external})
		made("createContactOptions", object{"typeId": hotOption, "subTypeId": hotSubType, "value": "first"}, h.id)
		s.shared.hot = append(s.shared.hot, h)
	}
	made("replaceConfiguration", configurationOf("first"))
	s.shared.firm = newContact("Organization")
	s.shared.firm.doc = object{"name": "shared"}
	s.shared.firm.id = made("createOrganization", s.shared.firm.doc)
	for _, noun := range []string{"Department", "Location"} {
		s.shared.firm.parts[noun] = map[string]object{}
		for range 2 {
			s.shared.firm.parts[noun][made("create"+noun, object{"name": noun}, s.shared.firm.id)] = object{"name": noun}
		}
	}
	for range 2 {
		s.shared.lists = append(s.shared.lists, made("createCustomerList", object{"name": "shared"}))
	}
	s.shared.crowd = made("createIndividual", object{"name": "crowd"})
	for _, c := range s.clients {
		c.crowded = newContact("Individual")
		c.crowded.id = s.shared.crowd
		c.members = map[string]*member{}
	}
	if failures := s.failed(); failures != nil || s.shared.crowd == "" {
		return fmt.Errorf("what clients share can't be made: %q", failures)
	}
	return nil
}

func configurationOf(provider string) object {
	return object{"use_external_contact_management": false, "custom_workflow_config": object{"provider_id": provider}}
}

// changeShared writes to a register. An unanswered write may have happened.
func (c *client) changeShared(ctx context.Context) {
	h, _ := one(c, c.shared.hot)
	name := c.unique("hot")
	begun := time.Now()
	var r *result
	register := h.name
	switch n := c.random.IntN(12); {
	case n < 3:
		r = c.write(ctx, "replaceIndividual", object{"name": name, "external_id": h.external}, h.id)
	case n < 5:
		request := c.operations.Request("upsertIndividualByExternalID", org)
		request.Key, request.Body = c.unique("key"), encoded(object{"name": name})
		request.Path += "?" + url.Values{"external_id": {h.external}}.Encode()
		r = c.carryOut(ctx, "upsertIndividualByExternalID", request)
	case n < 6:
		r = c.insistOnRows(ctx, []object{{"name": name, "external_id": h.external}})
		if r != nil {
			r.span = span{begun, time.Now()}
		}
	case n < 8:
		c.changeMatching(ctx, h, name)
		return
	case n < 11:
		register = h.option
		r = c.write(ctx, "updateContactOptions", object{"typeId": hotOption, "subTypeId": hotSubType, "value": name}, h.id)
	default:
		register = c.shared.configuration
		r = c.write(ctx, "replaceConfiguration", configurationOf(name))
	}
	if r == nil {
		register.wrote(name, span{start: begun}, false)
		return
	}
	if c.want(r, nil, "a change of "+register.name, 200) {
		register.wrote(name, r.span, true)
	}
}

// changeMatching changes a hot contact with If-Match. At most one of those with the same ETag succeeds.
func (c *client) changeMatching(ctx context.Context, h *hotContact, name string) {
	before := c.read(ctx, "getIndividual", "", h.id)
	if !c.want(before, nil, "getIndividual", 200) {
		return
	}
	h.name.read(before.text("name"), before.span)
	tag := before.header.Get("ETag")
	begun := time.Now()
	r := c.writeMatching(ctx, "replaceIndividual", tag, object{"name": name, "external_id": h.external}, h.id)
	if r == nil {
		h.name.wrote(name, span{start: begun}, false)
		return
	}
	if !c.want(r, nil, "replaceIndividual with If-Match", 200, 412) || !r.ok() {
		return
	}
	h.name.wrote(name, r.span, true)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.matched[tag] {
		c.fail("two changes of contact %s succeeded with If-Match: %s", h.id, tag)
	}
	h.matched[tag] = true
}

// readShared reads a register by one of the operations that show its value.
func (c *client) readShared(ctx context.Context) {
	h, _ := one(c, c.shared.hot)
	var r *result
	value, register := "", h.name
	switch c.random.IntN(6) {
	case 0:
		if r = c.read(ctx, "getIndividual", "", h.id); r != nil {
			value = r.text("name")
		}
	case 1:
		if r = c.read(ctx, "getIndividualDetails", "", h.id); r != nil {
			shown, _ := r.object()["individual_contact"].(object)
			value, _ = shown["name"].(string)
		}
	case 2:
		if r = c.read(ctx, "lookupContacts", "?external_id="+h.external); r != nil {
			if items := list(r.object(), "items"); len(items) == 1 {
				value, _ = items[0]["name"].(string)
			}
		}
	case 3, 4:
		register = h.option
		if r = c.read(ctx, "listContactOptions", "", h.id); r != nil {
			if order, all, err := optionsOf(r.body); err == nil && len(order) == 1 {
				value = all[order[0]].value
			}
		}
	default:
		register = c.shared.configuration
		if r = c.read(ctx, "getConfiguration", ""); r != nil {
			shown, _ := r.object()["custom_workflow_config"].(object)
			value, _ = shown["provider_id"].(string)
		}
	}
	if c.want(r, nil, "a read of "+register.name, 200) {
		register.read(value, r.span)
	}
}

// crowd changes the client's own parts and options of the shared contact.
func (c *client) crowd(ctx context.Context) {
	p := c.crowded
	if c.percent(60) {
		k := partKinds[c.random.IntN(4)] // the channels
		l := place{contact: p, kind: k}
		switch n := len(l.parts()); {
		case n == 0 || n < 3 && c.percent(50):
			c.addPartAt(ctx, l)
		case c.percent(50):
			c.replacePartAt(ctx, l)
		default:
			c.removePartAt(ctx, l)
		}
		return
	}
	if len(p.options) > 0 && c.percent(50) {
		id, _ := one(c, sortedIDs(p.options))
		if r := c.write(ctx, "deleteContactOption", nil, id); c.want(r, p, "deleteContactOption", 200) {
			delete(p.options, id)
		}
		return
	}
	o := option{kind: 5 + c.random.IntN(3), sub: 5 + c.random.IntN(3), value: c.unique("crowd")}
	r := c.write(ctx, "createContactOptions", o.body(), p.id)
	p.note("option", o.body(), r)
	if c.want(r, p, "createContactOptions", 200, 422) && r.ok() {
		if order, _, err := optionsOf(r.body); err == nil && len(order) == 1 {
			c.registerOption(p, order[0])
			p.options[order[0]] = o
		}
	}
}

// doom writes to a doomed contact, refers to it, or deletes it.
func (c *client) doom(ctx context.Context) {
	slot := c.random.IntN(len(c.shared.doomed))
	c.shared.mu.Lock()
	d := c.shared.doomed[slot]
	c.shared.mu.Unlock()
	switch n := c.random.IntN(20); {
	case d == nil, n == 0:
		c.putDoomed(ctx, slot)
	case n < 12:
		address := c.unique("doomed") + "@example.com"
		r := c.write(ctx, "createIndividualEmail", object{"type": "WORK_EMAIL", "address": address, "usage_context": "PROFESSIONAL"}, d.id)
		if c.want(r, nil, "an email of a doomed contact", 201, 422) {
			d.added(r, address)
		}
	case n < 16:
		p, ok := c.anyone()
		if !ok {
			return
		}
		body := object{"customer_id": c.unique("role"), "is_active": true, "is_suspended": false, "customer_since": "2025-03-25", "alternative_payer": object{"id": d.id}}
		r := c.write(ctx, "put"+p.kind+"Customer", body, p.id)
		p.note("customer whose payer is doomed", body, r)
		if c.want(r, p, "put"+p.kind+"Customer", 200, 422) && r.ok() {
			p.roles["Customer"] = body
			c.account(p, r, "Customer")
		}
	default:
		r := c.write(ctx, "deleteIndividual", nil, d.id)
		if c.want(r, nil, "deletion of a doomed contact", 204, 422) && r.ok() {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.deletion == nil {
				d.deletion = &r.span
			}
			// Some deletion succeeded: after the first was sent, and before the first was answered.
			if r.start.Before(d.deletion.start) {
				d.deletion.start = r.start
			}
			if r.end.Before(d.deletion.end) {
				d.deletion.end = r.end
			}
		}
	}
}

func (c *client) putDoomed(ctx context.Context, slot int) {
	r := c.write(ctx, "createIndividual", object{"name": c.unique("doomed")})
	if !c.want(r, nil, "createIndividual", 201) {
		return
	}
	d := &doomed{id: r.text("id"), emails: map[string]string{}}
	if before := c.ids.register("contacts", d.id, "doomed "+r.text("name")); before != "" {
		c.fail("a new contact has the id %s, which was given to %s", d.id, before)
	}
	c.shared.mu.Lock()
	defer c.shared.mu.Unlock()
	c.shared.doomed[slot] = d
	c.shared.graveyard = append(c.shared.graveyard, d)
}

func (d *doomed) added(r *result, address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !r.ok() {
		d.refused = append(d.refused, r.span)
		return
	}
	d.accepted = append(d.accepted, r.span)
	d.emails[r.text("id")] = address
}
