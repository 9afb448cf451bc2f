package main

import (
	"net/http"
	"regexp"
	"slices"
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
	case o.OperationID == "authorize":
		d["security"] = []any{object{"basic": []any{}}}
	case o.group.Access == rest.ByCredentials, o.group.Access == rest.Public:
		d["security"] = []any{}
	}
	return d
}

// text returns summary and description.
func (o operation) text() operationText {
	if text, ok := o.operations[o.OperationID]; ok {
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
	all := o.Parameters
	if o.route.AcceptsIdempotencyKey(o.group) {
		all = append(slices.Clip(all), &huma.Param{Name: "Idempotency-Key", In: "header",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[!-~]{1,255}$", MaxLength: new(255)}})
	}
	for _, m := range pathParameter.FindAllStringSubmatch(o.Path, -1) {
		s := &huma.Schema{Type: huma.TypeString} // no pattern: the answer to a malformed id is 404, not 400
		switch {
		case m[1] == "org-id":
			s.Pattern = "^[A-Za-z0-9_-]{1,64}$"
		case strings.HasPrefix(o.Path, "/rest/"):
			s = &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
		}
		all = append(slices.Clip(all), &huma.Param{Name: m[1], In: "path", Required: true, Schema: s})
	}
	for _, p := range all {
		if p.In == part {
			list = append(list, o.parameter(p))
		}
	}
	return list
}

var pathParameter = regexp.MustCompile(`{([^}]+)}`)

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
	return o.Method == http.MethodGet && o.DefaultStatus == http.StatusOK && o.group.Access != rest.ByCredentials && o.group.Access != rest.Public
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
	schema := marshaled(p.Schema)
	if p.Name == "offset" {
		delete(schema, "default") // generated clients would send it next to a cursor, which is refused
	}
	mayBeEmpty := p.AllowEmptyValue || p.Name == "scope" || p.Name == "status" // empty ones are as good as none
	if p.In == "query" && !mayBeEmpty && schema["type"] == "string" {
		schema["minLength"] = int64(1) // empty ones are refused or ignored
	}
	if text.MaxLength > 0 {
		schema["maxLength"] = int64(text.MaxLength)
	}
	if p.In == "header" || p.In == "path" && p.Name != "external-id" || mayBeEmpty {
		if schema = clean(schema); schema["pattern"] != nil {
			delete(schema, "minLength")              // the pattern says it
			schema["examples"] = []any{text.Example} // Schemathesis makes no text of so difficult a pattern
		}
	} else {
		schema = o.requests().convert(schema, "", p.Name)
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

// takesBody reports whether the request has a body.
func (o operation) takesBody() bool { return o.RequestBody != nil || credentials[o.OperationID] != nil }

// body returns a reference to the request body, nil for none.
func (o operation) body() object {
	if !o.takesBody() {
		return nil
	}
	raw := object{}
	if t := credentials[o.OperationID]; t != nil {
		raw["$ref"] = schemaPath + t.Name()
	} else {
		raw = marshaled(o.RequestBody.Content["application/json"].Schema)
	}
	if variants, ok := raw["oneOf"].([]any); ok { // one or many: generated clients know the array alone
		raw = variants[len(variants)-1].(object)
	}
	name, content := o.requests().content(raw)
	return o.add("requestBodies", o.bodies, name+"Body", object{"description": "JSON in UTF-8.", "required": true, "content": content})
}
