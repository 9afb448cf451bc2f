package changes

import (
	"context"

	"contacts/pkg/dynamo"
)

// An Origin is the request that a change is made by. It has no personal data.
type Origin struct {
	// By is the caller, "app:" and the name of an application or "user:" and the number of a user; "" for an operator's command.
	By        string
	Operation string // its operationId
	Request   string // its id
}

type originKey struct{}

// WithOrigin returns a context whose changes are made by a request.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the request of a context, the zero Origin for none.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// Value returns the origin as an attribute, for a change that is made after its request.
func (o Origin) Value() dynamo.Value {
	return dynamo.Map(dynamo.Item{"by": dynamo.String(o.By), "op": dynamo.String(o.Operation), "req": dynamo.String(o.Request)})
}

// OriginIn returns the origin in an attribute of an item, the zero Origin for none.
func OriginIn(i dynamo.Item, attribute string) Origin {
	o, _ := i.Map(attribute)
	return Origin{By: o.String("by"), Operation: o.String("op"), Request: o.String("req")}
}
