package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// verify compares all stored data with the answers, after all requests.
func (s *storm) verify(ctx context.Context, w io.Writer) {
	begun := time.Now()
	var comparing sync.WaitGroup
	for _, c := range s.clients {
		comparing.Go(func() {
			for _, p := range slices.Concat(c.people, c.firms) {
				c.compareDetails(ctx, p)
				if c.compareTags(ctx, p); len(p.images) > 0 {
					c.compareImages(ctx, p)
				}
				if p.kind == "Individual" && !p.deleted {
					c.compareOptions(ctx, p)
				}
			}
			for _, p := range c.tills {
				c.compare(ctx, p)
			}
		})
	}
	comparing.Wait()
	v := &verifier{storm: s, c: s.clients[0], all: map[string]*contact{}}
	for _, c := range s.clients {
		for _, p := range slices.Concat(c.people, c.firms, c.tills) {
			v.all[p.id] = p
		}
	}
	for _, check := range []func(context.Context){v.registers, v.crowd, v.doomed, v.lists, v.persons, v.uniques, v.dangling, v.representatives, v.lookUps, v.mappings, v.customerLists, v.types} {
		check(ctx)
	}
	fmt.Fprintf(w, "%d contacts were held against what was answered, in %s\n", len(v.all), time.Since(begun).Round(time.Second))
}

// A verifier checks what all clients have together.
type verifier struct {
	*storm
	c   *client
	all map[string]*contact // all contacts of clients, by id
}

func (v *verifier) registers(context.Context) {
	for _, h := range v.shared.hot {
		for _, r := range []*register{h.name, h.option} {
			for _, wrong := range r.violations() {
				v.fail("%s (contact %s)", wrong, h.id)
			}
		}
	}
	for _, wrong := range v.shared.configuration.violations() {
		v.fail("%s", wrong)
	}
}

// crowd checks that the shared contact has the parts of all clients.
func (v *verifier) crowd(ctx context.Context) {
	whole := newContact("Individual")
	whole.id, whole.doc = v.shared.crowd, object{"name": "crowd"}
	for _, c := range v.clients {
		for noun, parts := range c.crowded.parts {
			if whole.parts[noun] == nil {
				whole.parts[noun] = map[string]object{}
			}
			maps.Copy(whole.parts[noun], parts)
		}
		maps.Copy(whole.options, c.crowded.options)
		whole.trail = append(whole.trail, c.crowded.trail...)
	}
	v.c.compareDetails(ctx, whole)
	v.c.compareOptions(ctx, whole)
}

// doomed checks that contacts have the writes before their deletion, and none after it.
func (v *verifier) doomed(ctx context.Context) {
	for _, d := range v.shared.graveyard {
		for _, a := range d.accepted {
			if d.deletion != nil && a.start.After(d.deletion.end) {
				v.fail("contact %s took an email after its deletion", d.id)
			}
		}
		for _, r := range d.refused {
			if d.deletion == nil || r.end.Before(d.deletion.start) {
				v.fail("contact %s refused an email before its deletion", d.id)
			}
		}
		r := v.c.read(ctx, "getIndividualDetails", "", d.id)
		if !v.c.want(r, nil, "details of a doomed contact", 200) {
			continue
		}
		got := map[string]string{}
		for _, e := range list(r.object(), "emails") {
			got[fmt.Sprint(e["id"])] = fmt.Sprint(e["address"])
		}
		contact, _ := r.object()["individual_contact"].(object)
		if !maps.Equal(got, d.emails) || contact["deleted"] != (d.deletion != nil) {
			v.fail("contact %s is %s, with the emails %v, not %v", d.id, encoded(contact), got, d.emails)
		}
	}
}

// others returns the shared individuals, and whether they are deleted.
func (v *verifier) others() map[string]bool {
	others := map[string]bool{v.shared.crowd: false}
	for _, h := range v.shared.hot {
		others[h.id] = false
	}
	for _, d := range v.shared.graveyard {
		others[d.id] = d.deletion != nil
	}
	return others
}

// uniques checks that no two contacts that aren't deleted have the same unique value.
func (v *verifier) uniques(context.Context) {
	holders := map[string]*contact{}
	unique := func(p *contact, space string, value any) {
		if text, _ := value.(string); text != "" {
			if other := holders[space+" "+text]; other != nil {
				v.fail("two contacts have the %s %q%s%s", space, text, p.history(), other.history())
			}
			holders[space+" "+text] = p
		}
	}
	for _, id := range sortedIDs(v.all) {
		p := v.all[id]
		if p.deleted {
			continue
		}
		unique(p, "external_id of a "+p.kind, p.doc["external_id"])
		unique(p, "customer_id", p.doc["customer_id"])
		unique(p, "customer_id", p.roles["Customer"]["customer_id"])
		unique(p, "supplier_id", p.roles["Supplier"]["supplier_id"])
		unique(p, "alternative_payer_id", p.roles["AlternativePayer"]["alternative_payer_id"])
	}
}

