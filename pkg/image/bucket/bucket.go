// Package bucket keeps pictures in S3. It stands apart from package image so that only the functions that speak to S3 link
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
	"contacts/pkg/image"
	"contacts/pkg/image/object"
	"contacts/pkg/retries"
)

// A Bucket is where the pictures lie.
type Bucket struct {
	client    *s3.Client
	presigner *s3.PresignClient
	name      *string
}

// Options say where the bucket is.
type Options struct {
	Name        string
	Region      string
	Endpoint    string // "" for AWS's own
	Credentials aws.CredentialsProvider
	HTTPClient  *http.Client
}

// Open returns a bucket without a request.
func Open(o Options) *Bucket {
	client := s3.New(s3.Options{
		Region: o.Region, Credentials: o.Credentials, HTTPClient: completeAnswers{o.HTTPClient}, Retryer: retries.Retryer(),
		APIOptions: []func(*middleware.Stack) error{retries.TellLast},
		// The signature covers what is sent, and TLS what is received.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}, func(options *s3.Options) {
		if o.Endpoint != "" {
			options.BaseEndpoint, options.UsePathStyle = &o.Endpoint, true
		}
	})
	return &Bucket{client, s3.NewPresignClient(client), &o.Name}
}

// Put stores an object, shown in a browser as a picture of that type, and nothing else, for the one who asked.
func (b *Bucket) Put(ctx context.Context, key, contentType string, data []byte) error {
	return b.PutFrom(ctx, key, contentType, bytes.NewReader(data))
}

// PutFrom is Put of what is read.
func (b *Bucket) PutFrom(ctx context.Context, key, contentType string, data io.ReadSeeker) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: b.name, Key: &key, Body: data, ContentType: &contentType, ContentDisposition: aws.String("inline"),
		CacheControl: aws.String("private, max-age=86400, immutable"),
	})
	return unavailable(err)
}

// Get returns an object of at most object.MaxUpload bytes, object.ErrMissing if there is none, *Unfit if it is larger.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) { return b.GetSent(ctx, key, "") }

// GetSent is Get of the object that has an ETag, without its quotes: object.ErrOverwritten if another lies there by now. "" is any.
func (b *Bucket) GetSent(ctx context.Context, key, etag string) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: b.name, Key: &key})
	if err != nil {
		return nil, missing(err)
	}
	defer func() { _ = out.Body.Close() }() // it is read by then
	if etag != "" && strings.Trim(aws.ToString(out.ETag), `"`) != etag {
		return nil, object.ErrOverwritten
	}
	if aws.ToInt64(out.ContentLength) > object.MaxUpload {
		return nil, &image.Unfit{Reason: fmt.Sprintf("the picture has more than %d bytes: send a smaller one", object.MaxUpload)}
	}
	data := make([]byte, aws.ToInt64(out.ContentLength))
	_, err = io.ReadFull(out.Body, data)
	return data, unavailable(err)
}

// missing is the error of reading an object.
func missing(err error) error {
	if errors.As(err, new(*types.NoSuchKey)) {
		return object.ErrMissing
	}
	return unavailable(err)
}

// Copy writes an object of whatever size to w, and returns its type; object.ErrMissing if there is none.
func (b *Bucket) Copy(ctx context.Context, key string, w io.Writer) (contentType string, err error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: b.name, Key: &key})
	if err != nil {
		return "", missing(err)
	}
	defer func() { _ = out.Body.Close() }()                                               // it is read by then
	if _, err = io.Copy(w, out.Body); err != nil && !errors.As(err, new(*fs.PathError)) { // of w: its own to tell
		err = unavailable(err)
	}
	return aws.ToString(out.ContentType), err
}

// Delete removes an object in all of its versions, if it is there: what was deleted is not to be had from the bucket again.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.eachVersion(ctx, key, func(v version) error {
		if v.key != key {
			return nil
		}
		return b.deleteVersion(ctx, v)
	})
}

// Clear removes the objects of a folder in all of their versions, but for those of the folder keep within it; "" keeps none.
func (b *Bucket) Clear(ctx context.Context, folder, keep string) error {
	_, err := b.clear(ctx, folder, keep)
	return err
}

// Empty is Clear of a whole folder. It returns how many versions it removed.
func (b *Bucket) Empty(ctx context.Context, folder string) (removed int, err error) {
	return b.clear(ctx, folder, "")
}

func (b *Bucket) clear(ctx context.Context, folder, keep string) (removed int, err error) {
	err = b.eachVersion(ctx, folder, func(v version) error {
		if keep != "" && strings.HasPrefix(v.key, keep) {
			return nil
		}
		removed++
		return b.deleteVersion(ctx, v)
	})
	return removed, err
}

// A version is one of an object, or a marker of its deletion.
type version struct {
	key string
	id  *string
}

func (b *Bucket) deleteVersion(ctx context.Context, v version) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b.name, Key: &v.key, VersionId: v.id})
	return unavailable(err)
}

// eachVersion calls do for all versions of the objects whose keys begin with prefix, and for the markers of their deletion.
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

// Each calls do for the objects of a folder in the order of their keys, with the time at which each was stored.
func (b *Bucket) Each(ctx context.Context, folder string, do func(key string, stored time.Time) error) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: b.name, Prefix: &folder})
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
	_, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b.name, MaxKeys: aws.Int32(1)})
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &contact.Error{Reason: contact.Unavailable, Detail: "the pictures are out of reach; try again", Cause: err}
}
