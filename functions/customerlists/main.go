// Command customerlists is the Lambda function of the customer lists.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.CustomerLists)) }
