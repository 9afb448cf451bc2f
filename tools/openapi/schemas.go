package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/rest"
)

// input ends the name of a schema for requests where there is one for answers too.
const input = "Input"

// renamed are schemas with other names than their types.
var renamed = map[string]string{
	"ContactBatchIndividualContact": "IndividualContactBatch", "ContactBatchOrganizationContact": "OrganizationContactBatch",
	"Envelope": "PlentyError", "Cause": "PlentyErrorCause", "OAuthError": "LoginError", "SimpleRestResponse": "OptionVerdict", "ListCustomerList": "CustomerLists",
	"Behind": "WebhookBehind", "Delivery": "WebhookDelivery", "DeliveryRef": "WebhookDeliveryRef", "PageDelivery": "WebhookDeliveryPage", "Replay": "WebhookReplay",
	"PageExport": "ExportPage", "Event": "WebhookEvent", "EventData": "WebhookEventData", "EventCaller": "WebhookEventCaller", "Test": "WebhookTest", "TestData": "WebhookTestData",
}

// dropped are properties in a second spelling. Generated clients would have each twice.
var dropped = map[string][]string{
	"UserTokens": {"tokenType", "expiresIn", "accessToken", "refreshToken"},
}

// enumerations are the schemas of enumerations, by their name.
var enumerations = map[string][]string{
	"AddressType": contact.AddressType("").Values(), "AddressUsage": contact.AddressUsage("").Values(), "EmailType": contact.EmailType("").Values(),
	"PhoneType": contact.PhoneType("").Values(), "PhoneUsage": contact.PhoneUsage("").Values(), "WebAddressType": contact.WebAddressType("").Values(),
	"UsageContext": contact.UsageContext("").Values(), "CountryCode": contact.CountryCode("").Values(), "RelationshipType": contact.RelationshipType("").Values(),
	"DepartmentArea": contact.DepartmentArea("").Values(), "MembershipType": contact.MembershipType("").Values(), "TaxExemption": contact.TaxExemption("").Values(),
	"CurrencyCode": contact.CurrencyCode("").Values(), "ImageStatus": contact.ImageStatus("").Values(), "ImageType": contact.ImageType("").Values(),
	"ContactKind": {"INDIVIDUAL", "ORGANIZATION", "PLACEHOLDER_CUSTOMER"},
}

// allowedChars is the class of characters that contact.CheckText accepts, and CR, which becomes a newline. visibleChars are
// those that are neither white space nor ignorable (of the Basic Multilingual Plane): text without one counts as empty.
const (
	allowedChars = `[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]`
	visibleChars = `[^\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f` +
		`\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8]`
	anyText      = "^" + allowedChars + "*$"
	requiredText = "^" + allowedChars + "*" + visibleChars + allowedChars + "*$"
)

var noQuestionMark = strings.NewReplacer("[^", "[^?")

// shared are the schemas of values that many properties have.
var shared = map[string]object{
	"ID":           {"type": "string", "pattern": rest.IDPattern},
	"ExternalID":   {"type": "string", "minLength": 1, "maxLength": 256, "pattern": noQuestionMark.Replace(requiredText)},
	"Text":         {"type": "string", "maxLength": contact.MaxText, "pattern": anyText},
	"RequiredText": {"type": "string", "minLength": 1, "maxLength": contact.MaxText, "pattern": requiredText},
	"QueryText":    {"type": "string", "minLength": 1, "pattern": requiredText},
}

// A use is where a schema is used: in requests or in answers.
type use struct {
	*builder
	types   object // as huma has them
	request bool
}

func (b *builder) requests() use { return use{b, b.requestTypes, true} }

func (b *builder) answers() use { return use{b, b.answerTypes, false} }

