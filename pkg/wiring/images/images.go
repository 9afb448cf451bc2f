// Package images builds the two functions that use the bucket, images and imageprocessor. Only these link S3's client.
package images

import (
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/api"
	"contacts/pkg/contact"
	"contacts/pkg/image"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/processor"
	"contacts/pkg/rest"
	"contacts/pkg/store"
	"contacts/pkg/wiring"
)

// Groups returns the group of the contacts' images, with the bucket BUCKET_NAME.
func Groups(c api.Config, getenv func(string) string) []rest.Group {
	return []rest.Group{api.Images(c, objects(getenv), Inspect)}
}

// Inspect returns the content type of a picture, by its header, or a refusal of the field /data.
func Inspect(picture []byte) (string, error) {
	header, err := image.Inspect(picture)
	var unfit *image.Unfit
	if errors.As(err, &unfit) {
		err = contact.RefuseAt(contact.Malformed, "/data", "%s", unfit.Reason)
	}
	return header.ContentType, err
}

// Processor returns the Lambda handler of S3 events. It logs to log.
func Processor(getenv func(string) string, log io.Writer) (lambda.Handler, error) {
	if getenv("BUCKET_NAME") == "" {
		return nil, errors.New("BUCKET_NAME is not set: it names the bucket of the pictures")
	}
	c, err := wiring.Config(getenv, log)
	if err != nil {
		return nil, err
	}
	p := &processor.Processor{Images: store.ImagesOf(c.Store), Objects: objects(getenv), Log: c.Log}
	return lambda.NewHandler(p.Handle), nil
}

// memoryLimit is the soft limit of Go's heap, in bytes: it keeps the largest accepted picture below 512 MB.
const memoryLimit = 400 << 20

// StartProcessor runs the processor as this process's Lambda function. It does not return.
func StartProcessor() {
	debug.SetMemoryLimit(memoryLimit)
	wiring.StartHandler(Processor(os.Getenv, os.Stdout))
}

func objects(getenv func(string) string) *bucket.Bucket {
	return bucket.Open(bucket.Options{
		Name: getenv("BUCKET_NAME"), Region: wiring.Region(getenv), Endpoint: getenv("AWS_ENDPOINT_URL_S3"),
		Credentials: wiring.Credentials(getenv), HTTPClient: wiring.HTTPClient(),
	})
}
