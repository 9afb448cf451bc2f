package bucket

import (
	"context"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"contacts/pkg/image/object"
)

// How long presigned requests are valid.
const (
	uploadTime   = 10 * time.Minute
	downloadTime = 5 * time.Minute
)

// Upload returns a form that stores one picture of a content type under key within 10 minutes. It accepts exactly size bytes, or
// up to object.MaxUpload if size is 0.
func (b *Bucket) Upload(ctx context.Context, key, contentType string, size int64) (object.Upload, error) {
	from, to := int64(1), int64(object.MaxUpload)
	if size != 0 {
		from, to = size, size
	}
	expires := time.Now().Add(uploadTime).UTC().Truncate(time.Second)
	form, err := b.presigner.PresignPostObject(ctx, &s3.PutObjectInput{Bucket: b.name, Key: &key}, func(o *s3.PresignPostOptions) {
		o.Expires = uploadTime
		o.Conditions = []any{map[string]string{"Content-Type": contentType}, []any{"content-length-range", from, to}}
	})
	if err != nil {
		return object.Upload{}, err
	}
	form.Values["Content-Type"] = contentType
	return object.Upload{URL: form.URL, Fields: form.Values, Expires: expires}, nil
}

// URL returns a URL that reads the object for 5 minutes, as a picture of that content type, by HEAD or else by GET: the signature
// covers the method.
func (b *Bucket) URL(ctx context.Context, key, contentType string, head bool) (string, error) {
	disposition, cache := "inline", "private, max-age=300"
	var address *v4.PresignedHTTPRequest
	var err error
	if head {
		address, err = b.presigner.PresignHeadObject(ctx, &s3.HeadObjectInput{Bucket: b.name, Key: &key,
			ResponseContentType: &contentType, ResponseContentDisposition: &disposition, ResponseCacheControl: &cache}, s3.WithPresignExpires(downloadTime))
	} else {
		address, err = b.presigner.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: b.name, Key: &key,
			ResponseContentType: &contentType, ResponseContentDisposition: &disposition, ResponseCacheControl: &cache}, s3.WithPresignExpires(downloadTime))
	}
	if err != nil {
		return "", err
	}
	return address.URL, nil
}
