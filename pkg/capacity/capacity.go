// Package capacity sums what the calls of a request consume of DynamoDB.
package capacity

import (
	"context"
	"sync"
)

// Units sums what a request consumed, in DynamoDB's capacity units, and counts its calls. To be read when all calls are done.
type Units struct {
	mu          sync.Mutex
	Read, Write float64
	Calls       int
	// Conflicts counts the transactions that met another on the same item and were tried again.
	Conflicts int
}

type key struct{}

// With returns a context whose calls are summed in the returned Units.
func With(ctx context.Context) (context.Context, *Units) {
	u := new(Units)
	return context.WithValue(ctx, key{}, u), u
}

// Of returns the Units of a context, some that nobody reads if it has none.
func Of(ctx context.Context) *Units {
	if u, ok := ctx.Value(key{}).(*Units); ok {
		return u
	}
	return new(Units)
}

// AddRead adds a call that read.
func (u *Units) AddRead(units float64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Calls++
	u.Read += units
}

// AddWrite adds a call that wrote.
func (u *Units) AddWrite(units float64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Calls++
	u.Write += units
}

// AddConflict adds a try of a transaction that DynamoDB cancelled for now: another one was writing the same items, a partition was throttled,
// or a clock was behind.
func (u *Units) AddConflict() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Conflicts++
}
