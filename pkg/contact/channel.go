package contact

import "slices"

// Address is a postal address. It, Email, Phone and WebAddress are the channels: a contact or a professional identity has any number of each.
type Address struct {
	ID            ID             `json:"id" readOnly:"true"`
	Type          AddressType    `json:"type"`
	FullAddress   string         `json:"full_address"`
	RecipientName string         `json:"recipient_name,omitempty"`
	CareOf        string         `json:"care_of,omitempty"`
	StreetName    string         `json:"street_name,omitempty"`
	StreetNumber  string         `json:"street_number,omitempty"`
	Additional    string         `json:"additional,omitempty"`
	City          string         `json:"city,omitempty"`
	Zip           string         `json:"zip,omitempty"`
	CountryCode   CountryCode    `json:"country_code,omitempty"`
	Description   string         `json:"description,omitempty"`
	Usages        []AddressUsage `json:"usages,omitempty"`
	UsageContext  UsageContext   `json:"usage_context"`
}

// Normalize sets the id and removes repeated usages.
func (a *Address) Normalize(_ *Address, given Assigned) { a.ID, a.Usages = given.ID, set(a.Usages) }

// Validate has no rules to check.
func (a *Address) Validate(*Address) error { return nil }

// Links returns none.
func (a *Address) Links(Owner) Links { return Links{} }

// Email is an email address with its use.
type Email struct {
	ID           ID           `json:"id" readOnly:"true"`
	Type         EmailType    `json:"type"`
	Address      EmailAddress `json:"address" maxLength:"254"`
	Description  string       `json:"description,omitempty"`
	UsageContext UsageContext `json:"usage_context"`
}

// Normalize sets the id. The case of the address is kept.
func (e *Email) Normalize(_ *Email, given Assigned) { e.ID = given.ID }

// Validate has no rules to check.
func (e *Email) Validate(*Email) error { return nil }

// Links finds the contact by the address, and the option by its id.
func (e *Email) Links(owner Owner) Links {
	return Links{Lookups: append(lookupByOptionID(e.ID, owner), Lookup{ByEmail, string(e.Address)})}
}

// Phone is a telephone or fax number with its use.
type Phone struct {
	ID           ID           `json:"id" readOnly:"true"`
	Type         PhoneType    `json:"type"`
	Number       string       `json:"number"`
	Description  string       `json:"description,omitempty"`
	Usages       []PhoneUsage `json:"usages,omitempty"`
	UsageContext UsageContext `json:"usage_context"`
}

// Normalize sets the id and removes repeated usages.
func (p *Phone) Normalize(_ *Phone, given Assigned) { p.ID, p.Usages = given.ID, set(p.Usages) }

// Validate has no rules to check.
func (p *Phone) Validate(*Phone) error { return nil }

// Links finds the contact by the number, and the option by its id.
func (p *Phone) Links(owner Owner) Links {
	return Links{Lookups: append(lookupByOptionID(p.ID, owner), Lookup{ByPhone, p.Number})}
}

// WebAddress is a page or profile on the web.
type WebAddress struct {
	ID           ID             `json:"id" readOnly:"true"`
	Type         WebAddressType `json:"type"`
	URL          WebURL         `json:"url"`
	Description  string         `json:"description,omitempty"`
	UsageContext UsageContext   `json:"usage_context"`
}

// Normalize sets the id.
func (w *WebAddress) Normalize(_ *WebAddress, given Assigned) { w.ID = given.ID }

// Validate has no rules to check.
func (w *WebAddress) Validate(*WebAddress) error { return nil }

// Links finds the option by its id.
func (w *WebAddress) Links(owner Owner) Links { return Links{Lookups: lookupByOptionID(w.ID, owner)} }

// set returns the values without repetitions, in their order.
func set[T comparable](values []T) []T {
	var kept []T
	for _, v := range values {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}
