// Command images is the Lambda function of the contacts' images.
package main

import (
	"contacts/pkg/wiring"
	"contacts/pkg/wiring/pictures"
)

func main() { wiring.Start(pictures.Images) }
