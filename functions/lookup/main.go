// Command lookup is the Lambda function that finds contacts.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Lookup)) }
