// Package bucket keeps pictures in S3. It stands apart from package image so that only the functions that speak to S3 link
// it. It speaks S3's own protocol, of which it needs little.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
package bucket

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"contacts/pkg/contact"
	"contacts/pkg/image"
	"contacts/pkg/image/object"
	"contacts/pkg/signed"
)

// A Bucket is where the pictures lie.
type Bucket struct {
	s3   *signed.Service
	name string
	now  func() time.Time
	url  string // without a slash behind
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
	service := &signed.Service{Name: "s3", Region: o.Region, Credentials: o.Credentials, HTTPClient: o.HTTPClient, Refusal: refusal}
	return &Bucket{s3: service, name: o.Name, now: o.Now, url: o.url()}
}

// url is the address of the bucket: a host of AWS's own, unless its name has a dot, which is more than a certificate covers.
func (o Options) url() string {
	host := signed.Host("s3", o.Region)
	switch {
	case o.Endpoint != "":
		return strings.TrimSuffix(o.Endpoint, "/") + "/" + o.Name
	case strings.Contains(o.Name, "."):
		return "https://" + host + "/" + o.Name
	}
	return "https://" + o.Name + "." + host
}

func refusal(body []byte) (code, message string) {
	var e struct{ Code, Message string }
	_ = xml.Unmarshal(body, &e) // without one, the status tells
	return e.Code, e.Message
}

func (b *Bucket) address(key string) string { return b.url + "/" + httpbinding.EscapePath(key, false) }

// Put stores an object, shown in a browser as a picture of that type, and nothing else, for the one who asked.
func (b *Bucket) Put(ctx context.Context, key, contentType string, data []byte) error {
	return b.PutFrom(ctx, key, contentType, bytes.NewReader(data))
}

// PutFrom is Put of what is read.
func (b *Bucket) PutFrom(ctx context.Context, key, contentType string, data signed.Body) error {
	answer, err := b.s3.Do(ctx, signed.Request{Method: http.MethodPut, URL: b.address(key), Body: data, Header: http.Header{
		"Content-Type":        {contentType},
		"Content-Disposition": {"inline"},
		"Cache-Control":       {"private, max-age=86400, immutable"},
	}})
	if err != nil {
		return unavailable(err)
	}
	return unavailable(answer.Body.Close())
}

// Get returns an object of at most object.MaxUpload bytes, object.ErrMissing if there is none, *Unfit if it is larger.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) { return b.GetSent(ctx, key, "") }

// GetSent is Get of the object that has an ETag, without its quotes: object.ErrOverwritten if another lies there by now. "" is any.
func (b *Bucket) GetSent(ctx context.Context, key, etag string) ([]byte, error) {
	var data []byte
	tooLarge, overwritten := false, false
	err := b.s3.Read(ctx, signed.Request{Method: http.MethodGet, URL: b.address(key)}, func(answer *http.Response) error {
		if overwritten = etag != "" && strings.Trim(answer.Header.Get("ETag"), `"`) != etag; overwritten {
			return nil
		}
		if tooLarge = answer.ContentLength > object.MaxUpload; tooLarge {
			return nil
		}
		data = make([]byte, max(answer.ContentLength, 0))
		_, err := io.ReadFull(answer.Body, data)
		return err
	})
	if overwritten {
		return nil, object.ErrOverwritten
	}
	if tooLarge {
		return nil, &image.Unfit{Reason: fmt.Sprintf("the picture has more than %d bytes: send a smaller one", object.MaxUpload)}
	}
	return data, missing(err)
}

// missing is the error of reading an object.
func missing(err error) error {
	var refused *signed.Error
	if errors.As(err, &refused) && refused.Code == "NoSuchKey" {
		return object.ErrMissing
	}
	return unavailable(err)
}

// Copy writes an object of whatever size to w, and returns its type; object.ErrMissing if there is none.
func (b *Bucket) Copy(ctx context.Context, key string, w io.Writer) (contentType string, err error) {
	answer, err := b.s3.Do(ctx, signed.Request{Method: http.MethodGet, URL: b.address(key)})
	if err != nil {
		return "", missing(err)
	}
	defer func() { _ = answer.Body.Close() }()                                               // it is read by then
	if _, err = io.Copy(w, answer.Body); err != nil && !errors.As(err, new(*fs.PathError)) { // of w: its own to tell
		err = unavailable(err)
	}
	return answer.Header.Get("Content-Type"), err
}

