// Package samtemplate reads from an AWS SAM template what a local run needs: functions with their environment, routes and
// S3 events, and the CORS rules of the HTTP API. It evaluates CloudFormation's intrinsic functions as far as possible without a
// deployment.
package samtemplate
