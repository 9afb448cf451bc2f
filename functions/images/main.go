// Command images is the Lambda function of the contacts' images.
package main

import (
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/images"
)

func main() { wiring.Start(images.Groups) }
