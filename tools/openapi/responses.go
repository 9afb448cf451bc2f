package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// allResponses returns references to the responses, by their status.
func (o operation) allResponses() object {
	all := object{}
	statuses := []string{strconv.Itoa(o.DefaultStatus)}
	if strings.HasPrefix(o.OperationID, "upsert") {
		statuses = append(statuses, "201")
	}
	for _, status := range statuses {
		all[status] = o.success(status)
	}
	if o.isCacheable() {
		all["304"] = o.add("responses", o.responses, "NotModified", object{"description": "The resource has one of the ETags in `If-None-Match`.",
			"headers": o.headerRefs("ETag", "Apigw-Requestid")})
	}
	for _, name := range o.refusals() {
		status, reference := o.refusal(name)
		all[strconv.Itoa(status)] = reference
	}
	return all
}

// success returns a reference to the response of a status below 400.
func (o operation) success(status string) object {
	headers := slices.Sorted(maps.Keys(o.Responses[strconv.Itoa(o.DefaultStatus)].Headers))
	headers = slices.DeleteFunc(headers, func(name string) bool { return name == "Content-Type" || name == "Location" && status == "200" })
	if o.isCacheable() && !slices.Contains(headers, "ETag") {
		headers = append(headers, "ETag")
	}
	headers = append(headers, "Apigw-Requestid")
	kind := ""
	if o.route.AcceptsIdempotencyKey(o.group) {
		headers = append(headers, "Idempotent-Replayed")
		kind = map[string]string{"200": "Changed", "201": "Created", "202": "Accepted"}[status]
	}
	d := object{"headers": o.headerRefs(headers...), "description": map[string]string{"200": "Done.", "201": "Created.", "202": "Accepted: it will be done.", "204": "Deleted. There is no body.",
		"302": "Where the picture is. Follow the redirect without the access token."}[status]}
	if media := o.route.MediaType(); media != "application/json" {
		example := o.add("examples", o.examples, "VCard", object{"value": exampleCard})
		d["content"] = object{media: object{"schema": object{"type": "string"}, "examples": object{"VCard": example}}}
		return o.add("responses", o.responses, "VCardResponse", d)
	}
	name := map[string]string{"200": "Done", "204": "NoContent", "302": "PictureRedirect"}[status]
	if t := answerOf(o.route); t != nil && status != "302" {
		name, d["content"] = o.answers().content(marshaled(o.answerRegistry.Schema(t, true, "")))
	}
	return o.add("responses", o.responses, name+kind+"Response", d)
}

// exampleCard is a vCard.
const exampleCard = "BEGIN:VCARD\r\nVERSION:4.0\r\nN:Sommer;Erika;;;\r\nFN:Erika Sommer\r\nUID:shop-10234\r\nEMAIL;TYPE=WORK:erika.sommer@blumen-sommer.example\r\nEND:VCARD\r\n"

// headerRefs returns references to headers of responses.
func (o operation) headerRefs(names ...string) object {
	all := object{}
	for _, name := range names {
		h, ok := o.head.Headers[name]
		if !ok {
			panic("openapi: the header " + name + " has no text")
		}
		all[name] = o.add("headers", o.headers, camel(name)+"Header", h)
	}
	return all
}
