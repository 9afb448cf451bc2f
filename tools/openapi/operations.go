package main

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/goccy/go-yaml"

	"contacts/pkg/rest"
)

// An operation is one that is being described.
type operation struct {
	*builder
	*huma.Operation
	group rest.Group
	route rest.Route
}

// paths returns the paths with their operations, in the order of the groups and their routes.
func (b *builder) paths(all []rest.Group) yaml.MapSlice {
	var order []string
	items := map[string]object{}
	for i, g := range all {
		for _, r := range g.Routes {
			o := operation{b, operationOf(b.raw.Paths[r.Path], r.Method), g, r}
			item, there := items[r.Path]
			if !there {
				order = append(order, r.Path)
				item = object{"description": o.pathDescription()}
				if parameters := o.parametersIn("path"); parameters != nil {
					item["parameters"] = parameters
				}
				items[r.Path] = item
			}
			item[strings.ToLower(r.Method)] = o.describe(tags[i].name)
		}
	}
	slice := make(yaml.MapSlice, len(order))
	for i, path := range order {
		slice[i] = yaml.MapItem{Key: path, Value: items[path]}
	}
	return slice
}

// describe returns the description of the operation.
func (o operation) describe(tag string) object {
	text := o.text()
	d := object{"operationId": o.OperationID, "summary": text.Summary, "description": text.Description, "tags": []any{tag}, "responses": o.allResponses()}
	if parameters := append(append(o.parametersIn("query"), o.parametersIn("header")...), o.ifNoneMatch()...); len(parameters) > 0 {
		d["parameters"] = parameters
	}
	if body := o.body(); body != nil {
		d["requestBody"] = body
	}
	switch {
	case len(o.Security) == 0:
		d["security"] = []any{}
	case o.Security[0]["bearer"] == nil:
		d["security"] = []any{object{"basic": []any{}}}
	}
	return d
}

// text returns summary and description.
func (o operation) text() operationText {
	if text, ok := o.texts.operations[o.OperationID]; ok {
		return text
	}
	c, ok := collectionOf(o.Path)
	if !ok {
		o.lacks("the operation %s", o.OperationID)
		return operationText{}
	}
	_, noun, _ := strings.Cut(c.one, " ")
	of, to := "", ""
	if owner := ownerOf(o.Path, c.segment); owner != "" {
		of, to = " of "+owner, " to "+owner
	}
	switch {
	case o.Method == http.MethodGet && !strings.HasSuffix(o.Path, "}"):
		return operationText{"List the " + c.many + of, "Returns all " + c.many + of + ", in the order of their creation. One that can't be shown is an entry of `problems`."}
	case o.Method == http.MethodGet:
		return operationText{"Get " + c.one + of, "Returns " + c.one + of + "."}
	case o.Method == http.MethodPost:
		return operationText{"Add " + c.one + to, "Adds " + c.one + to + ". The answer has its id, and its path in `Location`."}
	case o.Method == http.MethodPut:
		return operationText{"Replace " + c.one + of, "Replaces the " + noun + ". Optional fields that the body leaves out are cleared. With the ETag of what you read in `If-Match`, a change that somebody else made meanwhile is not lost."}
	}
	return operationText{"Delete " + c.one + of, "Deletes the " + noun + ". It is refused while something refers to it."}
}

// ownerOf returns what the resources of a collection belong to, "" for the organization.
func ownerOf(path, segment string) string {
	before, _, _ := strings.Cut(path, "/"+segment)
	switch {
	case strings.HasSuffix(before, "/{professional-identity-id}"):
		return "a professional identity"
	case strings.HasSuffix(before, "/individual/{contact-id}"):
		return "an individual contact"
	case strings.HasSuffix(before, "/organization/{contact-id}"):
		return "an organization contact"
	}
	return ""
}

// pathDescription returns what is at the path.
func (o operation) pathDescription() string {
	for _, kind := range []string{"*", "individual", "organization"} {
		if text, ok := o.atPaths[strings.Replace(o.Path, "/"+kind, "/*", 1)]; ok {
			return text
		}
	}
	c, ok := collectionOf(o.Path)
	if !ok {
		o.lacks("the path %s", o.Path)
	}
	of := ""
	if owner := ownerOf(o.Path, c.segment); owner != "" {
		of = " of " + owner
	}
	if strings.HasSuffix(o.Path, "}") {
		return strings.ToUpper(c.one[:1]) + c.one[1:] + of + "."
	}
	return "The " + c.many + of + "."
}

