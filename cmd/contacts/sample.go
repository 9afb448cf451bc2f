package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"contacts/pkg/contact"
)

// A sample generates the values of one contact. Phone numbers are from ranges reserved for fiction, domains from RFC 2606.
type sample struct {
	random *rand.Rand
	number string // makes the contact's unique values unique
}

func (s sample) Intn(n int) int          { return s.random.IntN(n) }
func (s sample) chance(percent int) bool { return s.random.IntN(100) < percent }

func (s sample) of(words string) string {
	list := strings.Fields(words)
	return strings.ReplaceAll(list[s.random.IntN(len(list))], "_", " ")
}

const (
	forenames = `Anna Ben Clara David Elif Emil Emma Erika Felix Finn Greta Hannah Ida Jakob Jonas Julia Karim Lea Leon Lina
		Luca Maja Marie Max Mehmet Mia Milan Mila Noah Nora Oskar Paul Paula Rosa Samuel Selin Sofia Theo Tom Zoë`
	surnames = `Bauer Becker Berger Braun Demir Fischer Fuchs Hahn Hartmann Hoffmann Huber Jansen Kaya Keller Klein Koch König
		Krause Krüger Lang Lehmann Meyer Mustermann Müller Nowak Peters Richter Roth Sauer Schäfer Schmidt Schneider Schröder
		Schulz Schuster Vogel Wagner Weber Winkler Wolf Yılmaz Zimmermann`
	trades  = `Bau Druck Elektro Feinkost Garten Getränke Holz Logistik Metall Möbel Optik Papier Software Textil Werkzeug`
	forms   = `GmbH AG KG OHG UG eG`
	cities  = `Aachen Berlin Bonn Bremen Dresden Essen Frankfurt Freiburg Hamburg Hannover Kiel Köln Leipzig Mainz München Münster Rostock`
	streets = `Ahornweg Am_Markt Bahnhofstraße Bergstraße Gartenweg Goethestraße Hauptstraße Kirchgasse Lindenallee Mühlenweg Schulstraße Wiesengrund`
	numbers = `+493023125 +496990009 +494066969 +492214710 +498999998`
	tags    = `Großkunde Newsletter VIP Messe Händler Mahnstufe Stammkunde Presse Partner Bestandskunde Testkunde Archiv`
	jobs    = `Buchhaltung Einkauf Entwicklung Geschäftsführung Lager Marketing Personal Vertrieb`
	brands  = `north south`
)

func (s sample) date(from, years int) contact.Date {
	return contact.Date(fmt.Sprintf("%04d-%02d-%02d", from+s.Intn(years), 1+s.Intn(12), 1+s.Intn(28)))
}

func (s sample) city() string { return s.of(cities) }

func (s sample) tag() string { return s.of(tags) }

func (s sample) individual() *contact.IndividualContact {
	c := &contact.IndividualContact{Name: s.of(forenames) + " " + s.of(surnames), ExternalID: contact.ExternalID("person-" + s.number)}
	if s.chance(50) {
		c.DateOfBirth = s.date(1940, 65)
	}
	return c
}

func (s sample) organization() *contact.OrganizationContact {
	return &contact.OrganizationContact{Name: s.of(surnames) + " " + s.of(trades) + " " + s.of(forms), ExternalID: contact.ExternalID("company-" + s.number), Founded: s.date(1900, 120)}
}

func (s sample) department() *contact.Department {
	return &contact.Department{Name: s.of(jobs), Area: contact.DepartmentArea(s.of("SALES MARKETING ADMINISTRATION OPERATIONS OTHER"))}
}

func (s sample) identity(organization contact.ID) *contact.ProfessionalIdentity {
	return &contact.ProfessionalIdentity{OrganizationContact: organization, IsActive: s.chance(85), JobTitle: s.of(jobs)}
}

func (s sample) address(name string, use contact.UsageContext) *contact.Address {
	a := &contact.Address{Type: "NOT_QUALIFIED", RecipientName: name, StreetName: s.of(streets), StreetNumber: fmt.Sprint(1 + s.Intn(120)),
		City: s.city(), Zip: fmt.Sprintf("%05d", 1000+s.Intn(98000)), CountryCode: "DE", UsageContext: use,
		Usages: []contact.AddressUsage{contact.AddressUsage(s.of("EVERYTHING INVOICES SHIPPING"))}}
	a.FullAddress = fmt.Sprintf("%s, %s %s, %s %s", name, a.StreetName, a.StreetNumber, a.Zip, a.City)
	return a
}

// plain returns a name as the local part of an email address.
var plain = strings.NewReplacer(" ", ".", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ë", "e", "ı", "i").Replace

func (s sample) email(name string, kind contact.EmailType, use contact.UsageContext) *contact.Email {
	address := fmt.Sprintf("%s.%s@example.%s", plain(strings.ToLower(name)), s.number, s.of("com net org"))
	return &contact.Email{Type: kind, Address: contact.EmailAddress(address), UsageContext: use}
}

func (s sample) phone(use contact.UsageContext) *contact.Phone {
	return &contact.Phone{Type: "FIXED_LINE", Number: s.of(numbers) + fmt.Sprintf("%03d", s.Intn(1000)), UsageContext: use,
		Usages: []contact.PhoneUsage{"CALL"}}
}

func (s sample) web(name string, use contact.UsageContext) *contact.WebAddress {
	return &contact.WebAddress{Type: "HOMEPAGE_OR_WEBSITE", UsageContext: use,
		URL: contact.WebURL(fmt.Sprintf("https://www.example.%s/%s-%s", s.of("com net org"), plain(strings.ToLower(name)), s.number))}
}

// identifier returns a unique value of a role. Both kinds of contact count from 0.
func (s sample) identifier(prefix string, kind contact.Kind) string {
	return fmt.Sprintf("%s-%c-%s", prefix, kind.String()[0], s.number)
}

func (s sample) customer(kind contact.Kind) *contact.CustomerRole {
	r := &contact.CustomerRole{CustomerID: s.identifier("K", kind), IsActive: true, CustomerSince: s.date(2010, 15)}
	if s.chance(30) {
		r.CreditLimit = &contact.Money{Value: contact.Decimal(fmt.Sprintf("%d.%02d", 100*(1+s.Intn(200)), s.Intn(100))), Unit: "EUR"}
	}
	if s.chance(20) {
		r.DeliveryAndInvoicing = []contact.DeliveryAndInvoicing{{Limitations: &contact.Limitations{BrandID: s.of(brands)}}, {}}
	}
	return r
}

func (s sample) payer(kind contact.Kind) *contact.AlternativePayerRole {
	return &contact.AlternativePayerRole{AlternativePayerID: s.identifier("Z", kind), IsActive: true, Since: s.date(2010, 15)}
}

func (s sample) supplier() *contact.SupplierRole {
	return &contact.SupplierRole{SupplierID: s.identifier("L", contact.Organization), IsActive: true, SupplierSince: s.date(2010, 15)}
}
