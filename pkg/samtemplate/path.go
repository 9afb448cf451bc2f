package samtemplate

import (
	"fmt"
	"regexp"
	"strings"
)

// SegmentKind is the kind of a path segment, from the most specific to the least.
type SegmentKind int

// The kinds of path segments: text, {name}, and {name+}, which matches the rest of the path.
const (
	Static SegmentKind = iota
	Parameter
	Greedy
)

// A Segment is one part of a route's path. Text is the literal, or the parameter's name.
type Segment struct {
	Kind SegmentKind
	Text string
}

// Segments returns the parts of the route's path; nil for $default.
func (r Route) Segments() []Segment {
	if r.Path == DefaultRoute {
		return nil
	}
	var segments []Segment
	for part := range strings.SplitSeq(r.Path[1:], "/") {
		segments = append(segments, parseSegment(part))
	}
	return segments
}

func parseSegment(s string) Segment {
	if !strings.HasPrefix(s, "{") || !strings.HasSuffix(s, "}") || len(s) < 3 {
		return Segment{Static, s}
	}
	if name, ok := strings.CutSuffix(s[1:len(s)-1], "+"); ok {
		return Segment{Greedy, name}
	}
	return Segment{Parameter, s[1 : len(s)-1]}
}

var parameterName = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)

// CheckPath returns an error if API Gateway would refuse the path of a route.
func CheckPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("Path %s must begin with /", path)
	}
	segments := Route{Path: path}.Segments()
	seen := map[string]bool{}
	for i, s := range segments {
		switch {
		case s.Kind == Static && strings.ContainsAny(s.Text, "{}"):
			return fmt.Errorf("Path %s: a parameter is a whole segment in braces", path)
		case s.Kind == Static:
			continue
		case !parameterName.MatchString(s.Text):
			return fmt.Errorf("Path %s: {%s} is not the name of a parameter", path, s.Text)
		case seen[s.Text]:
			return fmt.Errorf("Path %s has the parameter %s twice", path, s.Text)
		case s.Kind == Greedy && i != len(segments)-1:
			return fmt.Errorf("Path %s: {%s+} must be the last segment", path, s.Text)
		}
		seen[s.Text] = true
	}
	return nil
}
