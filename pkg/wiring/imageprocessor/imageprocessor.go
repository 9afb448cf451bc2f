// Package imageprocessor builds the function that processes uploaded pictures. Only this function links the decoders of pictures.
package imageprocessor

import (
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/image/processor"
	"contacts/pkg/store"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/images"
)

// Handler returns the Lambda handler of S3 events. It logs to log.
func Handler(getenv func(string) string, log io.Writer) (lambda.Handler, error) {
	if getenv("BUCKET_NAME") == "" {
		return nil, errors.New("BUCKET_NAME is not set: it names the bucket of the pictures")
	}
	c, err := wiring.Config(getenv, log)
	if err != nil {
		return nil, err
	}
	p := &processor.Processor{Images: store.ImagesOf(c.Store), Objects: images.Bucket(getenv), Log: c.Log}
	return lambda.NewHandler(p.Handle), nil
}

// memoryLimit is the soft limit of Go's heap, in bytes: it keeps the largest accepted picture below 512 MB.
const memoryLimit = 400 << 20

// Start runs the processor as this process's Lambda function. It does not return.
func Start() {
	debug.SetMemoryLimit(memoryLimit)
	wiring.StartHandler(Handler(os.Getenv, os.Stdout))
}
