// Package bucket stores pictures in S3. It is separate from package image because only the functions that use S3 should link
// its client.
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
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/aws/smithy-go/middleware"

	"contacts/pkg/contact"
	"contacts/pkg/image/header"
	"contacts/pkg/image/object"
	"contacts/pkg/retries"
)

// A Bucket is the S3 bucket of the pictures.
type Bucket struct {
	client    *s3.Client
	presigner *s3.PresignClient
	name      *string
}

// Options locate the bucket.
type Options struct {
	Name        string
	Region      string
	Endpoint    string // "" for AWS's own
	Credentials aws.CredentialsProvider
	HTTPClient  *http.Client
}

// Open returns a Bucket. It sends no request.
func Open(o Options) *Bucket {
	client := s3.New(s3.Options{
		Region: o.Region, Credentials: o.Credentials, HTTPClient: bodyReader{o.HTTPClient}, Retryer: retries.Retryer(),
		APIOptions: []func(*middleware.Stack) error{retries.AddLastError},
		// The signature protects request bodies, and TLS responses.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}, func(options *s3.Options) {
		if o.Endpoint != "" {
			options.BaseEndpoint, options.UsePathStyle = &o.Endpoint, true
		}
	})
	return &Bucket{client, s3.NewPresignClient(client), &o.Name}
}

// Put stores an object that browsers show as a picture of that type, and that only private caches keep.
func (b *Bucket) Put(ctx context.Context, key, contentType string, data []byte) error {
	return b.PutFrom(ctx, key, contentType, bytes.NewReader(data))
}

// PutFrom is Put with a body that is read from data.
func (b *Bucket) PutFrom(ctx context.Context, key, contentType string, data io.ReadSeeker) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: b.name, Key: &key, Body: data, ContentType: &contentType, ContentDisposition: aws.String("inline"),
		CacheControl: aws.String("private, max-age=86400, immutable"),
	})
	return unavailable(err)
}

// Get returns an object. The error is object.ErrMissing if there is none, *image.Unfit if it has more than object.MaxUpload bytes.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	return b.GetIfMatch(ctx, key, "")
}

// GetIfMatch is Get with the condition that the object has an ETag, given without quotes; "" matches any. The error is
// object.ErrOverwritten if it has another.
func (b *Bucket) GetIfMatch(ctx context.Context, key, etag string) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: b.name, Key: &key})
	if err != nil {
		return nil, missing(err)
	}
	defer func() { _ = out.Body.Close() }() // it has been read
	if etag != "" && strings.Trim(aws.ToString(out.ETag), `"`) != etag {
		return nil, object.ErrOverwritten
	}
	if aws.ToInt64(out.ContentLength) > object.MaxUpload {
		return nil, &header.Unfit{Reason: fmt.Sprintf("the picture has more than %d bytes: send a smaller one", object.MaxUpload)}
	}
	data := make([]byte, aws.ToInt64(out.ContentLength))
	_, err = io.ReadFull(out.Body, data)
	return data, unavailable(err)
}

// missing maps the error of reading an object.
func missing(err error) error {
	if errors.As(err, new(*types.NoSuchKey)) {
		return object.ErrMissing
	}
	return unavailable(err)
}

// Copy writes an object of any size to w and returns its content type; object.ErrMissing if there is none.
func (b *Bucket) Copy(ctx context.Context, key string, w io.Writer) (contentType string, err error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: b.name, Key: &key})
	if err != nil {
		return "", missing(err)
	}
	defer func() { _ = out.Body.Close() }()                                               // it has been read
	if _, err = io.Copy(w, out.Body); err != nil && !errors.As(err, new(*fs.PathError)) { // a PathError is of w, not of S3
		err = unavailable(err)
	}
	return aws.ToString(out.ContentType), err
}

// Delete deletes all versions of an object, if it exists: a deleted picture can't be read from the bucket again.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.eachVersion(ctx, key, func(v version) error {
		if v.key != key {
			return nil
		}
		return b.deleteVersion(ctx, v)
	})
}

// Clear deletes all versions of the objects with a key prefix, except those with the longer prefix keep; "" keeps none.
func (b *Bucket) Clear(ctx context.Context, prefix, keep string) error {
	_, err := b.clear(ctx, prefix, keep)
	return err
}

// ClearContact deletes all versions of the objects of a contact's images, and returns how many it deleted.
func (b *Bucket) ClearContact(ctx context.Context, org string, owner contact.ID) (deleted int, err error) {
	for _, prefix := range object.ContactPrefixes(org, owner) {
		n, err := b.clear(ctx, prefix, "")
		if deleted += n; err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

func (b *Bucket) clear(ctx context.Context, prefix, keep string) (deleted int, err error) {
	err = b.eachVersion(ctx, prefix, func(v version) error {
		if keep != "" && strings.HasPrefix(v.key, keep) {
			return nil
		}
		deleted++
		return b.deleteVersion(ctx, v)
	})
	return deleted, err
}

// A version is a version of an object, or a delete marker.
type version struct {
	key string
	id  *string
}

func (b *Bucket) deleteVersion(ctx context.Context, v version) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b.name, Key: &v.key, VersionId: v.id})
	return unavailable(err)
}

// eachVersion calls do for all versions and delete markers of the objects with a key prefix.
func (b *Bucket) eachVersion(ctx context.Context, prefix string, do func(version) error) error {
	pages := s3.NewListObjectVersionsPaginator(b.client, &s3.ListObjectVersionsInput{Bucket: b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unavailable(err)
		}
		var versions []version
		for _, v := range page.Versions {
			versions = append(versions, version{aws.ToString(v.Key), v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			versions = append(versions, version{aws.ToString(m.Key), m.VersionId})
		}
		for _, v := range versions {
			if err := do(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// Each calls do for the objects with a key prefix, in the order of their keys, with the time at which each was stored.
func (b *Bucket) Each(ctx context.Context, prefix string, do func(key string, stored time.Time) error) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: b.name, Prefix: &prefix})
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

// Ping verifies that the bucket exists and can be listed.
func (b *Bucket) Ping(ctx context.Context) error {
	_, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b.name, MaxKeys: aws.Int32(1)})
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &contact.Error{Reason: contact.Unavailable, Detail: "the bucket is out of reach; try again", Cause: err}
}
