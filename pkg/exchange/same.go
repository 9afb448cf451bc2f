package exchange

import (
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/phone"
	"contacts/pkg/search"
)

// Channels are the channels of a contact, or of one of its professional identities.
type Channels struct {
	Emails       []contact.Email
	Phones       []contact.Phone
	Addresses    []contact.Address
	WebAddresses []contact.WebAddress
}

// Missing returns the channels of more that c lacks, each once. Two channels are the same by what they reach, whatever their types, usages
// and descriptions: email addresses without case, numbers by their E.164 form (region is where they are dialled), web addresses without case of
// scheme and host and without a final slash, postal addresses without case, blanks and punctuation.
func (c Channels) Missing(more Channels, region string) Channels {
	return Channels{
		Emails:       missing(c.Emails, more.Emails, func(e contact.Email) string { return contact.Fold(string(e.Address)) }),
		Phones:       missing(c.Phones, more.Phones, func(p contact.Phone) string { return PhoneKey(p.Number, region) }),
		Addresses:    missing(c.Addresses, more.Addresses, AddressKey),
		WebAddresses: missing(c.WebAddresses, more.WebAddresses, func(w contact.WebAddress) string { return WebKey(string(w.URL)) }),
	}
}

func missing[T any](have, more []T, key func(T) string) []T {
	known := map[string]bool{}
	for _, value := range have {
		known[key(value)] = true
	}
	return slices.Collect(func(yield func(T) bool) {
		for _, value := range more {
			if k := key(value); !known[k] {
				known[k] = true
				if !yield(value) {
					return
				}
			}
		}
	})
}

// PhoneKey returns the form in which numbers are compared: E.164, as dialled in a region; without one its letters and digits.
func PhoneKey(number, region string) string {
	if e164, ok := phone.E164(number, region); ok {
		return e164
	}
	return lettersAndDigits(number)
}

// WebKey returns the form in which web addresses are compared.
func WebKey(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return strings.ToLower(scheme) + "://" + strings.ToLower(rest[:end]) + strings.TrimSuffix(rest[end:], "/")
}

// AddressKey returns the form in which postal addresses are compared.
func AddressKey(a contact.Address) string {
	parts := []string{a.RecipientName, a.CareOf, a.StreetName + a.StreetNumber, a.Additional, a.Zip, a.City, string(a.CountryCode)}
	for i, part := range parts {
		parts[i] = lettersAndDigits(part)
	}
	if key := strings.Join(parts, "|"); strings.Trim(key, "|") != "" {
		return key
	}
	return lettersAndDigits(a.FullAddress)
}

// lettersAndDigits returns a folded text without what separates words.
func lettersAndDigits(s string) string {
	folded := search.Whole(s)
	if len(folded) == 0 {
		return contact.Fold(strings.TrimSpace(s))
	}
	return strings.ReplaceAll(folded[0], " ", "")
}
