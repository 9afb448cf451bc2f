package dynamo

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Units sums what a request consumed, in DynamoDB's capacity units, and counts its calls.
type Units struct {
	mu          sync.Mutex
	Read, Write float64
	Calls       int
	// Conflicts counts the transactions that met another on the same item and were tried again.
	Conflicts int
}

type unitsKey struct{}

// WithUnits returns a context whose calls are summed in the returned Units, to be read when all calls are done.
func WithUnits(ctx context.Context) (context.Context, *Units) {
	u := new(Units)
	return context.WithValue(ctx, unitsKey{}, u), u
}

func units(ctx context.Context) *Units {
	if u, ok := ctx.Value(unitsKey{}).(*Units); ok {
		return u
	}
	return new(Units)
}

func (u *Units) read(c *types.ConsumedCapacity) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Calls++
	if c != nil {
		u.Read += aws.ToFloat64(c.CapacityUnits)
	}
}

func (u *Units) wrote(consumed ...types.ConsumedCapacity) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Calls++
	for _, c := range consumed {
		u.Write += aws.ToFloat64(c.CapacityUnits)
	}
}

func (u *Units) conflict() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Conflicts++
}

func (u *Units) wroteOne(c *types.ConsumedCapacity) {
	if c == nil {
		u.wrote()
		return
	}
	u.wrote(*c)
}
