package contact

import (
	"fmt"
	"slices"
)

// A Resource is a pointer P to a type of stored resource with its rules, which package store enforces.
type Resource[P any] interface {
	// Normalize brings a sent value into its stored form: it sets what the platform assigns, and defaults, and removes repeated values.
	// before is the stored value that it replaces, or only its fixed fields; nil if there is none or it is unreadable. A write that is
	// repeated because before changed normalizes the same value again.
	Normalize(before P, given Assigned)
	// Validate returns an Error for a normalized value that breaks a rule of its own, or changes a fixed field of before.
	Validate(before P) error
	// Links returns the links of the resource, which belongs to an owner.
	Links(Owner) Links
}

// Assigned are the values that the platform assigns to a resource.
type Assigned struct {
	ID      ID     // 0 for a resource without one
	Account string // the number of its account, "" for none
	Now     Time   // the time of the request
}

// A Contact is a Resource that is a contact of its own kind.
type Contact[P any] interface {
	Resource[P]
	// External returns the external id, or "".
	External() string
	// SetExternal sets the external id; "" for none.
	SetExternal(string)
	// MarkDeleted marks the contact as deleted.
	MarkDeleted()
}

// Links are the relations of a resource to others: what is unique, what its contact is found by, what it refers to.
type Links struct {
	Uniques    []Unique
	Lookups    []Lookup
	References []Reference
}

// A Unique is a value that no other contact of the tenant has in its space; "" is no value. Field is the field of the body that has it.
type Unique struct{ Space, Value, Field string }

// Spaces of unique values. The space of external ids is the name of the kind of contact.
const (
	SpaceCustomer         = "CUSTOMER_ID"
	SpaceSupplier         = "SUPPLIER_ID"
	SpaceAlternativePayer = "ALTERNATIVE_PAYER_ID"
)

// uniqueExternalID returns the uniqueness of an external id among the contacts of a kind.
func uniqueExternalID(kind Kind, id ExternalID) Unique {
	return Unique{kind.String(), string(id), "external_id"}
}

// A Lookup is a value by which a contact is found, as sent. Package store derives the lookup key from it.
type Lookup struct {
	By    LookupKind
	Value string
}

// LookupKind says how a value is compared.
type LookupKind int

// The kinds of lookup.
const (
	ByEmail    LookupKind = iota // without case
	ByPhone                      // by the E.164 form, as dialled in the owner's region; a number without one isn't found
	ByTag                        // without case
	ByOptionID                   // the decimal id
	ByName                       // by the words of the name, as package search reads them
)

// lookupByOptionID returns the lookup of a channel by its id, if it is an option: those of an individual contact are, those of its
// professional identities and of other contacts are not.
func lookupByOptionID(id ID, owner Owner) []Lookup {
	if owner.Identity != 0 || owner.Contact.Kind() != Individual {
		return nil
	}
	return []Lookup{{ByOptionID, id.String()}}
}

// A Reference is a field that names another resource. The resource must exist, and its contact must not be deleted, when the reference is
// new.
type Reference struct {
	Pointer  string // of the field in the body
	To       Target
	OnDelete OnDelete
}

// OnDelete says what a reference does when its target is to be deleted.
type OnDelete int

// The choices.
const (
	Keep     OnDelete = iota // the target is deleted; the reference keeps its id
	Restrict                 // the deletion of the target is refused
)

// A Target is what a reference names: a contact, or a part of one.
type Target struct {
	Contact ID
	Part    PartType // TheContact for the contact itself
	ID      ID       // of the part
}

// PartType is the type of the part that a Target names.
type PartType int

// The types of parts that references name. NoResource names nothing that exists: the id is that of another kind of contact.
const (
	TheContact PartType = iota
	AnAddress
	ADepartment
	AnIdentity
	ALocation
	AnOptionType    // of the tenant itself
	AnOptionSubType // of the tenant itself
	NoResource
)

// targetContact returns the contact with an id, which must be of one of the kinds.
func targetContact(id ID, kinds ...Kind) Target {
	if !slices.Contains(kinds, id.Kind()) {
		return Target{Contact: id, Part: NoResource}
	}
	return Target{Contact: id}
}

// references returns references for the elements of a list in a field. to returns the target of an element, and the suffix of its pointer:
// the field of the element that has the reference, "" for the element itself.
func references[T any](field string, list []T, to func(T) (suffix string, target Target)) []Reference {
	var all []Reference
	for i, element := range list {
		suffix, target := to(element)
		all = append(all, Reference{fmt.Sprintf("/%s/%d%s", field, i, suffix), target, Restrict})
	}
	return all
}

// target returns what a ProfessionalIdentityRef names.
func (r ProfessionalIdentityRef) target() Target {
	return Target{r.ContactID, AnIdentity, r.ProfessionalIdentityID}
}

// identityTarget is target, for a reference whose pointer is that of the element.
func identityTarget(r ProfessionalIdentityRef) (string, Target) { return "", r.target() }

// managerReferences returns the references of managed_by, to the identity and its contact.
func managerReferences(r *ProfessionalIdentityRef) []Reference {
	if r == nil {
		return nil
	}
	return []Reference{
		{"/managed_by", r.target(), Restrict},
		{"/managed_by", targetContact(r.ContactID, Individual), Restrict},
	}
}

// payerReferences returns the reference of an alternative payer, an individual or an organization.
func payerReferences(pointer string, r *ContactRef) []Reference {
	if r == nil {
		return nil
	}
	return []Reference{{pointer, targetContact(r.ID, Individual, Organization), Restrict}}
}

// addressReferences returns the reference to an address of the owner.
func addressReferences(pointer string, owner Owner, address ID) []Reference {
	if address == 0 {
		return nil
	}
	return []Reference{{pointer, Target{owner.Contact, AnAddress, address}, Restrict}}
}
