// Package pictures builds the functions that work with the bucket. Only they link S3.
package pictures

import (
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/api"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/image"
	"contacts/pkg/image/bucket"
	"contacts/pkg/pictures"
	"contacts/pkg/rest"
	"contacts/pkg/wiring"
)

// Images is the group of the contacts' images, with the bucket of BUCKET_NAME.
func Images(c rest.Config, getenv func(string) string) []rest.Group {
	return []rest.Group{api.Images(c, objects(getenv), Inspect)}
}

// Inspect looks at the header of a picture that came in a body.
func Inspect(picture []byte) (string, error) {
	header, err := image.Inspect(picture)
	var unfit *image.Unfit
	if errors.As(err, &unfit) {
		err = contact.RefuseAt(contact.Malformed, "/data", "%s", unfit.Reason)
	}
	return header.ContentType, err
}

// Processor returns the Lambda handler of S3's events in an environment; it logs to log.
func Processor(getenv func(string) string, log io.Writer) (lambda.Handler, error) {
	if getenv("BUCKET_NAME") == "" {
		return nil, errors.New("BUCKET_NAME is not set: it names the bucket of the pictures")
	}
	c, err := wiring.Config(getenv, log)
	if err != nil {
		return nil, err
	}
	p := &pictures.Processor{Images: dynamo.ImagesOf(c.Table), Objects: objects(getenv), Log: c.Log}
	return lambda.NewHandler(p.Handle), nil
}

// memoryLimit makes Go collect its garbage before the largest picture that is taken needs more than 512 MB, in bytes.
const memoryLimit = 400 << 20

// Start serves the events as this process's Lambda function. It does not return.
func Start() {
	debug.SetMemoryLimit(memoryLimit)
	wiring.StartHandler(Processor(os.Getenv, os.Stdout))
}

func objects(getenv func(string) string) *bucket.Bucket {
	return bucket.Open(bucket.Options{
		Name: getenv("BUCKET_NAME"), Region: wiring.Region(getenv), Endpoint: getenv("AWS_ENDPOINT_URL_S3"),
		Credentials: wiring.Credentials(getenv), HTTPClient: wiring.HTTPClient(),
	})
}
