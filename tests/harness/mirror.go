package harness

import (
	"maps"
	"reflect"
	"slices"
)

// A Follower reads the feed of a tenant's changes from request to request.
type Follower struct {
	*Tenant
	Since string
}

// Follow begins after what there is.
func (x *Tenant) Follow() *Follower {
	f := &Follower{Tenant: x}
	f.Next()
	return f
}

// Next returns the changes since the last call.
func (f *Follower) Next() (all []Object) {
	f.T.Helper()
	for more := true; more; {
		query := "?limit=1000"
		if f.Since != "" {
			query += "&since=" + f.Since
		}
		page := f.Get("/changes" + query).Want(200).Object()
		for _, c := range page["items"].([]any) {
			all = append(all, c.(Object))
		}
		f.Since, more = page["next"].(string), page["more"].(bool)
	}
	return all
}

// A Mirror is a copy of a tenant's contacts that is made from the feed alone.
type Mirror struct {
	*Follower
	Contacts map[string]Object
	changed  map[string]string // the last time of each contact
	seen     map[string]bool
}

// NewMirror returns a mirror of a tenant, empty until its first Sync.
func NewMirror(x *Tenant) *Mirror {
	return &Mirror{&Follower{Tenant: x}, map[string]Object{}, map[string]string{}, map[string]bool{}}
}

var contactPaths = map[any]string{"INDIVIDUAL": "/individual/", "ORGANIZATION": "/organization/", "PLACEHOLDER_CUSTOMER": "/placeholder-customers/"}

// Sync reads what follows, and each contact that it names. It requires that the changes of a contact come in the order of their times.
func (m *Mirror) Sync() {
	m.T.Helper()
	named := map[string]string{}
	for _, c := range m.Next() {
		id, at := c["contact_id"].(string), c["changed_at"].(string)
		if first := !m.seen[c["id"].(string)]; first && c["operation"] != nil { // else the contact is shown without a change
			if at <= m.changed[id] {
				m.T.Errorf("%v at %s follows a change at %s", c["id"], at, m.changed[id])
			}
			m.changed[id] = max(at, m.changed[id])
		}
		m.seen[c["id"].(string)] = true
		named[id] = contactPaths[c["kind"]] + id
	}
	for id, path := range named {
		m.Contacts[id] = m.read(path)
	}
}

// read returns a contact as its details show it.
func (m *Mirror) read(path string) Object {
	if path[:2] != "/p" {
		path += "/full"
	}
	return m.Get(path).Want(200).Object()
}

// Equals requires that the mirror has what the platform has.
func (m *Mirror) Equals() {
	m.T.Helper()
	left := maps.Clone(m.Contacts)
	for _, list := range slices.Sorted(maps.Values(contactPaths)) {
		for _, row := range m.Get(list[:len(list)-1] + "?limit=5000").Page().Items {
			id := row["id"].(string)
			if now := m.read(list + id); !reflect.DeepEqual(m.Contacts[id], now) {
				m.T.Errorf("%s is %v, in the mirror %v", list+id, now, m.Contacts[id])
			}
			delete(left, id)
		}
	}
	for id := range left {
		m.T.Errorf("the mirror has contact %s, which the platform hasn't", id)
	}
}
