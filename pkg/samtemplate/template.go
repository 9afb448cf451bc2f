package samtemplate

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The account and the region of a local run.
const (
	LocalAccount = "123456789012"
	LocalRegion  = "us-east-1"
)

// A Template has the parts of template.yaml that a local run needs.
type Template struct {
	Functions []Function // by logical id
	CORS      *CORS      // nil if the template has none
}

// A Function is an AWS::Serverless::Function, with the properties of Globals.
type Function struct {
	LogicalID string
	// Group is the folder of its code below functions/: the last segment of CodeUri; where CodeUri is the
	// repository itself (BuildMethod: makefile), Metadata.Group, else the logical id in lower case without "Function".
	Group        string
	Environment  map[string]string
	Timeout      time.Duration
	MemoryMB     int
	Routes       []Route
	ObjectEvents []ObjectEvent
}

// A Route is the route of an HttpApi event. Method is upper case or ANY. Path may have {name} segments and end in {name+}; "$default"
// matches what no other route does, and has no method.
type Route struct {
	Method, Path string
}

const DefaultRoute = "$default"

// Key returns the route key as events show it: "GET /contacts/org/{org-id}/individual" or "$default".
func (r Route) Key() string {
	if r.Path == DefaultRoute {
		return DefaultRoute
	}
	return r.Method + " " + r.Path
}

// An ObjectEvent is an S3 event of a function: the bucket, the event names, and the prefix and suffix of the keys.
type ObjectEvent struct {
	Bucket         string // the bucket's name
	Names          []string
	Prefix, Suffix string
}

// CORS is the CorsConfiguration of the HTTP API.
type CORS struct {
	AllowOrigins, AllowMethods, AllowHeaders, ExposeHeaders []string
	AllowCredentials                                        bool
	MaxAge                                                  int // seconds; 0 is not sent
}

// Read reads an AWS SAM template. values has what a deployment would provide: parameters by name, resources by logical id (the value
// of !Ref), attributes as "Resource.Attribute". Other values of a deployment are ignored, unless an environment variable, a route
// or an event of a function needs one: the error then names it.
func Read(data []byte, values map[string]string) (Template, error) {
	t, err := read(data, values)
	if err != nil {
		return Template{}, fmt.Errorf("template: %w", err)
	}
	return t, nil
}

func read(data []byte, values map[string]string) (Template, error) {
	document, err := parseYAML(data)
	if err != nil {
		return Template{}, err
	}
	root, ok := document.(map[string]any)
	if !ok {
		return Template{}, errors.New("not a map with Resources")
	}
	resources, ok := root["Resources"].(map[string]any)
	if !ok || len(resources) == 0 {
		return Template{}, errors.New("has no Resources")
	}
	e := &evaluator{values: values, resources: resources}
	e.parameters, _ = root["Parameters"].(map[string]any)
	e.conditions, _ = root["Conditions"].(map[string]any)
	globals, _ := root["Globals"].(map[string]any)

	var t Template
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		if err := e.read(&t, id, resource, globals); err != nil {
			return Template{}, fmt.Errorf("%s: %w", id, err)
		}
	}
	return t, sameRoutes(t.Functions)
}

// read adds a resource to t if a local run needs its kind.
func (e *evaluator) read(t *Template, id string, resource, globals map[string]any) error {
	kind, _ := resource["Type"].(string)
	if kind != "AWS::Serverless::Function" && kind != "AWS::Serverless::HttpApi" {
		return nil
	}
	if name, ok := resource["Condition"].(string); ok {
		if holds, err := e.condition(map[string]any{"Condition": name}); err != nil || !holds {
			return err
		}
	}
	properties, err := e.fields(resource["Properties"])
	if err != nil {
		return err
	}
	if kind == "AWS::Serverless::HttpApi" {
		common, err := e.fields(globals["HttpApi"])
		if err != nil {
			return err
		}
		return e.httpAPI(t, inherit(common, properties))
	}
	common, err := e.fields(globals["Function"])
	if err != nil {
		return err
	}
	f, err := e.function(id, resource, common, properties)
	if err != nil {
		return err
	}
	t.Functions = append(t.Functions, f)
	return nil
}

// inherit returns own over common, key by key.
func inherit(common, own map[string]any) map[string]any {
	all := maps.Clone(common)
	if all == nil {
		return own
	}
	maps.Copy(all, own)
	return all
}

