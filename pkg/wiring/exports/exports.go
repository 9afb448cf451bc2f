// Package exports builds the function of the exports, which signs requests to the bucket.
package exports

import (
	"contacts/pkg/api"
	"contacts/pkg/rest"
	"contacts/pkg/wiring/images"
)

// Groups returns the group of the exports, with the bucket BUCKET_NAME.
func Groups(c api.Config, getenv func(string) string) []rest.Group {
	return []rest.Group{api.Exports(c, images.Bucket(getenv))}
}
