package harness

import (
	"strings"
	"sync"

	"contacts/pkg/local"
)

// bucketEvents passes the bucket's events to the functions. A test can hold back those of its organization.
type bucketEvents struct {
	mu   sync.Mutex
	held map[string][]local.Created // by organization
}

func (e *bucketEvents) created(c local.Created) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for org := range e.held {
		if strings.Contains(c.Key, "/"+org+"/") {
			e.held[org] = append(e.held[org], c)
			return
		}
	}
	Platform.notifier.Created(c)
}

// HoldEvents lets the events of the tenant's objects wait until release is called: no picture is processed meanwhile.
func (x *Tenant) HoldEvents() (release func()) {
	e := &Platform.events
	e.mu.Lock()
	defer e.mu.Unlock()
	e.held[x.Org] = nil
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, c := range e.held[x.Org] {
			Platform.notifier.Created(c)
		}
		delete(e.held, x.Org)
	}
}
