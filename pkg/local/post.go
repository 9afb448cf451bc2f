package local

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// A form is a browser's request to store one object: POST to the bucket, multipart/form-data, with a signed policy. gofakes3 stores such
// a form without checking its policy.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
type form struct {
	bucket string
	fields map[string]string // by name in lower case, as S3 compares them
	file   []byte
}

// maxPost is the greatest size of a form, in bytes: pictures have at most 12 MB.
const maxPost = 16 << 20

// refusal is an error answer of S3.
type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Status  int      `xml:"-"`
	Code    string
	Message string
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func denied(format string, args ...any) *refusal {
	return &refusal{Status: http.StatusForbidden, Code: "AccessDenied", Message: fmt.Sprintf(format, args...)}
}

func badForm(code, message string) *refusal {
	return &refusal{Status: http.StatusBadRequest, Code: code, Message: message}
}

func (r *refusal) answer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(r.Status)
	_ = xml.NewEncoder(w).Encode(r) // a client that went away is nobody's error
}

// servePost stores the object of a form whose policy allows it. keys are secrets by access key.
func servePost(view storeView, keys map[string]string, w http.ResponseWriter, r *http.Request) {
	p, err := readPost(w, r)
	if err == nil {
		err = p.check(keys, time.Now())
	}
	if err != nil {
		err.answer(w)
		return
	}
	meta := map[string]string{}
	for name, value := range p.fields {
		if slices.Contains([]string{"content-type", "cache-control", "content-disposition"}, name) {
			meta[http.CanonicalHeaderKey(name)] = value
		}
	}
	if _, err := view.PutObject(p.bucket, p.fields["key"], meta, bytes.NewReader(p.file), int64(len(p.file)), nil); err != nil {
		(&refusal{Status: http.StatusInternalServerError, Code: "InternalError", Message: "The object could not be stored."}).answer(w)
		return
	}
	status := http.StatusNoContent
	if wanted := p.fields["success_action_status"]; wanted == "200" || wanted == "201" {
		status, _ = strconv.Atoi(wanted)
	}
	w.WriteHeader(status)
}

// readPost reads a form up to its file and ignores what follows.
func readPost(w http.ResponseWriter, r *http.Request) (*form, *refusal) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPost)
	p := &form{bucket: strings.Trim(r.URL.Path, "/"), fields: map[string]string{}}
	if gofakes3.ValidateBucketName(p.bucket) != nil {
		return nil, badForm("InvalidBucketName", "The form has to be sent to the bucket.")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, badForm("MalformedPOSTRequest", "The body is no multipart/form-data.")
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, badForm("InvalidArgument", "The form has no field file, or ends before it.")
		}
		content, err := readPart(part)
		if err != nil {
			return nil, badForm("EntityTooLarge", "The form is larger than the policy could allow.")
		}
		if part.FormName() == "file" {
			p.file = content
			return p, nil
		}
		p.fields[strings.ToLower(part.FormName())] = string(content)
	}
}

func readPart(part *multipart.Part) ([]byte, error) {
	if part.FormName() == "file" {
		return io.ReadAll(part)
	}
	return io.ReadAll(http.MaxBytesReader(nil, part, 64<<10))
}

// check checks a form against its policy: signature, expiry, and the conditions for each field and the file.
func (p *form) check(keys map[string]string, now time.Time) *refusal {
	scope := strings.Split(p.fields["x-amz-credential"], "/") // key/date/region/s3/aws4_request
	if len(scope) != 5 || keys[scope[0]] == "" {
		return denied("The form is not signed with a key that is known here.")
	}
	sign := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	key := []byte("AWS4" + keys[scope[0]])
	for _, part := range scope[1:] {
		key = sign(key, part)
	}
	if signature := hex.EncodeToString(sign(key, p.fields["policy"])); !hmac.Equal([]byte(signature), []byte(p.fields["x-amz-signature"])) {
		return &refusal{Status: http.StatusForbidden, Code: "SignatureDoesNotMatch", Message: "The policy was not signed like this."}
	}
	text, err := base64.StdEncoding.DecodeString(p.fields["policy"])
	var policy struct {
		Expiration time.Time `json:"expiration"`
		Conditions []any     `json:"conditions"`
	}
	if err != nil || json.Unmarshal(text, &policy) != nil {
		return badForm("InvalidPolicyDocument", "The policy is no JSON.")
	}
	if !now.Before(policy.Expiration) {
		return denied("Invalid according to Policy: Policy expired.")
	}
	covered := map[string]bool{"policy": true, "x-amz-signature": true}
	for _, c := range policy.Conditions {
		if refused := p.satisfies(c, covered); refused != nil {
			return refused
		}
	}
	for name := range p.fields {
		if !covered[name] && !strings.HasPrefix(name, "x-ignore-") {
			return denied("Invalid according to Policy: Extra input fields: %s", name)
		}
	}
	return nil
}

// satisfies checks a condition: {"field": "value"}, or [how, "$field", "value"], or ["content-length-range", from, to].
func (p *form) satisfies(condition any, covered map[string]bool) *refusal {
	how, field, want := "eq", "", ""
	switch c := condition.(type) {
	case map[string]any:
		for name, value := range c {
			field, want = name, fmt.Sprint(value)
		}
	case []any:
		if len(c) != 3 {
			return badForm("InvalidPolicyDocument", "A condition of the policy has not three parts.")
		}
		if how = fmt.Sprint(c[0]); how == "content-length-range" {
			return p.fits(c[1], c[2])
		}
		field, want = strings.TrimPrefix(fmt.Sprint(c[1]), "$"), fmt.Sprint(c[2])
	}
	if how != "eq" && how != "starts-with" {
		return badForm("InvalidPolicyDocument", "A condition of the policy compares in no known way.")
	}
	field = strings.ToLower(field)
	covered[field] = true
	got := p.fields[field]
	if field == "bucket" {
		got = p.bucket
	}
	if how == "eq" && got != want || how == "starts-with" && !strings.HasPrefix(got, want) {
		return denied("Invalid according to Policy: Policy Condition failed: [%q, \"$%s\", %q]", how, field, want)
	}
	return nil
}

func (p *form) fits(from, to any) *refusal {
	least, _ := from.(float64)
	most, _ := to.(float64)
	switch size := float64(len(p.file)); {
	case size < least:
		return badForm("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
	case size > most:
		return badForm("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	}
	return nil
}

// expired reports whether a presigned request has expired. Its signature is not checked: whoever can reach this server can reach its
// files.
func expired(r *http.Request, now time.Time) bool {
	query := r.URL.Query()
	if !query.Has("X-Amz-Expires") {
		return false
	}
	signed, err := time.Parse("20060102T150405Z", query.Get("X-Amz-Date"))
	seconds, malformed := strconv.Atoi(query.Get("X-Amz-Expires"))
	return err != nil || malformed != nil || now.After(signed.Add(time.Duration(seconds)*time.Second))
}
