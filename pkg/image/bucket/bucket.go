// Package bucket keeps pictures in S3. It stands apart from package image so that only the functions that speak to S3 link
// and start its client.
package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"contacts/pkg/contact"
	"contacts/pkg/image"
	"contacts/pkg/image/object"
	"contacts/pkg/retries"
)

// A Bucket is where the pictures lie.
type Bucket struct {
	client *s3.Client
	name   string
	now    func() time.Time
}

// Options say where the bucket is.
type Options struct {
	Name        string
	Region      string
	Endpoint    string // "" for AWS's own
	Credentials aws.CredentialsProvider
	HTTPClient  *http.Client
	Now         func() time.Time
}

// Open returns a bucket; nothing is asked of it yet.
func Open(o Options) *Bucket {
	options := s3.Options{
		Region: o.Region, Credentials: o.Credentials, HTTPClient: o.HTTPClient,
		Retryer: retries.Retryer(),
		// Checksums go beyond what other S3 servers understand in a presigned request.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if o.Endpoint != "" {
		options.BaseEndpoint, options.UsePathStyle = aws.String(o.Endpoint), true
	}
	return &Bucket{client: s3.New(options), name: o.Name, now: o.Now}
}

// Put stores an object, shown in a browser as a picture of that type, and nothing else, for the one who asked.
func (b *Bucket) Put(ctx context.Context, key, contentType string, data []byte) error {
	return b.PutFrom(ctx, key, contentType, bytes.NewReader(data))
}

// PutFrom is Put of what is read.
func (b *Bucket) PutFrom(ctx context.Context, key, contentType string, data io.ReadSeeker) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, Body: data, ContentType: &contentType,
		ContentDisposition: aws.String("inline"), CacheControl: aws.String("private, max-age=86400, immutable"),
	})
	return unavailable(err)
}

// Get returns an object of at most object.MaxUpload bytes, object.ErrMissing if there is none, *Unfit if it is larger.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, object.ErrMissing
	}
	if err != nil {
		return nil, unavailable(err)
	}
	defer func() { _ = out.Body.Close() }() // it is read by then
	if aws.ToInt64(out.ContentLength) > object.MaxUpload {
		return nil, &image.Unfit{Reason: fmt.Sprintf("the picture has more than %d bytes: send a smaller one", object.MaxUpload)}
	}
	data := make([]byte, aws.ToInt64(out.ContentLength))
	_, err = io.ReadFull(out.Body, data)
	return data, unavailable(err)
}

// Copy writes an object of whatever size to w, and returns its type; object.ErrMissing if there is none.
func (b *Bucket) Copy(ctx context.Context, key string, w io.Writer) (contentType string, err error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return "", object.ErrMissing
	}
	if err != nil {
		return "", unavailable(err)
	}
	defer func() { _ = out.Body.Close() }()                                               // it is read by then
	if _, err = io.Copy(w, out.Body); err != nil && !errors.As(err, new(*fs.PathError)) { // of w: its own to tell
		err = unavailable(err)
	}
	return aws.ToString(out.ContentType), err
}

// Delete removes an object, if it is there.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key})
	return unavailable(err)
}

// Clear removes the objects of a folder, but for those of the folder keep within it; "" keeps none.
func (b *Bucket) Clear(ctx context.Context, folder, keep string) error {
	return b.Each(ctx, folder, func(key string, _ time.Time) error {
		if keep != "" && strings.HasPrefix(key, keep) {
			return nil
		}
		return b.Delete(ctx, key)
	})
}

// Each calls do for the objects of a folder in the order of their keys, with the time at which each was stored.
func (b *Bucket) Each(ctx context.Context, folder string, do func(key string, stored time.Time) error) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &folder})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unavailable(err)
		}
		for _, o := range page.Contents {
			if err := do(aws.ToString(o.Key), aws.ToTime(o.LastModified)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Reach finds out whether the bucket is there and can be listed.
func (b *Bucket) Reach(ctx context.Context) error {
	_, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, MaxKeys: aws.Int32(1)})
	return unavailable(err)
}

// shown is how long the URL of a picture works.
const shown = 5 * time.Minute

// URL is an address at which the object can be read for 5 minutes, as a picture of that type, by GET, or else by HEAD: an
// address is signed for one method.
func (b *Bucket) URL(ctx context.Context, key, contentType string, head bool) (string, error) {
	presigned, expires := s3.NewPresignClient(b.client), s3.WithPresignExpires(shown)
	disposition, caching := aws.String("inline"), aws.String("private, max-age=300")
	var request *v4.PresignedHTTPRequest
	var err error
	if head {
		request, err = presigned.PresignHeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key,
			ResponseContentType: &contentType, ResponseContentDisposition: disposition, ResponseCacheControl: caching}, expires)
	} else {
		request, err = presigned.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key,
			ResponseContentType: &contentType, ResponseContentDisposition: disposition, ResponseCacheControl: caching}, expires)
	}
	if err != nil {
		return "", err
	}
	return request.URL, nil
}

// uploadTime is how long an Upload works.
const uploadTime = 10 * time.Minute

// Upload lets somebody post one picture of a type to key, within 10 minutes, of at most object.MaxUpload bytes; of exactly size
// bytes if that isn't 0.
func (b *Bucket) Upload(ctx context.Context, key, contentType string, size int64) (object.Upload, error) {
	from, to := int64(1), int64(object.MaxUpload)
	if size != 0 {
		from, to = size, size
	}
	post, err := s3.NewPresignClient(b.client).PresignPostObject(ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &key},
		func(p *s3.PresignPostOptions) {
			p.Expires = uploadTime
			p.Conditions = []any{
				map[string]string{"Content-Type": contentType},
				[]any{"content-length-range", from, to},
			}
		})
	if err != nil {
		return object.Upload{}, err
	}
	post.Values["Content-Type"] = contentType
	return object.Upload{URL: post.URL, Fields: post.Values, Expires: b.now().Add(uploadTime).UTC().Truncate(time.Second)}, nil
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &contact.Error{Reason: contact.Unavailable, Detail: "the pictures are out of reach; try again", Cause: err}
}
