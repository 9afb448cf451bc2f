package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/goccy/go-yaml"

	"contacts/pkg/rest"
)

const schemaPath = "#/components/schemas/"

// A builder collects the components of the description.
type builder struct {
	texts
	requestTypes, answerTypes object        // schemas as huma derives them from types
	answerRegistry            huma.Registry // of answerTypes
	raw                       *huma.OpenAPI // the routes' declarations
	schemas                   object
	parameters, headers, responses,
	bodies, examples object
	missing []error
}

// newBuilder returns a builder for what routes declare.
func newBuilder(raw *huma.OpenAPI) (*builder, error) {
	t, err := readTexts()
	if err != nil {
		return nil, err
	}
	b := &builder{texts: t, raw: raw, schemas: object{}, parameters: object{}, headers: object{}, responses: object{}, bodies: object{}, examples: object{}}
	for _, t := range credentials {
		raw.Components.Schemas.Schema(t, true, "")
	}
	if b.requestTypes, err = toObject(raw.Components.Schemas.Map()); err != nil {
		return nil, err
	}
	b.answerRegistry = rest.NewRegistry()
	for _, g := range groups() {
		for _, r := range g.Routes {
			if t := answerOf(r); t != nil {
				b.answerRegistry.Schema(t, true, "")
			}
		}
	}
	for _, t := range append(payloads(), reflect.TypeFor[rest.Problem](), reflect.TypeFor[rest.Envelope](), reflect.TypeFor[rest.OAuthError]()) {
		b.answerRegistry.Schema(t, true, "")
	}
	b.answerTypes, err = toObject(b.answerRegistry.Map())
	return b, err
}

// lacks notes that the files in texts lack something.
func (b *builder) lacks(format string, args ...any) {
	b.missing = append(b.missing, fmt.Errorf("texts lack "+format, args...))
}

// err returns what is missing in the texts, and what they have that the description doesn't.
func (b *builder) err() error {
	for _, name := range slices.Sorted(maps.Keys(b.texts.schemas)) {
		if _, built := b.schemas[name]; !built && name != "*" {
			if _, built := b.schemas[name+input]; !built {
				b.missing = append(b.missing, fmt.Errorf("texts have a schema %s that is not used", name))
			}
		}
	}
	for name := range b.refusals.Responses {
		if _, built := b.responses[name]; !built {
			b.missing = append(b.missing, fmt.Errorf("texts have a response %s that is not used", name))
		}
	}
	return errors.Join(b.missing...)
}

// add adds a component and returns a reference to it. The same name twice is the same component.
func (b *builder) add(section string, into object, name string, component any) object {
	if other, there := into[name]; there && !reflect.DeepEqual(other, component) {
		panic(fmt.Sprintf("openapi: two components %s %s:\n%v\n%v", section, name, other, component))
	}
	into[name] = component
	return ref(section, name)
}

func ref(section, name string) object {
	return object{"$ref": "#/components/" + section + "/" + name}
}

// document returns the whole description.
func (b *builder) document(paths yaml.MapSlice, webhooks object) object {
	list := make([]any, len(tags))
	for i, t := range tags {
		list[i] = object{"name": t.name, "description": t.description}
	}
	return object{
		"openapi":  "3.1.0",
		"info":     b.head.Info,
		"servers":  b.head.Servers,
		"security": []any{object{"bearer": []any{}}},
		"tags":     list,
		"paths":    paths,
		"webhooks": webhooks,
		"components": object{
			"schemas": b.sortedSchemas(), "parameters": b.parameters, "headers": b.headers, "responses": b.responses,
			"requestBodies": b.bodies, "examples": b.examples, "securitySchemes": b.head.SecuritySchemes,
		},
	}
}

// sortedSchemas returns the schemas with their properties in the order of the texts.
func (b *builder) sortedSchemas() object {
	sorted := object{}
	for name, schema := range b.schemas {
		s := maps.Clone(schema.(object))
		if properties, ok := s["properties"].(object); ok {
			var slice yaml.MapSlice
			for _, p := range b.propertyNames(name, properties) {
				slice = append(slice, yaml.MapItem{Key: p, Value: properties[p]})
			}
			s["properties"] = slice
		}
		sorted[name] = s
	}
	return sorted
}

// propertyNames returns the names of properties in the order of the texts.
func (b *builder) propertyNames(schema string, properties object) []string {
	base := strings.TrimSuffix(schema, input)
	names := slices.Sorted(maps.Keys(properties))
	slices.SortStableFunc(names, func(a, c string) int { return b.propertyOrder(base, a) - b.propertyOrder(base, c) })
	return names
}
