package bucket

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"contacts/pkg/image/object"
)

// completeAnswers reads the body of an answer before it returns. One that breaks off is then an error of the connection, which the SDK
// tries again; it hands bodies out unread, after its last try.
type completeAnswers struct{ client *http.Client }

// Do sends a request. The body of an answer that is longer than a picture is left to be read by whoever wants it.
func (c completeAnswers) Do(request *http.Request) (*http.Response, error) {
	answer, err := c.client.Do(request) //nolint:gosec // the client of the SDK makes the address
	if err != nil || answer.ContentLength > object.MaxUpload {
		return answer, err
	}
	body := bytes.NewBuffer(make([]byte, 0, max(answer.ContentLength, 0)))
	_, err = body.ReadFrom(answer.Body)
	_ = answer.Body.Close() // it is read, or has failed
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	answer.Body = io.NopCloser(body)
	return answer, nil
}
