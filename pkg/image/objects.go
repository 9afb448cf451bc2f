package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"contacts/pkg/contact"
)

// Sizes are the longest sides, in pixels, of the renditions of a picture. Full stands for the whole picture.
var Sizes = []int{64, 256, 1024}

// Full is the size of the re-encoded picture itself.
const Full = 0

// MaxUpload is what a picture may measure that comes by a presigned POST, in bytes.
const MaxUpload = 12_000_000

// A Place is where the objects of one image lie in the bucket.
type Place struct {
	Org         string
	Contact, ID contact.ID
}

const incoming = "incoming/"

// Incoming is the key of the picture as it was sent. S3 tells the processor of each object there.
func (p Place) Incoming() string { return incoming + p.path() }

// Rendered is the key of the re-encoded picture, or of a rendition of it.
func (p Place) Rendered(size int) string {
	name := "full"
	if size != Full {
		name = strconv.Itoa(size)
	}
	return "images/" + p.path() + "/" + name
}

// Keys are all keys at which the image can have objects.
func (p Place) Keys() []string {
	keys := []string{p.Incoming(), p.Rendered(Full)}
	for _, size := range Sizes {
		keys = append(keys, p.Rendered(size))
	}
	return keys
}

func (p Place) path() string { return fmt.Sprintf("%s/%s/%s", p.Org, p.Contact, p.ID) }

// ParseIncoming reads a key that Incoming made.
func ParseIncoming(key string) (Place, bool) {
	parts := strings.Split(strings.TrimPrefix(key, incoming), "/")
	if !strings.HasPrefix(key, incoming) || len(parts) != 3 || parts[0] == "" {
		return Place{}, false
	}
	owner, err := contact.ParseID(parts[1])
	id, malformed := contact.ParseID(parts[2])
	return Place{parts[0], owner, id}, err == nil && malformed == nil
}

// Objects are the pictures in the bucket.
type Objects struct {
	client *s3.Client
	bucket string
	now    func() time.Time
}

// ObjectsOptions say where the bucket is.
type ObjectsOptions struct {
	Bucket      string
	Region      string
	Endpoint    string // "" for AWS's own
	Credentials aws.CredentialsProvider
	HTTPClient  *http.Client
	Now         func() time.Time
}

// OpenObjects returns the objects of a bucket; nothing is asked of it yet.
func OpenObjects(o ObjectsOptions) *Objects {
	options := s3.Options{
		Region: o.Region, Credentials: o.Credentials, HTTPClient: o.HTTPClient,
		Retryer: retry.NewStandard(func(s *retry.StandardOptions) { s.MaxAttempts, s.MaxBackoff = 5, time.Second }),
		// Checksums go beyond what other S3 servers understand in a presigned request.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if o.Endpoint != "" {
		options.BaseEndpoint, options.UsePathStyle = aws.String(o.Endpoint), true
	}
	return &Objects{client: s3.New(options), bucket: o.Bucket, now: o.Now}
}

// Put stores an object, shown in a browser as a picture of that type, and nothing else, for the one who asked.
func (o *Objects) Put(ctx context.Context, key, contentType string, data []byte) error {
	_, err := o.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &o.bucket, Key: &key, Body: bytes.NewReader(data), ContentType: &contentType,
		ContentDisposition: aws.String("inline"), CacheControl: aws.String("private, max-age=86400, immutable"),
	})
	return unavailable(err)
}

// ErrNoObject says that there is no such object.
var ErrNoObject = errors.New("image: no such object")

// Get returns an object of at most MaxUpload bytes, ErrNoObject if there is none, *Unfit if it is larger.
func (o *Objects) Get(ctx context.Context, key string) ([]byte, error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.bucket, Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, ErrNoObject
	}
	if err != nil {
		return nil, unavailable(err)
	}
	defer out.Body.Close()
	if aws.ToInt64(out.ContentLength) > MaxUpload {
		return nil, unfit("the picture has more than %d bytes", MaxUpload)
	}
	data, err := io.ReadAll(io.LimitReader(out.Body, MaxUpload+1))
	return data, unavailable(err)
}

// Delete removes objects; one that is not there is none too many.
func (o *Objects) Delete(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if _, err := o.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &o.bucket, Key: &key}); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// shown is how long the URL of a picture works.
const shown = 5 * time.Minute

// URL is an address at which the object can be read for 5 minutes, as a picture of that type.
func (o *Objects) URL(ctx context.Context, key, contentType string) (string, error) {
	request, err := s3.NewPresignClient(o.client).PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &o.bucket, Key: &key, ResponseContentType: &contentType, ResponseContentDisposition: aws.String("inline"),
		ResponseCacheControl: aws.String("private, max-age=300"),
	}, s3.WithPresignExpires(shown))
	if err != nil {
		return "", err
	}
	return request.URL, nil
}

// An Upload is where a picture can be posted to as a form: the fields as they are, and the file behind them.
type Upload struct {
	URL     string
	Fields  map[string]string
	Expires time.Time
}

// uploadTime is how long an Upload works.
const uploadTime = 10 * time.Minute

// Upload lets somebody post one picture of a type to key, within 10 minutes, of at most MaxUpload bytes; of exactly size
// bytes if that isn't 0.
func (o *Objects) Upload(ctx context.Context, key, contentType string, size int64) (Upload, error) {
	from, to := int64(1), int64(MaxUpload)
	if size != 0 {
		from, to = size, size
	}
	post, err := s3.NewPresignClient(o.client).PresignPostObject(ctx, &s3.PutObjectInput{Bucket: &o.bucket, Key: &key},
		func(p *s3.PresignPostOptions) {
			p.Expires = uploadTime
			p.Conditions = []any{
				map[string]string{"Content-Type": contentType},
				[]any{"content-length-range", from, to},
			}
		})
	if err != nil {
		return Upload{}, err
	}
	post.Values["Content-Type"] = contentType
	return Upload{URL: post.URL, Fields: post.Values, Expires: o.now().Add(uploadTime).UTC().Truncate(time.Second)}, nil
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &contact.Error{Reason: contact.Unavailable, Detail: "the pictures are out of reach; try again", Cause: err}
}
