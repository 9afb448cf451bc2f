package main

import (
	"context"
	"fmt"
)

// Contacts of the plentymarkets dialect, which are the individuals of the enfore dialect.

// addPerson creates a contact with options in one request.
func (c *client) addPerson(ctx context.Context) {
	external := c.externalID()
	doc := object{"name": c.unique("name")}
	body := object{"fullName": doc["name"]}
	if external != "" {
		doc["external_id"], body["externalId"] = external, external
	}
	if c.percent(40) {
		doc["date_of_birth"], body["birthdayAt"] = "1971-11-11", "1971-11-11T00:00:00+00:00"
	}
	var drawn []option
	var bodies []object
	for i := range c.random.IntN(4) {
		o := option{kind: 5 + i, sub: 5, value: c.unique("value")}
		drawn, bodies = append(drawn, o), append(bodies, o.body())
	}
	if bodies != nil {
		body["options"] = bodies
	}
	statuses := []int{200}
	if isContested(external) {
		statuses = append(statuses, 422)
	}
	r := c.write(ctx, "createContact", body)
	if !c.want(r, nil, "createContact", statuses...) || !r.ok() {
		return
	}
	p := c.keep("Individual", doc, r)
	p.note("created by the plentymarkets dialect", body, r)
	read := c.read(ctx, "listContactOptions", "", p.id)
	if !c.want(read, p, "listContactOptions", 200) {
		return
	}
	order, all, err := optionsOf(read.body)
	if err != nil || len(order) != len(drawn) {
		c.fail("contact %s was made with %s, and has the options %s%s", p.id, encoded(bodies), read.body, p.history())
		return
	}
	for i, id := range order { // options of equal priority are in the order of creation
		if all[id] != drawn[i] {
			c.fail("the option %+v of contact %s is %+v%s", drawn[i], p.id, all[id], p.history())
		}
		c.registerOption(p, id)
		p.options[id] = drawn[i]
	}
}

// changePerson changes some fields and checks that the others stay.
func (c *client) changePerson(ctx context.Context) {
	p, ok := c.person()
	if !ok {
		return
	}
	doc := without(p.doc)
	doc["name"] = c.unique("name")
	body := object{"fullName": doc["name"]}
	switch external := c.unique("external"); c.random.IntN(3) {
	case 0:
		doc["external_id"], body["externalId"] = external, external
	case 1:
		body["externalId"] = ""
		delete(doc, "external_id")
	}
	r := c.write(ctx, "updateContact", body, p.id)
	p.note("changed by the plentymarkets dialect", body, r)
	if c.want(r, p, "updateContact", 200) {
		p.doc = doc
	}
}

// removePerson deletes a contact.
func (c *client) removePerson(ctx context.Context) {
	p, ok := c.person()
	if !ok {
		return
	}
	why, held := c.holds("contact "+p.id, p)
	want := 200
	if held {
		want = 422
	}
	r := c.write(ctx, "deleteContact", nil, p.id)
	p.note(fmt.Sprint("deleted by the plentymarkets dialect, expecting ", want, " ", why), nil, r)
	if c.want(r, p, "deleteContact", want) && r.ok() {
		p.deleted = true
	}
}

// readPerson compares a contact with its state in the enfore dialect.
func (c *client) readPerson(ctx context.Context) {
	p, ok := one(c, c.people)
	if !ok {
		return
	}
	status := 200
	if p.deleted {
		status = 404
	}
	r := c.read(ctx, "getContact", "?with=options", p.id)
	if !c.want(r, p, "getContact", status) || p.deleted {
		return
	}
	customer, _ := p.roles["Customer"]["customer_id"].(string)
	if r.text("fullName") != p.name() || r.text("externalId") != p.external() || r.text("number") != customer {
		c.fail("contact %s is shown as %s by the plentymarkets dialect%s", p.id, r.body, p.history())
	}
	order, all, err := optionsOf([]byte(encoded(r.object()["options"])))
	if err != nil {
		c.fail("contact %s is shown as %s: %v%s", p.id, r.body, err, p.history())
	} else if wrong := p.optionDifferences(order, all); wrong != "" {
		c.fail("contact %s: %s%s", p.id, wrong, p.history())
	}
}
