package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func Replayed(a *Answer) bool { return a.Header.Get("Idempotent-Replayed") == "true" }

// SameAnswer requires a replay to equal the first answer byte for byte.
func SameAnswer(t *testing.T, first, again *Answer) {
	t.Helper()
	if Replayed(first) || !Replayed(again) {
		t.Errorf("%s: Idempotent-Replayed %q, then %q", first.What, first.Header.Get("Idempotent-Replayed"), again.Header.Get("Idempotent-Replayed"))
	}
	if again.Status != first.Status || !bytes.Equal(again.Body, first.Body) {
		t.Errorf("%s: replayed %d %s, first %d %s", first.What, again.Status, again.Body, first.Status, first.Body)
	}
	for _, name := range []string{"Location", "ETag", "Content-Type"} {
		if got, want := again.Header.Get(name), first.Header.Get(name); got != want {
			t.Errorf("%s: replayed %s %q, first %q", first.What, name, got, want)
		}
	}
}

// Object is JSON that is sent.
type Object = map[string]any

// Payload returns a body as it is sent: a string or []byte as it is, anything else as JSON.
func Payload(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(b), nil
	case []byte:
		return b, nil
	}
	return json.Marshal(body)
}

// An Answer is the response to a request.
type Answer struct {
	T      testing.TB
	What   string
	Status int
	Header http.Header
	Body   []byte
}

func Send(t testing.TB, method, target string, body any, headers ...string) *Answer {
	t.Helper()
	a, err := Try(method, target, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	a.T = t
	return a
}

// Try is Send for goroutines other than the test's.
func Try(method, target string, body any, headers ...string) (*Answer, error) {
	content, err := Payload(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, Platform.URL+target, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := Platform.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a := &Answer{What: method + " " + target, Status: response.StatusCode, Header: response.Header}
	a.Body, err = io.ReadAll(response.Body)
	return a, err
}

// Want requires a status.
func (a *Answer) Want(status int) *Answer {
	a.T.Helper()
	if a.Status != status {
		cause := ""
		if a.Status == 500 {
			cause = " because of " + a.Log().Cause
		}
		a.T.Fatalf("%s = %d %s%s, want %d", a.What, a.Status, a.Body, cause, status)
	}
	return a
}

func (a *Answer) Decode(into any) {
	a.T.Helper()
	if err := json.Unmarshal(a.Body, into); err != nil {
		a.T.Fatalf("%s answered %q: %v", a.What, a.Body, err)
	}
}

func (a *Answer) Object() Object {
	a.T.Helper()
	var o Object
	a.Decode(&o)
	return o
}

func (a *Answer) Text(field string) string {
	a.T.Helper()
	s, ok := a.Object()[field].(string)
	if !ok {
		a.T.Fatalf("%s answered %s, without a text %q", a.What, a.Body, field)
	}
	return s
}

// Log returns what the function logged about the request.
func (a *Answer) Log() logLine {
	a.T.Helper()
	id := a.Header.Get("Apigw-Requestid")
	for text := range strings.Lines(Platform.Log.All()) {
		var l logLine
		if err := json.Unmarshal([]byte(text), &l); err == nil && l.RequestID == id && id != "" {
			return l
		}
	}
	a.T.Fatalf("%s: no line is logged for request %q", a.What, id)
	return logLine{}
}

type Fault struct{ Pointer, Parameter, Detail string }

var problemType = regexp.MustCompile(`^https?://[^/]+/docs/errors#[a-z-]+$`)

type problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Errors                        []Fault
	ExistingID                    string `json:"existing_id"`
}

// Problem requires a complete problem of a status, and returns it.
func (a *Answer) Problem(status int) problem {
	a.T.Helper()
	a.Want(status)
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		a.T.Fatalf("%s: Content-Type %q, want application/problem+json", a.What, got)
	}
	var p problem
	a.Decode(&p)
	if p.Status != status || p.Title == "" || p.Detail == "" ||
		!problemType.MatchString(p.Type) || !strings.HasPrefix(p.Instance, "urn:request:") {
		a.T.Fatalf("%s: the problem is not whole: %s", a.What, a.Body)
	}
	if (status == 400 || status == 422) && len(p.Errors) == 0 {
		a.T.Fatalf("%s: the problem has no errors: %s", a.What, a.Body)
	}
	for _, f := range p.Errors {
		if f.Detail == "" {
			a.T.Fatalf("%s: a fault says nothing: %s", a.What, a.Body)
		}
	}
	return p
}

// Faults requires a problem with exactly these faults, each a pointer or "?" and a parameter, in any order.
func (a *Answer) Faults(status int, want ...string) {
	a.T.Helper()
	p := a.Problem(status)
	open := map[string]int{}
	for _, w := range want {
		open[w]++
	}
	for _, f := range p.Errors {
		at := f.Pointer
		if f.Parameter != "" {
			at = "?" + f.Parameter
		}
		open[at]--
	}
	for at, n := range open {
		if n != 0 {
			a.T.Fatalf("%s: faults %+v, want %q (at %q)", a.What, p.Errors, want, at)
		}
	}
}

// A page is the answer to a list.
type page struct {
	Items    []Object
	Problems []Object
	Next     *string
}

func (a *Answer) Page() page {
	a.T.Helper()
	a.Want(200)
	var p page
	a.Decode(&p)
	if p.Items == nil || p.Problems == nil {
		a.T.Fatalf("%s: items and problems must both be arrays: %s", a.What, a.Body)
	}
	return p
}

// Texts returns one field of all items.
func (p page) Texts(field string) []string {
	values := []string{}
	for _, item := range p.Items {
		values = append(values, fmt.Sprint(item[field]))
	}
	return values
}
