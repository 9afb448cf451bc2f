package local

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// testKeys are those of s3Client.
var testKeys = map[string]string{"key": "secret"}

// signedForm is a form for one object as the SDK makes it, with conditions in addition to those for bucket and key.
func signedForm(t *testing.T, c *s3.Client, key string, expires time.Duration, conditions ...any) (url string, fields map[string]string) {
	t.Helper()
	signed, err := s3.NewPresignClient(c).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(testBucket), Key: &key},
		func(o *s3.PresignPostOptions) { o.Expires, o.Conditions = expires, conditions })
	if err != nil {
		t.Fatal(err)
	}
	return signed.URL, signed.Values
}

// postForm sends a form, the file last unless more follows it, and returns the status and S3's code.
func postForm(t *testing.T, url string, fields map[string]string, file string, more ...string) (status int, code string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		_ = w.WriteField(name, value) // to memory
	}
	part, _ := w.CreateFormFile("file", "a.png")
	_, _ = io.WriteString(part, file)
	for _, name := range more {
		_ = w.WriteField(name, "after the file")
	}
	_ = w.Close()
	return postBody(t, url, w.FormDataContentType(), &body)
}

func postBody(t *testing.T, url, contentType string, body io.Reader) (status int, code string) {
	t.Helper()
	response, err := http.Post(url, contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body) // what is missing is not found below
	_, code, _ = strings.Cut(string(text), "<Code>")
	code, _, _ = strings.Cut(code, "</Code>")
	return response.StatusCode, code
}

// changed is a copy of a form with a field set, or left out where the value is "".
func changed(fields map[string]string, name, value string) map[string]string {
	fields = maps.Clone(fields)
	if fields[name] = value; value == "" {
		delete(fields, name)
	}
	return fields
}

// resigned is the form with another policy, signed with a secret.
func resigned(fields map[string]string, policy, secret string) map[string]string {
	encoded := base64.StdEncoding.EncodeToString([]byte(policy))
	key := []byte("AWS4" + secret)
	for _, part := range append(strings.Split(fields["X-Amz-Credential"], "/")[1:], encoded) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return changed(changed(fields, "policy", encoded), "X-Amz-Signature", hex.EncodeToString(key))
}

