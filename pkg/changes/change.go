// Package changes has the changes of contacts: the entries that the transaction of each change writes (pkg/store/journal.go), and the feed that
// reads them.
//
// A change is what one transaction did to one contact. Its time, in Unix microseconds, is greater than that of the contact's change before,
// whatever the clocks of two processes: the contact's guard item has the latest time, and the transaction requires that it grows.
package changes

import (
	"fmt"
	"slices"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Type is what happened to a contact.
type Type string

// The types of change.
const (
	Created Type = "created"
	Changed Type = "changed"
	Deleted Type = "deleted"
	Merged  Type = "merged"
	Erased  Type = "erased"
)

// AllTypes are the types of change.
var AllTypes = []Type{Created, Changed, Deleted, Merged, Erased}

// A Part is what changed of a contact.
type Part string

// The parts of a contact. TheContact are its own fields.
const (
	TheContact           Part = "contact"
	Address              Part = "address"
	Email                Part = "email"
	Phone                Part = "phone"
	WebAddress           Part = "web_address"
	ProfessionalIdentity Part = "professional_identity"
	PersonalRelationship Part = "personal_relationship"
	Department           Part = "department"
	Location             Part = "location"
	Membership           Part = "membership"
	Representative       Part = "representative"
	Customer             Part = "customer"
	AlternativePayer     Part = "alternative_payer"
	Supplier             Part = "supplier"
	Tag                  Part = "tag"
	Image                Part = "image"
	Option               Part = "option"
	ExternalID           Part = "external_id"
)

// AllParts are the parts in the order in which changes name them.
var AllParts = []Part{TheContact, Address, Email, Phone, WebAddress, ProfessionalIdentity, PersonalRelationship, Department, Location, Membership,
	Representative, Customer, AlternativePayer, Supplier, Tag, Image, Option, ExternalID}

// A Change is a change of a contact.
type Change struct {
	Contact contact.ID
	// At is its time in Unix microseconds. Contact and At identify the change in its tenant.
	At    int64
	Type  Type
	Parts []Part // in the order of AllParts
	Origin
	// Walked is set for a contact that the feed shows without a change.
	Walked bool
}

// ID returns the id of a change, unique in its tenant.
func (c Change) ID() string {
	if c.Walked {
		return "w-" + c.Contact.String()
	}
	return fmt.Sprintf("%s-%d", c.Contact, c.At)
}

// ShowTime returns the text of a time in Unix microseconds: RFC 3339 in UTC.
func ShowTime(at int64) string { return time.UnixMicro(at).UTC().Format("2006-01-02T15:04:05.000000Z") }

// Retention is how long the feed reads entries. They are stored for a day longer, so that none expires that is still read.
const Retention = 90 * 24 * time.Hour

const stored = Retention + 24*time.Hour

// Expires returns when an entry of a time expires, in Unix seconds.
func Expires(at time.Time) int64 { return at.Add(stored).Unix() }

// entry is a change as it is stored. It has no personal data.
type entry struct {
	Type    Type     `dynamodbav:"type,omitempty"` // "" for Changed
	Parts   []string `dynamodbav:"parts,stringset,omitempty"`
	By      string   `dynamodbav:"by,omitempty"`
	Op      string   `dynamodbav:"op,omitempty"`
	Request string   `dynamodbav:"req,omitempty"`
	Expires int64    `dynamodbav:"expires"` // Unix seconds
}

// Item returns the entry of a change.
func (c Change) Item(org string) (dynamo.Item, error) {
	e := entry{Type: c.Type, By: c.By, Op: c.Operation, Request: c.Request, Expires: Expires(time.UnixMicro(c.At))}
	if e.Type == Changed {
		e.Type = ""
	}
	for _, part := range c.Parts {
		e.Parts = append(e.Parts, string(part))
	}
	return dynamo.Encode(keys.Change(org, c.Contact, c.At), e)
}

// size returns about how many bytes the entry of a change has.
func (c Change) size(org string) int {
	n := 80 + len(org) + len(c.By) + len(c.Operation) + len(c.Request)
	for _, part := range c.Parts {
		n += len(part) + 1
	}
	return n
}

// Of returns the change of an entry.
func Of(item dynamo.Item) (Change, error) {
	p := keys.Parse(item.Key())
	if p.Kind != keys.KindChange {
		return Change{}, fmt.Errorf("changes: %v is not the key of an entry", item.Key())
	}
	e, err := dynamo.Decode[entry](item)
	c := Change{Contact: p.Owner, At: p.At, Type: e.Type, Origin: Origin{By: e.By, Operation: e.Op, Request: e.Request}}
	if c.Type == "" {
		c.Type = Changed
	}
	for _, part := range AllParts {
		if slices.Contains(e.Parts, string(part)) {
			c.Parts = append(c.Parts, part)
		}
	}
	return c, err
}
