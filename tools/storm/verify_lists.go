package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lists checks that the lists of contacts are complete, by cursors and by offsets.
func (v *verifier) lists(ctx context.Context) {
	for kind, operation := range map[string]string{"Individual": "listIndividuals", "Organization": "listOrganizations", "PlaceholderCustomer": "listPlaceholderCustomers"} {
		want := map[string]bool{} // whether it is deleted
		for id, p := range v.all {
			if p.kind == kind {
				want[id] = p.deleted
			}
		}
		switch kind {
		case "Individual":
			maps.Copy(want, v.others())
		case "Organization":
			want[v.shared.firm.id] = false
		}
		for _, query := range []string{"?limit=1000", "?limit=1000&deleted=false"} {
			all, ok := v.c.pages(ctx, operation, query)
			if !ok {
				continue
			}
			var order []string
			for _, item := range all {
				id := fmt.Sprint(item["id"])
				order = append(order, id)
				if deleted, known := want[id]; !known || item["deleted"] != deleted {
					v.fail("%s%s has %s; known: %v, deleted: %v", operation, query, encoded(item), known, deleted)
				}
			}
			living := strings.Contains(query, "deleted")
			for id, deleted := range want {
				if _, found := slices.BinarySearchFunc(order, id, compareIDs); found == (living && deleted) {
					v.fail("%s%s has contact %s: %v; deleted: %v%s", operation, query, id, found, deleted, v.all[id].history())
				}
			}
			v.offsets(ctx, operation, query, order)
		}
	}
}

// persons checks that the pages of the plentymarkets dialect are full, have all individuals that aren't deleted in order, and count them.
func (v *verifier) persons(ctx context.Context) {
	others := v.others()
	want := []string{}
	for id, p := range v.all {
		if p.kind == "Individual" && !p.deleted {
			want = append(want, id)
		}
	}
	for id, deleted := range others {
		if !deleted {
			want = append(want, id)
		}
	}
	slices.SortFunc(want, compareIDs)
	got, last := []string{}, false
	for page := 1; !last; page++ {
		r := v.c.read(ctx, "listContacts", fmt.Sprintf("?itemsPerPage=100&page=%d", page))
		if !v.c.want(r, nil, "listContacts", 200) {
			return
		}
		shown := r.object()
		if total, _ := shown["totalsCount"].(float64); int(total) != len(want) {
			v.fail("page %d of listContacts counts %v contacts, not %d", page, shown["totalsCount"], len(want))
		}
		entries := list(shown, "entries")
		last, _ = shown["isLastPage"].(bool)
		if !last && len(entries) != 100 {
			v.fail("page %d of listContacts has %d entries", page, len(entries))
			return
		}
		for _, e := range entries {
			id, _ := e["id"].(float64)
			got = append(got, strconv.FormatFloat(id, 'f', -1, 64))
		}
	}
	if !slices.Equal(got, want) {
		v.fail("listContacts has %v, not %v", got, want)
	}
}

// offsets compares pages at an offset with the whole list.
func (v *verifier) offsets(ctx context.Context, operation, query string, order []string) {
	for range 8 {
		offset := v.c.random.IntN(len(order) + 1)
		page := fmt.Sprintf("%s&limit=20&offset=%d", strings.Replace(query, "limit=1000", "", 1), offset)
		page = strings.Replace(page, "?&", "?", 1)
		r := v.c.read(ctx, operation, page)
		if want := order[offset:min(offset+20, len(order))]; v.c.want(r, nil, operation+page, 200) && !slices.Equal(idsIn(r.body), want) {
			v.fail("%s%s has %v, not %v", operation, page, idsIn(r.body), want)
		}
	}
}

// customerLists checks that shared lists have their customers in the order of addition, and that the clients' own lists exist.
func (v *verifier) customerLists(ctx context.Context) {
	for _, at := range v.shared.lists {
		want := map[string]*member{}
		for _, c := range v.clients {
			for _, m := range c.members {
				if m.in && m.list == at {
					want[m.contact] = m
				}
			}
		}
		items, ok := v.c.pages(ctx, "listCustomerListItems", "?limit=500", at)
		if !ok {
			continue
		}
		var latest time.Time // when the latest addition so far was sent
		seen := map[string]bool{}
		for _, item := range items {
			id := fmt.Sprint(item["id"])
			m := want[id]
			if m == nil || seen[id] {
				v.fail("list %s has customer %s, added: %v, twice: %v", at, id, m != nil, seen[id])
				continue
			}
			if seen[id] = true; m.added.end.Before(latest) {
				v.fail("list %s has customer %s after one that was added later", at, id)
			}
			if m.added.start.After(latest) {
				latest = m.added.start
			}
		}
		for id := range want {
			if !seen[id] {
				v.fail("list %s lacks customer %s%s", at, id, v.all[id].history())
			}
		}
	}
	names := v.named(ctx, "listCustomerLists")
	for _, c := range v.clients {
		for _, l := range c.lists {
			if names[l.id] != l.name {
				v.fail("customer list %s is called %q, not %q", l.id, names[l.id], l.name)
			}
			delete(names, l.id)
		}
	}
	if len(names) != len(v.shared.lists) {
		v.fail("there are customer lists that nobody has: %v", names)
	}
}

func (v *verifier) named(ctx context.Context, operation string) map[string]string {
	names := map[string]string{}
	all, _ := v.c.pages(ctx, operation, "")
	for _, item := range all {
		names[fmt.Sprint(item["id"])] = fmt.Sprint(item["name"])
	}
	return names
}

// types checks that the clients' option types exist.
func (v *verifier) types(ctx context.Context) {
	r := v.c.read(ctx, "listOptionTypes", "")
	if !v.c.want(r, nil, "listOptionTypes", 200) {
		return
	}
	for _, c := range v.clients {
		for _, t := range c.types {
			if !strings.Contains(string(r.body), fmt.Sprintf(`"id":%s,`, t.id)) || !strings.Contains(string(r.body), t.name) {
				v.fail("the type of options %s %q is not listed", t.id, t.name)
			}
		}
	}
}
