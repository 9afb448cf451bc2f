package contact

import "slices"

// DeliveryAndInvoicing is a customer's configuration of where deliveries and invoices go, and who pays.
type DeliveryAndInvoicing struct {
	Limitations       *Limitations `json:"limitations,omitzero" doc:"Where the configuration applies; everywhere without any."`
	AlternativePayer  *ContactRef  `json:"alternative_payer,omitzero" doc:"The contact that pays the invoice."`
	InvoiceAddressID  ID           `json:"invoice_address_id,omitzero" doc:"An address of the contact."`
	DeliveryAddressID ID           `json:"delivery_address_id,omitzero" doc:"An address of the contact."`
}

// Limitations say where a configuration applies: in a context that matches all of them.
type Limitations struct {
	BrandID string `json:"brand_id,omitempty"`
}

// limits are the configuration's limitations, none where it has none.
func (d DeliveryAndInvoicing) limits() Limitations {
	if d.Limitations == nil {
		return Limitations{}
	}
	return *d.Limitations
}

// limitations are the kinds of limitation in order of their priority, the highest first. A further kind is a field of
// Limitations and a line here.
var limitations = []func(Limitations) string{
	func(l Limitations) string { return l.BrandID },
}

// ApplicableDelivery returns the configuration that applies in a context, nil if there is none (the API document, on
// delivery_and_invoicing_configurations).
func ApplicableDelivery(configurations []DeliveryAndInvoicing, in Limitations) *DeliveryAndInvoicing {
	i := pick(len(configurations), len(limitations), func(i, l int) (set, matches bool) {
		asked := limitations[l](configurations[i].limits())
		return asked != "", asked == limitations[l](in)
	})
	if i < 0 {
		return nil
	}
	return &configurations[i]
}

// pick returns which of n configurations applies, or -1. Of those whose limitations all match, it is the first in the
// order of their limitations' priority: one that has the limitation of the highest priority goes before one that
// hasn't, between those that agree in it the next decides, and so on. The one without limitations comes last.
func pick(n, limitations int, limitation func(configuration, limitation int) (set, matches bool)) int {
	best, bestHas := -1, []bool(nil)
	for i := range n {
		has, applies := make([]bool, limitations), true
		for l := range limitations {
			set, matches := limitation(i, l)
			has[l] = set
			applies = applies && (matches || !set)
		}
		if applies && (best < 0 || slices.CompareFunc(has, bestHas, firstHas) > 0) {
			best, bestHas = i, has
		}
	}
	return best
}

func firstHas(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// DefaultAddress returns the first of some addresses, oldest first, with a usage; else the first with EVERYTHING; else 0.
func DefaultAddress(addresses []Address, usage AddressUsage) ID {
	for _, wanted := range []AddressUsage{usage, "EVERYTHING"} {
		for _, a := range addresses {
			if slices.Contains(a.Usages, wanted) {
				return a.ID
			}
		}
	}
	return 0
}