func TestAFormIsHeldToEveryConditionOfItsPolicy(t *testing.T) {
	objects := startObjects(t, ObjectsOptions{Keys: testKeys})
	c := s3Client(objects.Endpoint())
	type fields = map[string]string
	for name, test := range map[string]struct {
		conditions []any
		change     func(fields) fields
		file       string
		want       int
		code       string
	}{
		"as given":                        {nil, func(f fields) fields { return f }, "content", 204, ""},
		"an empty file":                   {nil, func(f fields) fields { return f }, "", 204, ""},
		"a field that nothing is said of": {nil, func(f fields) fields { return changed(f, "Content-Type", "image/png") }, "content", 403, "AccessDenied"},
		"one that S3 ignores":             {nil, func(f fields) fields { return changed(f, "x-ignore-this", "x") }, "content", 204, ""},
		"names in another case":           {nil, func(f fields) fields { return changed(changed(f, "key", ""), "KEY", f["key"]) }, "content", 204, ""},
		"another key":                     {nil, func(f fields) fields { return changed(f, "key", "b") }, "content", 403, "AccessDenied"},
		"no key":                          {nil, func(f fields) fields { return changed(f, "key", "") }, "content", 403, "AccessDenied"},
		"the type it asks for":            {[]any{fields{"Content-Type": "image/png"}}, func(f fields) fields { return changed(f, "Content-Type", "image/png") }, "content", 204, ""},
		"another type":                    {[]any{fields{"Content-Type": "image/png"}}, func(f fields) fields { return changed(f, "Content-Type", "text/html") }, "content", 403, "AccessDenied"},
		"its type in another case":        {[]any{fields{"Content-Type": "image/png"}}, func(f fields) fields { return changed(f, "Content-Type", "IMAGE/PNG") }, "content", 403, "AccessDenied"},
		"no type":                         {[]any{fields{"Content-Type": "image/png"}}, func(f fields) fields { return f }, "content", 403, "AccessDenied"},
		"eq with three parts":             {[]any{[]any{"eq", "$Content-Type", "image/png"}}, func(f fields) fields { return changed(f, "Content-Type", "image/png") }, "content", 204, ""},
		"eq with three parts, another":    {[]any{[]any{"eq", "$Content-Type", "image/png"}}, func(f fields) fields { return changed(f, "Content-Type", "image/pn") }, "content", 403, "AccessDenied"},
		"a beginning":                     {[]any{[]any{"starts-with", "$Content-Type", "image/"}}, func(f fields) fields { return changed(f, "Content-Type", "image/png") }, "content", 204, ""},
		"another beginning":               {[]any{[]any{"starts-with", "$Content-Type", "image/"}}, func(f fields) fields { return changed(f, "Content-Type", "text/image/") }, "content", 403, "AccessDenied"},
		"any beginning":                   {[]any{[]any{"starts-with", "$Cache-Control", ""}}, func(f fields) fields { return changed(f, "Cache-Control", "private") }, "content", 204, ""},
		"the least length":                {[]any{[]any{"content-length-range", 7, 9}}, func(f fields) fields { return f }, "content", 204, ""},
		"the most length":                 {[]any{[]any{"content-length-range", 5, 7}}, func(f fields) fields { return f }, "content", 204, ""},
		"a byte too few":                  {[]any{[]any{"content-length-range", 8, 9}}, func(f fields) fields { return f }, "content", 400, "EntityTooSmall"},
		"a byte too many":                 {[]any{[]any{"content-length-range", 5, 6}}, func(f fields) fields { return f }, "content", 400, "EntityTooLarge"},
		"a condition of two parts":        {[]any{[]any{"eq", "$key"}}, func(f fields) fields { return f }, "content", 400, "InvalidPolicyDocument"},
		"another policy, not signed":      {nil, func(f fields) fields { return changed(f, "policy", f["policy"]+"=") }, "content", 403, "SignatureDoesNotMatch"},
		"no policy":                       {nil, func(f fields) fields { return changed(f, "policy", "") }, "content", 403, "SignatureDoesNotMatch"},
		"another signature":               {nil, func(f fields) fields { return changed(f, "X-Amz-Signature", strings.Repeat("0", 64)) }, "content", 403, "SignatureDoesNotMatch"},
		"no signature":                    {nil, func(f fields) fields { return changed(f, "X-Amz-Signature", "") }, "content", 403, "SignatureDoesNotMatch"},
		"a key that nobody has":           {nil, func(f fields) fields { return changed(f, "X-Amz-Credential", "x/20250325/us-east-1/s3/aws4_request") }, "content", 403, "AccessDenied"},
		"half a scope":                    {nil, func(f fields) fields { return changed(f, "X-Amz-Credential", "key/20250325") }, "content", 403, "AccessDenied"},
		"no credential":                   {nil, func(f fields) fields { return changed(f, "X-Amz-Credential", "") }, "content", 403, "AccessDenied"},
		"signed with another secret": {nil, func(f fields) fields {
			return resigned(f, `{"expiration":"2100-01-01T00:00:00Z","conditions":[]}`, "guess")
		}, "content", 403, "SignatureDoesNotMatch"},
		"a signed policy that is no JSON":  {nil, func(f fields) fields { return resigned(f, `{`, "secret") }, "content", 400, "InvalidPolicyDocument"},
		"a signed policy without its time": {nil, func(f fields) fields { return resigned(f, `{"conditions":[]}`, "secret") }, "content", 403, "AccessDenied"},
		"a signed policy without its terms": {nil, func(f fields) fields {
			return resigned(f, `{"expiration":"2100-01-01T00:00:00Z","conditions":[]}`, "secret")
		}, "content", 403, "AccessDenied"},
		"a signed policy of another bucket": {[]any{fields{"bucket": "other"}}, func(f fields) fields { return f }, "content", 403, "AccessDenied"},
		"a way of comparing S3 has not":     {[]any{[]any{"ends-with", "$Content-Type", "png"}}, func(f fields) fields { return changed(f, "Content-Type", "text/html") }, "content", 400, "InvalidPolicyDocument"},
	} {
		t.Run(name, func(t *testing.T) {
			key := "incoming/" + name
			url, given := signedForm(t, c, key, time.Minute, test.conditions...)
			if status, code := postForm(t, url, test.change(given), test.file); status != test.want || code != test.code {
				t.Errorf("%d %q, want %d %q", status, code, test.want, test.code)
			}
			body, got, ok := getObject(t, c, key, s3.GetObjectInput{})
			if ok != (test.want == 204) || ok && body != test.file {
				t.Errorf("stored %v %q", ok, body)
			}
			if sent := test.change(given)["Content-Type"]; ok && sent != "" && *got.ContentType != sent {
				t.Errorf("stored as %s, sent as %s", *got.ContentType, sent)
			}
			if _, _, ok := getObject(t, c, "b", s3.GetObjectInput{}); ok {
				t.Error("stored where the form was not for")
			}
		})
	}
}

