// Package all lists every function of the template, for the local run and for tests, which run them in one process.
package all

import (
	"io"

	"github.com/aws/aws-lambda-go/lambda"

	"contacts/pkg/api"
	"contacts/pkg/apigw"
	"contacts/pkg/console"
	"contacts/pkg/docs"
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/exporter"
	"contacts/pkg/wiring/exports"
	"contacts/pkg/wiring/imageprocessor"
	"contacts/pkg/wiring/images"
	"contacts/pkg/wiring/secret"
	"contacts/pkg/wiring/webhookdeliverer"
	"contacts/pkg/wiring/webhooks"
)

// A Function returns the Lambda handler of a function of the template. It logs to log.
type Function func(getenv func(string) string, log io.Writer) (lambda.Handler, error)

// Functions returns the functions of the template by their folder.
func Functions() map[string]Function {
	functions := map[string]Function{"auth": serving(secret.Auth), "images": serving(images.Groups), "webhooks": serving(webhooks.Groups),
		"exports": serving(exports.Groups), "exporter": exporter.Handler, "imageprocessor": imageprocessor.Handler,
		"webhookdeliverer": webhookdeliverer.Handler, "console": pages, "docs": documentation}
	for name, group := range api.Groups() {
		functions[name] = serving(wiring.Group(group))
	}
	return functions
}

func pages(getenv func(string) string, _ io.Writer) (lambda.Handler, error) {
	return apigw.New(console.New(getenv("PICTURES_ORIGIN"))), nil
}

func documentation(func(string) string, io.Writer) (lambda.Handler, error) {
	return apigw.New(docs.New()), nil
}

func serving(g wiring.GroupsOf) Function {
	return func(getenv func(string) string, log io.Writer) (lambda.Handler, error) {
		return wiring.Function(g, getenv, log)
	}
}
