package api

import (
	"contacts/pkg/accounts"
	"contacts/pkg/exports"
	"contacts/pkg/rest"
	"contacts/pkg/store"
	"contacts/pkg/webhook"
)

// Config is what resource groups work with.
type Config struct {
	rest.Config
	Store    *store.Store
	Accounts *accounts.Accounts
	Webhooks *webhook.Webhooks
	Exports  *exports.Exports
}

// Groups returns the resource groups by the folder of their function, except auth, images, webhooks and exports, which require more
// than a Config. (A function refers to its own group only, so that the linker drops the others.)
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
		"changes":       Changes,
		"options":       Options,
	}
}
