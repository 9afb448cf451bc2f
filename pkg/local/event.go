package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"contacts/pkg/samtemplate"

	"github.com/aws/aws-lambda-go/events"
)

// httpEvent is the event of a Lambda integration of an HTTP API, payload format 2.0, without the empty "authentication" that the type of
// aws-lambda-go has: API Gateway sends none without client certificates.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type httpEvent struct {
	events.APIGatewayV2HTTPRequest
	RequestContext requestContext `json:"requestContext"`
}

type requestContext struct {
	events.APIGatewayV2HTTPRequestContext
	Authentication *struct{} `json:"authentication,omitempty"`
}

// eventPath returns the path as an HTTP API passes it on: percent-decoded, and cut at a decoded "?".
func eventPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return path
}

func newEvent(r *http.Request, t *target, parameters map[string]string, body []byte, id string, now time.Time) httpEvent {
	domain := hostName(r.Host)
	prefix, _, _ := strings.Cut(domain, ".")
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	text, encoded := eventBody(r.Header.Get("Content-Type"), body)
	return httpEvent{
		APIGatewayV2HTTPRequest: events.APIGatewayV2HTTPRequest{
			Version:               "2.0",
			RouteKey:              t.key,
			RawPath:               eventPath(r),
			RawQueryString:        r.URL.RawQuery,
			Cookies:               eventCookies(r.Header["Cookie"]),
			Headers:               eventHeaders(r, len(body), source, now),
			QueryStringParameters: eventQuery(r.URL.RawQuery),
			PathParameters:        parameters,
			Body:                  text,
			IsBase64Encoded:       encoded,
		},
		RequestContext: requestContext{APIGatewayV2HTTPRequestContext: events.APIGatewayV2HTTPRequestContext{
			AccountID:    samtemplate.LocalAccount,
			APIID:        "local",
			DomainName:   domain,
			DomainPrefix: prefix,
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      eventPath(r),
				Protocol:  r.Proto,
				SourceIP:  source,
				UserAgent: r.UserAgent(),
			},
			RequestID: id,
			RouteKey:  t.key,
			Stage:     "$default",
			Time:      now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch: now.UnixMilli(),
		}},
	}
}

// encodeEvent returns the event as JSON without HTML escapes, so that its size is the one that Lambda counts.
func encodeEvent(event any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(event); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// hopByHop reports whether a gateway removes a header, in either direction (RFC 9110, 7.6.1).
func hopByHop(name string) bool {
	switch name {
	case "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
		"te", "trailer", "transfer-encoding", "upgrade", "expect":
		return true
	}
	return false
}

// eventHeaders returns the headers in lower case, repeated ones joined by commas, and those that a gateway adds.
func eventHeaders(r *http.Request, length int, source string, now time.Time) map[string]string {
	headers := make(map[string]string, len(r.Header)+6)
	for name, values := range r.Header {
		name = strings.ToLower(name)
		if name == "cookie" || hopByHop(name) {
			continue
		}
		headers[name] = strings.Join(values, ",")
	}
	headers["host"] = r.Host
	headers["content-length"] = fmt.Sprint(length)
	headers["x-forwarded-for"] = source
	if before := r.Header.Values("X-Forwarded-For"); len(before) > 0 {
		headers["x-forwarded-for"] = strings.Join(before, ", ") + ", " + source
	}
	headers["x-forwarded-proto"] = "http"
	headers["x-forwarded-port"] = "80"
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		headers["x-forwarded-port"] = port
	}
	if _, traced := headers["x-amzn-trace-id"]; !traced {
		headers["x-amzn-trace-id"] = fmt.Sprintf("Root=1-%08x-%x", now.Unix(), randomBytes(12))
	}
	return headers
}

// eventCookies returns the cookies separately: "name=value".
func eventCookies(headers []string) []string {
	var cookies []string
	for _, header := range headers {
		for cookie := range strings.SplitSeq(header, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				cookies = append(cookies, cookie)
			}
		}
	}
	return cookies
}

// eventQuery returns the decoded query, repeated values joined by commas in their order. Invalid escapes stay as sent.
func eventQuery(raw string) map[string]string {
	if raw == "" {
		return nil
	}
	values := map[string]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescapeQuery(name), unescapeQuery(value)
		if before, repeated := values[name]; repeated {
			value = before + "," + value
		}
		values[name] = value
	}
	return values
}

func unescapeQuery(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// eventBody returns the body of the event: unchanged if its type is text and it is UTF-8, else in base64. An empty body is
// not encoded.
func eventBody(contentType string, body []byte) (text string, encoded bool) {
	switch {
	case len(body) == 0:
		return "", false
	case isText(contentType) && utf8.Valid(body):
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

func isText(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil { // a malformed parameter after a valid type
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	texts := []string{"application/json", "application/javascript", "application/xml"}
	return strings.HasPrefix(media, "text/") || slices.Contains(texts, media) ||
		strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
