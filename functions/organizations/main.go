// Command organizations is the Lambda function of the organization contacts.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Organizations)) }
