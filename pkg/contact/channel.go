package contact

import "slices"

// The four kinds of channel. A contact and a professional identity have any number of each.

// Address is a postal address.
type Address struct {
	ID            ID             `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	Type          AddressType    `json:"type"`
	FullAddress   string         `json:"full_address" doc:"The full address as a string suitable for display to an end user."`
	RecipientName string         `json:"recipient_name,omitempty"`
	CareOf        string         `json:"care_of,omitempty"`
	StreetName    string         `json:"street_name,omitempty"`
	StreetNumber  string         `json:"street_number,omitempty"`
	Additional    string         `json:"additional,omitempty"`
	City          string         `json:"city,omitempty"`
	Zip           string         `json:"zip,omitempty"`
	CountryCode   CountryCode    `json:"country_code,omitempty" doc:"The country code according to iso-3166-1-alpha-2."`
	Description   string         `json:"description,omitempty"`
	Usages        []AddressUsage `json:"usages,omitempty" doc:"A set: a repeated value counts once."`
	UsageContext  UsageContext   `json:"usage_context"`
}

// SetID sets the id.
func (a *Address) SetID(id ID) { a.ID = id }

// Normalize makes a set of the usages.
func (a *Address) Normalize() { a.Usages = set(a.Usages) }

// Email is an email address with its use.
type Email struct {
	ID           ID           `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	Type         EmailType    `json:"type"`
	Address      EmailAddress `json:"address" maxLength:"254" doc:"A mailbox as RFC 5321 has it."`
	Description  string       `json:"description,omitempty"`
	UsageContext UsageContext `json:"usage_context"`
}

// SetID sets the id.
func (e *Email) SetID(id ID) { e.ID = id }

// Normalize has nothing to do: the case is kept.
func (e *Email) Normalize() {}

// Phone is a telephone or fax number with its use.
type Phone struct {
	ID           ID           `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	Type         PhoneType    `json:"type"`
	Number       string       `json:"number" doc:"Kept as sent. The look-up finds it in any spelling."`
	Description  string       `json:"description,omitempty"`
	Usages       []PhoneUsage `json:"usages,omitempty" doc:"A set: a repeated value counts once."`
	UsageContext UsageContext `json:"usage_context"`
}

// SetID sets the id.
func (p *Phone) SetID(id ID) { p.ID = id }

// Normalize makes a set of the usages.
func (p *Phone) Normalize() { p.Usages = set(p.Usages) }

// WebAddress is a page or profile on the web.
type WebAddress struct {
	ID           ID             `json:"id" readOnly:"true" doc:"Assigned by the platform."`
	Type         WebAddressType `json:"type"`
	URL          WebURL         `json:"url" doc:"An absolute http or https URI." example:"https://www.example.com/erika"`
	Description  string         `json:"description,omitempty"`
	UsageContext UsageContext   `json:"usage_context"`
}

// SetID sets the id.
func (w *WebAddress) SetID(id ID) { w.ID = id }

// Normalize has nothing to do.
func (w *WebAddress) Normalize() {}

// set drops what was there before and keeps the order of the rest.
func set[T comparable](values []T) []T {
	var kept []T
	for _, v := range values {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}
