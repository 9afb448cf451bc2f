package main

import (
	"context"
	"fmt"
	"strings"
)

// A partKind is a collection of parts.
type partKind struct {
	noun, field string // in names of operations, and in details
	owners      string // the kinds of contact that have it
	channel     bool   // professional identities have it too, and names of operations include the owner
	body        func(c *client) object
}

var partKinds = []partKind{
	{"Address", "addresses", "Individual Organization", true, func(c *client) object {
		return object{"type": "NOT_QUALIFIED", "full_address": c.unique("street"), "usages": []string{"EVERYTHING"}, "usage_context": "PROFESSIONAL"}
	}},
	{"Email", "emails", "Individual Organization", true, func(c *client) object {
		address := c.unique("email") + "@example.com"
		if c.percent(15) {
			address = fmt.Sprintf("shared-%d@example.com", c.random.IntN(5))
		}
		return object{"type": "WORK_EMAIL", "address": address, "usage_context": "PROFESSIONAL"}
	}},
	{"Phone", "phones", "Individual Organization", true, func(c *client) object {
		return object{"type": "WORK_MOBILE", "number": fmt.Sprintf("+49 221 %09d", c.next()), "usage_context": "PROFESSIONAL"}
	}},
	{"WebAddress", "web_addresses", "Individual Organization", true, func(c *client) object {
		return object{"type": "NOT_QUALIFIED", "url": "https://example.com/" + c.unique("page"), "usage_context": "PROFESSIONAL"}
	}},
	{"PersonalRelationship", "personal_relationships", "Individual", false, func(c *client) object {
		other, ok := c.person()
		if !ok {
			return nil
		}
		return object{"type": "SPOUSE", "individual_contact": other.id}
	}},
	{"Department", "departments", "Organization", false, func(c *client) object { return object{"name": c.unique("department")} }},
	{"Location", "locations", "Organization", false, func(c *client) object {
		body := object{"name": c.unique("location")}
		if ref, ok := c.identityRef(); ok && c.percent(25) {
			body["leaders"] = []any{ref}
		}
		return body
	}},
	{"Membership", "memberships", "Organization", false, func(c *client) object { return object{"type": "CLUB", "name": c.unique("club")} }},
}

// operation returns the name of an operation on this kind of part.
func (k partKind) operation(verb, owner string) string {
	if !k.channel {
		owner = ""
	}
	return verb + owner + k.noun
}

// A place is the owner of parts: a contact or one of its identities.
type place struct {
	contact  *contact
	identity string // "" for the contact itself
	kind     partKind
}

// owner returns the owner in names of operations, and its ids.
func (l place) owner() (name string, ids []string) {
	if l.identity != "" {
		return "ProfessionalIdentity", []string{l.contact.id, l.identity}
	}
	return l.contact.kind, []string{l.contact.id}
}

// parts returns the parts in the model.
func (l place) parts() map[string]object {
	all := l.contact.parts
	if l.identity != "" {
		all = l.contact.identities[l.identity].parts
	}
	if all[l.kind.noun] == nil {
		all[l.kind.noun] = map[string]object{}
	}
	return all[l.kind.noun]
}

// place returns a random place.
func (c *client) place() (l place, ok bool) {
	if l.contact, ok = c.anyone(); !ok {
		return l, false
	}
	l.kind, _ = one(c, partKinds)
	if !strings.Contains(l.kind.owners, l.contact.kind) || l.contact.channelled && l.kind.channel && l.kind.noun != "Address" {
		return l, false
	}
	if l.kind.channel && len(l.contact.identities) > 0 && c.percent(30) {
		l.identity, _ = one(c, sortedIDs(l.contact.identities))
	}
	return l, true
}

// registerPart records the id of a part: ids of options are unique in the tenant, others below their contact.
func (c *client) registerPart(l place, id string) {
	among := "beneath " + l.contact.id
	if l.contact.kind == "Individual" && l.identity == "" && l.kind.channel && l.kind.noun != "Address" {
		among = "options"
	}
	if before := c.ids.register(among, id, l.kind.noun+" of "+l.contact.id+" "+l.identity); id == "" || before != "" {
		c.fail("a new %s of contact %s has the id %q, which was given to %s%s", l.kind.noun, l.contact.id, id, before, l.contact.history())
	}
}

func (c *client) addPart(ctx context.Context) {
	if l, ok := c.place(); ok {
		c.addPartAt(ctx, l)
	}
}

