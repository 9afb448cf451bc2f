package rest

import (
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// readOnlyFields are set by the platform. The enfore dialect ignores them in every resource: clients may send what they read
// of one to another.
var readOnlyFields = []string{"id", "deleted", "representatives", "debtor_account_id", "creditor_account_id", "added", "member_count"}

// ListFields are what a list has in addition to its items. They are ignored in a body with items, so that a list or a page can be
// sent back too.
var ListFields = []string{"problems", "next"}

// isIgnored reports whether the enfore dialect ignores a field of an object at this depth, if its schema doesn't have it: one that
// answers add to resources (the body, an item of a batch) and to lists.
func (d *bodyReader) isIgnored(s *huma.Schema, key string, depth int) bool {
	isResource, isList := depth == 0 || d.byItem && depth == 2, depth == 0 && s.Properties["items"] != nil
	return !d.isPlentymarkets && (isResource && slices.Contains(readOnlyFields, key) || isList && slices.Contains(ListFields, key))
}
