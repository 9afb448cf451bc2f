package contact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ids of the contacts that the tests name, one of each kind.
const (
	person      = ID(8192)
	firm        = ID(8192) | ID(Organization)
	placeholder = ID(8192) | ID(Placeholder)
	part        = ID(8192) | ID(Part)
)

var (
	ofPerson   = Owner{Org: "acme", Contact: person}
	ofIdentity = Owner{Org: "acme", Contact: person, Identity: part}
	ofFirm     = Owner{Org: "acme", Contact: firm}
	leader     = ProfessionalIdentityRef{person, part}
)

type linker interface{ Links(Owner) Links }

func TestEveryTypeDeclaresItsLinks(t *testing.T) {
	t.Parallel()
	byID := Lookup{ByOptionID, "8195"}
	identity, manager := Target{person, AnIdentity, part}, Target{Contact: person}
	address := Target{person, AnAddress, 7}
	for name, c := range map[string]struct {
		resource linker
		owner    Owner
		want     Links
	}{
		"an email of an individual":     {&Email{ID: part, Address: "Zoe@a.example"}, ofPerson, Links{Lookups: []Lookup{byID, {ByEmail, "Zoe@a.example"}}}},
		"an email of an identity":       {&Email{ID: part, Address: "zoe@a.example"}, ofIdentity, Links{Lookups: []Lookup{{ByEmail, "zoe@a.example"}}}},
		"a phone of an organization":    {&Phone{ID: part, Number: "030 1"}, ofFirm, Links{Lookups: []Lookup{{ByPhone, "030 1"}}}},
		"a phone of an individual":      {&Phone{ID: part, Number: "030 1"}, ofPerson, Links{Lookups: []Lookup{byID, {ByPhone, "030 1"}}}},
		"a web address":                 {&WebAddress{ID: part}, ofPerson, Links{Lookups: []Lookup{byID}}},
		"an option":                     {&Option{ID: part}, ofPerson, Links{Lookups: []Lookup{byID}}},
		"an address":                    {&Address{ID: part}, ofPerson, Links{}},
		"a department":                  {&Department{ID: part}, ofFirm, Links{}},
		"a customer list":               {&CustomerList{ID: part}, Owner{Org: "acme"}, Links{}},
		"an own type":                   {&OptionType{}, Owner{Org: "acme"}, Links{}},
		"a configuration":               {&ContactsConfiguration{}, Owner{Org: "acme"}, Links{}},
		"a tag":                         {&Tag{ID: part, Name: "VIP"}, ofPerson, Links{Lookups: []Lookup{{ByTag, "VIP"}}}},
		"a relationship":                {&PersonalRelationship{IndividualContact: person}, ofPerson, Links{References: []Reference{{"/individual_contact", Target{Contact: person}, Keep}}}},
		"a relationship to a firm":      {&PersonalRelationship{IndividualContact: firm}, ofPerson, Links{References: []Reference{{"/individual_contact", Target{Contact: firm, Part: NoResource}, Keep}}}},
		"a membership":                  {&Membership{OrganizationContact: firm}, ofFirm, Links{References: []Reference{{"/organization_contact", Target{Contact: firm}, Keep}}}},
		"a membership in no contact":    {&Membership{}, ofFirm, Links{}},
		"a location":                    {&Location{Leaders: []ProfessionalIdentityRef{leader}}, ofFirm, Links{References: []Reference{{"/leaders/0", identity, Restrict}}}},
		"an individual":                 {&IndividualContact{ExternalID: "1", Name: "Zoe"}, Owner{}, Links{Uniques: []Unique{{"INDIVIDUAL", "1", "external_id"}}, Lookups: []Lookup{{ByName, "Zoe"}}}},
		"a placeholder customer":        {&PlaceholderCustomer{ExternalID: "1", CustomerID: "2", Name: "Till"}, Owner{}, Links{Uniques: []Unique{{SpaceCustomer, "2", "customer_id"}, {"PLACEHOLDER_CUSTOMER", "1", "external_id"}}, Lookups: []Lookup{{ByName, "Till"}}}},
		"an alternative payer":          {&AlternativePayerRole{AlternativePayerID: "2"}, ofPerson, Links{Uniques: []Unique{{SpaceAlternativePayer, "2", "alternative_payer_id"}}}},
		"an inactive identity":          {&ProfessionalIdentity{OrganizationContact: firm}, ofPerson, Links{References: []Reference{{"/organization_contact", Target{Contact: firm}, Keep}}}},
		"an identity at a person":       {&ProfessionalIdentity{OrganizationContact: person, IsActive: true}, ofPerson, Links{References: []Reference{{"/organization_contact", Target{Contact: person, Part: NoResource}, Restrict}}}},
		"an active identity with parts": {&ProfessionalIdentity{OrganizationContact: firm, IsActive: true, Departments: []DepartmentRef{{firm, 7}}, Locations: []LocationRef{{firm, 8}}}, ofPerson, Links{References: []Reference{{"/organization_contact", Target{Contact: firm}, Restrict}, {"/departments/0/department_id", Target{firm, ADepartment, 7}, Restrict}, {"/locations/0/location_id", Target{firm, ALocation, 8}, Restrict}}}},
		"an organization": {&OrganizationContact{Founders: []ProfessionalIdentityRef{leader}, Leaders: []ProfessionalIdentityRef{leader}, Name: "ACME"}, Owner{},
			Links{Uniques: []Unique{{"ORGANIZATION", "", "external_id"}}, Lookups: []Lookup{{ByName, "ACME"}}, References: []Reference{{"/founders/0", identity, Restrict}, {"/leaders/0", identity, Restrict}}}},
		"a supplier": {&SupplierRole{SupplierID: "3", ManagedBy: &leader}, ofFirm,
			Links{Uniques: []Unique{{SpaceSupplier, "3", "supplier_id"}}, References: []Reference{{"/managed_by", identity, Restrict}, {"/managed_by", manager, Restrict}}}},
		"a customer": {&CustomerRole{CustomerID: "4", AlternativePayer: &ContactRef{placeholder}, DeliveryAndInvoicing: []DeliveryAndInvoicing{{AlternativePayer: &ContactRef{firm}, InvoiceAddressID: 7}}}, ofPerson,
			Links{Uniques: []Unique{{SpaceCustomer, "4", "customer_id"}}, References: []Reference{{"/alternative_payer", Target{Contact: placeholder, Part: NoResource}, Restrict},
				{"/delivery_and_invoicing_configurations/0/alternative_payer", Target{Contact: firm}, Restrict}, {"/delivery_and_invoicing_configurations/0/invoice_address_id", address, Restrict}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.resource.Links(c.owner); !reflect.DeepEqual(got, c.want) {
				t.Errorf("declares %+v, want %+v", got, c.want)
			}
		})
	}
}

// at returns the value at a JSON pointer of a document.
func at(document any, pointer string) any {
	for _, token := range strings.Split(pointer, "/")[1:] {
		if list, ok := document.([]any); ok {
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(list) {
				return nil
			}
			document = list[i]
			continue
		}
		object, _ := document.(map[string]any)
		document = object[token]
	}
	return document
}

func TestReferencesAndUniquesPointIntoTheBody(t *testing.T) {
	t.Parallel()
	id := rapid.Custom(func(t *rapid.T) ID { return ID(rapid.Int64Range(1, int64(MaxID)).Draw(t, "id")) })
	ref := rapid.Custom(func(t *rapid.T) ProfessionalIdentityRef {
		return ProfessionalIdentityRef{id.Draw(t, "contact"), id.Draw(t, "identity")}
	})
	refs := rapid.SliceOfN(ref, 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		manager, payer, text := ref.Draw(t, "manager"), &ContactRef{id.Draw(t, "payer")}, rapid.StringMatching(`[a-z]{1,5}`).Draw(t, "value")
		resource := rapid.SampledFrom([]linker{
			&OrganizationContact{ExternalID: ExternalID(text), Founders: refs.Draw(t, "founders"), Leaders: refs.Draw(t, "leaders")},
			&Location{Leaders: refs.Draw(t, "leaders")},
			&PersonalRelationship{IndividualContact: payer.ID},
			&Membership{OrganizationContact: payer.ID},
			&SupplierRole{SupplierID: text, ManagedBy: &manager},
			&CustomerRole{CustomerID: text, ManagedBy: &manager, AlternativePayer: payer,
				DeliveryAndInvoicing: []DeliveryAndInvoicing{{}, {AlternativePayer: payer, InvoiceAddressID: payer.ID, DeliveryAddressID: manager.ContactID}}},
			&ProfessionalIdentity{OrganizationContact: payer.ID, Departments: []DepartmentRef{{payer.ID, manager.ContactID}}, Locations: []LocationRef{{payer.ID, manager.ContactID}}},
		}).Draw(t, "resource")
		body, err := json.Marshal(resource)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(body, &document); err != nil {
			t.Fatal(err)
		}
		links := resource.Links(ofPerson)
		for _, r := range links.References {
			named := r.To.ID
			if r.To.Part == TheContact || r.To.Part == NoResource {
				named = r.To.Contact
			}
			if value := at(document, r.Pointer); !strings.Contains(fmt.Sprint(value), named.String()) {
				t.Fatalf("%s of %s is %v, which does not name %+v", r.Pointer, body, value, r.To)
			}
		}
		for _, u := range links.Uniques {
			if value := at(document, "/"+u.Field); value != u.Value {
				t.Fatalf("%s of %s is %v, want %s", u.Field, body, value, u.Value)
			}
		}
	})
}

