package contact

// IndividualContact is a human person that the organization has dealings with.
type IndividualContact struct {
	ID          ID         `json:"id" readOnly:"true"`
	ExternalID  ExternalID `json:"external_id,omitempty"`
	Name        string     `json:"name"`
	DateOfBirth Date       `json:"date_of_birth,omitempty"`
	Anniversary Date       `json:"anniversary,omitempty"`
	Deleted     bool       `json:"deleted" readOnly:"true"`
	Erased      bool       `json:"erased,omitzero" readOnly:"true"`
}

// Normalize sets the id.
func (c *IndividualContact) Normalize(_ *IndividualContact, given Assigned) { c.ID = given.ID }

// Validate has no rules to check.
func (c *IndividualContact) Validate(*IndividualContact) error { return nil }

// Links makes the external id unique among individual contacts, and finds the contact by its name.
func (c *IndividualContact) Links(Owner) Links {
	return Links{Uniques: []Unique{uniqueExternalID(Individual, c.ExternalID)}, Lookups: []Lookup{{ByName, c.Name}}}
}

// MarkDeleted marks the contact as deleted.
func (c *IndividualContact) MarkDeleted() { c.Deleted = true }

// External returns the external id, or "".
func (c *IndividualContact) External() string { return string(c.ExternalID) }

// SetExternal sets the external id; "" for none.
func (c *IndividualContact) SetExternal(id string) { c.ExternalID = ExternalID(id) }

// PersonalRelationship is a relationship to another individual contact.
type PersonalRelationship struct {
	ID                ID               `json:"id" readOnly:"true"`
	Type              RelationshipType `json:"type"`
	IndividualContact ID               `json:"individual_contact"`
}

// Normalize sets the id.
func (r *PersonalRelationship) Normalize(_ *PersonalRelationship, given Assigned) { r.ID = given.ID }

// Validate has no rules to check.
func (r *PersonalRelationship) Validate(*PersonalRelationship) error { return nil }

// Links refers to the other individual, which can be deleted.
func (r *PersonalRelationship) Links(Owner) Links {
	return Links{References: []Reference{{"/individual_contact", targetContact(r.IndividualContact, Individual), Keep}}}
}

// RelationshipType is what the other individual is to this one.
type RelationshipType string

// Values returns all of the type's values.
func (RelationshipType) Values() []string {
	return []string{"SPOUSE", "FATHER", "MOTHER", "SON", "DAUGHTER", "BROTHER", "SISTER", "RELATIVE", "FRIEND", "BUSINESS_CONNECTION"}
}
