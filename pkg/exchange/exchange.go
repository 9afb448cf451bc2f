// Package exchange has a contact as one record of a file describes it: a card of a vCard file, or a row of a CSV file. Its packages card
// and row map these records to drafts, and contacts to records. It knows no store.
package exchange

import (
	"strings"

	"contacts/pkg/contact"
)

// Settings are what a record is read by, apart from itself.
type Settings struct {
	Org    string       // the organization that imports
	Region string       // its default region (ISO 3166-1 alpha-2), by which telephone numbers are read; "" for none
	Kind   contact.Kind // Individual or Organization: of a record that does not say it
	// Forced says that every record is of Kind, whatever it says itself.
	Forced bool
}

// Draft is a contact as one record of a file describes it. Its fields have their stored form: normalized, valid, and within the bounds of
// the API. Channels have no ids. What is no valid value is in Kept, or a Problem.
type Draft struct {
	Kind       contact.Kind // Individual or Organization
	ExternalID contact.ExternalID
	// BadExternalID says what is wrong with an external id that the record has and that can't be one; "" for nothing.
	BadExternalID string
	// Self is the contact that the record names by urn:contacts:<org>:<id> of the importing organization, instead of an external id; 0
	// for none.
	Self contact.ID
	Name string // "" if the record has none: it fails if it makes a contact
	// MadeUpName says that the record has no name of its own: Name is its organization, nickname or email address. It names a new contact,
	// and never renames one.
	MadeUpName  bool
	DateOfBirth contact.Date
	Anniversary contact.Date
	Founded     contact.Date

	Channels
	Tags  []string
	Photo *Photo // nil for none

	// Organization, JobTitle and Departments are the professional identity that the record describes; "" for none.
	Organization string
	JobTitle     string
	Departments  []string

	Kept     Kept
	Problems []Problem // what makes the record fail; none for a valid one
	Warnings []Problem // what is kept because it is no valid value, and what was read with doubt
}

// Problem is a fault of a record, in words for whoever sent it.
type Problem struct {
	Field  string `json:"field,omitempty"` // the property, column or field at fault; "" for the record
	Detail string `json:"detail"`          // what is wrong, and what to change
}

// Photo is a picture of a record.
type Photo struct {
	ContentType string // as the record says, or "image/jpeg" or "image/png" by its first bytes; else ""
	Data        []byte
}

// Contact is a contact to be written as a record. One of Individual and Organization is set.
type Contact struct {
	Org          string // whose contact it is
	Individual   *contact.IndividualContact
	Organization *contact.OrganizationContact

	Channels
	Tags       []string
	Identities []Identity // the active ones, the oldest first
	Photo      *Photo     // nil for none
	Kept       Kept
}

// Identity is a professional identity of a contact to be written.
type Identity struct {
	ID           contact.ID
	Organization string // its name
	JobTitle     string
	Departments  []string // their names
	Channels
}

// ID returns the contact's id.
func (c *Contact) ID() contact.ID {
	if c.Individual != nil {
		return c.Individual.ID
	}
	return c.Organization.ID
}

// Name returns the contact's name.
func (c *Contact) Name() string {
	if c.Individual != nil {
		return c.Individual.Name
	}
	return c.Organization.Name
}

// UID returns the contact's external id; for a contact without one urn:contacts:<org>:<id>, which SelfID reads.
func (c *Contact) UID() string {
	var id contact.ExternalID
	if c.Individual != nil {
		id = c.Individual.ExternalID
	} else {
		id = c.Organization.ExternalID
	}
	if id != "" {
		return string(id)
	}
	return selfPrefix + c.Org + ":" + c.ID().String()
}

const selfPrefix = "urn:contacts:"

// SelfID returns the contact that a UID of the form urn:contacts:<org>:<id> names; 0 for any other UID, and for one of another organization.
func SelfID(uid, org string) contact.ID {
	id, err := contact.ParseID(strings.TrimPrefix(uid, selfPrefix+org+":"))
	if err != nil || !strings.HasPrefix(uid, selfPrefix) {
		return 0
	}
	return id
}
