package main

import (
	"context"
	"slices"
)

// customers returns the client's customers that aren't deleted.
func (c *client) customers() (all []*contact) {
	for _, p := range slices.Concat(c.people, c.firms, c.tills) {
		if !p.deleted && (p.kind == "PlaceholderCustomer" || p.roles["Customer"] != nil) {
			all = append(all, p)
		}
	}
	return all
}

// changeMembers adds the client's customers to a shared list, or removes one.
func (c *client) changeMembers(ctx context.Context) {
	at, _ := one(c, c.shared.lists)
	if c.percent(35) {
		var in []*member
		for _, name := range sortedIDs(c.members) {
			if m := c.members[name]; m.in && m.list == at {
				in = append(in, m)
			}
		}
		m, ok := one(c, in)
		if !ok {
			return
		}
		if r := c.write(ctx, "removeCustomerListItem", nil, at, m.contact); c.want(r, nil, "removeCustomerListItem", 204) {
			m.in = false
		}
		return
	}
	all := c.customers()
	var items []object
	var added []*contact
	for range 1 + c.random.IntN(4) {
		p, ok := one(c, all)
		if !ok {
			return
		}
		if !slices.Contains(added, p) {
			items, added = append(items, object{"id": p.id}), append(added, p)
		}
	}
	wrong := c.percent(15)
	if wrong {
		items = append(items, object{"id": "4711"})
	}
	r := c.write(ctx, "addCustomerListItems", object{"items": items}, at)
	if !c.want(r, nil, "addCustomerListItems", 200) {
		return
	}
	o := r.object()
	if len(list(o, "items")) != len(added) || (len(list(o, "problems")) > 0) != wrong {
		c.fail("adding %s to list %s was answered %s", encoded(items), at, r.body)
		return
	}
	for _, p := range added {
		name := at + " " + p.id
		if m := c.members[name]; m == nil || !m.in {
			c.members[name] = &member{list: at, contact: p.id, added: r.span, in: true}
		}
	}
}

// changeList creates, renames or deletes one of the client's customer lists.
func (c *client) changeList(ctx context.Context) {
	l, ok := one(c, c.lists)
	name := c.unique("list")
	switch {
	case !ok || c.percent(40):
		r := c.write(ctx, "createCustomerList", object{"name": name})
		if c.want(r, nil, "createCustomerList", 201) {
			if before := c.ids.register("customer lists", r.text("id"), name); before != "" {
				c.fail("a new list has the id of %s: %s", before, r.body)
			}
			c.lists = append(c.lists, &customerList{r.text("id"), name})
		}
	case c.percent(60):
		if r := c.write(ctx, "replaceCustomerList", object{"name": name}, l.id); c.want(r, nil, "replaceCustomerList", 200) {
			l.name = name
		}
	default:
		if p, ok := one(c, c.customers()); ok && c.percent(70) {
			if r := c.write(ctx, "addCustomerListItems", object{"items": []object{{"id": p.id}}}, l.id); !c.want(r, nil, "addCustomerListItems", 200) {
				return
			}
		}
		if r := c.write(ctx, "deleteCustomerList", nil, l.id); c.want(r, nil, "deleteCustomerList", 204) {
			c.lists = slices.DeleteFunc(c.lists, func(other *customerList) bool { return other == l })
		}
	}
}
