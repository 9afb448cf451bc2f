package contact

import "fmt"

// PlaceholderCustomer stands for customers who aren't known by name, such as walk-in customers of a shop.
type PlaceholderCustomer struct {
	ID             ID         `json:"id" readOnly:"true"`
	ExternalID     ExternalID `json:"external_id,omitempty"`
	CustomerID     string     `json:"customer_id"`
	Name           string     `json:"name"`
	IsActive       bool       `json:"is_active"`
	CustomerSince  Date       `json:"customer_since"`
	RequiresFormal bool       `json:"requires_formal_invoice"`
	TrackRevenue   bool       `json:"track_revenue"`
	Deleted        bool       `json:"deleted" readOnly:"true"`
	Erased         bool       `json:"erased,omitzero" readOnly:"true"`
}

// Normalize sets the id.
func (c *PlaceholderCustomer) Normalize(_ *PlaceholderCustomer, given Assigned) { c.ID = given.ID }

// Validate has no rules to check.
func (c *PlaceholderCustomer) Validate(*PlaceholderCustomer) error { return nil }

// Links makes the customer id unique among all customers, and the external id among placeholder customers. It finds the placeholder
// customer by its name.
func (c *PlaceholderCustomer) Links(Owner) Links {
	return Links{Uniques: []Unique{{SpaceCustomer, c.CustomerID, "customer_id"}, uniqueExternalID(Placeholder, c.ExternalID)},
		Lookups: []Lookup{{ByName, c.Name}}}
}

// MarkDeleted marks the placeholder customer as deleted.
func (c *PlaceholderCustomer) MarkDeleted() { c.Deleted = true }

// External returns the external id, or "".
func (c *PlaceholderCustomer) External() string { return string(c.ExternalID) }

// SetExternal sets the external id; "" for none.
func (c *PlaceholderCustomer) SetExternal(id string) { c.ExternalID = ExternalID(id) }

// CustomerList is a named list of customers.
type CustomerList struct {
	ID   ID     `json:"id" readOnly:"true"`
	Name string `json:"name" minLength:"1"`
}

// Normalize sets the id.
func (l *CustomerList) Normalize(_ *CustomerList, given Assigned) { l.ID = given.ID }

// Validate has no rules to check.
func (l *CustomerList) Validate(*CustomerList) error { return nil }

// Links returns none.
func (l *CustomerList) Links(Owner) Links { return Links{} }

// Tag is a label of contacts. All contacts of an organization with the same name share one tag.
type Tag struct {
	ID   ID     `json:"id" readOnly:"true"`
	Name string `json:"name" minLength:"1" maxLength:"256"`
}

// Normalize sets the id.
func (t *Tag) Normalize(_ *Tag, given Assigned) { t.ID = given.ID }

// Validate has no rules to check.
func (t *Tag) Validate(*Tag) error { return nil }

// Links finds the contact by the name.
func (t *Tag) Links(Owner) Links { return Links{Lookups: []Lookup{{ByTag, t.Name}}} }

// IDMapping maps a contact's id to its id in another system.
type IDMapping struct {
	Internal ID         `json:"internal"`
	External ExternalID `json:"external"`
}

// ContactsConfiguration configures contact management by another system. It is not called Configuration because generated clients
// have a class of that name.
type ContactsConfiguration struct {
	UseExternal    bool                    `json:"use_external_contact_management" required:"false" default:"false"`
	CustomWorkflow *ContactWorkflowConfig  `json:"custom_workflow_config,omitzero"`
	APIAccess      *APIAccessConfiguration `json:"api_access_configuration,omitzero"`
}

// Normalize sets the defaults of absent fields.
func (c *ContactsConfiguration) Normalize(*ContactsConfiguration, Assigned) {
	if a := c.APIAccess; a != nil {
		a.TimeoutInMillis = orDefault(a.TimeoutInMillis, 2000)
		a.MaxRetries = orDefault(a.MaxRetries, 3)
		a.RetryIntervalInMillis = orDefault(a.RetryIntervalInMillis, 250)
	}
}

func orDefault(n *int32, value int32) *int32 {
	if n == nil {
		return &value
	}
	return n
}

// Validate checks that external management has both nested objects.
func (c *ContactsConfiguration) Validate(*ContactsConfiguration) error {
	if !c.UseExternal {
		return nil
	}
	var faults []Fault
	if c.CustomWorkflow == nil {
		faults = append(faults, Fault{Pointer: "/custom_workflow_config", Detail: "is required for external contact management"})
	}
	if c.APIAccess == nil {
		faults = append(faults, Fault{Pointer: "/api_access_configuration", Detail: "is required for external contact management"})
	}
	return impossible("external contact management needs both nested objects", faults)
}

// Links returns none.
func (c *ContactsConfiguration) Links(Owner) Links { return Links{} }

// ContactWorkflowConfig names the custom workflows of contact management.
type ContactWorkflowConfig struct {
	ProviderID                 string `json:"provider_id,omitempty"`
	ProvideContactStartURL     string `json:"provide_contact_start_url,omitempty"`
	ProvideAddressStartURL     string `json:"provide_contact_address_start_url,omitempty"`
	ShowContactDetailsStartURL string `json:"show_contact_details_start_url,omitempty"`
}

// APIAccessConfiguration configures the access to an external API.
type APIAccessConfiguration struct {
	URL                   string `json:"url,omitempty"`
	CredentialsKey        string `json:"credentials_key,omitempty"`
	TimeoutInMillis       *int32 `json:"timeout_in_millis,omitempty" minimum:"0" maximum:"2147483647" default:"2000"`
	MaxRetries            *int32 `json:"max_retries,omitempty" minimum:"0" maximum:"2147483647" default:"3"`
	RetryIntervalInMillis *int32 `json:"retry_interval_in_millis,omitempty" minimum:"0" maximum:"2147483647" default:"250"`
}

// DuplicateMappings returns a fault for each mapping that repeats a contact or an external id of an earlier one.
func DuplicateMappings(list []IDMapping) []Fault {
	var faults []Fault
	internal, external := map[ID]int{}, map[ExternalID]int{}
	for i, m := range list {
		if first, twice := internal[m.Internal]; twice {
			faults = append(faults, Fault{Pointer: fmt.Sprintf("/items/%d/internal", i), Detail: fmt.Sprintf("must differ from that of item %d", first)})
		} else {
			internal[m.Internal] = i
		}
		if first, twice := external[m.External]; twice {
			faults = append(faults, Fault{Pointer: fmt.Sprintf("/items/%d/external", i), Detail: fmt.Sprintf("must differ from that of item %d", first)})
		} else {
			external[m.External] = i
		}
	}
	return faults
}
