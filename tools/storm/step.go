package main

import "context"

// An action is a kind of operation.
type action struct {
	weight int
	do     func(c *client, ctx context.Context)
}

// actions are all actions, with their weights.
var actions = []action{
	{10, (*client).addContact},
	{8, (*client).replaceContact},
	{3, (*client).deleteContact},
	{4, (*client).upsert},
	{3, (*client).batch},
	{2, (*client).swapMappings},
	{2, (*client).dropMapping},
	{14, (*client).addPart},
	{6, (*client).replacePart},
	{5, (*client).removePart},
	{6, (*client).addIdentity},
	{6, (*client).replaceIdentity},
	{2, (*client).removeIdentity},
	{8, (*client).putRole},
	{6, (*client).addTag},
	{3, (*client).removeTag},
	{8, (*client).addOptions},
	{6, (*client).changeOptions},
	{4, (*client).removeOption},
	{1, (*client).removeAllOptions},
	{2, (*client).changeOptionType},
	{3, (*client).changePlaceholder},
	{5, (*client).changeMembers},
	{2, (*client).changeList},
	{2, (*client).changeImages},
	{8, (*client).changeShared},
	{6, (*client).readShared},
	{4, (*client).crowd},
	{4, (*client).doom},
	{4, (*client).addPerson},
	{4, (*client).changePerson},
	{2, (*client).removePerson},
	{4, (*client).readPerson},
	{6, (*client).duel},
	{4, (*client).rush},
	{8, (*client).readOwn},
	{4, (*client).lookUp},
	{1, (*client).walk},
}

// step executes a random action.
func (c *client) step(ctx context.Context) {
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	n := c.random.IntN(total)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			a.do(c, ctx)
			return
		}
	}
}

// person and firm return one of the client's contacts that isn't deleted.
func (c *client) person() (*contact, bool) { return c.alive(c.people) }
func (c *client) firm() (*contact, bool)   { return c.alive(c.firms) }

// anyone returns an individual or an organization.
func (c *client) anyone() (*contact, bool) {
	if c.percent(25) {
		return c.firm()
	}
	return c.person()
}

func (c *client) alive(of []*contact) (*contact, bool) {
	for range 5 {
		if p, ok := one(c, of); ok && !p.deleted {
			return p, true
		}
	}
	return nil, false
}
