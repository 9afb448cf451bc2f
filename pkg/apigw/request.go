package apigw

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	requestIDHeader = "Apigw-Requestid" // as the gateway names it in its answers
	// adapterHeaders begin the names of headers in which the adapter carries the gateway's own data, and from which its
	// accessors would read what a client had sent.
	adapterHeaders = "X-GoLambdaProxy-"
)

// requestBody is the body as the client sent it.
type requestBody struct {
	io.Reader
	length int
}

func (requestBody) Close() error { return nil }

// decodeBody undoes the gateway's base64. A body that is none can't be read: the handler finds the error when it does.
func (x *exchange) decodeBody() {
	text := x.event.Body
	if !x.event.IsBase64Encoded {
		x.body = requestBody{strings.NewReader(text), len(text)}
		return
	}
	// A decoder over the string would save a copy, but find a fault only when half of the body is read.
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		x.body = requestBody{broken{err}, len(text)}
		return
	}
	x.body = requestBody{bytes.NewReader(decoded), len(decoded)}
}

// broken is a body that can't be read.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, fmt.Errorf("apigw: the event's body: %w", b.err) }

// restore makes r what net/http's server would have made of the request that the event tells of.
func (x *exchange) restore(r *http.Request) {
	e := &x.event
	r.Method = x.method()
	r.URL = &url.URL{Path: path(e.RawPath, e.RequestContext.HTTP.Path), RawQuery: e.RawQueryString}
	r.RequestURI = r.URL.RequestURI()
	if major, minor, ok := http.ParseHTTPVersion(e.RequestContext.HTTP.Protocol); ok {
		r.Proto, r.ProtoMajor, r.ProtoMinor = e.RequestContext.HTTP.Protocol, major, minor
	}

	r.Header = header(e.Headers, e.Cookies)
	r.Host = e.RequestContext.DomainName
	if host := r.Header.Get("Host"); r.Host == "" || r.Header.Get("X-Forwarded-Proto") == "http" && host != "" {
		r.Host = host // of a local gateway, whose domain name lacks the port
	}
	r.Header.Del("Host")
	r.Header.Del(requestIDHeader)
	if id := e.RequestContext.RequestID; id != "" {
		r.Header.Set(requestIDHeader, id)
	}

	r.Body, r.ContentLength = http.NoBody, int64(x.body.length)
	if x.body.length > 0 {
		r.Body = x.body
	}
	// The gateway has read the whole body, however it was framed.
	r.Header.Del("Transfer-Encoding")
	if _, sent := r.Header["Content-Length"]; sent || x.body.length > 0 {
		r.Header.Set("Content-Length", strconv.Itoa(x.body.length))
	}
}

// path returns the first of the paths that is not empty, rooted.
func path(paths ...string) string {
	for _, p := range paths {
		switch {
		case strings.HasPrefix(p, "/"):
			return p
		case p != "":
			return "/" + p
		}
	}
	return "/"
}

// header keeps each value whole: the gateway has joined repeated headers by commas, and which commas are its own cannot
// be told from a date's. Names that differ in case alone are values of one header, in the order of their bytes.
//
// AWS sends cookies apart from the headers, sam local in both places.
func header(values map[string]string, cookies []string) http.Header {
	h := make(http.Header, len(values)+2)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(name) < len(adapterHeaders) || !strings.EqualFold(name[:len(adapterHeaders)], adapterHeaders) {
			h.Add(name, values[name])
		}
	}
	if len(cookies) > 0 {
		h.Set("Cookie", strings.Join(cookies, "; "))
	}
	return h
}

// isToken reports whether s is a token of RFC 9110 section 5.6.2, which methods and field names are.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
