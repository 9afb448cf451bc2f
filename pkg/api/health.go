package api

import (
	"context"
	"sync"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
)

// Bounds of the health check. Anybody may call it: a function reads the table once per healthFresh at most, however often it is
// asked. healthTimeout is less than the 2 s for which health checks of Route 53 wait.
const (
	healthFresh   = 5 * time.Second
	healthTimeout = 1500 * time.Millisecond
)

// Health is the state of the platform.
type Health struct {
	Status  string       `json:"status" enum:"ok"`
	Checked contact.Time `json:"checked"`
}

// healthGroup returns the group of the health check.
func healthGroup(c Config) rest.Group {
	h := &health{Config: c}
	return rest.Group{Name: "health", Access: rest.Public, Routes: []rest.Route{rest.Get("getHealth", "/health", h.get)}}
}

// health checks the table, and remembers the result.
type health struct {
	Config

	mu      sync.Mutex // held while the table is read, so that concurrent requests wait for one result
	checked time.Time
	err     error
}

func (h *health) get(ctx context.Context, _ *collectionInput) (*rest.NoStoreResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.Now(); h.checked.IsZero() || now.Sub(h.checked) >= healthFresh {
		ctx, cancel := context.WithTimeout(ctx, healthTimeout)
		defer cancel()
		_, h.err = h.Accounts.SigningKeys(ctx)
		h.checked = now
	}
	if h.err != nil {
		return nil, &contact.Error{Reason: contact.Unavailable, Detail: "the table does not answer; try again", RetryAfter: int(healthFresh / time.Second), Cause: h.err}
	}
	return rest.NoStore(Health{"ok", contact.TimeOf(h.checked.UnixMilli())})
}
