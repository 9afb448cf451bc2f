// Package images builds the function of the contacts' images, which signs requests to the bucket.
package images

import (
	"errors"

	"contacts/pkg/api"
	"contacts/pkg/contact"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/header"
	"contacts/pkg/rest"
	"contacts/pkg/wiring"
)

// Groups returns the group of the contacts' images, with the bucket BUCKET_NAME.
func Groups(c api.Config, getenv func(string) string) []rest.Group {
	return []rest.Group{api.Images(c, Bucket(getenv), Inspect)}
}

// Inspect returns the content type of a picture, by its header, or a refusal of the field /data.
func Inspect(picture []byte) (string, error) {
	info, err := header.Inspect(picture)
	var unfit *header.Unfit
	if errors.As(err, &unfit) {
		err = contact.RefuseAt(contact.Malformed, "/data", "%s", unfit.Reason)
	}
	return info.ContentType, err
}

// Bucket returns the bucket BUCKET_NAME.
func Bucket(getenv func(string) string) *bucket.Bucket {
	return bucket.Open(bucket.Options{
		Name: getenv("BUCKET_NAME"), Region: wiring.Region(getenv), Endpoint: getenv("AWS_ENDPOINT_URL_S3"),
		Credentials: wiring.Credentials(getenv), HTTPClient: wiring.HTTPClient(),
	})
}
