package samtemplate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// addEvent adds an event. It ignores other kinds than HTTP, S3, DynamoDB and Schedule.
func (f *Function) addEvent(kind string, properties any) error {
	switch kind {
	case "HttpApi":
		route, err := readRoute(properties)
		if err != nil {
			return err
		}
		f.Routes = append(f.Routes, route)
	case "S3":
		objects, err := readObjectEvent(properties)
		if err != nil {
			return err
		}
		f.ObjectEvents = append(f.ObjectEvents, objects)
	case "DynamoDB":
		f.Stream = true
	case "Schedule", "ScheduleV2":
		f.Scheduled = true
	case "Api":
		return errors.New("a REST API: only HttpApi events run locally")
	case "":
		return errors.New("has no Type")
	}
	return nil
}

func readRoute(properties any) (Route, error) {
	var r struct{ Path, Method, PayloadFormatVersion string }
	if err := decode(properties, &r); err != nil {
		return Route{}, err
	}
	if r.PayloadFormatVersion != "" && r.PayloadFormatVersion != "2.0" {
		return Route{}, fmt.Errorf("PayloadFormatVersion %s: only 2.0 runs locally", r.PayloadFormatVersion)
	}
	if r.Path == DefaultRoute || r.Path == "" && r.Method == "" { // an event without both is the default route
		return Route{Path: DefaultRoute}, nil
	}
	if r.Path == "" || r.Method == "" {
		return Route{}, errors.New("a route has both Path and Method, or neither")
	}
	method := strings.ToUpper(r.Method)
	if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		method = "ANY"
	}
	known := []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	if !slices.Contains(known, method) {
		return Route{}, fmt.Errorf("Method %s: API Gateway routes have %s", method, strings.Join(known, ", "))
	}
	return Route{Method: method, Path: r.Path}, CheckPath(r.Path)
}

func readObjectEvent(properties any) (ObjectEvent, error) {
	var p struct {
		Bucket string
		Events []string
		Filter struct {
			S3Key struct {
				Rules []struct{ Name, Value string }
			}
		}
	}
	if err := decode(properties, &p); err != nil {
		return ObjectEvent{}, err
	}
	if p.Bucket == "" || len(p.Events) == 0 {
		return ObjectEvent{}, errors.New("an S3 event has a Bucket and Events")
	}
	o := ObjectEvent{Bucket: p.Bucket, Names: p.Events}
	for _, rule := range p.Filter.S3Key.Rules {
		switch strings.ToLower(rule.Name) {
		case "prefix":
			o.Prefix = rule.Value
		case "suffix":
			o.Suffix = rule.Value
		default:
			return o, fmt.Errorf("Filter: %q is neither prefix nor suffix", rule.Name)
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