// name returns the name of a type's schema.
func (u use) name(typeName string) string {
	base, _ := strings.CutPrefix(typeName, "List")
	name := renamed[typeName]
	switch {
	case name != "":
	case base != typeName && base != "Problem":
		name = base + "List"
	case strings.HasPrefix(typeName, "Items"):
		name = strings.TrimPrefix(typeName, "Items") + "List"
	case strings.HasPrefix(typeName, "Page"):
		name = strings.TrimPrefix(typeName, "Page") + "Page"
	default:
		name = typeName
	}
	if _, both := u.answerTypes[typeName]; both && u.request {
		name += input
	}
	return name
}

// named returns a reference to the schema of a type, and adds it.
func (u use) named(typeName string) object {
	name := u.name(typeName)
	if _, there := u.schemas[name]; !there {
		u.schemas[name] = object{} // types may refer to themselves
		u.schemas[name] = u.object(name, u.types[typeName].(object))
	}
	return ref("schemas", name)
}

// object returns the schema of an object: closed in requests, open in answers.
func (u use) object(name string, raw object) object {
	base := strings.TrimSuffix(name, input)
	text, ok := u.texts.schemas[base]
	if !ok {
		u.lacks("the schema %s", base)
	}
	s := object{"type": "object", "description": text.Description}
	required, _ := raw["required"].([]any)
	properties := object{}
	for p, v := range raw["properties"].(object) {
		v := v.(object)
		if slices.Contains(dropped[base], p) {
			required = without(required, p)
			continue
		}
		description := u.property(base, p)
		if description == "" {
			u.lacks("the property %s of %s", p, base)
		}
		if u.request && v["readOnly"] == true {
			required = without(required, p)
			properties[p] = ignored
			continue
		}
		property := u.convert(v, base, p)
		property["description"] = description
		if example := scalarExample(text, p); example != nil {
			property["examples"] = []any{example}
		}
		delete(property, "readOnly") // the schema of requests ignores it
		properties[p] = property
	}
	if u.request && properties["items"] != nil {
		for _, p := range rest.ListFields {
			properties[p] = ignored
		}
	}
	s["properties"] = properties
	if len(required) > 0 {
		s["required"] = required
	}
	if u.request && !slices.ContainsFunc(slices.Collect(maps.Values(credentials)), func(t reflect.Type) bool { return t.Name() == name }) {
		s["additionalProperties"] = false
	}
	return s
}

// ignored is the schema of a property that a request may have.
var ignored = object{"description": "Accepted and ignored, so that what was read can be sent back."}

func without(list []any, value string) []any {
	return slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == value })
}

// convert returns the schema of a value. owner and property are where it is.
func (u use) convert(raw object, owner, property string) object {
	switch {
	case raw["$ref"] != nil:
		return u.named(strings.TrimPrefix(raw["$ref"].(string), schemaPath))
	case raw["oneOf"] != nil && raw["discriminator"] == nil:
		var of []any
		for _, variant := range raw["oneOf"].([]any) {
			of = append(of, u.scalar(variant.(object)))
		}
		return object{"oneOf": of}
	case raw["oneOf"] != nil:
		return u.variants(raw, owner, property)
	case raw["type"] == "array":
		s := clean(raw)
		s["items"] = u.convert(raw["items"].(object), owner, property)
		return s
	}
	if of, ok := raw["additionalProperties"].(object); ok {
		return object{"type": "object", "additionalProperties": u.convert(of, owner, property)}
	}
	return u.scalar(raw)
}

// clean returns a schema without what huma alone needs, and without readOnly: generated clients would take fields that every answer
// has for optional ones.
func clean(raw object) object {
	s := object{}
	for key, value := range raw {
		if key != "patternDescription" && key != "examples" && key != "description" && key != "readOnly" {
			s[key] = value
		}
	}
	return s
}

