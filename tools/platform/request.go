package platform

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// answerTime exceeds the timeout of a function: no answer until then is a failure.
const answerTime = 35 * time.Second

// HTTPClient returns an HTTP client for a number of concurrent clients.
func HTTPClient(clients int) *http.Client {
	return &http.Client{Timeout: answerTime, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
}

// A Request is a request of an organization.
type Request struct {
	Org          string // Org if it is ""
	Method, Path string
	Key          string // the Idempotency-Key, "" for none
	Match        string // If-Match, "" for none
	Body         string // JSON
}

// An Answer is a complete answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send sends a request to the process.
func (l *Life) Send(ctx context.Context, client *http.Client, r Request) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, l.url+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Org == "" {
		r.Org = Org
	}
	request.Header.Set("Authorization", "Bearer "+l.tokens[r.Org])
	request.Header.Set("Content-Type", "application/json")
	for name, value := range map[string]string{"Idempotency-Key": r.Key, "If-Match": r.Match} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // it has been read
	a := &Answer{Status: response.StatusCode, Header: response.Header}
	a.Body, err = io.ReadAll(response.Body)
	return a, err
}
