package contact

import "slices"

// DeliveryAndInvoicing configures where a customer's deliveries and invoices go, and who pays.
type DeliveryAndInvoicing struct {
	Limitations       *Limitations `json:"limitations,omitzero"`
	AlternativePayer  *ContactRef  `json:"alternative_payer,omitzero"`
	InvoiceAddressID  ID           `json:"invoice_address_id,omitzero"`
	DeliveryAddressID ID           `json:"delivery_address_id,omitzero"`
}

// Limitations restrict a configuration to the contexts that match all of them. An empty one is not set.
type Limitations struct {
	BrandID string `json:"brand_id,omitempty"`
}

// values returns the limitations in descending priority, "" for one that is not set. A further limitation is a field of Limitations and an
// element here.
func (l *Limitations) values() []string {
	if l == nil {
		l = &Limitations{}
	}
	return []string{l.BrandID}
}

// ApplicableDelivery returns the configuration that applies in a context, nil if none does (the API document on
// delivery_and_invoicing_configurations).
func ApplicableDelivery(configurations []DeliveryAndInvoicing, in Limitations) *DeliveryAndInvoicing {
	limitations := make([][]string, len(configurations))
	for i, c := range configurations {
		limitations[i] = c.Limitations.values()
	}
	if i := pick(limitations, in.values()); i >= 0 {
		return &configurations[i]
	}
	return nil
}

// pick returns the index of the limitations that apply in a context, -1 if none do: all that are set match. Of several, those with the
// limitation of the highest priority apply that the others don't have. Limitations that match have equal values where both are set.
func pick(limitations [][]string, context []string) int {
	best := -1
	for i, values := range limitations {
		matches := true
		for l, value := range values {
			matches = matches && (value == "" || value == context[l])
		}
		if matches && (best < 0 || slices.Compare(values, limitations[best]) > 0) {
			best = i
		}
	}
	return best
}

// DefaultAddress returns the first address with a usage, else the first with EVERYTHING, else 0. addresses are sorted oldest first.
func DefaultAddress(addresses []*Address, usage AddressUsage) ID {
	for _, wanted := range []AddressUsage{usage, "EVERYTHING"} {
		for _, a := range addresses {
			if slices.Contains(a.Usages, wanted) {
				return a.ID
			}
		}
	}
	return 0
}
