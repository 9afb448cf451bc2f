// Package local runs the platform on a laptop: a small API Gateway HTTP API in front of the functions' own handlers,
// the DynamoDB engine as a child process, and an S3 server in the process.
//
// The gateway reads template.yaml for functions, routes and environment, so a route that is missing in the template is missing here
// too. It builds the events that API Gateway builds (payload format 2.0). The caller provides the functions as handlers: this
// package knows neither what they do nor the AWS SDK.
//
// Errors of this package are one sentence each, written for the user of the command line.
package local
