package main

import (
	"context"
	"fmt"
	"slices"
)

// A reference is a reference from one of the client's contacts that restricts the deletion of its target.
type reference struct {
	from   *contact
	what   string // what refers
	target string // "contact 1", "professionalidentity 1 2", "address 1 2" …
}

// references returns all restricting references of the client's contacts that aren't deleted.
func (c *client) references() (all []reference) {
	for _, p := range slices.Concat(c.people, c.firms) {
		if p.deleted {
			continue
		}
		add := func(what, target string) { all = append(all, reference{p, what, target}) }
		for name, role := range p.roles {
			if ref, ok := role["managed_by"].(object); ok {
				add(name, fmt.Sprint("contact ", ref["contact_id"]))
				add(name, fmt.Sprint("professionalidentity ", ref["contact_id"], " ", ref["professional_identity_id"]))
			}
			if ref, ok := role["alternative_payer"].(object); ok {
				add(name, fmt.Sprint("contact ", ref["id"]))
			}
			for _, configuration := range list(role, "delivery_and_invoicing_configurations") {
				for _, field := range []string{"invoice_address_id", "delivery_address_id"} {
					if id, ok := configuration[field]; ok {
						add(name, fmt.Sprint("address ", p.id, " ", id))
					}
				}
			}
		}
		for _, field := range []string{"founders", "leaders"} {
			c.referToIdentities(add, p.doc, field)
		}
		for _, location := range p.parts["Location"] {
			c.referToIdentities(add, location, "leaders")
		}
		for id, i := range p.identities {
			if i.body["is_active"] == true {
				add("identity "+id, fmt.Sprint("contact ", i.body["organization_contact"]))
			}
			for _, ref := range list(i.body, "departments") {
				add("identity "+id, fmt.Sprint("department ", ref["contact_id"], " ", ref["department_id"]))
			}
			for _, ref := range list(i.body, "locations") {
				add("identity "+id, fmt.Sprint("location ", ref["contact_id"], " ", ref["location_id"]))
			}
		}
		for _, o := range p.options {
			add("option", fmt.Sprint("optiontype ", o.kind))
		}
	}
	return all
}

func (c *client) referToIdentities(add func(what, target string), o object, field string) {
	for _, ref := range list(o, field) {
		add(field, fmt.Sprint("professionalidentity ", ref["contact_id"], " ", ref["professional_identity_id"]))
	}
}

// holds reports whether something refers to a target, other than the contact that is deleted.
func (c *client) holds(target string, goes *contact) (why string, held bool) {
	for _, r := range c.references() {
		if r.target == target && (goes == nil || r.from != goes) {
			return "held by " + r.what + " of " + r.from.id, true
		}
	}
	return "", false
}

// identityBody returns an identity at one of the client's organizations or the shared one.
func (c *client) identityBody(firm *contact) object {
	body := object{"organization_contact": firm.id, "is_active": c.percent(60), "job_title": c.unique("title")}
	if departments := sortedIDs(firm.parts["Department"]); len(departments) > 0 && c.percent(40) {
		id, _ := one(c, departments)
		body["departments"] = []any{object{"contact_id": firm.id, "department_id": id}}
	}
	if locations := sortedIDs(firm.parts["Location"]); len(locations) > 0 && c.percent(50) {
		id, _ := one(c, locations)
		body["locations"] = []any{object{"contact_id": firm.id, "location_id": id}}
	}
	return body
}

func (c *client) addIdentity(ctx context.Context) {
	p, ok := c.person()
	if !ok || len(p.identities) > 5 {
		return
	}
	firm, ok := c.firm()
	if !ok || c.percent(30) {
		firm = c.shared.firm
	}
	body := c.identityBody(firm)
	r := c.write(ctx, "createProfessionalIdentity", body, p.id)
	p.note("identity added", body, r)
	// The shared organization has a limited number of representatives.
	if c.shared.firm == firm && r != nil && r.status == 422 {
		return
	}
	if c.want(r, p, "createProfessionalIdentity", 201) {
		id := r.text("id")
		if before := c.ids.register("beneath "+p.id, id, "identity"); id == "" || before != "" {
			c.fail("a new identity of contact %s has the id %q, which was given to %s%s", p.id, id, before, p.history())
		}
		p.identities[id] = &identity{body: body, parts: map[string]map[string]object{}}
	}
}

