package api

import (
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
)

// Configuration returns the group of the tenant's configuration.
func Configuration(c rest.Config) rest.Group {
	return rest.Group{
		Name: "configuration", Description: "Whether contacts are managed by another system.",
		Routes: single("getConfiguration", "replaceConfiguration", contacts+"/configuration", "configuration", tenantOwner, dynamo.Configurations(c.Table)),
	}
}
