package main

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// exampleOf returns the example of an object's schema: that of the texts without what a request ignores, else one that is made from
// those of its properties. raw is the schema as huma has it.
func (u use) exampleOf(name string, raw object) any {
	text := u.texts.schemas[strings.TrimSuffix(name, input)]
	properties, _ := raw["properties"].(object)
	var slice yaml.MapSlice
	if written, ok := text.Example.(yaml.MapSlice); ok {
		for _, item := range written {
			p, known := properties[fmt.Sprint(item.Key)].(object)
			if !known || u.request && p["readOnly"] == true {
				continue
			}
			slice = append(slice, yaml.MapItem{Key: item.Key, Value: u.filtered(p, item.Value)})
		}
		return slice
	}
	required, _ := raw["required"].([]any)
	for _, p := range u.propertyNames(name, properties) {
		for _, r := range required {
			if r != p {
				continue
			}
			value, ok := text.Values[p]
			if !ok {
				value = u.exampleOfValue(properties[p].(object), p)
			}
			slice = append(slice, yaml.MapItem{Key: p, Value: value})
		}
	}
	return slice
}

// exampleOfValue returns the example of a value: the list of one example, or none for problems.
func (u use) exampleOfValue(raw object, property string) any {
	switch {
	case raw["$ref"] != nil:
		name := strings.TrimPrefix(raw["$ref"].(string), schemaPath)
		return u.exampleOf(u.name(name), u.types[name].(object))
	case property == "problems":
		return []any{}
	case raw["type"] == "array":
		return []any{u.exampleOfValue(raw["items"].(object), property)}
	}
	return ""
}

// filtered returns an example's value without what a request ignores.
func (u use) filtered(raw object, value any) any {
	switch v := value.(type) {
	case yaml.MapSlice:
		if raw["oneOf"] != nil {
			return v
		}
		if raw["$ref"] == nil {
			return v
		}
		properties := u.types[strings.TrimPrefix(raw["$ref"].(string), schemaPath)].(object)["properties"].(object)
		var slice yaml.MapSlice
		for _, item := range v {
			p, known := properties[fmt.Sprint(item.Key)].(object)
			if known && !(u.request && p["readOnly"] == true) {
				slice = append(slice, yaml.MapItem{Key: item.Key, Value: u.filtered(p, item.Value)})
			}
		}
		return slice
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = u.filtered(raw["items"].(object), v[i])
		}
		return list
	}
	return value
}

// scalarExample returns the value of a property in the example of its schema, nil if it is none or an object or a list.
func scalarExample(text schemaText, property string) any {
	example, _ := text.Example.(yaml.MapSlice)
	switch v := field(example, property).(type) {
	case yaml.MapSlice, []any:
		return nil
	default:
		return v
	}
}