// scalar returns the schema of a string, number or boolean.
func (u use) scalar(raw object) object {
	s := clean(raw)
	if s["pattern"] == `\S` || s["pattern"] == "" {
		delete(s, "pattern")
	}
	values, _ := s["enum"].([]any)
	name := ""
	switch format, _ := s["format"].(string); {
	case values != nil:
		for enumeration, all := range enumerations {
			if slices.EqualFunc(values, all, func(v any, text string) bool { return v == text }) {
				name = enumeration
			}
		}
		delete(s, "enum")
		if name == "" {
			s["enum"] = values
			return s
		}
	case s["pattern"] == rest.IDPattern:
		name = "ID"
	case format == "external-id":
		name = "ExternalID"
	case s["type"] == "integer" && format == "":
		s["format"] = "int64"
		return s
	case format == "flag":
		delete(s, "format")
		return u.text(s)
	case format != "":
		return s
	default:
		return u.text(s)
	}
	component := object{"type": "string", "description": u.texts.schemas[name].Description}
	for key, value := range shared[name] {
		component[key] = value
	}
	if values != nil {
		component["enum"] = values
	}
	if example := u.texts.schemas[name].Example; example != nil {
		component["examples"] = []any{example}
	}
	for key := range component {
		delete(s, key)
	}
	delete(s, "format")
	u.schemas[name] = component
	s["$ref"] = schemaPath + name
	return s
}

// text returns the schema of a text. In requests the characters are restricted.
func (u use) text(s object) object {
	types, nullable := s["type"].([]any)
	if !u.request || s["pattern"] != nil || !nullable && s["type"] != "string" || nullable && types[0] != "string" {
		return s
	}
	name := "Text"
	if least, _ := s["minLength"].(int64); least > 0 {
		name = "RequiredText"
	}
	most, bounded := s["maxLength"].(int64)
	if nullable || most > contact.MaxText {
		s["pattern"] = shared[name]["pattern"]
		return s
	}
	if name == "RequiredText" && !bounded { // bodies have bounds
		name = "QueryText"
	}
	delete(s, "type")
	if !bounded || most == contact.MaxText {
		delete(s, "maxLength")
	}
	if s["minLength"] == int64(1) {
		delete(s, "minLength")
	}
	component := object{"description": u.texts.schemas[name].Description}
	for key, value := range shared[name] {
		component[key] = value
	}
	u.schemas[name] = component
	s["$ref"] = schemaPath + name
	return s
}

// variants returns the schema of a value with a discriminator, which is always required: generators and linters know no default.
func (u use) variants(raw object, owner, property string) object {
	if owner != "SupplierRole" || property != "tax_information" {
		panic("openapi: the variants of " + owner + "." + property + " have no name")
	}
	name := "SupplierTaxInformation"
	discriminator := raw["discriminator"].(object)
	field := discriminator["propertyName"].(string)
	mapping := object{}
	var of []any
	for _, kind := range contact.SupplierTaxType("").Values() {
		r := u.named(kind)
		variant := u.schemas[u.name(kind)].(object)
		property := object{"type": "string", "const": kind, "description": variant["properties"].(object)[field].(object)["description"]}
		required, _ := variant["required"].([]any)
		variant["required"] = append([]any{field}, without(required, field)...)
		variant["properties"].(object)[field] = property
		mapping[kind] = r["$ref"]
		of = append(of, r)
	}
	if u.request {
		name += input
	}
	u.schemas[name] = object{"oneOf": of, "description": u.texts.schemas["SupplierTaxInformation"].Description,
		"discriminator": object{"propertyName": field, "mapping": mapping}}
	return ref("schemas", name)
}

// content returns the content of a body with an example, and the name of its schema; with an s for an array.
func (u use) content(raw object) (name string, content object) {
	schema := u.convert(raw, "", "")
	if items, ok := schema["items"].(object); ok {
		name = strings.TrimPrefix(items["$ref"].(string), schemaPath) + "s"
	} else {
		name = strings.TrimPrefix(schema["$ref"].(string), schemaPath)
	}
	example := u.add("examples", u.examples, name, object{"value": u.exampleOfValue(raw, "")})
	return name, object{"application/json": object{"schema": schema, "examples": object{name: example}}}
}
