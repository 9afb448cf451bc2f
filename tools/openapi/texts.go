package main

import (
	"embed"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed texts/*.yaml
var files embed.FS

// texts are the prose and the examples of the description.
type texts struct {
	head struct {
		Info, Servers   any
		SecuritySchemes any `yaml:"securitySchemes"`
		Headers         map[string]any
	}
	schemas    map[string]schemaText
	operations map[string]operationText
	parameters map[string]parameterText
	atPaths    map[string]string
	refusals   struct {
		Kinds     map[string]problemKind
		Responses map[string]refusalText
	}
}

type (
	schemaText struct {
		Description string
		Properties  yaml.MapSlice
		Example     any
		// Values are those of properties, where the example is made from other schemas.
		Values map[string]any
	}
	operationText struct{ Summary, Description string }
	parameterText struct {
		Description string
		Example     any
		MaxLength   int `yaml:"maxLength"`
	}
	problemKind struct {
		Status int
		Title  string
	}
	refusalText struct {
		Description string
		Status      int
		Examples    map[string]yaml.MapSlice
	}
)

func readTexts() (t texts, err error) {
	for name, into := range map[string]any{"document": &t.head, "schemas": &t.schemas, "operations": &t.operations, "parameters": &t.parameters,
		"paths": &t.atPaths, "errors": &t.refusals} {
		text, err := files.ReadFile("texts/" + name + ".yaml")
		if err == nil {
			err = yaml.UnmarshalWithOptions(text, into, yaml.UseOrderedMap(), yaml.Strict())
		}
		if err != nil {
			return t, err
		}
	}
	for pattern, text := range t.operations {
		for _, k := range kinds {
			id := strings.Replace(pattern, "*", k.noun, 1)
			if _, own := t.operations[id]; own {
				continue
			}
			words := strings.NewReplacer("{a contact}", k.one, "{contacts}", k.many, "*", k.noun)
			t.operations[id] = operationText{words.Replace(text.Summary), words.Replace(text.Description)}
		}
	}
	return t, nil
}

// property returns the text of a schema's property, "" if it has none.
func (t texts) property(schema, name string) string {
	for _, owner := range []string{schema, "*"} {
		for _, p := range t.schemas[owner].Properties {
			if text, ok := p.Value.(string); ok && p.Key == name {
				return text
			}
		}
	}
	return ""
}

// propertyOrder returns the position of a schema's property.
func (t texts) propertyOrder(schema, name string) int {
	for i, p := range t.schemas[schema].Properties {
		if p.Key == name {
			return i
		}
	}
	return len(t.schemas[schema].Properties)
}
