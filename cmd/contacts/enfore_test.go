package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Fields that the description requires and we don't, as docs/divergences.md explains, by schema.
var notRequired = []string{
	"Membership organization_contact",
	"CustomerTaxInformation enabled_tax_exemptions", // always shown, empty if absent from the body
}

// Fields that the description requires but does not define.
var undefined = []string{"Location organization_contact", "Location type"}

// An enforeField is a row of api/enfore/schemas.tsv.
type enforeField struct{ name, kind, required, readOnly, least, most string }

// facts returns the rows of a table in api/enfore, without its header.
func facts(t *testing.T, name string, columns int) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("../../api/enfore/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
		row := strings.Split(line, "\t")
		if len(row) != columns {
			t.Fatalf("%s: %q has %d columns, want %d", name, line, len(row), columns)
		}
		rows = append(rows, row)
	}
	return rows[1:]
}

// A schema is one in api/openapi.yaml.
type schema struct {
	Ref           string `yaml:"$ref"`
	Type          any    // a list in the other dialect
	Format        string
	Enum          []string
	Items         *schema
	Properties    map[string]*schema
	Required      []string
	MinLength     *int      `yaml:"minLength"`
	MaxLength     *int      `yaml:"maxLength"`
	OneOf         []*schema `yaml:"oneOf"`
	Discriminator *struct {
		Mapping map[string]string
	}
}

// A content is a body, or the reference to one.
type content struct {
	Ref     string `yaml:"$ref"`
	Content map[string]struct{ Schema *schema }
}

// json returns the schema of a body, which may be one of the components.
func (c content) json(components map[string]content) *schema {
	if c.Ref != "" {
		c = components[c.Ref[strings.LastIndexByte(c.Ref, '/')+1:]]
	}
	return c.Content["application/json"].Schema
}

// A comparison compares the description's schemas with ours.
type comparison struct {
	t      *testing.T
	ours   map[string]*schema
	fields map[string][]enforeField
	enums  map[string][]string
	seen   map[string]bool
	met    map[string]bool // the divergences found
}

func TestEveryOperationAndSchemaOfEnforesDescriptionIsServed(t *testing.T) {
	t.Parallel()
	description := readDescription(t)
	c := comparison{t, description.Components.Schemas, map[string][]enforeField{}, map[string][]string{}, map[string]bool{}, map[string]bool{}}
	for _, row := range facts(t, "schemas.tsv", 7) {
		c.fields[row[0]] = append(c.fields[row[0]], enforeField{row[1], row[2], row[3], row[4], row[5], row[6]})
	}
	for _, row := range facts(t, "enumerations.tsv", 2) {
		c.enums[row[0]] = strings.Fields(row[1])
	}
	operations := facts(t, "operations.tsv", 5)
	if len(operations) != 76 {
		t.Errorf("%d operations, want 76", len(operations))
	}
	for _, row := range operations {
		what := row[0] + " " + row[1]
		op := description.Paths[row[1]].operations()[strings.ToLower(row[0])]
		if op == nil || op.Responses[row[3]].Ref == "" {
			t.Errorf("%s, answered %s, is not served", what, row[3])
			continue
		}
		c.object(what+" answers", row[4], op.Responses[row[3]].json(description.Components.Responses), false)
		if row[2] != "" {
			c.object(what+" takes", row[2], op.RequestBody.json(description.Components.RequestBodies), true)
		}
	}
	for _, divergence := range append(slices.Clone(notRequired), undefined...) {
		if !c.met[divergence] {
			t.Errorf("%s no longer diverges", divergence)
		}
	}
	for name := range c.fields {
		if !c.seen[name+" true"] && !c.seen[name+" false"] {
			t.Errorf("no operation leads to %s", name)
		}
	}
}

// resolve follows references. What stands next to one counts too.
func (c comparison) resolve(s *schema) *schema {
	for s != nil && s.Ref != "" {
		next := *c.ours[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
		next.MinLength, next.MaxLength = cmp.Or(s.MinLength, next.MinLength), cmp.Or(s.MaxLength, next.MaxLength)
		s = &next
	}
	return s
}

// object compares one object in a request or a response.
func (c comparison) object(where, name string, ours *schema, body bool) {
	c.t.Helper()
	ours = c.resolve(ours)
	if ours == nil {
		c.t.Errorf("%s: no %s", where, name)
		return
	}
	if key := fmt.Sprint(name, " ", body); c.seen[key] {
		return
	} else {
		c.seen[key] = true
	}
	fields := c.fields[name]
	if len(fields) == 1 && fields[0].name == "@type" {
		for kind := range strings.SplitSeq(fields[0].kind, "|") {
			c.object(where, kind, &schema{Ref: ours.Discriminator.Mapping[kind]}, body)
		}
		return
	}
	demanded := slices.Clone(ours.Required)
	for _, f := range fields {
		id := name + " " + f.name
		property := c.resolve(ours.Properties[f.name])
		if f.kind == "" || property == nil {
			if c.met[id] = f.kind == "" && property == nil && slices.Contains(undefined, id); !c.met[id] {
				c.t.Errorf("%s: %s: there is no such field", where, id)
			}
			continue
		}
		required := slices.Contains(ours.Required, f.name)
		if body && f.readOnly != "" {
			if required || property.Type != nil {
				c.t.Errorf("%s: %s is not ignored, though the platform sets it", where, id)
			}
			continue
		}
		c.value(where, id, f, property, body)
		demanded = slices.DeleteFunc(demanded, func(name string) bool { return name == f.name && f.required != "" })
		if f.required != "" && !required && slices.Contains(notRequired, id) {
			c.met[id] = true
		} else if f.required != "" && !required {
			c.t.Errorf("%s: %s is required", where, id)
		}
	}
	for _, extra := range demanded {
		if body && extra != "@type" { // ours has it in all variants, as generators need it
			c.t.Errorf("%s: %s %s is asked for, which the description does not know", where, name, extra)
		}
	}
}

// value compares type, bounds and values of one field.
func (c comparison) value(where, id string, f enforeField, ours *schema, body bool) {
	c.t.Helper()
	kind, isList := strings.CutPrefix(f.kind, "[")
	if kind = strings.TrimSuffix(kind, "]"); isList {
		if ours.Type != "array" {
			c.t.Errorf("%s: %s is no list", where, id)
			return
		}
		ours = c.resolve(ours.Items)
	}
	got := fmt.Sprint(ours.Type)
	switch {
	case c.enums[kind] != nil:
		if want := c.enums[kind]; !slices.Equal(slices.Sorted(slices.Values(ours.Enum)), slices.Sorted(slices.Values(want))) {
			c.t.Errorf("%s: %s is one of %q, want %q", where, id, ours.Enum, want)
		}
		return
	case c.fields[kind] != nil:
		c.object(where, kind, ours, body)
		return
	case kind == "number" && got == "integer":
		got = kind
	case strings.TrimSuffix(ours.Format, "-reference") == kind:
		got = kind
	}
	if got != kind {
		c.t.Errorf("%s: %s is a %v (%s), want %s", where, id, ours.Type, ours.Format, kind)
	}
	if strings.HasPrefix(id, "IDMapping internal") {
		return // ids are shorter than their bound
	}
	for bound, pair := range map[string]struct {
		want string
		got  *int
	}{"at least": {f.least, ours.MinLength}, "at most": {f.most, ours.MaxLength}} {
		if pair.want != "" && (pair.got == nil || fmt.Sprint(*pair.got) != pair.want) {
			c.t.Errorf("%s: %s has not %s %s characters", where, id, bound, pair.want)
		}
	}
}
