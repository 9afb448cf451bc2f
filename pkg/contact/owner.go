package contact

// An Owner is what parts belong to: a contact, one of its professional identities, or the tenant itself.
type Owner struct {
	Org      string
	Contact  ID // 0 for the tenant itself
	Identity ID // 0 for the contact itself
	// Region is the organization's default region (ISO 3166-1 alpha-2), by which its telephone numbers are read.
	Region string
}
