package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// readOwn compares one of the client's contacts with its expected state.
func (c *client) readOwn(ctx context.Context) {
	if p, ok := one(c, slices.Concat(c.people, c.firms)); ok {
		c.compare(ctx, p)
	}
}

func (c *client) compare(ctx context.Context, p *contact) {
	switch n := c.random.IntN(10); {
	case p.kind == "PlaceholderCustomer":
		if r := c.read(ctx, "getPlaceholderCustomer", "", p.id); c.want(r, p, "getPlaceholderCustomer", 200) {
			want := shown(p.id, p.doc)
			if want["deleted"] = p.deleted; !equal(r.object(), want) {
				c.fail("placeholder customer %s is %s, not %s%s", p.id, r.body, encoded(want), p.history())
			}
		}
	case n < 5:
		c.compareDetails(ctx, p)
	case n < 8 && p.kind == "Individual" && !p.deleted:
		c.compareOptions(ctx, p)
	case n < 9:
		c.compareTags(ctx, p)
	default:
		c.compareImages(ctx, p)
	}
}

func (c *client) compareDetails(ctx context.Context, p *contact) {
	if r := c.read(ctx, "get"+p.kind+"Details", "", p.id); c.want(r, p, "details", 200) {
		if wrong := p.differences(r.object()); wrong != "" {
			c.fail("%s %s: %s%s", p.kind, p.id, wrong, p.history())
		}
	}
}

func (c *client) compareOptions(ctx context.Context, p *contact) {
	if r := c.read(ctx, "listContactOptions", "", p.id); c.want(r, p, "options", 200) {
		order, all, err := optionsOf(r.body)
		if err != nil {
			c.fail("contact %s has the options %s: %v", p.id, r.body, err)
		} else if wrong := p.optionDifferences(order, all); wrong != "" {
			c.fail("contact %s: %s%s", p.id, wrong, p.history())
		}
	}
}

func (c *client) compareTags(ctx context.Context, p *contact) {
	if r := c.read(ctx, "list"+p.kind+"Tags", "", p.id); c.want(r, p, "tags", 200) {
		if got := idsIn(r.body); !slices.Equal(got, p.tags) {
			c.fail("contact %s has the tags %s, not %v%s", p.id, r.body, p.tags, p.history())
		}
	}
}

func (c *client) compareImages(ctx context.Context, p *contact) {
	if r := c.read(ctx, "list"+p.kind+"Images", "", p.id); c.want(r, p, "images", 200) {
		if got := idsIn(r.body); !slices.Equal(got, p.images) {
			c.fail("contact %s has the images %s, not %v%s", p.id, r.body, p.images, p.history())
		}
	}
}

// idsIn returns the ids of a list's items, in order.
func idsIn(body []byte) []string {
	ids := []string{}
	var page struct {
		Items []struct{ ID string }
	}
	if json.Unmarshal(body, &page) == nil {
		for _, i := range page.Items {
			ids = append(ids, i.ID)
		}
	}
	return ids
}

// lookUp checks that a value finds its contact, unless that is deleted.
func (c *client) lookUp(ctx context.Context) {
	p, ok := one(c, slices.Concat(c.people, c.firms))
	if !ok {
		return
	}
	for _, q := range p.found() {
		if strings.Contains(q[1], "shared-") || isContested(q[1]) || c.percent(50) {
			continue
		}
		want := []string{p.id}
		if p.deleted {
			want = []string{}
		}
		r := c.read(ctx, "lookupContacts", lookupQuery(q[0], q[1]))
		if c.want(r, p, "lookupContacts", 200) {
			if got := idsIn(r.body); !slices.Equal(got, want) {
				c.fail("%s=%s leads to %s, not %v%s", q[0], q[1], r.body, want, p.history())
			}
		}
		return
	}
}

// found returns the lookups that find a contact: parameter and value.
func (p *contact) found() (all [][2]string) {
	if external := p.external(); external != "" {
		all = append(all, [2]string{"external_id", external})
	}
	add := func(parts map[string]map[string]object) {
		for _, id := range sortedIDs(parts["Email"]) {
			all = append(all, [2]string{"email", fmt.Sprint(parts["Email"][id]["address"])})
		}
		for _, id := range sortedIDs(parts["Phone"]) {
			all = append(all, [2]string{"phone", fmt.Sprint(parts["Phone"][id]["number"])})
		}
	}
	add(p.parts)
	for _, id := range sortedIDs(p.identities) {
		add(p.identities[id].parts)
	}
	for _, id := range sortedIDs(p.options) {
		switch o := p.options[id]; o.kind {
		case 2:
			all = append(all, [2]string{"email", o.value})
		case 1, 3:
			all = append(all, [2]string{"phone", o.value})
		}
	}
	return all
}

// walk reads a list by cursors during writes. It must contain each contact that existed before, once, in order.
func (c *client) walk(ctx context.Context) {
	kind, living := "Individual", c.percent(50)
	query := fmt.Sprintf("?limit=%d", 100+c.random.IntN(900))
	if living {
		query += "&deleted=false"
	}
	begun := map[string]bool{}
	for _, p := range c.people {
		begun[p.id] = p.deleted
	}
	all, ok := c.pages(ctx, "list"+kind+"s", query)
	if !ok {
		return
	}
	seen := map[string]bool{}
	for _, item := range all {
		id, _ := item["id"].(string)
		seen[id] = true
		if living && item["deleted"] == true {
			c.fail("a page without deleted contacts has %s", encoded(item))
		}
	}
	for id, deleted := range begun {
		if seen[id] == (living && deleted) {
			c.fail("contact %s, deleted when the pages began: %v, is on those of %s: %v", id, deleted, query, seen[id])
		}
	}
}

// pages reads a whole list by cursors and checks that each id occurs once, in order.
func (c *client) pages(ctx context.Context, operation, query string, ids ...string) (all []object, ok bool) {
	path := c.operations.Request(operation, org, ids...).Path
	before := ""
	for next := path + query; next != ""; {
		r := c.readPath(ctx, operation, next)
		if !c.want(r, nil, "GET "+next, 200) {
			return nil, false
		}
		o := r.object()
		if problems := list(o, "problems"); len(problems) > 0 {
			c.fail("GET %s has problems: %s", next, encoded(problems))
		}
		for _, item := range list(o, "items") {
			id, _ := item["id"].(string)
			if !strings.Contains(operation, "Items") && compareIDs(before, id) >= 0 {
				c.fail("GET %s: %s comes after %s", next, id, before)
			}
			before = id
			all = append(all, item)
		}
		next = nextPage(r.header.Get("Link"), path)
	}
	return all, true
}

// nextPage returns the target of the link to the next page, "" if there is none.
func nextPage(link, path string) string {
	target, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.Contains(rest, `rel="next"`) {
		return ""
	}
	if u, err := url.Parse(target); err == nil && u.RawQuery != "" {
		return path + "?" + u.RawQuery
	}
	return ""
}

// lookupQuery returns the query of a lookup, with escaped plus signs.
func lookupQuery(by, value string) string {
	return "?" + by + "=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}
