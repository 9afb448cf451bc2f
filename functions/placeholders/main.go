// Command placeholders is the Lambda function of the placeholder customers.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Placeholders)) }