func TestAFormAndAnAddressEndWithTheirTime(t *testing.T) {
	objects := startObjects(t, ObjectsOptions{Keys: testKeys})
	c := s3Client(objects.Endpoint())
	url, fields := signedForm(t, c, "a", time.Minute)
	var policy map[string]any
	text, err := base64.StdEncoding.DecodeString(fields["policy"])
	if err != nil || json.Unmarshal(text, &policy) != nil {
		t.Fatal(err, string(text))
	}
	for ago, want := range map[time.Duration]int{time.Second: 403, -time.Minute: 204} {
		policy["expiration"] = time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z")
		text, _ := json.Marshal(policy)
		if status, code := postForm(t, url, resigned(fields, string(text), "secret"), "content"); status != want {
			t.Errorf("%v ago: %d %s, want %d", ago, status, code, want)
		}
	}
	now := time.Date(2026, 3, 25, 12, 0, 0, 0, time.UTC)
	for query, want := range map[string]bool{
		"":          false,
		"?versions": false,
		"?X-Amz-Date=20260325T115500Z&X-Amz-Expires=300":  false,
		"?X-Amz-Date=20260325T115459Z&X-Amz-Expires=300":  true,
		"?X-Amz-Date=20260325T120000Z&X-Amz-Expires=1":    false,
		"?X-Amz-Date=yesterday&X-Amz-Expires=300":         true,
		"?X-Amz-Date=20260325T120000Z&X-Amz-Expires=long": true,
		"?X-Amz-Expires=300":                              true,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, objects.Endpoint()+"/"+testBucket+"/a"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := expired(r, now); got != want {
			t.Errorf("%q expired: %v, want %v", query, got, want)
		}
	}
	if status, text := get(t, objects.Endpoint()+"/"+testBucket+"/a?X-Amz-Date=20200101T000000Z&X-Amz-Expires=300"); status != 403 || !strings.Contains(text, "AccessDenied") {
		t.Errorf("an old address: %d %s", status, text)
	}
}

func TestWhatIsNoFormIsRefused(t *testing.T) {
	objects := startObjects(t, ObjectsOptions{Keys: testKeys})
	c := s3Client(objects.Endpoint())
	url, fields := signedForm(t, c, "a", time.Minute)
	form := func(end string) string { // by hand: what a writer would not write
		text := ""
		for name, value := range fields {
			text += "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
		}
		return text + end
	}
	file := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	for name, test := range map[string]struct{ contentType, body, code string }{
		"JSON":                        {"application/json", "{}", "MalformedPOSTRequest"},
		"no boundary":                 {"multipart/form-data", form(file + "content\r\n--x--\r\n"), "MalformedPOSTRequest"},
		"nothing":                     {"multipart/form-data; boundary=x", "", "InvalidArgument"},
		"no file":                     {"multipart/form-data; boundary=x", form("--x--\r\n"), "InvalidArgument"},
		"a file that breaks off":      {"multipart/form-data; boundary=x", form(file + "cont"), "EntityTooLarge"},
		"a file larger than any form": {"multipart/form-data; boundary=x", form(file + strings.Repeat("x", maxPost) + "\r\n--x--\r\n"), "EntityTooLarge"},
		"a field larger than any":     {"multipart/form-data; boundary=x", form("--x\r\nContent-Disposition: form-data; name=\"x-ignore-a\"\r\n\r\n" + strings.Repeat("x", 70_000) + "\r\n" + file + "content\r\n--x--\r\n"), "EntityTooLarge"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, code := postBody(t, url, test.contentType, strings.NewReader(test.body)); status != 400 || name != "a file that breaks off" && code != test.code {
				t.Errorf("%d %s, want 400 %s", status, code, test.code)
			}
			if _, _, ok := getObject(t, c, "a", s3.GetObjectInput{}); ok {
				t.Error("stored")
			}
		})
	}
	if status, code := postForm(t, objects.Endpoint()+"/", fields, "content"); status != 400 || code != "InvalidBucketName" {
		t.Errorf("to no bucket: %d %s", status, code)
	}
	// S3 ignores what follows the file.
	if status, code := postForm(t, url, fields, "content", "Content-Type", "acl"); status != 204 {
		t.Errorf("fields after the file: %d %s", status, code)
	}
}

func TestABrowserIsAnsweredWithTheStatusThatTheFormAsksFor(t *testing.T) {
	objects := startObjects(t, ObjectsOptions{Keys: testKeys})
	c := s3Client(objects.Endpoint())
	for wanted, status := range map[string]int{"200": 200, "201": 201, "204": 204, "404": 204, "x": 204} {
		url, fields := signedForm(t, c, "a", time.Minute, map[string]string{"success_action_status": wanted})
		fields["success_action_status"] = wanted
		if got, code := postForm(t, url, fields, "content"); got != status {
			t.Errorf("%s: %d %s, want %d", wanted, got, code, status)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, objects.Endpoint()+"/"+testBucket, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Access-Control-Allow-Methods"); response.StatusCode != 200 || !strings.Contains(got, "POST") || response.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a preflight: %s %v", response.Status, response.Header)
	}
}
