// Command configuration is the Lambda function of the tenant's configuration.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Configuration)) }
