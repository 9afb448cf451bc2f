// Command tags is the Lambda function of the contacts' tags.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.Tags)) }