func (c *client) addPartAt(ctx context.Context, l place) {
	if len(l.parts()) > 12 {
		return
	}
	body := l.kind.body(c)
	if body == nil {
		return
	}
	owner, ids := l.owner()
	operation := l.kind.operation("create", owner)
	r := c.write(ctx, operation, body, ids...)
	l.contact.note(operation+" "+l.identity, body, r)
	if c.want(r, l.contact, operation, 201) {
		c.registerPart(l, r.text("id"))
		l.parts()[r.text("id")] = body
	}
}

func (c *client) replacePart(ctx context.Context) {
	if l, ok := c.place(); ok {
		c.replacePartAt(ctx, l)
	}
}

func (c *client) replacePartAt(ctx context.Context, l place) {
	if len(l.parts()) == 0 {
		return
	}
	id, _ := one(c, sortedIDs(l.parts()))
	body := l.kind.body(c)
	if body == nil {
		return
	}
	owner, ids := l.owner()
	operation := l.kind.operation("replace", owner)
	r := c.write(ctx, operation, body, append(ids, id)...)
	l.contact.note(operation+" "+l.identity+" "+id, body, r)
	if c.want(r, l.contact, operation, 200) {
		l.parts()[id] = body
	}
}

func (c *client) removePart(ctx context.Context) {
	if l, ok := c.place(); ok {
		c.removePartAt(ctx, l)
	}
}

func (c *client) removePartAt(ctx context.Context, l place) {
	if len(l.parts()) == 0 {
		return
	}
	id, _ := one(c, sortedIDs(l.parts()))
	owner, ids := l.owner()
	operation := l.kind.operation("delete", owner)
	want := 204
	why, held := c.holds(strings.ToLower(l.kind.noun)+" "+l.contact.id+" "+id, nil)
	if held {
		want = 422
	}
	r := c.write(ctx, operation, nil, append(ids, id)...)
	l.contact.note(operation+" "+l.identity+" "+id+" "+why, nil, r)
	if c.want(r, l.contact, operation, want) && r.ok() {
		delete(l.parts(), id)
	}
}

func (c *client) addTag(ctx context.Context) {
	p, ok := c.anyone()
	if !ok {
		return
	}
	name := fmt.Sprintf("tag-%d", c.random.IntN(14))
	if c.percent(40) {
		name = strings.ToUpper(name)
	}
	if c.percent(5) {
		name = c.unique("tag")
	}
	r := c.write(ctx, "add"+p.kind+"Tag", object{"name": name}, p.id)
	p.note("tagged "+name, nil, r)
	if !c.want(r, p, "add"+p.kind+"Tag", 201) {
		return
	}
	id := r.text("id")
	if before := c.ids.register("tags", id, strings.ToLower(name)); before != "" {
		c.fail("the tags %q and %q have the same id %s%s", before, name, id, p.history())
	}
	if before := c.ids.register("names of tags", strings.ToLower(name), id+" "+r.text("name")); before != "" {
		c.fail("the tag %q is answered as %s, to another contact it was %s%s", name, r.body, before, p.history())
	}
	for _, t := range p.tags {
		if t == id {
			return
		}
	}
	p.tags = append(p.tags, id)
}

func (c *client) removeTag(ctx context.Context) {
	p, ok := c.anyone()
	if !ok || len(p.tags) == 0 {
		return
	}
	at := c.random.IntN(len(p.tags))
	r := c.write(ctx, "remove"+p.kind+"Tag", nil, p.id, p.tags[at])
	p.note("untagged "+p.tags[at], nil, r)
	if c.want(r, p, "remove"+p.kind+"Tag", 204) {
		p.tags = append(p.tags[:at:at], p.tags[at+1:]...)
	}
}

// picture returns a PNG of one pixel.
const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

func (c *client) changeImages(ctx context.Context) {
	p, ok := c.anyone()
	if !ok {
		return
	}
	if len(p.images) > 0 && c.percent(50) {
		at := c.random.IntN(len(p.images))
		r := c.write(ctx, "remove"+p.kind+"Image", nil, p.id, p.images[at])
		p.note("image removed "+p.images[at], nil, r)
		if c.want(r, p, "remove"+p.kind+"Image", 204) {
			p.images = append(p.images[:at:at], p.images[at+1:]...)
		}
		return
	}
	r := c.write(ctx, "add"+p.kind+"Image", object{"data": picture}, p.id)
	p.note("image added", nil, r)
	if c.want(r, p, "add"+p.kind+"Image", 201) {
		id := r.text("id")
		if before := c.ids.register("beneath "+p.id, id, "image"); id == "" || before != "" {
			c.fail("a new image of contact %s has the id %q, which was given to %s%s", p.id, id, before, p.history())
		}
		p.images = append([]string{id}, p.images...)
	}
}
