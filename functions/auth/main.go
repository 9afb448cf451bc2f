// Command auth is the Lambda function that issues access tokens.
package main

import (
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/secret"
)

func main() { wiring.Start(secret.Auth) }
