package contact

import (
	"cmp"
	"fmt"
	"strings"
)

// CustomerRole is the role of a contact as a customer.
type CustomerRole struct {
	CustomerID           string                   `json:"customer_id"`
	IsActive             bool                     `json:"is_active"`
	IsSuspended          bool                     `json:"is_suspended"`
	CustomerSince        Date                     `json:"customer_since"`
	ManagedBy            *ProfessionalIdentityRef `json:"managed_by,omitzero"`
	ExternalCard         *CustomerCard            `json:"external_card,omitzero"`
	TaxInformation       *CustomerTaxInformation  `json:"tax_information,omitzero"`
	GlobalLocationNumber string                   `json:"global_location_number,omitempty" minLength:"1" maxLength:"256"`
	AlternativePayer     *ContactRef              `json:"alternative_payer,omitzero"`
	RequiresFormal       *bool                    `json:"requires_formal_invoice,omitempty"`
	CreditLimit          *Money                   `json:"credit_limit,omitzero"`
	DeliveryAndInvoicing []DeliveryAndInvoicing   `json:"delivery_and_invoicing_configurations,omitempty"`
	DebtorAccountID      string                   `json:"debtor_account_id,omitempty" readOnly:"true"`
}

// Normalize sets the account and the date of the card, which stays while its number does, and removes repeated tax exemptions.
func (r *CustomerRole) Normalize(before *CustomerRole, given Assigned) {
	r.DebtorAccountID = given.Account
	if t := r.TaxInformation; t != nil {
		t.EnabledTaxExemptions = append([]TaxExemption{}, set(t.EnabledTaxExemptions)...) // not nil, because it is always shown
	}
	if r.ExternalCard == nil {
		return
	}
	r.ExternalCard.Added = given.Now
	if before != nil && before.ExternalCard != nil && before.ExternalCard.Number == r.ExternalCard.Number {
		r.ExternalCard.Added = before.ExternalCard.Added
	}
}

// Validate checks that no two configurations have equal limitations.
func (r *CustomerRole) Validate(*CustomerRole) error {
	var faults []Fault
	first := map[string]int{}
	for i, c := range r.DeliveryAndInvoicing {
		limitations := strings.Join(c.Limitations.values(), "\x00")
		if other, twice := first[limitations]; twice {
			faults = append(faults, Fault{Pointer: fmt.Sprintf("/delivery_and_invoicing_configurations/%d/limitations", i),
				Detail: fmt.Sprintf("must differ from those of configuration %d", other)})
		} else {
			first[limitations] = i
		}
	}
	return impossible("two delivery and invoicing configurations have equal limitations, or none", faults)
}

// Links makes the customer id unique among all customers, and refers to the manager, alternative payers and the contact's own addresses.
func (r *CustomerRole) Links(owner Owner) Links {
	references := append(managerReferences(r.ManagedBy), payerReferences("/alternative_payer", r.AlternativePayer)...)
	for i, c := range r.DeliveryAndInvoicing {
		at := fmt.Sprintf("/delivery_and_invoicing_configurations/%d", i)
		references = append(references, payerReferences(at+"/alternative_payer", c.AlternativePayer)...)
		references = append(references, addressReferences(at+"/invoice_address_id", owner, c.InvoiceAddressID)...)
		references = append(references, addressReferences(at+"/delivery_address_id", owner, c.DeliveryAddressID)...)
	}
	return Links{Uniques: []Unique{{SpaceCustomer, r.CustomerID, "customer_id"}}, References: references}
}

// Validate has no rules to check.
func (r *AlternativePayerRole) Validate(*AlternativePayerRole) error { return nil }

// Normalize sets the account.
func (r *AlternativePayerRole) Normalize(_ *AlternativePayerRole, given Assigned) {
	r.DebtorAccountID = given.Account
}

// Links makes the id unique among alternative payers.
func (r *AlternativePayerRole) Links(Owner) Links {
	return Links{Uniques: []Unique{{SpaceAlternativePayer, r.AlternativePayerID, "alternative_payer_id"}}}
}

// Validate has no rules to check.
func (r *SupplierRole) Validate(*SupplierRole) error { return nil }

// Normalize sets the account and the default type of the tax information.
func (r *SupplierRole) Normalize(_ *SupplierRole, given Assigned) {
	r.CreditorAccountID = given.Account
	if t := r.TaxInformation; t != nil {
		t.Type = cmp.Or(t.Type, vendorTaxInformation)
	}
}

