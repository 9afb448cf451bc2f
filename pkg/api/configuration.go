package api

import (
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Configuration returns the group of the tenant's configuration.
func Configuration(c Config) rest.Group {
	return rest.Group{
		Name:   "configuration",
		Routes: single("getConfiguration", "replaceConfiguration", contacts+"/configuration", tenantOwner, store.Configurations(c.Store)),
	}
}
