package local

import (
	"net/http"
	"strconv"
	"strings"

	"contacts/pkg/samtemplate"
)

// corsRules are the CORS rules of the template, nil if it has none.
type corsRules samtemplate.CORS

// allowed returns the Access-Control-Allow-Origin for an origin, "" if it is not allowed. A configured origin is an
// exact one, "*", or all origins of a scheme ("https://*").
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

// isPreflight reports whether a request is a CORS preflight, which the gateway answers itself.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" &&
		r.Header.Get("Access-Control-Request-Method") != ""
}

// decorate sets the Access-Control headers of a response and removes those of the function, which a gateway with a configuration
// ignores.
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

// preflight answers 204, with the rules if the origin is allowed.
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
