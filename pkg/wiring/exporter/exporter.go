// Package exporter builds the function that writes the files of exports.
package exporter

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/exports/exporter"
	"contacts/pkg/image/bucket"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/images"
)

// Handler returns the Lambda handler of the events of the table's stream and of the schedule. It logs to log.
func Handler(getenv func(string) string, log io.Writer) (lambda.Handler, error) {
	if getenv("BUCKET_NAME") == "" {
		return nil, errors.New("BUCKET_NAME is not set: it names the bucket of the files")
	}
	c, err := wiring.Config(getenv, log)
	if err != nil {
		return nil, err
	}
	x := &exporter.Exporter{Store: c.Store, Exports: c.Exports, Files: images.Bucket(getenv), Now: c.Now, Log: c.Log, PartSize: bucket.MinPart}
	return lambda.NewHandler(func(ctx context.Context) error { return x.Runner().Handle(ctx) }), nil
}

// Start runs the exporter as this process's Lambda function. It does not return.
func Start() { wiring.StartHandler(Handler(os.Getenv, os.Stdout)) }
