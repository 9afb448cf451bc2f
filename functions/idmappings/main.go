// Command idmappings is the Lambda function of the mappings of internal to external ids.
package main

import (
	"contacts/pkg/api"
	"contacts/pkg/wiring"
)

func main() { wiring.Start(wiring.Group(api.IDMappings)) }
