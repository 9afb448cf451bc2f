package bucket

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"contacts/pkg/image/object"
)

// bodyReader reads the whole body of a response before it returns it. A body that breaks off is then a connection error, which
// the SDK retries; the SDK itself returns bodies unread, after its last try.
type bodyReader struct{ client *http.Client }

// Do sends a request. It leaves bodies that are longer than a picture to the caller.
func (c bodyReader) Do(request *http.Request) (*http.Response, error) {
	response, err := c.client.Do(request) //nolint:gosec // the SDK's client makes the address
	if err != nil || response.ContentLength > object.MaxUpload {
		return response, err
	}
	body := bytes.NewBuffer(make([]byte, 0, max(response.ContentLength, 0)))
	_, err = body.ReadFrom(response.Body)
	_ = response.Body.Close() // reading is over
	if err != nil {
		return nil, fmt.Errorf("the response broke off: %w", err)
	}
	response.Body = io.NopCloser(body)
	return response, nil
}
