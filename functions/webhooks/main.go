// Command webhooks is the Lambda function of the webhooks.
package main

import (
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/webhooks"
)

func main() { wiring.Start(webhooks.Groups) }