// Links makes the id unique among suppliers, and refers to the manager.
func (r *SupplierRole) Links(Owner) Links {
	return Links{Uniques: []Unique{{SpaceSupplier, r.SupplierID, "supplier_id"}}, References: managerReferences(r.ManagedBy)}
}

// CustomerCard is a customer card of another issuer.
type CustomerCard struct {
	Number string `json:"number"`
	Added  Time   `json:"added" readOnly:"true"`
}

// CustomerTaxInformation identifies a customer to the tax office.
type CustomerTaxInformation struct {
	EUVATNumber           EUVATNumber           `json:"eu_vat_number,omitempty"`
	TaxRegistrationNumber TaxRegistrationNumber `json:"tax_registration_number,omitempty"`
	EnabledTaxExemptions  []TaxExemption        `json:"enabled_tax_exemptions" required:"false"`
}

// Money is an amount in a currency.
type Money struct {
	Value Decimal      `json:"value"`
	Unit  CurrencyCode `json:"unit"`
}

// AlternativePayerRole is the role of a contact that pays for other customers.
type AlternativePayerRole struct {
	AlternativePayerID string `json:"alternative_payer_id"`
	IsActive           bool   `json:"is_active"`
	Since              Date   `json:"since"`
	DebtorAccountID    string `json:"debtor_account_id,omitempty" readOnly:"true"`
}

// SupplierRole is the role of a contact as a supplier.
type SupplierRole struct {
	SupplierID           string                   `json:"supplier_id" minLength:"1" maxLength:"256"`
	IsActive             bool                     `json:"is_active"`
	SupplierSince        Date                     `json:"supplier_since"`
	ManagedBy            *ProfessionalIdentityRef `json:"managed_by,omitzero"`
	MyCustomerID         string                   `json:"my_customer_id,omitempty"`
	TaxInformation       *SupplierTaxInformation  `json:"tax_information,omitzero"`
	GlobalLocationNumber string                   `json:"global_location_number,omitempty" minLength:"1" maxLength:"256"`
	CreditorAccountID    string                   `json:"creditor_account_id,omitempty" readOnly:"true"`
}

// SupplierTaxInformation identifies a supplier to the tax office. An EscrowTaxInformation requires both numbers.
type SupplierTaxInformation struct {
	Type                  SupplierTaxType       `json:"@type,omitempty"`
	EUVATNumber           EUVATNumber           `json:"eu_vat_number,omitempty"`
	TaxRegistrationNumber TaxRegistrationNumber `json:"tax_registration_number,omitempty"`
}

// SupplierTaxType is the kind of a supplier's tax information; VendorTaxInformation if absent.
type SupplierTaxType string

const (
	vendorTaxInformation SupplierTaxType = "VendorTaxInformation"
	escrowTaxInformation SupplierTaxType = "EscrowTaxInformation"
)

// Values returns all of the type's values, the default first.
func (SupplierTaxType) Values() []string {
	return []string{string(vendorTaxInformation), string(escrowTaxInformation)}
}

// Needs returns the fields that tax information of the type requires.
func (t SupplierTaxType) Needs() []string {
	if t == escrowTaxInformation {
		return []string{"eu_vat_number", "tax_registration_number"}
	}
	return nil
}

// EUVATNumber is a VAT identification number.
type EUVATNumber string

// Bounds returns the least and the greatest length, in characters.
func (EUVATNumber) Bounds() (least, most int) { return 3, 14 }

// TaxRegistrationNumber is a number assigned by a national tax office.
type TaxRegistrationNumber string

// Bounds returns the least and the greatest length, in characters.
func (TaxRegistrationNumber) Bounds() (least, most int) { return 9, 14 }

// TaxExemption is a reason to charge no tax.
type TaxExemption string

// Values returns all of the type's values.
func (TaxExemption) Values() []string {
	return []string{"UNIVERSAL_POSTAL_SERVICE_DE", "INTRA_COMMUNITY_TRADE_EU", "THIRD_PARTY_COUNTRY_DELIVERY_EU", "REVERSE_CHARGE_EU"}
}

// CurrencyCode is a currency, ISO 4217.
type CurrencyCode string

// Values returns all of the type's values.
func (CurrencyCode) Values() []string { return strings.Fields(currencyCodes) }

// currencyCodes begin with the API document's example. They include recently withdrawn currencies, because records keep them.
const currencyCodes = `AUD
AED AFN ALL AMD ANG AOA ARS AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN
UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW
ZWG ZWL`
