package signed_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"contacts/pkg/retries"
	"contacts/pkg/signed"
)

var keys = credentials.NewStaticCredentialsProvider("key", "secret", "a session's token")

// service is one that a handler answers for.
func service(t *testing.T, h http.HandlerFunc) (*signed.Service, string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &signed.Service{Name: "s3", Region: "eu-central-1", Credentials: keys, HTTPClient: server.Client(),
		Refusal: func(body []byte) (string, string) {
			var e struct{ Code, Message string }
			_ = json.Unmarshal(body, &e)
			return e.Code, e.Message
		}}, server.URL
}

// verify computes what a request should be signed with by what AWS's documents say, and tells whether it is.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func verify(r *http.Request, body []byte) bool {
	var credential, signedHeaders, signature, date string
	payload := r.Header.Get("X-Amz-Content-Sha256")
	query := r.URL.Query()
	if query.Has("X-Amz-Signature") {
		credential, signedHeaders, signature, date = query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature"), query.Get("X-Amz-Date")
		query.Del("X-Amz-Signature")
		payload = "UNSIGNED-PAYLOAD"
	} else {
		for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ", ") {
			name, value, _ := strings.Cut(part, "=")
			switch name {
			case "Credential":
				credential = value
			case "SignedHeaders":
				signedHeaders = value
			case "Signature":
				signature = value
			}
		}
		date = r.Header.Get("X-Amz-Date")
		if sum := sha256.Sum256(body); payload != hex.EncodeToString(sum[:]) {
			return false
		}
	}
	var headers strings.Builder
	for name := range strings.SplitSeq(signedHeaders, ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	canonical := strings.Join([]string{r.Method, path, strings.ReplaceAll(query.Encode(), "+", "%20"), headers.String(), signedHeaders, payload}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	_, scope, _ := strings.Cut(credential, "/")
	key := []byte("AWS4secret")
	for _, part := range append(strings.Split(scope, "/"), strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, hex.EncodeToString(sum[:])}, "\n")) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	token := r.Header.Get("X-Amz-Security-Token") + query.Get("X-Amz-Security-Token")
	return hex.EncodeToString(key) == signature && token == "a session's token"
}

var odd = []string{"plain", "images/a b/ü+%/~", "x/./y//z", "a&b=c?d#e", "tag:@!$'()*,;"}

func TestRequestsAreSignedAsTheSDKSignsThem(t *testing.T) {
	t.Parallel()
	unsigned := []string{}
	s, address := service(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !verify(r, body) {
			unsigned = append(unsigned, r.Method+" "+r.RequestURI)
		}
	})
	sdk := s3.New(s3.Options{Region: "eu-central-1", BaseEndpoint: &address, UsePathStyle: true, Credentials: keys,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired})
	for _, key := range odd {
		if _, err := sdk.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("bucket"), Key: &key, Body: strings.NewReader("picture")}); err != nil {
			t.Fatal(err)
		}
	}
	if len(unsigned) > 0 {
		t.Fatalf("the test takes requests of the SDK to be unsigned: %q", unsigned)
	}
	for _, key := range odd {
		at := address + "/bucket/" + httpbinding.EscapePath(key, false)
		for _, r := range []signed.Request{
			{Method: "PUT", URL: at, Body: strings.NewReader("picture"), Header: http.Header{"Content-Type": {"image/png"}}},
			{Method: "PUT", URL: at, Body: strings.NewReader("")},
			{Method: "GET", URL: at},
			{Method: "GET", URL: address + "/bucket/?" + url.Values{"prefix": {key}, "list-type": {"2"}}.Encode()},
			{Method: "DELETE", URL: at},
		} {
			answer, err := s.Do(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
		}
		presigned, err := s.Presign(t.Context(), "GET", at+"?"+url.Values{"response-content-type": {key}}.Encode(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Get(presigned)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	if len(unsigned) > 0 {
		t.Errorf("not signed as they are sent: %q", unsigned)
	}
}

func TestWhatALaterTryMayCureIsSentAgainWhole(t *testing.T) {
	t.Parallel()
	bodies := []string{}
	s, address := service(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		switch len(bodies) {
		case 1:
			w.WriteHeader(503)
			_, _ = io.WriteString(w, `{"Code": "SlowDown"}`)
		case 2:
			panic(http.ErrAbortHandler) // the connection is lost
		case 3:
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"Code": "RequestTimeout"}`)
		}
	})
	ctx, again := retries.Count(t.Context())
	answer, err := s.Do(ctx, signed.Request{Method: "PUT", URL: address, Body: bytes.NewReader([]byte("picture"))})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if want := slices.Repeat([]string{"picture"}, 4); !slices.Equal(bodies, want) || again.Load() != 3 {
		t.Errorf("%q were sent, %d counted as sent again", bodies, again.Load())
	}
}

func TestARefusalIsSaidOnceAsItIs(t *testing.T) {
	t.Parallel()
	asked := 0
	s, address := service(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(404)
		_, _ = io.WriteString(w, `{"Code": "NoSuchKey", "Message": "There is none."}`)
	})
	_, err := s.Do(t.Context(), signed.Request{Method: "GET", URL: address})
	var refused *signed.Error
	var api smithy.APIError
	if !errors.As(err, &refused) || refused.Status != 404 || !errors.As(err, &api) || api.ErrorCode() != "NoSuchKey" || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	if !strings.Contains(err.Error(), "There is none.") {
		t.Errorf("%v doesn't say what the service did", err)
	}
}

func TestNothingIsTriedBeyondTheTimeOfARequest(t *testing.T) {
	t.Parallel()
	s, address := service(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	begun := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Do(ctx, signed.Request{Method: "GET", URL: address}); err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s, want an error after 50ms", err, time.Since(begun))
	}
}

func TestHostsAreThoseOfTheirPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-central-1": "s3.eu-central-1.amazonaws.com", "us-gov-west-1": "s3.us-gov-west-1.amazonaws.com",
		"cn-north-1": "s3.cn-north-1.amazonaws.com.cn", "eusc-de-east-1": "s3.eusc-de-east-1.amazonaws.eu",
	} {
		if got := signed.Host("s3", region); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
		resolved, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), s3.EndpointParameters{Region: &region})
		if err != nil || resolved.URI.Host != want {
			t.Errorf("%s: the SDK says %s, %v", region, resolved.URI.Host, err)
		}
	}
}

func TestAnAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	s, address := service(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "01234")
		if asked++; asked > 1 {
			_, _ = io.WriteString(w, "56789")
		}
	})
	var got []byte
	err := s.Read(t.Context(), signed.Request{Method: http.MethodGet, URL: address + "/a"}, func(answer *http.Response) (err error) {
		got, err = io.ReadAll(answer.Body)
		return err
	})
	if err != nil || string(got) != "0123456789" || asked != 2 {
		t.Errorf("%q, %v, asked %d times", got, err, asked)
	}
}
