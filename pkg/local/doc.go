// Package local runs the platform on a laptop: a small API Gateway HTTP API in front of the functions' own handlers,
// the DynamoDB engine as a child process, and an S3 server in the process.
//
// The gateway reads template.yaml for functions, routes and environment, so that a route that the template lacks is
// missing here too, and it builds the events that API Gateway builds (payload format 2.0). The functions themselves
// come from the caller as handlers: this package knows nothing of what they do, nor of the AWS SDK.
//
// Errors of this package are one sentence each, made to be shown to the person at the keyboard.
package local
