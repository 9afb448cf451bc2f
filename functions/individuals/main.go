// Command individuals is the Lambda function of the individual contacts.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Individuals)) }
