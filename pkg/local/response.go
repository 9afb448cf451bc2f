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
	var long struct{ StatusCode *scalar }
	if output[0] == '{' && json.Unmarshal(output, &long) != nil {
		return answer{}, errMalformedAnswer
	}
	if long.StatusCode == nil {
		return shortAnswer(output), nil
	}
	status, err := strconv.Atoi(string(*long.StatusCode))
	if err != nil || status < 200 || status > 599 {
		return answer{}, errMalformedAnswer
	}
	var rest struct {
		Headers         map[string]scalar
		Cookies         []string
		Body            string
		IsBase64Encoded bool
	}
	if json.Unmarshal(output, &rest) != nil {
		return answer{}, errMalformedAnswer
	}
	a := answer{status: status, header: http.Header{}, body: []byte(rest.Body)}
	for name, value := range rest.Headers {
		if !hopByHop(strings.ToLower(name)) {
			a.header.Add(name, string(value))
		}
	}
	for _, cookie := range rest.Cookies {
		a.header.Add("Set-Cookie", cookie)
	}
	if rest.IsBase64Encoded {
		if a.body, err = base64.StdEncoding.DecodeString(rest.Body); err != nil {
			return answer{}, errMalformedAnswer
		}
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

// scalar is a JSON string, number or boolean as a text.
type scalar string

func (s *scalar) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		return json.Unmarshal(raw, (*string)(s))
	case '{', '[', 'n':
		return errMalformedAnswer
	}
	*s = scalar(raw)
	return nil
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
