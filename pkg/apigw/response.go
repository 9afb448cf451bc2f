package apigw

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// recorder is the http.ResponseWriter of one exchange. Like net/http's, it fixes status and header when the status is
// first written; unlike it, it holds the whole answer until the handler has returned. Its zero value is ready for use.
type recorder struct {
	header http.Header
	status int         // 0 until it is written
	sent   http.Header // the header of that moment
	body   bytes.Buffer
}

// Header returns the header that the next WriteHeader or Write sends.
func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}

// WriteHeader takes the first final status; informational ones have no place in an event. It panics for a status that
// the gateway would refuse, as net/http does for its own.
func (r *recorder) WriteHeader(status int) {
	if r.status != 0 {
		return
	}
	if status < 100 || status > 599 {
		panic(fmt.Sprintf("apigw: invalid status %d", status))
	}
	if status >= 200 {
		r.status = status
		r.sent = r.Header().Clone()
	}
}

// Write appends to the body. Its error is http.ErrBodyNotAllowed if the status has none.
func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.bodiless() {
		return 0, http.ErrBodyNotAllowed
	}
	return r.body.Write(p)
}

// WriteString is Write without a copy of s in between.
func (r *recorder) WriteString(s string) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.bodiless() {
		return 0, http.ErrBodyNotAllowed
	}
	return r.body.WriteString(s)
}

func (r *recorder) bodiless() bool {
	return r.status == http.StatusNoContent || r.status == http.StatusNotModified
}

// problem replaces the answer by an RFC 9457 problem that says no more than the status.
func (r *recorder) problem(status int) {
	*r = recorder{}
	r.Header().Set("Content-Type", "application/problem+json")
	r.WriteHeader(status)
	fmt.Fprintf(r, `{"type":"about:blank","title":%q,"status":%d}`, http.StatusText(status), status)
}

// encode returns the answer to a request of that method in payload format 2.0. It writes the JSON by hand, because a
// body is then copied once, from the recorder into the answer, and quoted on the way.
func (r *recorder) encode(method string) []byte {
	r.WriteHeader(http.StatusOK)
	body := r.finish(method)

	out := append([]byte(nil), `{"statusCode":`...)
	out = strconv.AppendInt(out, int64(r.status), 10)
	out = append(out, `,"headers":{`...)
	var cookies []string
	separator := ""
	for name, values := range r.sent {
		switch {
		case strings.EqualFold(name, "Set-Cookie"):
			cookies = append(cookies, values...)
		case len(values) > 0 && isToken(name): // for any other name the gateway would refuse the whole answer
			out = appendString(append(out, separator...), name)
			out = appendString(append(out, ':'), strings.Join(values, ", "))
			separator = ","
		}
	}
	out = append(out, '}')
	separator = `,"cookies":[`
	for _, cookie := range cookies {
		out = appendString(append(out, separator...), cookie)
		separator = ","
	}
	if len(cookies) > 0 {
		out = append(out, ']')
	}
	return append(appendBody(append(out, ','), body, isText(r.sent)), '}')
}

// finish makes the header agree with the body, as net/http does, and returns the body to send.
func (r *recorder) finish(method string) []byte {
	body := r.body.Bytes()
	_, typed := r.sent["Content-Type"]
	_, sized := r.sent["Content-Length"]
	if !typed && len(body) > 0 && r.sent.Get("Content-Encoding") == "" {
		r.sent.Set("Content-Type", http.DetectContentType(body))
	}
	switch {
	case r.bodiless():
		r.sent.Del("Content-Length")
	case method == http.MethodHead:
		if !sized && len(body) > 0 {
			r.sent.Set("Content-Length", strconv.Itoa(len(body)))
		}
		return nil
	case sized:
		r.sent.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return body
}

// isText reports whether a body under h is sent as it is, provided that it is UTF-8.
func isText(h http.Header) bool {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return false
	}
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	switch mediaType {
	case "", "application/json", "application/xml", "application/yaml", "application/javascript",
		"application/x-www-form-urlencoded":
		return true
	}
	return strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "+json") ||
		strings.HasSuffix(mediaType, "+xml") || strings.HasSuffix(mediaType, "+yaml")
}

// appendBody appends the members of the answer that hold the body.
func appendBody(out, body []byte, text bool) []byte {
	if text || len(body) == 0 {
		// Room for the escapes as well, of which most are quotes around names and values: to count them costs less than
		// to move the body once more.
		quoted := len(body) + bytes.Count(body, []byte{'"'}) + len(body)/64
		out = slices.Grow(out, quoted+len(`"body":"",}`))
		if whole, err := jsontext.AppendQuote(append(out, `"body":`...), body); err == nil {
			return whole
		}
	}
	out = slices.Grow(out, base64.StdEncoding.EncodedLen(len(body))+len(`"isBase64Encoded":true,"body":""}`))
	out = append(out, `"isBase64Encoded":true,"body":"`...)
	return append(base64.StdEncoding.AppendEncode(out, body), '"')
}

// appendString appends a header's name or value as a JSON string. Line breaks would end the header, so they become
// spaces; what is not UTF-8 becomes U+FFFD.
func appendString(out []byte, s string) []byte {
	if strings.ContainsAny(s, "\r\n") {
		s = strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
	}
	out, _ = jsontext.AppendQuote(out, s)
	return out
}
