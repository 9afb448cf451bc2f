package harness

import (
	"net/url"
	"strconv"
	"strings"
)

// Search returns what a query finds, page by page of a limit. more are further parameters, each with a leading ampersand.
func (x *Tenant) Search(query string, limit int, more ...string) (found []Object) {
	x.T.Helper()
	asked := url.Values{"query": {query}, "limit": {strconv.Itoa(limit)}}.Encode()
	path := "/search?" + strings.ReplaceAll(asked, "+", "%20") + strings.Join(more, "")
	for pages := 0; path != ""; pages++ {
		if pages > 200 {
			x.T.Fatalf("%q has more than 200 pages", query)
		}
		a := x.Get(path)
		found = append(found, a.Page().Items...)
		path = x.Next(a)
	}
	return found
}

// SearchIDs returns the ids of the contacts that a query finds.
func (x *Tenant) SearchIDs(query string, limit int, more ...string) (ids []string) {
	x.T.Helper()
	for _, hit := range x.Search(query, limit, more...) {
		ids = append(ids, hit["id"].(string))
	}
	return ids
}
