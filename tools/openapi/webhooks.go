package main

import (
	"reflect"
	"slices"
	"strings"

	"contacts/pkg/webhook"
)

// payloads are the types of the bodies of what is sent to webhooks.
func payloads() []reflect.Type {
	return []reflect.Type{reflect.TypeFor[webhook.Event](), reflect.TypeFor[webhook.Test]()}
}

// webhooks returns what is sent to webhooks.
func (b *builder) webhooks() object {
	changes := slices.DeleteFunc(webhook.EventNames(), func(name string) bool { return strings.HasSuffix(name, ".*") })
	delivered := object{"description": "Delivered."}
	return object{
		"contactChanged": object{"post": b.delivery("receiveChange", "WebhookEvent", payloads()[0], changes, object{
			"2XX":     delivered,
			"410":     object{"description": "Nothing shall be sent any more: the webhook becomes DISABLED."},
			"default": object{"description": "Not delivered. It is sent again later, not before `Retry-After`."},
		})},
		"webhookTest": object{"post": b.delivery("receiveTest", "WebhookTest", payloads()[1], []string{webhook.TestEvent}, object{
			"2XX":     delivered,
			"default": object{"description": "Not delivered. It is not sent again, and the webhook stays as it is."},
		})},
	}
}

// delivery returns the description of a request to a webhook, with what its answers mean. events are the values of its type.
func (b *builder) delivery(operation, schema string, payload reflect.Type, events []string, answers object) object {
	text := b.operations[operation]
	_, content := b.answers().content(marshaled(b.answerRegistry.Schema(payload, true, "")))
	b.schemas[schema].(object)["properties"].(object)["type"].(object)["enum"] = events
	var headers []any
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		text := b.texts.parameters["delivered "+name]
		headers = append(headers, b.add("parameters", b.parameters, camel(name)+"InHeader", object{"name": name, "in": "header", "required": true,
			"description": text.Description, "schema": object{"type": "string"}, "example": text.Example}))
	}
	return object{
		"operationId": operation, "summary": text.Summary, "description": text.Description, "tags": []any{"Webhooks"}, "security": []any{}, "parameters": headers,
		"requestBody": object{"description": "JSON in UTF-8. The signature is that of these bytes.", "required": true, "content": content},
		"responses":   answers,
	}
}
