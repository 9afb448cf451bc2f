package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// channelPairs are the pairs of phones, emails and web addresses. A person whose channels the plentymarkets dialect writes has each at
// most once, like other pairs.
var channelPairs = [][2]int{{1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 1}, {2, 4}, {3, 1}, {3, 4}, {4, 1}, {4, 4}}

// pair returns a random type and sub-type.
func (c *client) pair(p *contact) (kind, sub int) {
	if p.channelled && c.percent(60) {
		pair, _ := one(c, channelPairs)
		return pair[0], pair[1]
	}
	if t, ok := one(c, c.types); ok && c.percent(20) {
		kind, _ = strconv.Atoi(t.id)
		return kind, 7
	}
	return 5 + c.random.IntN(4), 5 + c.random.IntN(4)
}

// value returns a valid value for a type.
func (c *client) value(kind int) string {
	switch kind {
	case 1, 3:
		return fmt.Sprintf("+49 30 %09d", c.next())
	case 2:
		return c.unique("option") + "@example.com"
	case 4:
		return "https://example.com/" + c.unique("option")
	}
	return c.unique("value")
}

func (c *client) drawOption(p *contact) option {
	o := option{priority: c.random.IntN(3)}
	o.kind, o.sub = c.pair(p)
	o.value = c.value(o.kind)
	return o
}

func (o option) body() object {
	return object{"typeId": o.kind, "subTypeId": o.sub, "value": o.value, "priority": o.priority}
}

// has reports whether a contact has an option of the pair, other than one.
func (p *contact) has(o option, but string) bool {
	for id, other := range p.options {
		if id != but && other.kind == o.kind && other.sub == o.sub {
			return true
		}
	}
	return false
}

// optionsOf parses an answer with options, by id and in order.
func optionsOf(body []byte) (order []string, all map[string]option, err error) {
	var shown []struct {
		ID        json.Number
		TypeID    int
		SubTypeID int
		Value     string
		Priority  int
	}
	if err := json.Unmarshal(body, &shown); err != nil {
		return nil, nil, err
	}
	all = map[string]option{}
	for _, o := range shown {
		order = append(order, o.ID.String())
		all[o.ID.String()] = option{o.TypeID, o.SubTypeID, o.Priority, o.Value}
	}
	return order, all, nil
}

// addOptions adds one or several options. The contact must not have their pairs.
func (c *client) addOptions(ctx context.Context) {
	p, ok := c.person()
	if !ok {
		return
	}
	var drawn []option
	var bodies []object
	want := 200
	for range 1 + c.random.IntN(3) {
		o := c.drawOption(p)
		if p.has(o, "") || slices.ContainsFunc(drawn, func(d option) bool { return d.kind == o.kind && d.sub == o.sub }) {
			want = 422
		}
		drawn, bodies = append(drawn, o), append(bodies, o.body())
	}
	r := c.write(ctx, "createContactOptions", bodies, p.id)
	p.note("options added", bodies, r)
	if !c.want(r, p, "createContactOptions", want) || !r.ok() {
		return
	}
	order, all, err := optionsOf(r.body)
	if err != nil || len(order) != len(drawn) {
		c.fail("new options are answered %s%s", r.body, p.history())
		return
	}
	for i, id := range order {
		if all[id] != drawn[i] {
			c.fail("the new option %+v is answered as %+v%s", drawn[i], all[id], p.history())
		}
		c.registerOption(p, id)
		p.options[id] = drawn[i]
	}
}

func (c *client) registerOption(p *contact, id string) {
	if before := c.ids.register("options", id, "option of "+p.id); before != "" {
		c.fail("a new option of contact %s has the id %s, which was given to %s%s", p.id, id, before, p.history())
	}
}

