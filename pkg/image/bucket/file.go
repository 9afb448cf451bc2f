package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// MinPart is the least size of a part of a file, except its last one, in bytes.
const MinPart = 5 << 20

// MaxParts is the most parts of a file.
const MaxParts = 10_000

// ErrNoUpload says that an upload does not exist: it was completed, or removed.
var ErrNoUpload = errors.New("bucket: there is no such upload")

// PutFile stores a file, which is saved under a name.
func (b *Bucket) PutFile(ctx context.Context, key, contentType, name string, data []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: b.name, Key: &key, Body: bytes.NewReader(data), ContentType: &contentType,
		ContentDisposition: aws.String(attachment(name)), CacheControl: aws.String("private, no-store")})
	return unavailable(err)
}

// BeginFile begins the upload of a file in parts, and returns the name of the upload. The file is saved under a name.
func (b *Bucket) BeginFile(ctx context.Context, key, contentType, name string) (upload string, err error) {
	out, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: b.name, Key: &key, ContentType: &contentType,
		ContentDisposition: aws.String(attachment(name)), CacheControl: aws.String("private, no-store")})
	if err != nil {
		return "", unavailable(err)
	}
	return aws.ToString(out.UploadId), nil
}

func attachment(name string) string { return fmt.Sprintf("attachment; filename=%q", name) }

// PutPart stores a part, from 1, of a file, and returns its tag. ErrNoUpload if there is no such upload.
func (b *Bucket) PutPart(ctx context.Context, key, upload string, number int32, data []byte) (tag string, err error) {
	out, err := b.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: b.name, Key: &key, UploadId: &upload, PartNumber: &number, Body: bytes.NewReader(data)})
	if err != nil {
		return "", noUpload(err)
	}
	return aws.ToString(out.ETag), nil
}

// CompleteFile makes a file of its parts, of which it has the tags. ErrNoUpload if there is no such upload.
func (b *Bucket) CompleteFile(ctx context.Context, key, upload string, tags []string) error {
	parts := make([]types.CompletedPart, len(tags))
	for i := range tags {
		parts[i] = types.CompletedPart{ETag: &tags[i], PartNumber: aws.Int32(int32(i + 1))} //nolint:gosec // at most MaxParts
	}
	_, err := b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: b.name, Key: &key, UploadId: &upload,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	return noUpload(err)
}

func noUpload(err error) error {
	var refused smithy.APIError // not each operation has a type for it
	if errors.As(err, &refused) && refused.ErrorCode() == "NoSuchUpload" {
		return ErrNoUpload
	}
	return unavailable(err)
}

// FileURL returns a URL that saves a file under a name for 5 minutes.
func (b *Bucket) FileURL(ctx context.Context, key, contentType, name string) (string, error) {
	address, err := b.presigner.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: b.name, Key: &key, ResponseContentType: &contentType,
		ResponseContentDisposition: aws.String(attachment(name)), ResponseCacheControl: aws.String("private, no-store")}, s3.WithPresignExpires(downloadTime))
	if err != nil {
		return "", err
	}
	return address.URL, nil
}