// Delete removes an object in all of its versions, if it is there: what was deleted is not to be had from the bucket again.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.eachVersion(ctx, key, func(v version) error {
		if v.Key != key {
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
		if keep != "" && strings.HasPrefix(v.Key, keep) {
			return nil
		}
		removed++
		return b.deleteVersion(ctx, v)
	})
	return removed, err
}

// A version is one of an object, or marks that it was deleted.
type version struct{ Key, VersionId string }

func (b *Bucket) deleteVersion(ctx context.Context, v version) error {
	answer, err := b.s3.Do(ctx, signed.Request{Method: http.MethodDelete, URL: b.address(v.Key) + "?" + url.Values{"versionId": {v.VersionId}}.Encode()})
	if err != nil {
		return unavailable(err)
	}
	return unavailable(answer.Body.Close())
}

// eachVersion calls do for all versions of the objects whose keys begin with prefix, and for what marks them as deleted.
func (b *Bucket) eachVersion(ctx context.Context, prefix string, do func(version) error) error {
	query := url.Values{"versions": {""}, "prefix": {prefix}}
	for more := true; more; {
		var page struct {
			IsTruncated                        bool
			NextKeyMarker, NextVersionIdMarker string
			Version, DeleteMarker              []version
		}
		if err := b.ask(ctx, query, &page); err != nil {
			return unavailable(err)
		}
		for _, v := range append(page.Version, page.DeleteMarker...) {
			if err := do(v); err != nil {
				return err
			}
		}
		query.Set("key-marker", page.NextKeyMarker)
		query.Set("version-id-marker", page.NextVersionIdMarker)
		more = page.IsTruncated
	}
	return nil
}

// Each calls do for the objects of a folder in the order of their keys, with the time at which each was stored.
func (b *Bucket) Each(ctx context.Context, folder string, do func(key string, stored time.Time) error) error {
	query := url.Values{"prefix": {folder}}
	for more := true; more; {
		page, err := b.list(ctx, query)
		if err != nil {
			return unavailable(err)
		}
		for _, o := range page.Contents {
			if err := do(o.Key, o.LastModified); err != nil {
				return err
			}
		}
		query.Set("continuation-token", page.NextContinuationToken)
		more = page.IsTruncated
	}
	return nil
}

// Reach finds out whether the bucket is there and can be listed.
func (b *Bucket) Reach(ctx context.Context) error {
	_, err := b.list(ctx, url.Values{"max-keys": {"1"}})
	return unavailable(err)
}

// A page is a part of a list of objects.
type page struct {
	IsTruncated           bool
	NextContinuationToken string
	Contents              []struct {
		Key          string
		LastModified time.Time
	}
}

func (b *Bucket) list(ctx context.Context, query url.Values) (p page, err error) {
	query.Set("list-type", "2")
	return p, b.ask(ctx, query, &p)
}

// ask reads a list of what is in the bucket.
func (b *Bucket) ask(ctx context.Context, query url.Values, list any) error {
	var text []byte
	if err := b.s3.Read(ctx, signed.Request{Method: http.MethodGet, URL: b.address("") + "?" + query.Encode()}, func(answer *http.Response) (err error) {
		text, err = io.ReadAll(answer.Body)
		return err
	}); err != nil {
		return err
	}
	return xml.Unmarshal(text, list)
}

// shown is how long the URL of a picture works.
const shown = 5 * time.Minute

// URL is an address at which the object can be read for 5 minutes, as a picture of that type, by GET, or else by HEAD: an
// address is signed for one method.
func (b *Bucket) URL(ctx context.Context, key, contentType string, head bool) (string, error) {
	method := http.MethodGet
	if head {
		method = http.MethodHead
	}
	query := url.Values{
		"response-content-type":        {contentType},
		"response-content-disposition": {"inline"},
		"response-cache-control":       {"private, max-age=300"},
	}
	return b.s3.Presign(ctx, method, b.address(key)+"?"+query.Encode(), shown)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &contact.Error{Reason: contact.Unavailable, Detail: "the pictures are out of reach; try again", Cause: err}
}
