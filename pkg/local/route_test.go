package local

import (
	"slices"
	"strings"
	"testing"

	"contacts/pkg/samtemplate"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func routerOf(keys ...string) router {
	f := samtemplate.Function{Group: "f"}
	for _, key := range keys {
		if key == samtemplate.DefaultRoute {
			f.Routes = append(f.Routes, samtemplate.Route{Path: samtemplate.DefaultRoute})
			continue
		}
		method, path, _ := strings.Cut(key, " ")
		f.Routes = append(f.Routes, samtemplate.Route{Method: method, Path: path})
	}
	return newRouter([]samtemplate.Function{f})
}

func TestTheMostSpecificRouteTakesTheRequest(t *testing.T) {
	r := routerOf("$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "GET /pets/dog/{id}", "ANY /pets/dog/1",
		"GET /pets/dog/1", "POST /pets/{kind}/{id}", "GET /", "PUT /{a}/dog/{id}", "PUT /pets/{b}/{id}", "GET /pets/")
	for _, c := range []struct {
		request, want string
		parameters    map[string]string
	}{
		{"GET /pets/dog/1", "GET /pets/dog/1", nil},
		{"POST /pets/dog/1", "ANY /pets/dog/1", nil},
		{"GET /pets/dog/2", "GET /pets/dog/{id}", map[string]string{"id": "2"}},
		{"POST /pets/dog/2", "POST /pets/{kind}/{id}", map[string]string{"kind": "dog", "id": "2"}},
		{"PUT /pets/dog/2", "PUT /pets/{b}/{id}", map[string]string{"b": "dog", "id": "2"}},
		{"GET /pets/cat/1", "GET /pets/{proxy+}", map[string]string{"proxy": "cat/1"}},
		{"GET /pets/a//b/", "GET /pets/{proxy+}", map[string]string{"proxy": "a//b/"}},
		{"DELETE /pets/cat", "ANY /{proxy+}", map[string]string{"proxy": "pets/cat"}},
		{"GET /pets", "ANY /{proxy+}", map[string]string{"proxy": "pets"}},
		{"GET /pets/", "GET /pets/", nil},
		{"GET /", "GET /", nil},
		{"PUT /", "$default", nil},
		{"OPTIONS *", "$default", nil},
		{"HEAD /pets/dog/1", "ANY /pets/dog/1", nil},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		got, parameters, ok := r.find(method, path)
		if !ok || got.key != c.want || !cmp.Equal(parameters, c.parameters) {
			t.Errorf("%s: got %+v %v, want %s %v", c.request, got, parameters, c.want, c.parameters)
		}
	}
}

func TestNoRouteTakesAPathThatDiffersInSlashesOrMethod(t *testing.T) {
	r := routerOf("GET /a", "GET /a/{id}/b", "GET /c/{proxy+}")
	for _, request := range []string{"POST /a", "HEAD /a", "GET /a/", "GET //a", "GET /", "GET /a//b", "GET /a/1/b/", "GET /c", "GET /c/", "GET a", "GET *", "GET /A"} {
		method, path, _ := strings.Cut(request, " ")
		if got, _, ok := r.find(method, path); ok {
			t.Errorf("%s went to %s", request, got.key)
		}
	}
}

// The rule, told in another way: a request goes to a route that matches it, and to none whose path is less specific in
// the first segment in which the two differ.
func TestRouteSelectionHoldsForAnyRoutes(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", "b", "{x}", "{y}"})
	rapid.Check(t, func(t *rapid.T) {
		var keys []string
		for range rapid.IntRange(1, 12).Draw(t, "routes") {
			path := "/" + strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "path"), "/")
			if rapid.Bool().Draw(t, "greedy") {
				path += "/{rest+}"
			}
			key := rapid.SampledFrom([]string{"GET", "PUT", "ANY"}).Draw(t, "method") + " " + path
			if samtemplate.CheckPath(path) == nil && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		method := rapid.SampledFrom([]string{"GET", "PUT"}).Draw(t, "request method")
		path := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 1, 5).Draw(t, "request"), "/")
		var candidates []string
		for _, key := range keys {
			if takes(key, method, path) {
				candidates = append(candidates, key)
			}
		}
		got, parameters, ok := routerOf(keys...).find(method, path)
		if !ok {
			if len(candidates) > 0 {
				t.Fatalf("%s %s went nowhere, though %v take it", method, path, candidates)
			}
			return
		}
		if !slices.Contains(candidates, got.key) {
			t.Fatalf("%s %s went to %s, which does not take it", method, path, got.key)
		}
		for _, other := range candidates {
			if rank(other) < rank(got.key) {
				t.Fatalf("%s %s went to %s instead of %s", method, path, got.key, other)
			}
		}
		_, route, _ := strings.Cut(got.key, " ")
		for name, value := range parameters {
			route = strings.ReplaceAll(strings.ReplaceAll(route, "{"+name+"}", value), "{"+name+"+}", value)
		}
		if route != path {
			t.Fatalf("%s with %v is %s, not %s", got.key, parameters, route, path)
		}
	})
}

// takes reports, independently of the router, whether a route key matches a request.
func takes(key, method, path string) bool {
	routeMethod, route, _ := strings.Cut(key, " ")
	if routeMethod != "ANY" && routeMethod != method {
		return false
	}
	wanted, parts := strings.Split(route, "/"), strings.Split(path, "/")
	if before, greedy := strings.CutSuffix(route, "/{rest+}"); greedy {
		n := strings.Count(before, "/") + 1
		if len(parts) <= n || strings.Join(parts[n:], "/") == "" {
			return false
		}
		wanted, parts = wanted[:n], parts[:n]
	}
	return slices.EqualFunc(wanted, parts, func(want, part string) bool {
		return want == part || strings.HasPrefix(want, "{") && part != ""
	})
}

// rank is a text that sorts before another's when the route is the more specific of two that take one request.
func rank(key string) string {
	method, route, _ := strings.Cut(key, " ")
	var rank strings.Builder
	for part := range strings.SplitSeq(route, "/") {
		switch {
		case strings.HasSuffix(part, "+}"):
			rank.WriteString("3")
		case strings.HasPrefix(part, "{"):
			rank.WriteString("2")
		default:
			rank.WriteString("1")
		}
	}
	if method == "ANY" {
		return rank.String() + "1"
	}
	return rank.String() + "0"
}