func (e *evaluator) httpAPI(t *Template, properties map[string]any) error {
	stage, err := e.resolve(properties["StageName"])
	if err != nil {
		return err
	}
	if name, ok := stage.(string); ok && name != DefaultRoute {
		return fmt.Errorf("StageName %q: only the $default stage, which has no prefix, runs locally", name)
	}
	configuration, err := e.resolve(properties["CorsConfiguration"])
	if err != nil {
		return fmt.Errorf("CorsConfiguration: %w", err)
	}
	switch c := configuration.(type) {
	case string: // "true" is short for any origin
		if c == "true" {
			t.CORS = &CORS{AllowOrigins: []string{"*"}}
		}
	case map[string]any:
		if t.CORS, err = e.cors(c); err != nil {
			return fmt.Errorf("CorsConfiguration: %w", err)
		}
	}
	return nil
}

func (e *evaluator) cors(m map[string]any) (*CORS, error) {
	c := &CORS{}
	for name, list := range map[string]*[]string{
		"AllowOrigins": &c.AllowOrigins, "AllowMethods": &c.AllowMethods,
		"AllowHeaders": &c.AllowHeaders, "ExposeHeaders": &c.ExposeHeaders,
	} {
		texts, err := e.texts(m[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		*list = texts
	}
	credentials, err := e.text(m["AllowCredentials"])
	if err != nil {
		return nil, fmt.Errorf("AllowCredentials: %w", err)
	}
	c.AllowCredentials = credentials == "true"
	c.MaxAge, err = e.number(m["MaxAge"], 0)
	if err != nil {
		return nil, fmt.Errorf("MaxAge: %w", err)
	}
	return c, nil
}

func (e *evaluator) function(id string, resource, common, own map[string]any) (Function, error) {
	properties := inherit(common, own)
	f := Function{LogicalID: id}
	var err error
	if f.Group, err = e.group(id, resource, properties); err != nil {
		return f, err
	}
	seconds, err := e.number(properties["Timeout"], 3) // Lambda's own default
	if err != nil || seconds < 1 || seconds > 900 {
		return f, fmt.Errorf("Timeout: %w", outOfBounds(err, "from 1 to 900 seconds"))
	}
	f.Timeout = time.Duration(seconds) * time.Second
	f.MemoryMB, err = e.number(properties["MemorySize"], 128)
	if err != nil || f.MemoryMB < 128 {
		return f, fmt.Errorf("MemorySize: %w", outOfBounds(err, "at least 128 MB"))
	}
	if f.Environment, err = e.environment(common, own); err != nil {
		return f, err
	}
	listed, err := e.fields(properties["Events"])
	if err != nil {
		return f, fmt.Errorf("Events: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if err := e.event(&f, listed[name]); err != nil {
			return f, fmt.Errorf("event %s: %w", name, err)
		}
	}
	return f, nil
}

// outOfBounds returns err, or the error of a number that is out of bounds.
func outOfBounds(err error, bounds string) error {
	if err != nil {
		return err
	}
	return errors.New("must be " + bounds)
}

func (e *evaluator) group(id string, resource, properties map[string]any) (string, error) {
	uri, err := e.resolve(properties["CodeUri"])
	if err != nil {
		return "", fmt.Errorf("CodeUri: %w", err)
	}
	if text, ok := uri.(string); ok {
		if group := path.Base(path.Clean(text)); group != "." && group != "/" && group != ".." {
			return group, nil
		}
	}
	metadata, err := e.fields(resource["Metadata"])
	if err != nil {
		return "", fmt.Errorf("Metadata: %w", err)
	}
	if group, ok := metadata["Group"].(string); ok && group != "" {
		return group, nil
	}
	return strings.ToLower(strings.TrimSuffix(id, "Function")), nil
}

func (e *evaluator) environment(common, own map[string]any) (map[string]string, error) {
	variables := map[string]string{}
	for _, from := range []map[string]any{common, own} {
		environment, err := e.fields(from["Environment"])
		if err != nil {
			return nil, fmt.Errorf("Environment: %w", err)
		}
		listed, err := e.fields(environment["Variables"])
		if err != nil {
			return nil, fmt.Errorf("Environment: %w", err)
		}
		for _, name := range slices.Sorted(maps.Keys(listed)) {
			value, err := e.text(listed[name])
			if err != nil {
				return nil, fmt.Errorf("environment variable %s: %w", name, err)
			}
			variables[name] = value
		}
	}
	return variables, nil
}

// number returns the value of node as an integer, fallback for no value.
func (e *evaluator) number(node any, fallback int) (int, error) {
	text, err := e.text(node)
	if err != nil || text == "" {
		return fallback, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return n, nil
}
