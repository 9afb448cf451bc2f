package main

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/object"
	"contacts/pkg/local"
	"contacts/pkg/store"
)

// Pictures are uploads for the image processor, in the bucket of a separate S3 server.
type pictures struct {
	server *local.Objects
	bucket *bucket.Bucket
	images store.Images
	owner  contact.Owner
	jpeg   []byte
}

// startPictures starts the S3 server, for functions that are started afterwards.
func (s *stage) startPictures(ctx context.Context) (*pictures, error) {
	name := s.environment["BUCKET_NAME"]
	server, err := local.StartObjects(ctx, local.ObjectsOptions{Bucket: name})
	if err != nil {
		return nil, err
	}
	s.environment["AWS_ENDPOINT_URL_S3"] = server.Endpoint()
	p := &pictures{server: server, images: store.ImagesOf(s.database.Store), jpeg: photo(4000, 3000), bucket: bucket.Open(bucket.Options{
		Name: name, Region: "us-east-1", Endpoint: server.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), HTTPClient: http.DefaultClient,
	})}
	owner, err := store.Individuals(s.database.Store).Create(ctx, contact.Owner{Org: org}, idempotency.Write{}, &contact.IndividualContact{Name: fullName(0)})
	if err != nil {
		p.stop()
		return nil, err
	}
	p.owner = contact.Owner{Org: org, Contact: owner.ID}
	return p, nil
}

func (p *pictures) stop() { p.server.Stop(context.Background()) }

// add adds an image with its upload, and returns the S3 event.
func (p *pictures) add(ctx context.Context) ([]byte, error) {
	id, err := p.images.CreatePending(ctx, p.owner, nil, time.Now().Add(time.Hour))
	if err != nil {
		return nil, err
	}
	key := object.Image{Org: p.owner.Org, Contact: p.owner.Contact, ID: id}.Incoming()
	if err := p.bucket.Put(ctx, key, "image/jpeg", p.jpeg); err != nil {
		return nil, err
	}
	if _, err := p.images.MarkUploaded(ctx, p.owner, id, idempotency.Write{}); err != nil {
		return nil, err
	}
	var r events.S3EventRecord
	r.S3.Object.Key = key
	return marshal(events.S3Event{Records: []events.S3EventRecord{r}}), nil
}

// photo returns a JPEG with the detail of a photo: gradients and noise.
func photo(width, height int) []byte {
	random := rand.New(rand.NewPCG(1, 2)) // the same each time
	m := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			m.Y[m.YOffset(x, y)] = uint8((x+y)*255/(width+height)&0xf0 + random.IntN(16))
		}
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = uint8(96+i%64), uint8(160-i%64)
	}
	var text bytes.Buffer
	if err := jpeg.Encode(&text, m, &jpeg.Options{Quality: 85}); err != nil {
		panic(err) // to memory
	}
	return text.Bytes()
}