// parametersIn returns references to the parameters in a part of the request.
func (o operation) parametersIn(part string) (list []any) {
	for _, p := range o.Parameters {
		if p.In == part && !slices.Contains(dropped["RefreshCredentials"], p.Name) {
			list = append(list, o.parameter(p))
		}
	}
	return list
}

// ifNoneMatch returns a reference to the header of reads that can be answered 304.
func (o operation) ifNoneMatch() []any {
	if !o.isCacheable() {
		return nil
	}
	text := o.texts.parameters["read If-None-Match"]
	return []any{o.add("parameters", o.parameters, "ReadIfNoneMatchInHeader", object{"name": "If-None-Match", "in": "header", "description": text.Description,
		"schema": object{"type": "string"}, "example": text.Example})}
}

// isCacheable reports whether the answer has an ETag that If-None-Match of a read can name.
func (o operation) isCacheable() bool {
	return o.Method == http.MethodGet && o.DefaultStatus == http.StatusOK && o.group.Access != rest.ByCredentials
}

// parameter returns a reference to a parameter.
func (o operation) parameter(p *huma.Param) object {
	text, own := o.texts.parameters[o.OperationID+" "+p.Name]
	if !own {
		text = o.texts.parameters[p.Name]
	}
	if text.Description == "" {
		o.lacks("the parameter %s of %s", p.Name, o.OperationID)
	}
	schema, err := toObject(p.Schema)
	if err != nil {
		panic(err) // huma has marshaled it before
	}
	u := o.requests()
	if p.In == "query" && !p.AllowEmptyValue && o.group.Access != rest.ByCredentials && schema["type"] == "string" {
		schema["minLength"] = int64(1) // empty ones are refused or ignored
	}
	if text.MaxLength > 0 {
		schema["maxLength"] = int64(text.MaxLength)
	}
	if p.In == "header" || p.AllowEmptyValue || o.group.Access == rest.ByCredentials {
		if schema = clean(schema); schema["pattern"] != nil {
			delete(schema, "minLength")              // the pattern says it
			schema["examples"] = []any{text.Example} // Schemathesis makes no text of so difficult a pattern
		}
	} else {
		schema = u.convert(schema, "", p.Name)
	}
	d := object{"name": p.Name, "in": p.In, "description": text.Description, "schema": schema, "example": text.Example}
	if p.Required {
		d["required"] = true
	}
	if p.AllowEmptyValue {
		d["allowEmptyValue"] = true
	}
	name := camel(p.Name) + "In" + camel(p.In)
	if strings.HasPrefix(o.Path, "/rest/") && p.In != "header" {
		name = "Plenty" + name
	}
	if other, there := o.parameters[name]; there && !equal(other, d) {
		name = camel(o.OperationID) + name
	}
	return o.add("parameters", o.parameters, name, d)
}

