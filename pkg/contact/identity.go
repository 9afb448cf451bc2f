package contact

// ProfessionalIdentity is an individual in its capacity of representing an organization.
type ProfessionalIdentity struct {
	ID                  ID              `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	OrganizationContact ID              `json:"organization_contact" doc:"The organization contact that the individual represents. Fixed after creation."`
	IsActive            bool            `json:"is_active"`
	JobTitle            string          `json:"job_title,omitempty"`
	Departments         []DepartmentRef `json:"departments,omitempty" doc:"The departments of the represented organization that the person works at."`
	Locations           []LocationRef   `json:"locations,omitempty" doc:"The locations of the represented organization that the person works at."`
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
