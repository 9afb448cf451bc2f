// Package signed sends requests to AWS: signed with Signature Version 4, and tried again as package retries says.
//
// It serves S3 and Secrets Manager, of which a handful of calls is used. The SDK's clients of them, with their endpoint rules and
// schemas, took 0.94 and 0.44 MB of the functions' binaries and a tenth of their start-up; DynamoDB, of which more is used, keeps its client.
package signed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"contacts/pkg/retries"
)

// A Service is one of AWS's in a region.
type Service struct {
	Name, Region string // as a signature names them
	Credentials  aws.CredentialsProvider
	HTTPClient   *http.Client
	// Refusal reads the code and the message of an answer that is no success.
	Refusal func(body []byte) (code, message string)
}

// Host is the host of AWS's own that answers for a service in a region.
func Host(service, region string) string {
	domain := "amazonaws.com"
	switch {
	case strings.HasPrefix(region, "cn-"):
		domain = "amazonaws.com.cn"
	case strings.HasPrefix(region, "eusc-"):
		domain = "amazonaws.eu"
	}
	return service + "." + region + "." + domain
}

// A Request is what a service is asked.
type Request struct {
	Method, URL string
	Header      http.Header // nil for none
	Body        Body        // nil for none
}

// A Body can be read by a try while an earlier one is still about to let go of it. *bytes.Reader and *io.SectionReader are bodies.
type Body interface {
	io.ReaderAt
	Size() int64
}

// An Error is the refusal of a service, in the shape that the SDK gives those that its clients meet: a smithy.APIError.
type Error struct {
	Service       string
	Status        int
	Code, Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.Service, e.Status, e.Code, e.Message)
}

func (e *Error) HTTPStatusCode() int { return e.Status }

func (e *Error) ErrorCode() string { return e.Code }

func (e *Error) ErrorMessage() string { return e.Message }

func (e *Error) ErrorFault() smithy.ErrorFault {
	if e.Status >= http.StatusInternalServerError {
		return smithy.FaultServer
	}
	return smithy.FaultClient
}

// maxRefusal is how much is read of an answer that is no success, in bytes.
const maxRefusal = 64 << 10

// Do returns the answer to a request if it is a success; its body is the caller's to close. A refusal is an *Error.
func (s *Service) Do(ctx context.Context, r Request) (answer *http.Response, err error) {
	sum, err := digest(r.Body)
	if err != nil {
		return nil, err
	}
	err = retries.Do(ctx, func() error {
		answer, err = s.try(ctx, r, sum) //nolint:bodyclose // it is the caller's to close
		return err
	})
	return answer, err
}

// Read makes a request and has its answer read, if it is a success. One that breaks off is asked for again: read may be called again,
// and its error is taken for that of the connection.
func (s *Service) Read(ctx context.Context, r Request, read func(*http.Response) error) error {
	sum, err := digest(r.Body)
	if err != nil {
		return err
	}
	return retries.Do(ctx, func() error {
		answer, err := s.try(ctx, r, sum)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }() // it is read by then
		if err := read(answer); err != nil {
			return &smithyhttp.RequestSendError{Err: err}
		}
		return nil
	})
}

func (s *Service) try(ctx context.Context, r Request, sum string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		request.Header = r.Header.Clone()
	}
	if r.Body != nil && r.Body.Size() > 0 { // a body without a length would be of an unknown one
		request.ContentLength = r.Body.Size()
		request.GetBody = func() (io.ReadCloser, error) { // for the transport, whose connection may turn out to be closed
			return io.NopCloser(io.NewSectionReader(r.Body, 0, r.Body.Size())), nil
		}
		request.Body, _ = request.GetBody() // never fails
	}
	request.Header.Set("X-Amz-Content-Sha256", sum)
	keys, err := s.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.signer().SignHTTP(ctx, keys, request, sum, s.Name, s.Region, time.Now()); err != nil {
		return nil, err
	}
	answer, err := s.HTTPClient.Do(request)
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	if answer.StatusCode/100 == 2 {
		return answer, nil
	}
	defer func() { _ = answer.Body.Close() }()                     // what is wrong is known by then
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxRefusal)) // the status tells enough
	code, message := s.Refusal(body)
	return nil, &Error{s.Name, answer.StatusCode, code, message}
}

// Presign returns an address at which a request without a body can be made by whoever has it, for some time.
func (s *Service) Presign(ctx context.Context, method, address string, valid time.Duration) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return "", err
	}
	query := request.URL.Query()
	query.Set("X-Amz-Expires", strconv.Itoa(int(valid.Seconds())))
	request.URL.RawQuery = query.Encode()
	keys, err := s.Credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	address, _, err = s.signer().PresignHTTP(ctx, keys, request, "UNSIGNED-PAYLOAD", s.Name, s.Region, time.Now())
	return address, err
}

// signer signs the path as it is sent, as S3 does; there is none at the other services.
func (s *Service) signer() *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
}

// digest is the SHA-256 of a body in hexadecimal digits.
func digest(b Body) (string, error) {
	h := sha256.New()
	if b != nil {
		if _, err := io.Copy(h, io.NewSectionReader(b, 0, b.Size())); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
