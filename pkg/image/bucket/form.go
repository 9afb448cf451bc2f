package bucket

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"contacts/pkg/image/object"
)

// uploadTime is how long an Upload works.
const uploadTime = 10 * time.Minute

// Upload lets somebody post one picture of a type to key, within 10 minutes, of at most object.MaxUpload bytes; of exactly size
// bytes if that isn't 0.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
func (b *Bucket) Upload(ctx context.Context, key, contentType string, size int64) (object.Upload, error) {
	keys, err := b.s3.Credentials.Retrieve(ctx)
	if err != nil {
		return object.Upload{}, err
	}
	now := b.now().UTC()
	expires := now.Add(uploadTime).Truncate(time.Second)
	scope := []string{now.Format("20060102"), b.s3.Region, "s3", "aws4_request"}
	fields := map[string]string{
		"key":              key,
		"Content-Type":     contentType,
		"X-Amz-Algorithm":  "AWS4-HMAC-SHA256",
		"X-Amz-Credential": keys.AccessKeyID + "/" + strings.Join(scope, "/"),
		"X-Amz-Date":       now.Format("20060102T150405Z"),
	}
	if keys.SessionToken != "" {
		fields["X-Amz-Security-Token"] = keys.SessionToken
	}
	from, to := int64(1), int64(object.MaxUpload)
	if size != 0 {
		from, to = size, size
	}
	conditions := []any{map[string]string{"bucket": b.name}, []any{"content-length-range", from, to}}
	for name, value := range fields {
		conditions = append(conditions, map[string]string{name: value})
	}
	policy, err := json.Marshal(map[string]any{"expiration": expires.Format(time.RFC3339), "conditions": conditions})
	if err != nil {
		return object.Upload{}, err
	}
	fields["policy"] = base64.StdEncoding.EncodeToString(policy)
	signature := []byte("AWS4" + keys.SecretAccessKey)
	for _, text := range append(scope, fields["policy"]) {
		h := hmac.New(sha256.New, signature)
		h.Write([]byte(text))
		signature = h.Sum(nil)
	}
	fields["X-Amz-Signature"] = hex.EncodeToString(signature)
	return object.Upload{URL: b.url, Fields: fields, Expires: expires}, nil
}