// camel returns a name in camel case, with "ID" for "id".
func camel(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		if word == "id" {
			word = "ID"
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if s, ok := strings.CutSuffix(b.String(), "Id"); ok {
		return s + "ID"
	}
	return b.String()
}

// body returns a reference to the request body, nil for none.
func (o operation) body() object {
	if o.RequestBody == nil {
		return nil
	}
	content := object{}
	name := ""
	for media, m := range o.RequestBody.Content {
		raw, err := toObject(m.Schema)
		if err != nil {
			panic(err) // huma has marshaled it before
		}
		var schema object
		var example any
		u := o.requests()
		if of, ok := raw["oneOf"].([]any); ok { // one or many: generated clients know the array alone
			raw = of[len(of)-1].(object)
			schema = u.convert(raw, "", "")
			name = strings.TrimPrefix(schema["items"].(object)["$ref"].(string), schemaPath) + "s"
			example = u.exampleOfValue(raw, "")
		} else {
			schema = u.convert(raw, "", "")
			name = strings.TrimPrefix(schema["$ref"].(string), schemaPath)
			example = u.exampleOfValue(raw, "")
		}
		content[media] = object{"schema": schema, "examples": object{name: o.add("examples", o.examples, name, object{"value": example})}}
	}
	body := object{"content": content, "description": "JSON in UTF-8."}
	if o.RequestBody.Required {
		body["required"] = true
	} else {
		body["description"] = "The credentials. They can be sent as query parameters instead."
	}
	return o.add("requestBodies", o.bodies, name+"Body", body)
}

// allResponses returns references to the responses, by their status.
func (o operation) allResponses() object {
	all := object{}
	for status := range o.Responses {
		if status < "400" && status != "default" {
			all[status] = o.success(status)
		}
	}
	if o.isCacheable() {
		all["304"] = o.add("responses", o.builder.responses, "NotModified", object{"description": "The resource has one of the ETags in `If-None-Match`.",
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
	if status == "200" {
		headers = slices.DeleteFunc(headers, func(name string) bool { return name == "Location" })
	}
	if o.isCacheable() && !slices.Contains(headers, "ETag") {
		headers = append(headers, "ETag")
	}
	headers = append(headers, "Apigw-Requestid")
	kind := ""
	if o.acceptsKey() {
		headers = append(headers, "Idempotent-Replayed")
		kind = map[string]string{"200": "Changed", "201": "Created"}[status]
	}
	d := object{"description": map[string]string{"200": "Done.", "201": "Created.", "204": "Deleted. There is no body.",
		"302": "Where the picture is. Follow the redirect without the access token."}[status], "headers": o.headerRefs(headers...)}
	name := map[string]string{"200": "Done", "204": "NoContent", "302": "PictureRedirect"}[status]
	if t := answerOf(o.route); t != nil && status != "302" {
		raw, err := toObject(o.answerRegistry.Schema(t, true, ""))
		if err != nil {
			panic(err) // huma has marshaled it before
		}
		u := o.answers()
		schema := u.convert(raw, "", "")
		if items, ok := schema["items"].(object); ok {
			name = strings.TrimPrefix(items["$ref"].(string), schemaPath) + "s"
		} else {
			name = strings.TrimPrefix(schema["$ref"].(string), schemaPath)
		}
		d["content"] = object{"application/json": object{"schema": schema,
			"examples": object{name: o.add("examples", o.examples, name, object{"value": u.exampleOfValue(raw, "")})}}}
	}
	if kind != "" || status == "201" {
		d["description"] = map[string]string{"200": "Done.", "201": "Created."}[status]
	}
	return o.add("responses", o.builder.responses, name+kind+"Response", d)
}

// acceptsKey reports whether the operation takes an Idempotency-Key.
func (o operation) acceptsKey() bool {
	return slices.ContainsFunc(o.Parameters, func(p *huma.Param) bool { return p.Name == "Idempotency-Key" })
}

// headerRefs returns references to headers of responses.
func (o operation) headerRefs(names ...string) object {
	all := object{}
	for _, name := range names {
		h, ok := headers[name]
		if !ok {
			panic("openapi: the header " + name + " has no text")
		}
		all[name] = o.add("headers", o.builder.headers, camel(name)+"Header", h)
	}
	return all
}

// headers are the headers of responses.
var headers = map[string]object{
	"ETag":                header("The version of the resource, for `If-Match` and `If-None-Match`.", `"3"`),
	"Location":            header("The path of the resource.", "/contacts/org/demo/individual/748911708909056"),
	"Link":                header("The next page, with `rel=\"next\"` (RFC 8288). Absent on the last page.", `</contacts/org/demo/individual?cursor=AU8yZkk3NTI0&limit=200>; rel="next"`),
	"Cache-Control":       header("How the answer may be cached.", "no-store"),
	"Apigw-Requestid":     header("The id of the request, as the logs have it.", "zxpVJeEG1z0bqSU="),
	"Idempotent-Replayed": {"description": "Present if the answer is the first one to this Idempotency-Key.", "schema": object{"type": "string", "const": "true"}, "example": "true"},
	"Retry-After":         {"description": "After how many seconds to repeat the request.", "schema": object{"type": "integer", "format": "int64", "minimum": int64(1)}, "example": int64(1)},
	"WWW-Authenticate":    header("Which credentials are needed.", `Bearer realm="contacts"`),
	"Accept":              header("The media types that the operation reads.", "application/json"),
	"Accept-Encoding":     header("The encodings that the operation reads.", "identity"),
}

func header(description, example string) object {
	return object{"description": description, "schema": object{"type": "string"}, "example": example}
}
