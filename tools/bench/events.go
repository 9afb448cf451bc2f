package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"contacts/tools/runtime"
)

// A sample is the text of an API Gateway event, payload format 2.0, from which others are made.
type sample []byte

// A request is the request of an event. The last two fields are headers.
type request struct{ method, path, query, body, authorization, acceptEncoding string }

// event returns the event of a request.
func (s sample) event(r request) []byte {
	var e map[string]any
	if err := json.Unmarshal(s, &e); err != nil {
		panic(err) // readSample has parsed it
	}
	headers := e["headers"].(map[string]any)
	headers["authorization"], headers["accept-encoding"] = r.authorization, cmp.Or(r.acceptEncoding, "identity") // the baselines don't compress
	headers["content-length"] = strconv.Itoa(len(r.body))
	if r.body != "" {
		headers["content-type"] = "application/json"
		e["body"] = r.body
	}
	e["rawPath"], e["rawQueryString"] = r.path, r.query
	values, err := url.ParseQuery(r.query)
	if err != nil {
		panic(err) // a query of this program
	}
	parameters := map[string]string{}
	for name := range values {
		parameters[name] = values.Get(name)
	}
	e["queryStringParameters"] = parameters
	http := e["requestContext"].(map[string]any)["http"].(map[string]any)
	http["method"], http["path"] = r.method, r.path
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		panic(err) // only texts and maps
	}
	return text.Bytes()
}

// readSample reads the event of a file.
func readSample(file string) (sample, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var e struct{ RequestContext struct{ HTTP map[string]any } }
	if err := json.Unmarshal(text, &e); err != nil || e.RequestContext.HTTP == nil {
		return nil, fmt.Errorf("%s is no event of payload format 2.0: %w", file, err)
	}
	return text, nil
}

// get returns the event of a GET below the tenant's path.
func (s *stage) get(path, query string) []byte {
	return s.sample.event(request{method: "GET", path: "/contacts/org/" + org + path, query: query, authorization: "Bearer " + s.token})
}

// post returns the event of a POST below a tenant's path.
func (s *stage) post(tenant, path string, body any) []byte {
	return s.sample.event(request{method: "POST", path: "/contacts/org/" + tenant + path, body: string(marshal(body)), authorization: "Bearer " + s.token})
}

// create returns the event that adds the i-th contact.
func (s *stage) create(tenant string, i int) []byte {
	return s.post(tenant, "/individual", map[string]string{
		"external_id": externalID(i), "name": fullName(i), "date_of_birth": dateOfBirth, "anniversary": anniversary,
	})
}

// An answer is the answer of a function to an event.
type answer struct {
	status int
	body   []byte
	took   time.Duration
}

// invoke sends an event to a function.
func invoke(ctx context.Context, p *runtime.Process, event []byte) (answer, error) {
	given, err := p.Invoke(ctx, event)
	if err != nil {
		return answer{}, err
	}
	var read struct {
		StatusCode      int
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(given.Payload, &read); err != nil {
		return answer{}, err
	}
	a := answer{read.StatusCode, []byte(read.Body), given.Took}
	if read.IsBase64Encoded {
		a.body, err = base64.StdEncoding.DecodeString(read.Body)
	}
	return a, err
}

// succeeded returns an error for an answer that is not a success.
func (a answer) succeeded() error {
	if a.status < 200 || a.status > 299 {
		return fmt.Errorf("answered %d %s", a.status, a.body)
	}
	return nil
}

// ask sends an event to a function and returns the body and the duration of its answer. An answer that is not a success is an error.
func ask(ctx context.Context, p *runtime.Process, event []byte) ([]byte, time.Duration, error) {
	a, err := invoke(ctx, p, event)
	if err == nil {
		err = a.succeeded()
	}
	return a.body, a.took, err
}

func marshal(body any) []byte {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // only texts, numbers, maps and lists
	}
	return text
}