// changeOptions changes one option by its id, through one of three operations.
func (c *client) changeOptions(ctx context.Context) {
	p, ok := c.person()
	if !ok || len(p.options) == 0 {
		return
	}
	id, _ := one(c, sortedIDs(p.options))
	before, o := p.options[id], c.drawOption(p)
	moves := c.percent(40)
	if !moves {
		o.kind, o.sub, o.value = before.kind, before.sub, c.value(before.kind)
	}
	want := 200
	if p.has(o, id) {
		want = 422
	}
	body := o.body()
	var r *result
	switch n := c.random.IntN(3); {
	case n == 0:
		r = c.write(ctx, "updateContactOption", body, id)
	case n == 1 && !moves: // by its pair
		r = c.write(ctx, "updateContactOptions", body, p.id)
	default:
		body["id"] = json.Number(id)
		r = c.write(ctx, "updateContactOptions", []object{body}, p.id)
	}
	p.note("option "+id+" changed", body, r)
	if !c.want(r, p, "updateContactOptions", want) || !r.ok() {
		return
	}
	made := r.text("id")
	if made == "" {
		if order, _, err := optionsOf(r.body); err == nil && len(order) == 1 {
			made = order[0]
		}
	}
	if made != id { // a pair of another kind creates another record
		if record(before.kind) == record(o.kind) {
			c.fail("option %s is answered as %s%s", id, r.body, p.history())
		}
		delete(p.options, id)
		c.registerOption(p, made)
	}
	p.options[made] = o
}

// record returns the kind of record of an option type in the enfore dialect.
func record(kind int) string {
	return map[int]string{1: "Phone", 2: "Email", 3: "Phone", 4: "WebAddress"}[kind]
}

func (c *client) removeOption(ctx context.Context) {
	p, ok := c.person()
	if !ok || len(p.options) == 0 {
		return
	}
	id, _ := one(c, sortedIDs(p.options))
	operation, status, ids := "deleteContactOption", 200, []string{id}
	if noun := record(p.options[id].kind); noun != "" && c.percent(30) { // through the enfore dialect
		operation, status, ids = "deleteIndividual"+noun, 204, []string{p.id, id}
	}
	r := c.write(ctx, operation, nil, ids...)
	p.note(operation+" "+id, nil, r)
	if c.want(r, p, operation, status) {
		delete(p.options, id)
	}
}

// removeAllOptions deletes all options of a contact, including channels written through the enfore dialect.
func (c *client) removeAllOptions(ctx context.Context) {
	p, ok := c.person()
	if !ok {
		return
	}
	r := c.write(ctx, "deleteContactOptions", nil, p.id)
	p.note("all options removed", nil, r)
	if c.want(r, p, "deleteContactOptions", 200) {
		p.options = map[string]option{}
		for _, noun := range []string{"Email", "Phone", "WebAddress"} {
			delete(p.parts, noun)
		}
	}
}

func (c *client) changeOptionType(ctx context.Context) {
	t, ok := one(c, c.types)
	name := c.unique("type")
	body := object{"names": []object{{"lang": "en", "name": name}}}
	switch {
	case !ok || len(c.types) < 2:
		r := c.write(ctx, "createOptionType", body)
		if c.want(r, nil, "createOptionType", 200) {
			if before := c.ids.register("types of options", r.text("id"), name); before != "" {
				c.fail("a new type of options has the id of %s: %s", before, r.body)
			}
			c.types = append(c.types, &optionType{r.text("id"), name})
		}
	case c.percent(50):
		if r := c.write(ctx, "updateOptionType", body, t.id); c.want(r, nil, "updateOptionType", 200) {
			t.name = name
		}
	default:
		why, held := c.holds("optiontype "+t.id, nil)
		want := 200
		if held {
			want = 422
		}
		if r := c.write(ctx, "deleteOptionType", nil, t.id); c.want(r, nil, "deleteOptionType "+t.id+" "+why, want) && r.ok() {
			c.types = slices.DeleteFunc(c.types, func(other *optionType) bool { return other == t })
		}
	}
}
