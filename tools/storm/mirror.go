package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"sync"
	"time"
)

// A mirror is a copy of all contacts that is made from the feed of changes alone, beside the writes.
type mirror struct {
	*client
	since    string
	contacts map[string]object
	changed  map[string]string // the time of each contact's last change that was shown
	seen     map[string]bool   // changes
}

func newMirror(s *storm) *mirror {
	return &mirror{client: &client{storm: s, random: rand.New(rand.NewPCG(s.seed, 1<<33))}, contacts: map[string]object{}, changed: map[string]string{}, seen: map[string]bool{}}
}

// follow copies until the clients have ended.
func (m *mirror) follow(ctx context.Context, ended <-chan struct{}) {
	for ctx.Err() == nil {
		select {
		case <-ended:
			return
		default:
		}
		if !m.page(ctx) {
			pause(ctx, 100*time.Millisecond)
		}
	}
}

// page copies what the next page names, and reports whether there is more.
func (m *mirror) page(ctx context.Context) (more bool) {
	query := ""
	if m.since != "" {
		query = "?since=" + m.since
	}
	r := m.read(ctx, "listChanges", query)
	if !m.want(r, nil, "listChanges", 200) {
		return false
	}
	named := map[string]any{}
	for _, c := range list(r.object(), "items") {
		id, contact, at := fmt.Sprint(c["id"]), fmt.Sprint(c["contact_id"]), fmt.Sprint(c["changed_at"])
		if m.seen[id] {
			continue
		}
		if c["operation"] != nil { // else the contact is shown without a change
			if at <= m.changed[contact] {
				m.fail("the change %s follows one at %s", id, m.changed[contact])
			}
			m.changed[contact] = max(at, m.changed[contact])
		}
		m.seen[id] = true
		named[contact] = c["kind"]
	}
	for id, kind := range named {
		m.contacts[id] = m.contact(ctx, kind, id)
	}
	m.since = r.text("next")
	return r.object()["more"] == true
}

// contact reads a contact with all that belongs to it.
func (c *client) contact(ctx context.Context, kind any, id string) object {
	operation := map[any]string{"INDIVIDUAL": "getIndividualDetails", "ORGANIZATION": "getOrganizationDetails", "PLACEHOLDER_CUSTOMER": "getPlaceholderCustomer"}[kind]
	r := c.read(ctx, operation, "", id)
	if !c.want(r, nil, operation, 200) {
		return nil
	}
	return r.object()
}

// verify compares the copy with what is there.
func (m *mirror) verify(ctx context.Context, w io.Writer) {
	for range 2 { // the first may go on with pages from before the last writes
		for m.page(ctx) {
		}
	}
	type row struct{ kind, id string }
	rows, there := make(chan row), map[string]bool{}
	var comparing sync.WaitGroup
	for _, c := range m.clients {
		comparing.Go(func() {
			for r := range rows {
				if now := c.contact(ctx, r.kind, r.id); !reflect.DeepEqual(m.contacts[r.id], now) {
					m.fail("contact %s is %s, in the mirror %s", r.id, encoded(now), encoded(m.contacts[r.id]))
				}
			}
		})
	}
	for kind, operation := range map[string]string{"INDIVIDUAL": "listIndividuals", "ORGANIZATION": "listOrganizations", "PLACEHOLDER_CUSTOMER": "listPlaceholderCustomers"} {
		all, _ := m.pages(ctx, operation, "?limit=1000")
		for _, item := range all {
			id := fmt.Sprint(item["id"])
			there[id] = true
			rows <- row{kind, id}
		}
	}
	close(rows)
	comparing.Wait()
	for id := range m.contacts {
		if !there[id] {
			m.fail("the mirror has contact %s, which the platform does not have", id)
		}
	}
	fmt.Fprintf(w, "a mirror of %d contacts, made from %d changes beside the writes, was compared with them\n", len(m.contacts), len(m.seen))
}
