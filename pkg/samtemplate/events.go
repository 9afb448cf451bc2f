package samtemplate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// event adds one entry of a function's Events to f. It ignores kinds other than HTTP and S3.
func (e *evaluator) event(f *Function, node any) error {
	event, err := e.fields(node)
	if err != nil {
		return err
	}
	kind, err := e.text(event["Type"])
	if err != nil {
		return fmt.Errorf("Type: %w", err)
	}
	properties, err := e.fields(event["Properties"])
	if err != nil {
		return err
	}
	switch kind {
	case "HttpApi":
		route, err := e.route(properties)
		if err != nil {
			return err
		}
		f.Routes = append(f.Routes, route)
	case "S3":
		objects, err := e.objectEvent(properties)
		if err != nil {
			return err
		}
		f.ObjectEvents = append(f.ObjectEvents, objects)
	case "Api":
		return errors.New("a REST API: only HttpApi events run locally")
	case "":
		return errors.New("has no Type")
	}
	return nil
}

func (e *evaluator) route(properties map[string]any) (Route, error) {
	version, err := e.text(properties["PayloadFormatVersion"])
	if err != nil {
		return Route{}, fmt.Errorf("PayloadFormatVersion: %w", err)
	}
	if version != "" && version != "2.0" {
		return Route{}, fmt.Errorf("PayloadFormatVersion %s: only 2.0 runs locally", version)
	}
	path, err := e.text(properties["Path"])
	if err != nil {
		return Route{}, fmt.Errorf("Path: %w", err)
	}
	method, err := e.text(properties["Method"])
	if err != nil {
		return Route{}, fmt.Errorf("Method: %w", err)
	}
	if path == DefaultRoute || path == "" && method == "" { // an event without both is the default route
		return Route{Path: DefaultRoute}, nil
	}
	if path == "" || method == "" {
		return Route{}, errors.New("a route has both Path and Method, or neither")
	}
	method = strings.ToUpper(method)
	if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		method = "ANY"
	}
	known := []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	if !slices.Contains(known, method) {
		return Route{}, fmt.Errorf("Method %s: API Gateway routes have %s", method, strings.Join(known, ", "))
	}
	return Route{Method: method, Path: path}, CheckPath(path)
}

func (e *evaluator) objectEvent(properties map[string]any) (ObjectEvent, error) {
	var o ObjectEvent
	var err error
	if o.Bucket, err = e.text(properties["Bucket"]); err != nil {
		return o, fmt.Errorf("Bucket: %w", err)
	}
	if o.Names, err = e.texts(properties["Events"]); err != nil {
		return o, fmt.Errorf("Events: %w", err)
	}
	if o.Bucket == "" || len(o.Names) == 0 {
		return o, errors.New("an S3 event has a Bucket and Events")
	}
	filter, err := e.fields(properties["Filter"])
	if err != nil {
		return o, fmt.Errorf("Filter: %w", err)
	}
	key, err := e.fields(filter["S3Key"])
	if err != nil {
		return o, fmt.Errorf("Filter: %w", err)
	}
	rules, _ := key["Rules"].([]any)
	for _, node := range rules {
		rule, err := e.fields(node)
		if err != nil {
			return o, fmt.Errorf("Filter: %w", err)
		}
		value, err := e.text(rule["Value"])
		if err != nil {
			return o, fmt.Errorf("Filter: %w", err)
		}
		switch name, _ := rule["Name"].(string); strings.ToLower(name) {
		case "prefix":
			o.Prefix = value
		case "suffix":
			o.Suffix = value
		default:
			return o, fmt.Errorf("Filter: %q is neither prefix nor suffix", name)
		}
	}
	return o, nil
}

// sameRoutes returns an error if two events have the same route, as a deployment would.
func sameRoutes(functions []Function) error {
	owner := map[string]string{}
	for _, f := range functions {
		for _, r := range f.Routes {
			if other, taken := owner[r.Key()]; taken {
				return fmt.Errorf("the route %s is used by %s and by %s", r.Key(), other, f.LogicalID)
			}
			owner[r.Key()] = f.LogicalID
		}
	}
	return nil
}
