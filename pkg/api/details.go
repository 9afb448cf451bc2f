package api

import (
	"context"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// detailsRoute returns the operation that gets a contact with all its resources, now or as they were.
func detailsRoute[P contact.Contact[P]](operation, path string, list store.Contacts[P], show func(store.Details) any) rest.Route {
	return rest.Get(operation, path+"/full",
		func(ctx context.Context, in *detailsInput) (*rest.Response, error) {
			o := contact.Owner{Org: in.Path.Org}
			var d store.Details
			var err error
			if in.AsOf == "" {
				d, err = list.Details(ctx, o, in.Path.Last())
			} else {
				var at time.Time
				if at, err = time.Parse(time.RFC3339, in.AsOf); err == nil { // as its format requires
					d, err = list.DetailsAt(ctx, o, in.Path.Last(), at.UnixMicro())
				}
			}
			if err != nil {
				return nil, err
			}
			return rest.JSON(show(d))
		}).LiteralPlus()
}
