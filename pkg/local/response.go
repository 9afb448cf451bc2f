package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// An answer is the response that an HTTP API makes of a function's output.
type answer struct {
	status int
	header http.Header
	body   []byte
}

var errMalformedAnswer = errors.New("the function's answer is not one that API Gateway understands")

// readAnswer reads a function's output: the response object of payload format 2.0, or, without statusCode, the short form, where the
// JSON itself is the body of a 200.
func readAnswer(output []byte) (answer, error) {
	output = bytes.TrimSpace(output)
	if !json.Valid(output) {
		return answer{}, errMalformedAnswer
	}
	var fields map[string]json.RawMessage
	if output[0] == '{' {
		if err := json.Unmarshal(output, &fields); err != nil {
			return answer{}, errMalformedAnswer
		}
	}
	status, ok := fields["statusCode"]
	if !ok {
		return shortAnswer(output), nil
	}
	a := answer{header: http.Header{}}
	code, isText := scalar(status)
	number, err := strconv.Atoi(code)
	if !isText || err != nil || number < 200 || number > 599 {
		return answer{}, errMalformedAnswer
	}
	a.status = number
	if err := a.readHeaders(fields["headers"], fields["cookies"]); err != nil {
		return answer{}, err
	}
	if err := a.readBody(fields["body"], fields["isBase64Encoded"]); err != nil {
		return answer{}, err
	}
	return a, nil
}

func shortAnswer(output []byte) answer {
	a := answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: output}
	var text string
	if json.Unmarshal(output, &text) == nil && output[0] == '"' { // a JSON string stands for its text
		a.body = []byte(text)
	}
	return a
}

func (a *answer) readHeaders(headers, cookies json.RawMessage) error {
	var values map[string]json.RawMessage
	if len(headers) > 0 && json.Unmarshal(headers, &values) != nil {
		return errMalformedAnswer
	}
	for name, raw := range values {
		value, ok := scalar(raw)
		if !ok {
			return errMalformedAnswer
		}
		if hopByHop(strings.ToLower(name)) {
			continue
		}
		a.header.Add(name, value)
	}
	var list []string
	if len(cookies) > 0 && json.Unmarshal(cookies, &list) != nil {
		return errMalformedAnswer
	}
	for _, cookie := range list {
		a.header.Add("Set-Cookie", cookie)
	}
	return nil
}

func (a *answer) readBody(body, base64Encoded json.RawMessage) error {
	var text *string
	if len(body) > 0 && json.Unmarshal(body, &text) != nil {
		return errMalformedAnswer
	}
	if text == nil {
		return nil
	}
	a.body = []byte(*text)
	if string(base64Encoded) == "true" {
		decoded, err := base64.StdEncoding.DecodeString(*text)
		if err != nil {
			return errMalformedAnswer
		}
		a.body = decoded
	}
	return nil
}

// scalar returns a JSON string, number or boolean as a text.
func scalar(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil && raw[0] == '"' {
		return text, true
	}
	if c := raw[0]; c == '{' || c == '[' || c == 'n' {
		return "", false
	}
	return string(raw), true
}

// write sends the answer, to HEAD and with 204 or 304 without a body.
func (a answer) write(w http.ResponseWriter, method string) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	bodyless := a.status == http.StatusNoContent || a.status == http.StatusNotModified
	if bodyless {
		h.Del("Content-Length")
		w.WriteHeader(a.status)
		return
	}
	if h.Get("Content-Type") == "" && len(a.body) > 0 {
		h.Set("Content-Type", "text/plain;charset=UTF-8") // the type that an HTTP API gives to a body without one
	}
	if method != http.MethodHead || h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if method != http.MethodHead {
		_, _ = w.Write(a.body) // the client may have disconnected
	}
}

// gatewayAnswer returns an answer of the gateway itself: {"message":"Not Found"}.
func gatewayAnswer(status int, message string) answer {
	body, _ := json.Marshal(map[string]string{"message": message})
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}
