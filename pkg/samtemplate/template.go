package samtemplate

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
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
	// Stream is set if a stream of a table calls the function, Scheduled if a schedule does.
	Stream, Scheduled bool
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

func read(data []byte, values map[string]string) (t Template, err error) {
	document, err := parseYAML(data)
	if err != nil {
		return t, err
	}
	root, ok := document.(map[string]any)
	if !ok {
		return t, errors.New("not a map with Resources")
	}
	resources, ok := root["Resources"].(map[string]any)
	if !ok || len(resources) == 0 {
		return t, errors.New("has no Resources")
	}
	e := &evaluator{values: values, resources: resources}
	e.parameters, _ = root["Parameters"].(map[string]any)
	e.conditions, _ = root["Conditions"].(map[string]any)
	globals, _ := e.resolve(root["Globals"]).(map[string]any)
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		if condition, ok := resource["Condition"]; ok {
			if holds, err := e.condition(map[string]any{"Condition": condition}); err != nil || !holds {
				if err != nil {
					return t, fmt.Errorf("%s: %w", id, err)
				}
				continue
			}
		}
		switch resource["Type"] {
		case "AWS::Serverless::HttpApi":
			t.CORS, err = readAPI(globals["HttpApi"], e.resolve(resource["Properties"]))
		case "AWS::Serverless::Function":
			var f Function
			f, err = readFunction(id, resource, globals["Function"], e.resolve(resource["Properties"]))
			t.Functions = append(t.Functions, f)
		}
		if err != nil {
			return t, fmt.Errorf("%s: %w", id, err)
		}
	}
	return t, sameRoutes(t.Functions)
}

// decode stores the present fields of a resolved value in what into points to. A problem among them is its error.
func decode(value, into any) error {
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: into, WeaklyTypedInput: true, // a template's numbers and booleans are text, and one text is a list of one
		MatchName: func(key, field string) bool { return key == field },
		DecodeHook: func(from, to reflect.Value) (any, error) {
			if p, ok := from.Interface().(problem); ok && to.Kind() != reflect.Interface {
				return nil, p
			}
			return from.Interface(), nil
		},
	})
	if err != nil {
		return err
	}
	err = decoder.Decode(value)
	var field *mapstructure.DecodeError // the first
	if errors.As(err, &field) && field.Name() != "" {
		return fmt.Errorf("%s: %w", field.Name(), field.Unwrap())
	}
	return err
}

// readAPI returns the CORS rules of an HTTP API, nil if it has none.
func readAPI(common, own any) (*CORS, error) {
	var properties struct {
		StageName         any
		CorsConfiguration any // the last one whole
	}
	for _, values := range []any{common, own} {
		if err := decode(values, &properties); err != nil {
			return nil, err
		}
	}
	if name, ok := properties.StageName.(string); ok && name != DefaultRoute {
		return nil, fmt.Errorf("StageName %q: only the $default stage, which has no prefix, runs locally", name)
	}
	switch properties.CorsConfiguration {
	case nil, "false":
		return nil, nil
	case "true": // short for any origin
		return &CORS{AllowOrigins: []string{"*"}}, nil
	}
	c := &CORS{}
	if err := decode(properties.CorsConfiguration, c); err != nil {
		return nil, fmt.Errorf("CorsConfiguration: %w", err)
	}
	return c, nil
}

func readFunction(id string, resource map[string]any, common, own any) (f Function, err error) {
	properties := struct {
		CodeURI     any `mapstructure:"CodeUri"`
		Timeout     int
		MemorySize  int
		Environment struct{ Variables map[string]string }
		Events      map[string]struct {
			Type       string
			Properties any
		}
	}{Timeout: 3, MemorySize: 128} // Lambda's own defaults
	for _, values := range []any{common, own} {
		if err := decode(values, &properties); err != nil {
			return f, err
		}
	}
	f = Function{
		LogicalID:   id,
		Group:       group(id, resource, properties.CodeURI),
		Environment: properties.Environment.Variables,
		Timeout:     time.Duration(properties.Timeout) * time.Second,
		MemoryMB:    properties.MemorySize,
	}
	switch {
	case properties.Timeout < 1 || properties.Timeout > 900:
		return f, errors.New("Timeout: must be from 1 to 900 seconds")
	case f.MemoryMB < 128:
		return f, errors.New("MemorySize: must be at least 128 MB")
	}
	for _, name := range slices.Sorted(maps.Keys(properties.Events)) {
		event := properties.Events[name]
		if err := f.addEvent(event.Type, event.Properties); err != nil {
			return f, fmt.Errorf("event %s: %w", name, err)
		}
	}
	return f, nil
}

func group(id string, resource map[string]any, uri any) string {
	if text, ok := uri.(string); ok {
		if group := path.Base(path.Clean(text)); group != "." && group != "/" && group != ".." {
			return group
		}
	}
	metadata, _ := resource["Metadata"].(map[string]any)
	if group, ok := metadata["Group"].(string); ok && group != "" {
		return group
	}
	return strings.ToLower(strings.TrimSuffix(id, "Function"))
}
