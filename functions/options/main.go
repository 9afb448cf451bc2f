// Command options is the Lambda function of the contact options, in the plentymarkets dialect.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Options)) }
