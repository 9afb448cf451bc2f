package contact

import "strings"

// ExternalID is the id of a contact in another system: any text but for question marks.
type ExternalID string

// Bounds returns how many characters it has, at least and at most.
func (ExternalID) Bounds() (least, most int) { return 1, 256 }

// CheckExternalID returns what is wrong with the characters of an external id, or "". It is the last part of a path, and API
// Gateway decodes a path and cuts it at the first question mark: one external id would be taken for another.
func CheckExternalID(s string) string {
	if strings.ContainsRune(s, '?') {
		return "must have no question mark: a path that names the external id would end there"
	}
	return ""
}
