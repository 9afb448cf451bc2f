package main

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/rest"
)

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// refusals returns the names of the responses that refuse a request of the operation.
func (o operation) refusals() []string {
	if strings.HasPrefix(o.Path, "/rest/") {
		return o.plentyRefusals()
	}
	if o.group.Access == rest.Public {
		return []string{"MalformedQuery", "NotAcceptable", "InternalError", "Unhealthy"}
	}
	names := []string{"NotAcceptable", "InternalError", "Unavailable"}
	writes, takesBody := o.Method != http.MethodGet, o.takesBody()
	isPage := slices.Contains(o.queryNames(), "limit")
	switch {
	case takesBody:
		names = append(names, "MalformedBody", "UnsupportedMediaType")
	case writes:
		names = append(names, "MalformedCondition")
	case isPage:
		names = append(names, "MalformedPage")
	default:
		names = append(names, "MalformedQuery")
	}
	switch {
	case o.group.Access == rest.ByCredentials:
		names = append(names, "Unauthorized", "NoAccess")
	case o.route.Scope() == auth.AdminScope:
		names = append(names, "ForbiddenAdmin")
	case o.route.Scope() == auth.WriteScope:
		names = append(names, "ForbiddenWrite")
	default:
		names = append(names, "Forbidden")
	}
	if writes && o.group.Access != rest.ByCredentials {
		names = append(names, "BodyTooLarge")
	}
	if strings.Count(o.Path, "{") > 1 {
		names = append(names, "NotFound")
	}
	if slices.Contains(o.queryNames(), "as_of") {
		names = append(names, "Impossible")
	}
	if !writes && o.isLong() {
		names = append(names, "AnswerTooLarge")
	}
	if o.route.AcceptsIdempotencyKey(o.group) {
		names = append(names, o.conflict(), "Impossible")
	}
	if writes && o.Method != http.MethodPost {
		names = append(names, "PreconditionFailed")
	}
	return names
}

// isLong reports whether the answer may be too large: that of a list, of details or of a vCard.
func (o operation) isLong() bool {
	return strings.HasPrefix(o.OperationID, "list") || strings.HasSuffix(o.OperationID, "Details") || strings.HasSuffix(o.OperationID, "VCard") || o.OperationID == "lookupContacts" || o.OperationID == "searchContacts"
}

// conflict returns the response of status 409: some bodies have a unique value.
func (o operation) conflict() string {
	if o.takesBody() && (answers[o.OperationID] != nil || o.Method == http.MethodPost) {
		for _, t := range []reflect.Type{reflect.TypeFor[contact.IndividualContact](), reflect.TypeFor[contact.OrganizationContact](), reflect.TypeFor[contact.PlaceholderCustomer](),
			reflect.TypeFor[contact.CustomerRole](), reflect.TypeFor[contact.SupplierRole](), reflect.TypeFor[contact.AlternativePayerRole]()} {
			if answerOf(o.route) == t {
				return "Taken"
			}
		}
	}
	return "InProgress"
}

func (o operation) plentyRefusals() []string {
	names := []string{"PlentyNotAcceptable", "PlentyInternalError", "PlentyUnavailable"}
	if o.group.Access == rest.ByCredentials {
		names = append(names, "PlentyMalformed", "PlentyLoginRefused", "PlentyBodyTooLarge", "PlentyUnsupportedCredentials")
		if o.OperationID == "login" {
			names = append(names, "PlentyTooManyRequests")
		}
		return names
	}
	names = append(names, "PlentyUnauthorized", "PlentyForbidden")
	if strings.Contains(o.Path, "{") {
		names = append(names, "PlentyNotFound")
	}
	if o.takesBody() {
		names = append(names, "PlentyMalformed", "PlentyUnsupportedMediaType")
	}
	if o.Method != http.MethodGet {
		names = append(names, "PlentyInvalid", "PlentyInProgress", "PlentyBodyTooLarge")
		if o.Method != http.MethodPost {
			names = append(names, "PlentyPreconditionFailed")
		}
		return names
	}
	if len(o.queryNames()) > 0 {
		names = append(names, "PlentyInvalidQuery")
	}
	if o.isLong() {
		names = append(names, "PlentyAnswerTooLarge")
	}
	return names
}

// queryNames returns the names of the query parameters.
func (o operation) queryNames() (names []string) {
	for _, p := range o.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

// headersOfRefusals are the headers of a status, in addition to the request's id.
var headersOfRefusals = map[int][]string{
	http.StatusUnauthorized:         {"WWW-Authenticate"},
	http.StatusConflict:             {"Retry-After", "Idempotent-Replayed"},
	http.StatusUnsupportedMediaType: {"Accept", "Accept-Encoding"},
	http.StatusTooManyRequests:      {"Retry-After"},
	http.StatusServiceUnavailable:   {"Retry-After"},
	http.StatusBadRequest:           {"Idempotent-Replayed"},
	http.StatusNotFound:             {"Idempotent-Replayed"},
	http.StatusPreconditionFailed:   {"Idempotent-Replayed"},
	http.StatusUnprocessableEntity:  {"Idempotent-Replayed"},
}

// refusal returns the status of a response that refuses, and a reference to it.
func (o operation) refusal(name string) (status int, reference object) {
	text, ok := o.texts.refusals.Responses[name]
	if !ok {
		panic("openapi: there is no response " + name)
	}
	u := o.answers()
	media, typeName := "application/problem+json", "Problem"
	if strings.HasPrefix(name, "Plenty") {
		media, typeName = "application/json", "Envelope"
	}
	if name == "PlentyLoginRefused" {
		typeName = "OAuthError"
	}
	examples := object{}
	status = text.Status
	for _, key := range sortedKeys(text.Examples) {
		value := text.Examples[key]
		switch typeName {
		case "Problem":
			kind := field(value, "kind").(string)
			k := o.texts.refusals.Kinds[kind]
			status = k.Status
			value = append(yaml.MapSlice{{Key: "type", Value: documentation + kind}, {Key: "title", Value: k.Title}, {Key: "status", Value: k.Status},
				{Key: "detail", Value: field(value, "detail")}, {Key: "instance", Value: "urn:request:zxpVJeEG1z0bqSU="}}, except(value, "kind", "detail")...)
		case "Envelope":
			cause := yaml.MapSlice{{Key: "code", Value: status}, {Key: "message", Value: field(value, "message")}}
			value = append(yaml.MapSlice{{Key: "error", Value: cause}}, except(value, "message")...)
			key = "Plenty" + key
		}
		if strings.HasPrefix(name, "Plenty") && !strings.HasPrefix(key, "Plenty") {
			key = "Plenty" + key
		}
		examples[key] = o.add("examples", o.examples, key, object{"value": value})
	}
	return status, o.add("responses", o.responses, name, object{
		"description": text.Description, "headers": o.headerRefs(append([]string{"Apigw-Requestid"}, headersOfRefusals[status]...)...),
		"content": object{media: object{"schema": u.named(typeName), "examples": examples}},
	})
}

// documentation is where the types of problems are explained.
const documentation = "https://contacts.example.com/docs/errors#"

// field returns a field of an example.
func field(value yaml.MapSlice, name string) any {
	for _, item := range value {
		if item.Key == name {
			return item.Value
		}
	}
	return nil
}

// except returns the fields of an example except for some.
func except(value yaml.MapSlice, names ...string) yaml.MapSlice {
	return slices.DeleteFunc(slices.Clone(value), func(item yaml.MapItem) bool { return slices.Contains(names, item.Key.(string)) })
}

func sortedKeys(m map[string]yaml.MapSlice) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
