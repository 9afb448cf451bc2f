package rest

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// IDPattern is the pattern of an id. (RequestBody also refuses ids of 2^53 and more.)
const IDPattern = "^[1-9][0-9]{0,15}$"

// nonBlank is the pattern of a required string. (The description has a stricter one.)
const nonBlank = `\S`

// NewRegistry returns a registry with schemas for the domain's types, which must not depend on huma.
func NewRegistry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	alias[contact.ID, idSchema](r)
	alias[contact.Date, dateSchema](r)
	alias[contact.EmailAddress, emailSchema](r)
	alias[contact.WebURL, urlSchema](r)
	alias[contact.Time, timeSchema](r)
	alias[contact.Decimal, decimalSchema](r)
	alias[contact.ExternalID, externalIDSchema](r)
	alias[contact.SupplierTaxInformation, supplierTaxSchema](r)
	alias[contact.EUVATNumber, boundedSchema[contact.EUVATNumber]](r)
	alias[contact.TaxRegistrationNumber, boundedSchema[contact.TaxRegistrationNumber]](r)
	enumerated[contact.AddressType](r)
	enumerated[contact.AddressUsage](r)
	enumerated[contact.EmailType](r)
	enumerated[contact.PhoneType](r)
	enumerated[contact.PhoneUsage](r)
	enumerated[contact.WebAddressType](r)
	enumerated[contact.UsageContext](r)
	enumerated[contact.CountryCode](r)
	enumerated[contact.RelationshipType](r)
	enumerated[contact.DepartmentArea](r)
	enumerated[contact.MembershipType](r)
	enumerated[contact.TaxExemption](r)
	enumerated[contact.SupplierTaxType](r)
	enumerated[contact.CurrencyCode](r)
	enumerated[contact.ImageStatus](r)
	enumerated[contact.ImageType](r)
	return r
}

func alias[T, S any](r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[T](), reflect.TypeFor[S]())
}

type (
	idSchema      struct{}
	dateSchema    struct{}
	emailSchema   struct{}
	urlSchema     struct{}
	timeSchema    struct{}
	decimalSchema struct{}

	externalIDSchema  struct{}
	supplierTaxSchema struct{}
)

func (idSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: IDPattern, PatternDescription: "a decimal id"}
}

func (dateSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}

func (emailSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "email"}
}

func (urlSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uri", Pattern: "^[Hh][Tt][Tt][Pp][Ss]?://", PatternDescription: "an absolute http or https URI"}
}

func (timeSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

func (decimalSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber}
}

// externalIDFormat is the format of external ids, which contact.Formats checks.
const externalIDFormat = "external-id"

func (externalIDSchema) Schema(r huma.Registry) *huma.Schema {
	s := boundedSchema[contact.ExternalID]{}.Schema(r)
	s.Format = externalIDFormat
	return s
}

// The variants of a supplier's tax information, by its discriminator. The first is the default.
type (
	// VendorTaxInformation may have either number.
	VendorTaxInformation contact.SupplierTaxInformation
	// EscrowTaxInformation has both numbers.
	EscrowTaxInformation contact.SupplierTaxInformation
)

func (supplierTaxSchema) Schema(r huma.Registry) *huma.Schema {
	kinds := map[string]reflect.Type{"VendorTaxInformation": reflect.TypeFor[VendorTaxInformation](), "EscrowTaxInformation": reflect.TypeFor[EscrowTaxInformation]()}
	s := &huma.Schema{Discriminator: &huma.Discriminator{PropertyName: "@type", Mapping: map[string]string{}}}
	for _, kind := range contact.SupplierTaxType("").Values() {
		one := r.Schema(kinds[kind], true, "")
		r.SchemaFromRef(one.Ref).Required = contact.SupplierTaxType(kind).Needs()
		s.OneOf = append(s.OneOf, one)
		s.Discriminator.Mapping[kind] = one.Ref
	}
	return s
}

// A bounded type is a string with a length of its own.
type bounded interface {
	~string
	Bounds() (least, most int)
}

type boundedSchema[T bounded] struct{}

func (boundedSchema[T]) Schema(huma.Registry) *huma.Schema {
	least, most := T("").Bounds()
	return &huma.Schema{Type: huma.TypeString, MinLength: ptr(least), MaxLength: ptr(most)}
}

// An enumeration is a type with a fixed set of values.
type enumeration interface{ Values() []string }

type enumSchema[E enumeration] struct{}

func (enumSchema[E]) Schema(huma.Registry) *huma.Schema {
	var zero E
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range zero.Values() {
		s.Enum = append(s.Enum, v)
	}
	return s
}

func enumerated[E enumeration](r huma.Registry) { alias[E, enumSchema[E]](r) }

// addBounds adds bounds to strings for which the API documents state none: at most contact.MaxText characters, and not blank if required.
func addBounds(r huma.Registry, s *huma.Schema) { addBoundsOnce(r, s, map[*huma.Schema]bool{}) }

func addBoundsOnce(r huma.Registry, s *huma.Schema, done map[*huma.Schema]bool) {
	for s != nil && s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	if s == nil || done[s] {
		return
	}
	done[s] = true
	for _, variant := range s.OneOf {
		addBoundsOnce(r, variant, done)
	}
	switch s.Type {
	case huma.TypeString:
		if s.MaxLength == nil && s.Enum == nil && s.Pattern != IDPattern && s.Format != "date" && s.Format != "date-time" {
			s.MaxLength = ptr(contact.MaxText)
		}
	case huma.TypeArray:
		addBoundsOnce(r, s.Items, done)
	case huma.TypeObject:
		for name, property := range s.Properties {
			addBoundsOnce(r, property, done)
			// Read-only strings may be empty.
			if property.Type == huma.TypeString && !property.ReadOnly && property.Pattern == "" && property.Format == "" && property.Enum == nil && slices.Contains(s.Required, name) {
				property.MinLength = ptr(max(1, deref(property.MinLength)))
				property.Pattern, property.PatternDescription = nonBlank, "more than blanks"
			}
			property.PrecomputeMessages()
		}
	}
	s.PrecomputeMessages()
}

// OneOrMany is a T, or an array of them.
type OneOrMany[T any] struct {
	Items []T
	// One reports whether the JSON was not an array.
	One bool
}

// Schema is a T or an array.
func (OneOrMany[T]) Schema(r huma.Registry) *huma.Schema {
	one := r.Schema(reflect.TypeFor[T](), true, "")
	return &huma.Schema{OneOf: []*huma.Schema{one, {Type: huma.TypeArray, Items: one, MinItems: ptr(1), MaxItems: ptr(maxMany)}}}
}

// UnmarshalJSON reads a T or an array.
func (m *OneOrMany[T]) UnmarshalJSON(text []byte) error {
	if m.One = jsontext.Value(text).Kind() != '['; !m.One {
		return json.Unmarshal(text, &m.Items)
	}
	m.Items = make([]T, 1)
	return json.Unmarshal(text, &m.Items[0])
}

// Pointer returns the JSON pointer of the item at an index.
func (m *OneOrMany[T]) Pointer(i int) string {
	if m.One {
		return ""
	}
	return "/" + strconv.Itoa(i)
}

// maxMany bounds arrays whose items change in one transaction.
const maxMany = 100

func ptr[T any](v T) *T { return &v }

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
