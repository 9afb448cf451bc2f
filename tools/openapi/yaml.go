package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// An object is an object of the description whose order does not matter.
type object = map[string]any

// encode returns the description as YAML, in an order for readers.
func encode(document object) ([]byte, error) {
	text, err := yaml.MarshalWithOptions(ordered(document, ""), yaml.Indent(2), yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, err
	}
	return append([]byte("# Written by make openapi.\n"), text...), nil
}

// keyOrder is the order of the keys that the specification defines. Others follow in alphabetical order.
var keyOrder = []string{"openapi", "info", "servers", "tags", "security", "paths", "components",
	"operationId", "name", "in", "title", "version", "url", "summary", "description", "license", "contact", "allowEmptyValue", "$ref", "type",
	"required", "parameters", "get", "post", "put", "patch", "delete", "requestBody", "responses", "headers", "content", "schema",
	"properties", "items", "additionalProperties", "enum", "format"}

// named are the keys below which keys are names.
var named = []string{"properties", "responses", "headers", "examples", "content", "schemas", "requestBodies", "securitySchemes", "variables", "mapping"}

// ordered returns a value with objects in order. parent is the key that it is at.
func ordered(value any, parent string) any {
	switch v := value.(type) {
	case object:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		rank := func(key string) int {
			if i := slices.Index(keyOrder, key); i >= 0 && !slices.Contains(named, parent) {
				return i
			}
			return len(keyOrder)
		}
		slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
		slice := make(yaml.MapSlice, len(keys))
		for i, key := range keys {
			slice[i] = yaml.MapItem{Key: key, Value: ordered(v[key], key)}
		}
		return slice
	case yaml.MapSlice:
		slice := make(yaml.MapSlice, len(v))
		for i, item := range v {
			slice[i] = yaml.MapItem{Key: item.Key, Value: ordered(item.Value, fmt.Sprint(item.Key))}
		}
		return slice
	case []any:
		if line, ok := flow(v); ok {
			return line
		}
		list := make([]any, len(v))
		for i := range v {
			list[i] = ordered(v[i], "")
		}
		return list
	}
	return value
}

// A flowList is a list of scalars on one line.
type flowList string

// MarshalYAML implements yaml.BytesMarshaler.
func (l flowList) MarshalYAML() ([]byte, error) { return []byte(l), nil }

// plainText is a text that needs no quotes.
var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// flow returns a list of scalars as a flowList.
func flow(list []any) (flowList, bool) {
	texts := make([]string, len(list))
	for i, v := range list {
		switch v.(type) {
		case object, yaml.MapSlice, []any:
			return "", false
		}
		if s, ok := v.(string); ok && plainText.MatchString(s) && !slices.Contains([]string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(s)) {
			texts[i] = s
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return "", false
		}
		texts[i] = string(text)
	}
	return flowList("[" + strings.Join(texts, ", ") + "]"), true
}

// toObject returns a value as an object, by its JSON.
func toObject(v any) (object, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var o object
	err = decoder.Decode(&o)
	return withNumbers(o).(object), err
}

// marshaled returns what huma has marshaled before.
func marshaled(v any) object {
	o, err := toObject(v)
	if err != nil {
		panic(err)
	}
	return o
}

// withNumbers returns a value with integers and floats in place of json.Numbers.
func withNumbers(value any) any {
	switch v := value.(type) {
	case object:
		for key := range v {
			v[key] = withNumbers(v[key])
		}
	case []any:
		for i := range v {
			v[i] = withNumbers(v[i])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() // of a float
		return f
	}
	return value
}
