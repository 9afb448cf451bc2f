package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// forms are the schemas that the console has a form for. Those that they refer to are generated with them.
var forms = []string{
	"IndividualContactInput", "OrganizationContactInput", "PlaceholderCustomerInput", "CustomerListInput", "ContactsConfigurationInput",
	"AddressInput", "EmailInput", "PhoneInput", "WebAddressInput", "PersonalRelationshipInput", "ProfessionalIdentityInput", "ProfessionalIdentityUpdate",
	"DepartmentInput", "LocationInput", "MembershipInput", "CustomerRoleInput", "SupplierRoleInput", "AlternativePayerRoleInput", "TagInput",
	"ContactOptionInput", "WebhookInput",
}

// A schema is what the generator reads of a schema of the description.
type schema struct {
	Ref        string        `yaml:"$ref"`
	Type       any           `yaml:"type"` // a name, or several
	Format     string        `yaml:"format"`
	Enum       []string      `yaml:"enum"`
	Const      string        `yaml:"const"`
	MaxLength  int           `yaml:"maxLength"`
	Required   []string      `yaml:"required"`
	Properties yaml.MapSlice `yaml:"properties"`
	Items      *schema       `yaml:"items"`
	OneOf      []schema      `yaml:"oneOf"`
}

// A field is what a form knows of a property: field of console/src/api/field.ts.
type field struct {
	Kind     string   `json:"kind"`
	Of       string   `json:"of,omitempty"`
	OneOf    []string `json:"oneOf,omitempty"`
	Const    string   `json:"const,omitempty"`
	Max      int      `json:"max,omitempty"`
	Many     bool     `json:"many,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// references are the schemas that a form shows as a choice among contacts.
var references = map[string]string{
	"ContactRefInput": "contact", "ProfessionalIdentityRefInput": "identity", "DepartmentRefInput": "department", "LocationRefInput": "location", "ID": "id",
}

// A generator collects what the forms need.
type generator struct {
	all     map[string]schema
	schemas map[string][]namedField
	enums   map[string][]string
}

type namedField struct {
	name string
	field
}

// generate returns the TypeScript of the schemas and enums that forms need.
func generate(description []byte) ([]byte, error) {
	var document struct {
		Components struct {
			Schemas map[string]schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(description, &document); err != nil {
		return nil, err
	}
	g := generator{document.Components.Schemas, map[string][]namedField{}, map[string][]string{}}
	for _, name := range forms {
		if err := g.add(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return g.typescript(), nil
}

// add collects the fields of an object's schema.
func (g generator) add(name string) error {
	if _, known := g.schemas[name]; known {
		return nil
	}
	s, ok := g.all[name]
	if !ok {
		return fmt.Errorf("the description has no schema %s", name)
	}
	g.schemas[name] = nil // ends a recursion
	var fields []namedField
	for _, property := range s.Properties {
		var p schema
		text, err := yaml.Marshal(property.Value)
		if err != nil {
			return err
		}
		if err := yaml.Unmarshal(text, &p); err != nil {
			return err
		}
		if p.Ref == "" && p.Type == nil && p.OneOf == nil {
			continue // read-only: accepted and ignored
		}
		key := fmt.Sprint(property.Key)
		f, err := g.field(p, strings.TrimSuffix(name, "Input")+strings.ToUpper(key[:1])+key[1:])
		if err != nil {
			return fmt.Errorf("%v: %w", property.Key, err)
		}
		f.Required = slices.Contains(s.Required, key)
		fields = append(fields, namedField{key, f})
	}
	g.schemas[name] = fields
	return nil
}

// field returns what a form knows of a property. An enum that has no name in the description gets the name inline.
func (g generator) field(p schema, inline string) (field, error) {
	name := strings.TrimPrefix(p.Ref, "#/components/schemas/")
	if kind := references[name]; kind != "" {
		return field{Kind: kind}, nil
	}
	if target, ok := g.all[name]; ok {
		switch {
		case target.Enum != nil:
			g.enums[name] = target.Enum
			return field{Kind: "enum", Of: name}, nil
		case target.Properties != nil:
			return field{Kind: "object", Of: name}, g.add(name)
		}
		if target.MaxLength == 0 || p.MaxLength != 0 {
			target.MaxLength = p.MaxLength
		}
		p = target
	}
	switch {
	case p.Enum != nil:
		g.enums[inline] = p.Enum
		return field{Kind: "enum", Of: inline}, nil
	case p.OneOf != nil:
		choice := field{Kind: "choice"}
		for _, one := range p.OneOf {
			of := strings.TrimPrefix(one.Ref, "#/components/schemas/")
			choice.OneOf = append(choice.OneOf, of)
			if err := g.add(of); err != nil {
				return field{}, err
			}
		}
		return choice, nil
	case p.Const != "":
		return field{Kind: "const", Const: p.Const}, nil
	case p.Type == "array":
		f, err := g.field(*p.Items, inline)
		f.Many = true
		return f, err
	case p.Type == "string" && slices.Contains([]string{"date", "email", "uri"}, p.Format):
		return field{Kind: p.Format, Max: p.MaxLength}, nil
	case p.Type == "string":
		return field{Kind: "text", Max: p.MaxLength}, nil
	}
	kind, ok := p.Type.(string)
	if !ok {
		return field{}, fmt.Errorf("no form for %+v", p)
	}
	return field{Kind: kind}, nil
}

func (g generator) typescript() []byte {
	var b bytes.Buffer
	b.WriteString("// Written by tools/console from api/openapi.yaml: change the description instead.\nimport type { Field } from \"./field\";\n\nexport const enums = {\n")
	for _, name := range slices.Sorted(maps.Keys(g.enums)) {
		fmt.Fprintf(&b, "  %s: %s,\n", name, literal(g.enums[name]))
	}
	b.WriteString("} as const;\n\nexport const schemas = {\n")
	for _, name := range slices.Sorted(maps.Keys(g.schemas)) {
		fmt.Fprintf(&b, "  %s: {\n", name)
		for _, f := range g.schemas[name] {
			fmt.Fprintf(&b, "    %q: %s,\n", f.name, literal(f.field))
		}
		b.WriteString("  },\n")
	}
	b.WriteString("} as const satisfies Record<string, Record<string, Field>>;\n")
	return b.Bytes()
}

func literal(v any) string {
	text, _ := json.Marshal(v) // can't fail: strings, numbers and booleans
	return string(text)
}
