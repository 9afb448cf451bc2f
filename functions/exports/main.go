// Command exports is the Lambda function of the exports, and of the vCards of single contacts.
package main

import (
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/exports"
)

func main() { wiring.Start(exports.Groups) }
