package api

import (
	"contacts/pkg/accounts"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Config is what resource groups work with.
type Config struct {
	rest.Config
	Store    *store.Store
	Accounts *accounts.Accounts
}

// Groups are the resource groups by the folder of their function; authorization and images, which need more than a
// configuration, are not among them. (A function calls its own group alone: what it doesn't call isn't linked.)
func Groups() map[string]func(Config) rest.Group {
	return map[string]func(Config) rest.Group{
		"individuals":   Individuals,
		"organizations": Organizations,
		"identities":    Identities,
		"roles":         Roles,
		"tags":          Tags,
		"idmappings":    IDMappings,
		"placeholders":  Placeholders,
		"customerlists": CustomerLists,
		"configuration": Configuration,
		"lookup":        Lookup,
		"options":       Options,
	}
}