// dangling checks that targets of references exist and aren't deleted.
func (v *verifier) dangling(context.Context) {
	others := v.others()
	living := func(id string) bool {
		if p := v.all[id]; p != nil {
			return !p.deleted
		}
		deleted, known := others[id]
		return known && !deleted || id == v.shared.firm.id
	}
	for _, c := range v.clients {
		for _, r := range c.references() {
			words := strings.Fields(r.target)
			switch {
			case words[0] == "contact" && !living(words[1]):
				v.fail("the %s of contact %s refers to contact %s, which is deleted%s%s", r.what, r.from.id, words[1], r.from.history(), v.all[words[1]].history())
			case words[0] == "professionalidentity" && v.all[words[1]].identities[words[2]] == nil:
				v.fail("the %s of contact %s refers to an identity that is gone, %s%s", r.what, r.from.id, r.target, r.from.history())
			}
		}
	}
}

// representatives compares organizations and locations with the identities.
func (v *verifier) representatives(ctx context.Context) {
	active := map[string]map[string]bool{} // by organization and identity
	members := map[string]float64{}
	for _, p := range v.all {
		for id, i := range p.identities {
			firm := fmt.Sprint(i.body["organization_contact"])
			if active[firm] == nil {
				active[firm] = map[string]bool{}
			}
			is := i.body["is_active"] == true && !p.deleted
			active[firm][p.id+" "+id] = is
			for _, ref := range list(i.body, "locations") {
				if is {
					members[fmt.Sprint(ref["location_id"])]++
				}
			}
		}
	}
	for id, firm := range v.firms() {
		r := v.c.read(ctx, "getOrganization", "", id)
		if !v.c.want(r, firm, "getOrganization", 200) {
			continue
		}
		shown := map[string]bool{}
		for _, entry := range list(r.object(), "representatives") {
			ref, _ := entry["professional_identity"].(object)
			is, _ := entry["is_active"].(bool)
			shown[fmt.Sprint(ref["contact_id"], " ", ref["professional_identity_id"])] = is
		}
		if len(shown)+len(active[id]) > 0 && !maps.Equal(shown, active[id]) {
			v.fail("organization %s has the representatives %v, not %v%s", id, shown, active[id], firm.history())
		}
		if r := v.c.read(ctx, "listLocations", "", id); v.c.want(r, firm, "listLocations", 200) {
			for _, location := range list(r.object(), "items") {
				if count, _ := location["member_count"].(float64); count != members[fmt.Sprint(location["id"])] {
					v.fail("location %s has %v members, not %v%s", encoded(location), count, members[fmt.Sprint(location["id"])], firm.history())
				}
			}
		}
	}
}

func (v *verifier) firms() map[string]*contact {
	firms := map[string]*contact{v.shared.firm.id: v.shared.firm}
	for id, p := range v.all {
		if p.kind == "Organization" {
			firms[id] = p
		}
	}
	return firms
}

// lookUps checks that each value finds the contacts with it that aren't deleted, in the order of their ids.
func (v *verifier) lookUps(ctx context.Context) {
	want := map[[2]string]map[string]bool{}
	add := func(by [2]string, id string, living bool) {
		if want[by] == nil {
			want[by] = map[string]bool{}
		}
		if living {
			want[by][id] = true
		}
	}
	for id, p := range v.all {
		for _, by := range p.found() {
			add(by, id, !p.deleted)
		}
		for _, tag := range p.tags {
			add([2]string{"tag", v.ids.owners["tags "+tag]}, id, !p.deleted)
		}
	}
	for _, c := range v.clients {
		for _, by := range c.crowded.found() {
			add(by, v.shared.crowd, true)
		}
	}
	for _, d := range v.shared.graveyard {
		for _, address := range d.emails {
			add([2]string{"email", address}, d.id, d.deletion == nil)
		}
	}
	var looking sync.WaitGroup
	queue := make(chan [2]string)
	for _, c := range v.clients {
		looking.Go(func() {
			for by := range queue {
				got := []string{}
				items, ok := c.pages(ctx, "lookupContacts", lookupQuery(by[0], by[1]))
				for _, item := range items {
					got = append(got, fmt.Sprint(item["id"]))
				}
				if ids := sortedIDs(want[by]); ok && !slices.Equal(got, ids) {
					v.fail("%s=%s leads to %v, not %v", by[0], by[1], got, ids)
				}
			}
		})
	}
	for by := range want {
		queue <- by
	}
	close(queue)
	looking.Wait()
}

// mappings compares the mappings with the external ids of contacts that aren't deleted.
func (v *verifier) mappings(ctx context.Context) {
	for _, kind := range []string{"Individual", "Organization"} {
		want := map[string]string{}
		for id, p := range v.all {
			if p.kind == kind && !p.deleted && p.external() != "" {
				want[p.external()] = id
			}
		}
		if kind == "Individual" {
			for _, h := range v.shared.hot {
				want[h.external] = h.id
			}
		}
		r := v.c.read(ctx, "list"+kind+"IDMappings", "")
		if !v.c.want(r, nil, "list of mappings", 200) {
			continue
		}
		got := map[string]string{}
		for _, m := range list(r.object(), "items") {
			got[fmt.Sprint(m["external"])] = fmt.Sprint(m["internal"])
		}
		for external, id := range want {
			if got[external] != id {
				v.fail("%q is mapped to %q, not to %s%s", external, got[external], id, v.all[id].history())
			}
		}
		if len(got) != len(want) {
			v.fail("%d external ids of %ss are mapped, not %d", len(got), kind, len(want))
		}
	}
}