func TestTheOrganizationOfAnIdentityIsFixed(t *testing.T) {
	t.Parallel()
	before := &ProfessionalIdentity{OrganizationContact: firm}
	for name, c := range map[string]struct {
		before  *ProfessionalIdentity
		sent    ID
		want    ID
		refused bool
	}{
		"absent":            {before, 0, firm, false},
		"the same":          {before, firm, firm, false},
		"another":           {before, firm.Next(), firm.Next(), true},
		"of a new identity": {nil, firm, firm, false},
	} {
		p := ProfessionalIdentity{OrganizationContact: c.sent}
		p.Normalize(c.before, Assigned{})
		if err := p.Validate(c.before); p.OrganizationContact != c.want || IsRefused(err, Impossible) != c.refused {
			t.Errorf("an organization that is %s becomes %s, %v, want %s", name, p.OrganizationContact, err, c.want)
		}
	}
}

func TestATypeKeepsItsPositionAndHasOneNameForEachLanguage(t *testing.T) {
	t.Parallel()
	last, next := int64(3), int64(5)
	kept, moved := OptionType{}, OptionType{Position: &next}
	for _, o := range []*OptionType{&kept, &moved} {
		o.Normalize(&OptionType{Position: &last}, Assigned{})
	}
	if *kept.Position != last || *moved.Position != next {
		t.Errorf("positions %d and %d, want %d and %d", *kept.Position, *moved.Position, last, next)
	}
	if kept.Normalize(&OptionType{Position: &next}, Assigned{}); *kept.Position != next {
		t.Errorf("a repeated write has position %d, want the one stored meanwhile", *kept.Position)
	}
	twice := OptionType{Names: []OptionName{{Lang: "de"}, {Lang: "en"}, {Lang: "de"}}}
	if err := twice.Validate(nil); !IsRefused(err, Malformed) {
		t.Errorf("two German names: %v, want a Malformed error", err)
	}
	twice.Names = slices.Delete(twice.Names, 2, 3)
	if err := twice.Validate(nil); err != nil {
		t.Errorf("one name for each language: %v", err)
	}
}
