package local

import (
	"net/http"
	"strconv"
	"strings"

	"contacts/pkg/samtemplate"
)

// corsRules are those of the template; nil where it has none.
type corsRules samtemplate.CORS

// allowed returns the Access-Control-Allow-Origin for an origin, "" when it is not allowed. A configured origin is
// exact, "*", or all of a scheme ("https://*").
func (c *corsRules) allowed(origin string) string {
	if c == nil || origin == "" {
		return ""
	}
	for _, pattern := range c.AllowOrigins {
		scheme, ofScheme := strings.CutSuffix(pattern, "://*")
		switch {
		case pattern == "*" && !c.AllowCredentials:
			return "*"
		case pattern == "*", strings.EqualFold(pattern, origin),
			ofScheme && strings.HasPrefix(strings.ToLower(origin), scheme+"://"):
			return origin
		}
	}
	return ""
}

// isPreflight tells whether a browser asks for permission, which the gateway answers without any function.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// decorate sets the Access-Control headers of an answer to a request from this origin, and takes away those that a
// function set: with a configuration of its own the gateway ignores them.
func (c *corsRules) decorate(h http.Header, origin string) {
	if c == nil {
		return
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			h.Del(name)
		}
	}
	allow := c.allowed(origin)
	if allow == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", allow)
	if c.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	setList(h, "Access-Control-Expose-Headers", c.ExposeHeaders)
}

// preflight answers 204, with what is allowed when the origin is.
func (c *corsRules) preflight(w http.ResponseWriter, origin string) {
	c.decorate(w.Header(), origin)
	if c.allowed(origin) != "" {
		setList(w.Header(), "Access-Control-Allow-Methods", c.AllowMethods)
		setList(w.Header(), "Access-Control-Allow-Headers", c.AllowHeaders)
		if c.MaxAge > 0 {
			w.Header().Set("Access-Control-Max-Age", strconv.Itoa(c.MaxAge))
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func setList(h http.Header, name string, values []string) {
	if len(values) > 0 {
		h.Set(name, strings.Join(values, ","))
	}
}
