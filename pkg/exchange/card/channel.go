package card

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
	"contacts/pkg/vcard"
)

// Fields of contacts, in exchange.KeptProperty.
const (
	fieldKind        = "kind"
	fieldName        = "name"
	fieldExternalID  = "external_id"
	fieldDateOfBirth = "date_of_birth"
	fieldAnniversary = "anniversary"
	fieldFounded     = "founded"
	fieldEmails      = "emails"
	fieldPhones      = "phones"
	fieldAddresses   = "addresses"
	fieldWeb         = "web_addresses"
	fieldTags        = "tags"
	fieldPhoto       = "photo"
)

// labelProperty has the label of the properties of its group, as Apple writes it.
const labelProperty = "X-ABLabel"

// channel is a channel with the properties that it is written as: the first is its own, the others belong to it.
type channel struct {
	field      string
	digest     string
	properties []vcard.Property
}

// digest returns a text that differs for values that differ.
func digest(value any) string {
	text, _ := json.Marshal(value) // strings and structs of strings
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// channelsOf returns the channels of a contact of a kind, or of one of its identities, in the order in which they are written.
func channelsOf(c exchange.Channels, kind contact.Kind) (all []channel) {
	for _, e := range c.Emails {
		all = append(all, emailChannel(e, kind))
	}
	for _, p := range c.Phones {
		all = append(all, phoneChannel(p, kind))
	}
	for _, a := range c.Addresses {
		all = append(all, addressChannel(a, kind))
	}
	for _, w := range c.WebAddresses {
		all = append(all, webChannel(w, kind))
	}
	return all
}

func emailChannel(e contact.Email, kind contact.Kind) channel {
	e.ID = 0
	p := vcard.Property{Name: "EMAIL", Value: vcard.Escape(string(e.Address))}
	emailTypes.write(&p, string(e.Type), e.UsageContext, kind)
	return channel{fieldEmails, digest(e), withDescription(e.Description, p)}
}

func phoneChannel(t contact.Phone, kind contact.Kind) channel {
	t.ID = 0
	p := textProperty("TEL", t.Number)
	phoneTypes.write(&p, string(t.Type), t.UsageContext, kind)
	writeUsages(&p, t.Usages)
	return channel{fieldPhones, digest(t), withDescription(t.Description, p)}
}

func webChannel(w contact.WebAddress, kind contact.Kind) channel {
	w.ID = 0
	// Commas may be escaped in a URI too (RFC 6350, section 3.4), and some programs cut values at others; semicolons need no escape.
	p := vcard.Property{Name: "URL", Value: strings.ReplaceAll(string(w.URL), ",", `\,`)}
	webTypes.write(&p, string(w.Type), w.UsageContext, kind)
	return channel{fieldWeb, digest(w), withDescription(w.Description, p)}
}

func writeUsages[T ~string](p *vcard.Property, usages []T) {
	for _, u := range usages {
		p.Add(usageParam, string(u))
	}
}

// withDescription returns a property, or some, and the label that describes it.
func withDescription(description string, properties ...vcard.Property) []vcard.Property {
	if description != "" {
		properties = append(properties, textProperty(labelProperty, description))
	}
	return properties
}

// descriptionOf returns the description that the label in a property's group gives, and the index of the label; -1 for none.
func descriptionOf(properties []vcard.Property, group string) (description string, index int) {
	if group == "" {
		return "", -1
	}
	for i := range properties {
		p := &properties[i]
		if !strings.EqualFold(p.Group, group) || !p.Is(labelProperty) {
			continue
		}
		label := text(p)
		if inner, found := strings.CutPrefix(label, "_$!<"); found { // one of Apple's own labels
			label = strings.TrimSuffix(inner, ">!$_")
		}
		if description, fault := exchange.Text(label); fault == "" && description != "" {
			return description, i
		}
	}
	return "", -1
}

// readEmail returns the email address of an EMAIL, or what is wrong with it.
func readEmail(p *vcard.Property, description string, kind contact.Kind) (e contact.Email, fault string) {
	address, fault := exchange.Formatted("email", p.Text())
	e = contact.Email{Address: contact.EmailAddress(address), Description: description}
	e.Type, e.UsageContext = readWords[contact.EmailType](emailTypes, p, kind)
	return e, required(address, fault)
}

// readPhone returns the number of a TEL, or what is wrong with it.
func readPhone(p *vcard.Property, description string, kind contact.Kind) (t contact.Phone, fault string) {
	number, fault := exchange.Text(text(p))
	t = contact.Phone{Number: number, Description: description, Usages: usages[contact.PhoneUsage](p)}
	t.Type, t.UsageContext = readWords[contact.PhoneType](phoneTypes, p, kind)
	if scheme, _, found := strings.Cut(number, ":"); found && p.Param("VALUE") == "uri" && fault == "" {
		fault = "must be a telephone number, not an address of " + scheme
	}
	return t, required(strings.TrimSpace(number), fault)
}

// readWeb returns the web address of a URL, or what is wrong with it.
func readWeb(p *vcard.Property, description string, kind contact.Kind) (w contact.WebAddress, fault string) {
	url := strings.TrimSpace(p.Text())
	if url != "" && !hasScheme(url) {
		url = "https://" + url
	}
	url, fault = exchange.Formatted("uri", url)
	w = contact.WebAddress{URL: contact.WebURL(url), Description: description}
	w.Type, w.UsageContext = readWords[contact.WebAddressType](webTypes, p, kind)
	return w, required(url, fault)
}

// hasScheme reports whether a URL names its scheme: letters before "://", or before the colon of one that is no port.
func hasScheme(url string) bool {
	scheme, rest, found := strings.Cut(url, ":")
	if !found || strings.ContainsAny(scheme, "./?#") {
		return false
	}
	return strings.HasPrefix(rest, "//") || rest == "" || rest[0] < '0' || rest[0] > '9'
}

func required(value, fault string) string {
	if value == "" && fault == "" {
		return "has no value"
	}
	return fault
}
