package offset_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/fsck"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/local"
	"contacts/pkg/store"
	"contacts/pkg/store/offset"
)

var smallSizes = offset.Sizes{Rows: 3, Buckets: 4, Near: 2, Tombstones: 4, Together: 2}

var noWrite = idempotency.Write{}

// lists are the placeholder customers of an organization and one customer list, with a model of both. Their clock is set by hand.
type lists struct {
	rapid.TB
	store    *store.Store
	ids      *contact.Sequence
	ahead    atomic.Int64 // of the clock that the lists began with, in ns
	begun    time.Time
	org      string
	contacts []contact.ID
	deleted  map[contact.ID]bool
	list     contact.ID
	entries  []contact.ID // placeholder customers, in the order of being added
}

// startEngine starts an engine for a test and returns its address.
func startEngine(t testing.TB) string {
	t.Helper()
	engine, err := local.StartEngine(context.Background(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	return engine.Endpoint()
}

// newLists makes empty lists in a table of their own.
func newLists(t rapid.TB, engine, table string, sizes offset.Sizes, transport http.RoundTripper) *lists {
	t.Helper()
	l := &lists{TB: t, begun: time.Now(), org: "acme", deleted: map[contact.ID]bool{}}
	driver := dynamo.Open(dynamo.Options{Name: table, Region: "us-east-1", Endpoint: engine,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), HTTPClient: &http.Client{Transport: transport}})
	l.must(driver.Create(context.Background()))
	l.ids = contact.NewSequence(l.now)
	l.store = store.New(driver, l.now, l.ids)
	l.store.Offsets().SetSizes(sizes)
	list, err := store.CustomerLists(l.store).Create(context.Background(), contact.Owner{Org: l.org}, noWrite, &contact.CustomerList{Name: "Best"})
	l.must(err)
	l.list = list.ID
	return l
}

func (l *lists) now() time.Time { return l.begun.Add(time.Duration(l.ahead.Load())) }

// advance sets the clock forward.
func (l *lists) advance(d time.Duration) { l.ahead.Add(int64(d)) }

func (l *lists) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// living returns the contacts that aren't deleted.
func (l *lists) living() []contact.ID {
	return slices.DeleteFunc(slices.Clone(l.contacts), func(id contact.ID) bool { return l.deleted[id] })
}

// add makes so many contacts at once, and puts each on the customer list.
func (l *lists) add(n int) {
	l.Helper()
	var items []dynamo.Item
	item := func(key dynamo.Key, resource any) {
		doc, err := json.Marshal(resource)
		l.must(err)
		items = append(items, store.NewItem(key, doc, l.now()))
	}
	for range n {
		id, position := l.ids.Next(contact.Placeholder), l.ids.Next(contact.Part)
		item(keys.Contact(l.org, id), contact.PlaceholderCustomer{ID: id, Name: "Erika Mustermann", CustomerSince: "2005-07-02"})
		name := keys.NameLookup("Erika Mustermann")
		items[len(items)-1].SetStrings(store.AttrLookups, []string{name})
		items = append(items, store.LookupItems(l.org, name, keys.Target{Contact: id})...)
		item(keys.ListItem(l.org, l.list, position), contact.ContactRef{ID: id})
		member := keys.ListMember(l.org, l.list, id).Item()
		member[store.AttrPosition] = dynamo.Number(int64(position))
		guard := keys.Guard(l.org, id).Item()
		guard[changes.AttrChanged] = dynamo.Number(1)
		items = append(items, guard, member)
		l.contacts, l.entries = append(l.contacts, id), append(l.entries, id)
	}
	l.must(l.store.PutAll(context.Background(), items))
	tx := l.store.Begin()
	tx.Update(keys.CustomerList(l.org, l.list)).Add(offset.AttrChildren, 1) // a deletion of the list looks for its entries
	l.must(tx.Commit(context.Background()))
}

func (l *lists) deleteContact(id contact.ID) error {
	return store.PlaceholderCustomers(l.store).Delete(context.Background(), contact.Owner{Org: l.org}, id, noWrite)
}

func (l *lists) removeEntry(id contact.ID) error {
	return store.ListItemsOf(l.store).Remove(context.Background(), l.org, l.list, id, noWrite)
}

// remove deletes a run of contacts, and takes a run of entries off the list.
func (l *lists) remove(from, n int) {
	l.Helper()
	for _, id := range l.contacts[min(from, len(l.contacts)):min(from+n, len(l.contacts))] {
		l.must(l.deleteContact(id))
		l.deleted[id] = true
	}
	for i := from; n > 0 && i < len(l.entries); n-- {
		l.must(l.removeEntry(l.entries[i]))
		l.entries = slices.Delete(l.entries, i, i+1)
	}
}

// expire deletes what has expired, as DynamoDB does some time later.
func (l *lists) expire() {
	l.Helper()
	ctx := context.Background()
	for _, partition := range []string{keys.Contacts(l.org, contact.Placeholder), keys.ListItems(l.org, l.list)} {
		root := keys.OffsetRoot(dynamo.Key{PK: partition})
		l.must(l.store.Query(root.PK).Read(ctx, 0, func(i dynamo.Item) {
			if expires := i.Number(dynamo.AttrExpires); expires != 0 && expires < l.now().Unix() {
				tx := l.store.Begin()
				tx.Delete(i.Key())
				l.must(tx.Commit(ctx))
			}
		}))
	}
}

// all reads a page of all contacts.
func (l *lists) all(ctx context.Context, q contact.Query) (contact.Page, error) {
	return store.PlaceholderCustomers(l.store).Page(ctx, l.org, q)
}

// livingPage reads a page of the contacts that aren't deleted.
func (l *lists) livingPage(ctx context.Context, q contact.Query) (contact.Page, error) {
	q.Living = true
	return l.all(ctx, q)
}

// listed reads a page of the customer list. The ID of a row is that of the customer.
func (l *lists) listed(ctx context.Context, q contact.Query) (contact.Page, error) {
	page, err := store.ListItemsOf(l.store).Page(ctx, l.org, l.list, q)
	for i, row := range page.Rows {
		var ref contact.ContactRef
		if err := json.Unmarshal(row.Doc, &ref); err != nil {
			return page, err
		}
		page.Rows[i].ID = ref.ID
	}
	return page, err
}

// checkPages compares a page of each kind with the model.
func (l *lists) checkPages(skip, limit int) error {
	for _, kind := range []struct {
		name string
		read func(context.Context, contact.Query) (contact.Page, error)
		ids  []contact.ID
	}{{"all", l.all, l.contacts}, {"living", l.livingPage, l.living()}, {"customer list", l.listed, l.entries}} {
		page, err := kind.read(context.Background(), contact.Query{Limit: limit, Offset: skip})
		if err != nil {
			return err
		}
		got := []contact.ID{}
		for _, row := range page.Rows {
			got = append(got, row.ID)
		}
		end := min(skip+limit, len(kind.ids))
		want := kind.ids[min(skip, end):end]
		if more := end < len(kind.ids) && skip < len(kind.ids); !slices.Equal(got, want) || page.More != more {
			return fmt.Errorf("%s, %d after %d: %v, more: %v; want %v of %d", kind.name, limit, skip, got, page.More, want, len(kind.ids))
		}
	}
	return nil
}

// requirePages requires that the pages after each offset are those of the model.
func (l *lists) requirePages(limit int) {
	l.Helper()
	for skip := range len(l.contacts) + 1 {
		l.must(l.checkPages(skip, limit))
	}
}

// requireNoFindings requires that a check of the organization finds nothing.
func (l *lists) requireNoFindings() {
	l.Helper()
	check := fsck.NewCheck(l.store, l.now, l.org, func(f fsck.Finding) { l.Errorf("%s: %s: %s", f.Kind, f.Key, f.Detail) })
	l.must(check.Run(context.Background()))
}
