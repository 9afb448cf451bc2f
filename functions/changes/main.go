// Command changes is the Lambda function of the feed of changes.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Changes)) }
