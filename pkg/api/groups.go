package api

import "contacts/pkg/rest"

// Groups are the resource groups of the enfore dialect by the folder of their function; authorization, which needs more
// than a configuration, is not among them. (A function calls its own group alone: what it doesn't call isn't linked.)
func Groups() map[string]func(rest.Config) rest.Group {
	return map[string]func(rest.Config) rest.Group{
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
	}
}
