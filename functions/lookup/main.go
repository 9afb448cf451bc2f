// Command lookup is the Lambda function of the look-up of contacts.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Lookup)) }
