package description

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Each example of a body fits its schema, and each component is used.
func TestTheExamplesFitTheirSchemas(t *testing.T) {
	t.Parallel()
	d := readDescription(t)
	text, checked := rawDescription(t), 0
	for _, section := range []string{"requestBodies", "responses"} {
		for name, body := range text["components"].(map[string]any)[section].(map[string]any) {
			content, _ := body.(map[string]any)["content"].(map[string]any)
			for media, m := range content {
				examples := m.(map[string]any)["examples"].(map[string]any)
				if len(examples) == 0 {
					t.Errorf("%s %s has no example", section, name)
				}
				for key := range examples {
					value, err := json.Marshal(d.Components.Examples[key].Value)
					if err != nil {
						t.Fatal(err)
					}
					checked++
					if fault := d.fault(t, fmt.Sprintf("/components/%s/%s/content/%s/schema", section, name, escape(media)), string(value)); fault != "" {
						t.Errorf("%s %s: the example %s: %s", section, name, key, fault)
					}
				}
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d examples were found", checked)
	}
}

// Each property of an object, each parameter and each operation says what it is.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	text := rawDescription(t)
	said := func(what string, v any) {
		if words, _ := v.(map[string]any)["description"].(string); !strings.HasSuffix(words, ".") {
			t.Errorf("%s is described by %q", what, words)
		}
	}
	components := text["components"].(map[string]any)
	for name, s := range components["schemas"].(map[string]any) {
		said(name, s)
		properties, _ := s.(map[string]any)["properties"].(map[string]any)
		for p, v := range properties {
			said(name+"."+p, v)
		}
	}
	for _, section := range []string{"parameters", "headers", "responses", "requestBodies"} {
		for name, v := range components[section].(map[string]any) {
			said(section+" "+name, v)
		}
	}
	for path, item := range text["paths"].(map[string]any) {
		said(path, item)
		for method, operation := range item.(map[string]any) {
			if o, ok := operation.(map[string]any); ok && o["operationId"] != nil {
				said(method+" "+path, o)
			}
		}
	}
}

// A component that nothing refers to is one too many.
func TestEveryComponentIsUsed(t *testing.T) {
	t.Parallel()
	text := rawDescription(t)
	whole, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for section, components := range text["components"].(map[string]any) {
		for name := range components.(map[string]any) {
			if section != "securitySchemes" && !strings.Contains(string(whole), `"#/components/`+section+"/"+name+`"`) {
				t.Errorf("%s %s is not used", section, name)
			}
		}
	}
}
