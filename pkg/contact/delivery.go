package contact

import "slices"

// DeliveryAndInvoicing configures where a customer's deliveries and invoices go, and who pays.
type DeliveryAndInvoicing struct {
	Limitations       *Limitations `json:"limitations,omitzero" doc:"Where the configuration applies; everywhere if absent."`
	AlternativePayer  *ContactRef  `json:"alternative_payer,omitzero" doc:"The contact that pays the invoice."`
	InvoiceAddressID  ID           `json:"invoice_address_id,omitzero" doc:"An address of the contact."`
	DeliveryAddressID ID           `json:"delivery_address_id,omitzero" doc:"An address of the contact."`
}

// Limitations restrict a configuration to the contexts that match all of them. An empty one is not set.
type Limitations struct {
	BrandID string `json:"brand_id,omitempty"`
}

// limits returns the configuration's limitations, or empty ones.
func (d DeliveryAndInvoicing) limits() Limitations {
	if d.Limitations == nil {
		return Limitations{}
	}
	return *d.Limitations
}

// limitations are the kinds of limitation, in descending priority. A further kind is a field of Limitations and a line here.
var limitations = []func(Limitations) string{
	func(l Limitations) string { return l.BrandID },
}

// ApplicableDelivery returns the configuration that applies in a context, nil if none does (the API document on
// delivery_and_invoicing_configurations).
func ApplicableDelivery(configurations []DeliveryAndInvoicing, in Limitations) *DeliveryAndInvoicing {
	i := pick(len(configurations), len(limitations), func(i, l int) (set, matches bool) {
		value := limitations[l](configurations[i].limits())
		return value != "", value == limitations[l](in)
	})
	if i < 0 {
		return nil
	}
	return &configurations[i]
}

// pick returns which of n configurations applies, or -1. All limitations that it has set match, and of such configurations it has
// the greatest rank: bit by bit in descending priority, whether a limitation is set.
func pick(n, limitations int, limitation func(configuration, limitation int) (set, matches bool)) int {
	best, bestRank := -1, -1
configurations:
	for i := range n {
		rank := 0
		for l := range limitations {
			set, matches := limitation(i, l)
			if set && !matches {
				continue configurations
			}
			if rank <<= 1; set {
				rank |= 1
			}
		}
		if rank > bestRank {
			best, bestRank = i, rank
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
