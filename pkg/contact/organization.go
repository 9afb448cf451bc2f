package contact

import "slices"

// OrganizationContact is a business or other organization that the organization has dealings with.
type OrganizationContact struct {
	ID         ID         `json:"id" readOnly:"true"`
	ExternalID ExternalID `json:"external_id,omitempty"`
	Name       string     `json:"name"`
	Founded    Date       `json:"founded,omitempty"`
	// Representatives are stored apart from the document, and shown with it.
	Representatives        []Representative          `json:"representatives,omitempty" readOnly:"true"`
	Founders               []ProfessionalIdentityRef `json:"founders,omitempty"`
	Leaders                []ProfessionalIdentityRef `json:"leaders,omitempty"`
	ExternalOrganizationID string                    `json:"external_organization_id,omitempty"`
	Deleted                bool                      `json:"deleted" readOnly:"true"`
	Erased                 bool                      `json:"erased,omitzero" readOnly:"true"`
}

// Normalize sets the id.
func (c *OrganizationContact) Normalize(_ *OrganizationContact, given Assigned) { c.ID = given.ID }

// Validate has no rules to check.
func (c *OrganizationContact) Validate(*OrganizationContact) error { return nil }

// Links makes the external id unique among organization contacts, finds the contact by its name, and refers to founders and leaders.
func (c *OrganizationContact) Links(Owner) Links {
	return Links{Uniques: []Unique{uniqueExternalID(Organization, c.ExternalID)}, Lookups: []Lookup{{ByName, c.Name}},
		References: slices.Concat(references("founders", c.Founders, identityTarget), references("leaders", c.Leaders, identityTarget))}
}

// MarkDeleted marks the contact as deleted.
func (c *OrganizationContact) MarkDeleted() { c.Deleted = true }

// External returns the external id, or "".
func (c *OrganizationContact) External() string { return string(c.ExternalID) }

// SetExternal sets the external id; "" for none.
func (c *OrganizationContact) SetExternal(id string) { c.ExternalID = ExternalID(id) }

// Representative is a present or former representative of an organization.
type Representative struct {
	ProfessionalIdentity ProfessionalIdentityRef `json:"professional_identity"`
	IsActive             bool                    `json:"is_active"`
	ActivationDate       Time                    `json:"activation_date,omitempty"`
	DeactivationDate     Time                    `json:"deactivation_date,omitempty"`
}

// ProfessionalIdentityRef names a professional identity of an individual contact.
type ProfessionalIdentityRef struct {
	ContactID              ID `json:"contact_id"`
	ProfessionalIdentityID ID `json:"professional_identity_id"`
}

// ContactRef names a contact.
type ContactRef struct {
	ID ID `json:"id"`
}

// Department is a department of an organization contact.
type Department struct {
	ID          ID             `json:"id" readOnly:"true"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Area        DepartmentArea `json:"area,omitempty"`
	Code        string         `json:"code,omitempty"`
}

// Normalize sets the id.
func (d *Department) Normalize(_ *Department, given Assigned) { d.ID = given.ID }

// Validate has no rules to check.
func (d *Department) Validate(*Department) error { return nil }

// Links returns none.
func (d *Department) Links(Owner) Links { return Links{} }

// Location is a location at which people of an organization contact work.
type Location struct {
	ID      ID                        `json:"id" readOnly:"true"`
	Name    string                    `json:"name"`
	Leaders []ProfessionalIdentityRef `json:"leaders,omitempty"`
	// MemberCount is stored apart from the document, and shown with it.
	MemberCount int64 `json:"member_count,omitzero" readOnly:"true"`
}

// Normalize sets the id.
func (l *Location) Normalize(_ *Location, given Assigned) { l.ID = given.ID }

// Validate has no rules to check.
func (l *Location) Validate(*Location) error { return nil }

// Links refers to the leaders.
func (l *Location) Links(Owner) Links {
	return Links{References: references("leaders", l.Leaders, identityTarget)}
}

// Membership is the membership of an organization contact in another organization.
type Membership struct {
	ID                  ID             `json:"id" readOnly:"true"`
	Type                MembershipType `json:"type"`
	Name                string         `json:"name"`
	OrganizationContact ID             `json:"organization_contact,omitzero"`
	Reference           string         `json:"reference,omitempty"`
}

// Normalize sets the id.
func (m *Membership) Normalize(_ *Membership, given Assigned) { m.ID = given.ID }

// Validate has no rules to check.
func (m *Membership) Validate(*Membership) error { return nil }

// Links refers to the other organization, which can be deleted.
func (m *Membership) Links(Owner) Links {
	if m.OrganizationContact == 0 {
		return Links{}
	}
	return Links{References: []Reference{{"/organization_contact", targetContact(m.OrganizationContact, Organization), Keep}}}
}

// DepartmentArea is the area of work of a department.
type DepartmentArea string

// Values returns all of the type's values.
func (DepartmentArea) Values() []string {
	return []string{"ADMINISTRATION", "OPERATIONS", "MARKETING", "SALES", "OTHER"}
}

// MembershipType is the kind of organization that a membership is in.
type MembershipType string

// Values returns all of the type's values.
func (MembershipType) Values() []string {
	return []string{"CLUB", "COOP", "FILIALE", "FRANCHISE", "GROUP_BUYING", "SUBSIDIARY", "WHOLLY_OWNED_SUBSIDIARY"}
}
