// Command roles is the Lambda function of the contacts' roles.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Roles)) }