func (c *client) replaceIdentity(ctx context.Context) {
	p, ok := c.person()
	if !ok || len(p.identities) == 0 {
		return
	}
	id, _ := one(c, sortedIDs(p.identities))
	firm := c.shared.firm
	if at := slices.IndexFunc(c.firms, func(f *contact) bool { return f.id == p.identities[id].body["organization_contact"] }); at >= 0 {
		firm = c.firms[at]
	}
	body := c.identityBody(firm)
	if firm.deleted { // the identity can't become active again, or have its departments and locations
		body = object{"organization_contact": firm.id, "is_active": false, "job_title": c.unique("title")}
	}
	r := c.write(ctx, "replaceProfessionalIdentity", body, p.id, id)
	p.note("identity "+id+" replaced", body, r)
	if c.want(r, p, "replaceProfessionalIdentity", 200) {
		p.identities[id].body = body
	}
}

func (c *client) removeIdentity(ctx context.Context) {
	p, ok := c.person()
	if !ok || len(p.identities) == 0 {
		return
	}
	id, _ := one(c, sortedIDs(p.identities))
	want := 204
	why, held := c.holds("professionalidentity "+p.id+" "+id, nil)
	if held {
		want = 422
	}
	r := c.write(ctx, "deleteProfessionalIdentity", nil, p.id, id)
	p.note("identity "+id+" removed "+why, nil, r)
	if c.want(r, p, "deleteProfessionalIdentity", want) && r.ok() {
		delete(p.identities, id)
	}
}

// putRole creates or replaces a role: customer, supplier or alternative payer.
func (c *client) putRole(ctx context.Context) {
	p, ok := c.anyone()
	if !ok {
		return
	}
	role, _ := one(c, []string{"Customer", "Customer", "AlternativePayer", "Supplier"})
	unique := c.unique("role")
	if c.percent(20) {
		unique = c.contested("customer")
	}
	var body object
	switch role {
	case "Customer":
		body = object{"customer_id": unique, "is_active": true, "is_suspended": c.percent(30), "customer_since": "2025-03-25"}
		if payer, ok := c.anyone(); ok && c.percent(30) {
			body["alternative_payer"] = object{"id": payer.id}
		}
		if addresses := sortedIDs(p.parts["Address"]); len(addresses) > 0 && c.percent(50) {
			id, _ := one(c, addresses)
			other, _ := one(c, addresses)
			body["delivery_and_invoicing_configurations"] = []any{object{"invoice_address_id": id, "delivery_address_id": other}}
		}
	case "AlternativePayer":
		body = object{"alternative_payer_id": unique, "is_active": true, "since": "2025-03-25"}
	default:
		body = object{"supplier_id": unique, "is_active": true, "supplier_since": "2025-03-25"}
	}
	if ref, ok := c.identityRef(); ok && role != "AlternativePayer" && c.percent(25) {
		body["managed_by"] = ref
	}
	operation := "put" + p.kind + role
	r := c.write(ctx, operation, body, p.id)
	p.note(operation, body, r)
	if !c.want(r, p, operation, expected(unique, 200)...) || !r.ok() {
		return
	}
	p.roles[role] = body
	c.account(p, r, role)
}

// account checks that a contact has one account of a kind, which no other has.
func (c *client) account(p *contact, r *result, role string) {
	field := "debtor_account_id"
	if role == "Supplier" {
		field = "creditor_account_id"
	}
	number := r.text(field)
	if before := p.accounts[field]; number == "" || before != "" && before != number {
		c.fail("the %s of contact %s is %q, it was %q%s", field, p.id, number, before, p.history())
	}
	p.accounts[field] = number
	if before := c.ids.register(field, number, p.id); before != "" {
		c.fail("contacts %s and %s have the same %s %s%s", p.id, before, field, number, p.history())
	}
}
