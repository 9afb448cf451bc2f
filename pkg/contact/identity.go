package contact

import (
	"cmp"
	"fmt"
	"slices"
)

// ProfessionalIdentity is the role in which an individual represents an organization.
type ProfessionalIdentity struct {
	ID                  ID              `json:"id" readOnly:"true"`
	OrganizationContact ID              `json:"organization_contact"`
	IsActive            bool            `json:"is_active"`
	JobTitle            string          `json:"job_title,omitempty"`
	Departments         []DepartmentRef `json:"departments,omitempty"`
	Locations           []LocationRef   `json:"locations,omitempty"`
}

// ProfessionalIdentityUpdate replaces a professional identity. The organization is fixed and may be absent.
type ProfessionalIdentityUpdate struct {
	ID                  ID              `json:"id" readOnly:"true"`
	OrganizationContact ID              `json:"organization_contact,omitzero"`
	IsActive            bool            `json:"is_active"`
	JobTitle            string          `json:"job_title,omitempty"`
	Departments         []DepartmentRef `json:"departments,omitempty"`
	Locations           []LocationRef   `json:"locations,omitempty"`
}

// DepartmentRef names a department of an organization contact.
type DepartmentRef struct {
	ContactID    ID `json:"contact_id"`
	DepartmentID ID `json:"department_id"`
}

// LocationRef names a location of an organization contact.
type LocationRef struct {
	ContactID  ID `json:"contact_id"`
	LocationID ID `json:"location_id"`
}

// Normalize sets the id, removes repeated departments and locations, and keeps the organization unless p names one.
func (p *ProfessionalIdentity) Normalize(before *ProfessionalIdentity, given Assigned) {
	p.ID, p.Departments, p.Locations = given.ID, set(p.Departments), set(p.Locations)
	if before != nil {
		p.OrganizationContact = cmp.Or(p.OrganizationContact, before.OrganizationContact)
	}
}

// Validate checks that the organization doesn't change, and that departments and locations belong to it.
func (p *ProfessionalIdentity) Validate(before *ProfessionalIdentity) error {
	if before != nil && p.OrganizationContact != before.OrganizationContact {
		return RefuseAt(Impossible, "/organization_contact", "is fixed after creation: it is %s", before.OrganizationContact)
	}
	var faults []Fault
	check := func(field string, i int, owner ID) {
		if owner != p.OrganizationContact {
			faults = append(faults, Fault{Pointer: fmt.Sprintf("/%s/%d/contact_id", field, i),
				Detail: "must be the represented organization, " + p.OrganizationContact.String()})
		}
	}
	for i, d := range p.Departments {
		check("departments", i, d.ContactID)
	}
	for i, l := range p.Locations {
		check("locations", i, l.ContactID)
	}
	return impossible("departments and locations must belong to the represented organization", faults)
}

// Links refers to the organization, which can't be deleted while the identity is active, and its departments and locations.
func (p *ProfessionalIdentity) Links(Owner) Links {
	onDelete := Keep
	if p.IsActive {
		onDelete = Restrict
	}
	return Links{References: slices.Concat(
		[]Reference{{"/organization_contact", targetContact(p.OrganizationContact, Organization), onDelete}},
		references("departments", p.Departments, func(d DepartmentRef) (string, Target) {
			return "/department_id", Target{d.ContactID, ADepartment, d.DepartmentID}
		}),
		references("locations", p.Locations, func(l LocationRef) (string, Target) {
			return "/location_id", Target{l.ContactID, ALocation, l.LocationID}
		}))}
}
