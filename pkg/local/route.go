package local

import (
	"cmp"
	"slices"
	"strings"

	"contacts/pkg/samtemplate"
)

// A target is a route, prepared for matching, and its function.
type target struct {
	method   string // ANY for all
	key      string
	segments []samtemplate.Segment // nil for $default
	function *samtemplate.Function
}

// A router finds the route of a request. Its targets are sorted from the most specific to the least.
type router []target

func newRouter(functions []samtemplate.Function) router {
	var r router
	for i := range functions {
		for _, route := range functions[i].Routes {
			t := target{method: route.Method, key: route.Key(), segments: route.Segments(), function: &functions[i]}
			if t.segments == nil {
				t.method = "ANY"
			}
			r = append(r, t)
		}
	}
	slices.SortStableFunc(r, compareTargets)
	return r
}

// compareTargets orders routes as API Gateway prefers them: from the left a literal segment comes before a {parameter}, that
// before a {greedy+} one, and $default last; on the same path a method comes before ANY.
func compareTargets(a, b target) int {
	if (a.segments == nil) != (b.segments == nil) {
		if a.segments == nil {
			return 1
		}
		return -1
	}
	byKind := func(x, y samtemplate.Segment) int { return cmp.Compare(x.Kind, y.Kind) }
	if c := slices.CompareFunc(a.segments, b.segments, byKind); c != 0 {
		return c
	}
	switch anyA, anyB := a.method == "ANY", b.method == "ANY"; {
	case anyA && !anyB:
		return 1
	case anyB && !anyA:
		return -1
	}
	return 0
}

// find returns the route of a request and its path parameters, nil if it has none; ok is false if no route matches. path is
// decoded.
func (r router) find(method, path string) (t *target, parameters map[string]string, ok bool) {
	rest, absolute := strings.CutPrefix(path, "/")
	parts := strings.Split(rest, "/")
	for i := range r {
		t := &r[i]
		if t.method != "ANY" && t.method != method {
			continue
		}
		if t.segments == nil {
			return t, nil, true
		}
		if parameters, ok := match(t.segments, parts); ok && absolute {
			return t, parameters, true
		}
	}
	return nil, nil, false
}

// match matches a path against a route. A parameter matches one segment that is not empty, a greedy one the rest, which is not empty
// either.
func match(segments []samtemplate.Segment, parts []string) (map[string]string, bool) {
	var parameters map[string]string
	set := func(name, value string) bool {
		if value == "" {
			return false
		}
		if parameters == nil {
			parameters = map[string]string{}
		}
		parameters[name] = value
		return true
	}
	for i, s := range segments {
		switch {
		case i >= len(parts):
			return nil, false
		case s.Kind == samtemplate.Greedy:
			if !set(s.Text, strings.Join(parts[i:], "/")) {
				return nil, false
			}
			return parameters, true
		case s.Kind == samtemplate.Parameter:
			if !set(s.Text, parts[i]) {
				return nil, false
			}
		case s.Text != parts[i]:
			return nil, false
		}
	}
	return parameters, len(parts) == len(segments)
}
