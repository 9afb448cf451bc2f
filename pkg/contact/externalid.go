package contact

import "strings"

// ExternalID is the id of a contact in another system: any text without question marks.
type ExternalID string

// Bounds returns the least and the greatest length, in characters.
func (ExternalID) Bounds() (least, most int) { return 1, 256 }

// CheckExternalID returns what is wrong with the characters of an external id, or "". An external id is the end of a path, and API
// Gateway decodes paths and cuts them at the first question mark: the request would name another external id.
func CheckExternalID(s string) string {
	if strings.ContainsRune(s, '?') {
		return "must have no question mark: a path that names the external id would end there"
	}
	return ""
}
