package api

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/image/object"
	"contacts/pkg/rest"
	"contacts/pkg/store"
)

// Images returns the group of the contacts' images. inspect returns the content type of a picture, by its header, or a
// refusal.
func Images(c Config, objects Pictures, inspect func(picture []byte) (contentType string, err error)) rest.Group {
	album := imageHandlers{c, store.ImagesOf(c.Store), objects, inspect}
	return rest.Group{
		Name: "images",
		Routes: slices.Concat(
			album.routes("Individual", individual, contactOwner(contact.Individual)),
			album.routes("Organization", organization, contactOwner(contact.Organization)),
			album.routes("PlaceholderCustomer", placeholder, contactOwner(contact.Placeholder)),
		),
	}
}

// Pictures is the interface of bucket.Bucket, so that only the functions that use it link S3 and image decoders.
type Pictures interface {
	Put(ctx context.Context, key, contentType string, data []byte) error
	Delete(ctx context.Context, key string) error
	Clear(ctx context.Context, folder, keep string) error
	URL(ctx context.Context, key, contentType string, head bool) (string, error)
	Upload(ctx context.Context, key, contentType string, size int64) (object.Upload, error)
}

// imageHandlers are the handlers of all contacts' images.
type imageHandlers struct {
	c       Config
	images  store.Images
	objects Pictures
	inspect func([]byte) (string, error)
}

type (
	// ImageData is a picture in a request body.
	ImageData struct {
		Data string `json:"data" maxLength:"8388608"`
	}
	// ImageUpload requests a form for a picture that is too large for a request body.
	ImageUpload struct {
		ContentType   contact.ImageType `json:"content_type"`
		ContentLength int64             `json:"content_length,omitzero" minimum:"1" maximum:"12000000"`
	}
	// PresignedPost is a form for uploading a picture (multipart/form-data): all fields, followed by the file in the field
	// "file".
	PresignedPost struct {
		ID      contact.ID        `json:"id"`
		URL     string            `json:"url" maxLength:"2048"`
		Fields  map[string]string `json:"fields"`
		Expires contact.Time      `json:"expires"`
	}
	// A renditionInput identifies an image, and a size.
	renditionInput struct {
		Path rest.Path
		Size string `query:"size" enum:"64,256,1024"`
	}
)

// maxPicture is the maximum size of a picture in a request body, in bytes; maxImageBody that of the body.
const (
	maxPicture   = 4 << 20
	maxImageBody = 6 << 20
)

func (a imageHandlers) routes(noun, path string, owner ownerOf) []rest.Route {
	path += "/images"
	item := path + "/{image-id}"
	return []rest.Route{
		itemsRoute("list"+noun+"Images", path, owner, a.images.List),
		rest.WithRequestBody[ImageData](rest.Post("add"+noun+"Image", path, a.add(owner, "create"+noun+"ImageUpload"))).
			WithMaxBody(maxImageBody).MultiTransaction(),
		rest.Get("get"+noun+"Image", item, a.show(owner)).RedirectsTo(contact.ImageType("").Values()...),
		deleteRoute("remove"+noun+"Image", item, owner,
			func(ctx context.Context, o contact.Owner, id contact.ID, w idempotency.Write) error {
				place := object.Image{Org: o.Org, Contact: o.Contact, ID: id}
				return a.images.Remove(ctx, o, id, w, func(ctx context.Context) error {
					if err := a.objects.Delete(ctx, place.Incoming()); err != nil {
						return err
					}
					return a.objects.Clear(ctx, place.RenditionsPrefix(), "")
				})
			}),
		rest.WithRequestBody[ImageUpload](rest.Post("create"+noun+"ImageUpload", path+"/upload", a.upload(owner))),
	}
}

// pendingRetention is how long an image without a picture is kept, after its form expires if it has one. The bucket keeps
// uploads no longer, so that a picture from the dead-letter queue finds its image.
const pendingRetention = 24 * time.Hour

// add stores a picture for the processor. It creates the item before the object, and shows it after.
func (a imageHandlers) add(owner ownerOf, upload string) rest.Handler[createInput, rest.CreatedResponse] {
	return func(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
		o, body, err := readInput[ImageData](ctx, owner, &in.Path, &in.RequestBody)
		if err != nil {
			return nil, err
		}
		picture, contentType, err := a.readPicture(body.Data, upload)
		if err != nil {
			return nil, err
		}
		return rest.Create(ctx, &in.Path, func(w idempotency.Write) (contact.Record, error) {
			id, err := a.images.CreatePending(ctx, o, w.Key, a.c.Now().Add(pendingRetention))
			if err != nil {
				return contact.Record{}, err
			}
			place := object.Image{Org: o.Org, Contact: o.Contact, ID: id}
			if err := a.objects.Put(ctx, place.Incoming(), contentType, picture); err != nil {
				return contact.Record{}, err
			}
			return a.images.MarkUploaded(ctx, o, place.ID, w)
		})
	}
}

// readPicture decodes a picture, and returns its content type. It refuses pictures whose header is invalid.
func (a imageHandlers) readPicture(data, upload string) (picture []byte, contentType string, err error) {
	picture, err = base64.StdEncoding.DecodeString(data)
	if err != nil || strings.ContainsAny(data, "\r\n") {
		return nil, "", contact.RefuseAt(contact.Malformed, "/data", "must be base64, with padding and without line breaks")
	}
	if len(picture) > maxPicture {
		return nil, "", contact.Refuse(contact.TooLarge,
			"a picture in a body has at most %d bytes; larger ones go by the operation %s: POST …/images/upload", maxPicture, upload)
	}
	contentType, err = a.inspect(picture)
	return picture, contentType, err
}

// upload creates a pending image, and responds with the form for its picture.
func (a imageHandlers) upload(owner ownerOf) rest.Handler[createInput, rest.CreatedResponse] {
	return func(ctx context.Context, in *createInput) (*rest.CreatedResponse, error) {
		o, wanted, err := readInput[ImageUpload](ctx, owner, &in.Path, &in.RequestBody)
		if err != nil {
			return nil, err
		}
		return rest.Create(ctx, in.Path.Parent(), func(w idempotency.Write) (contact.Record, error) {
			return a.images.CreateForForm(ctx, o, w, func(id contact.ID) (time.Time, []byte, error) {
				place := object.Image{Org: o.Org, Contact: o.Contact, ID: id}
				form, err := a.objects.Upload(ctx, place.Incoming(), string(wanted.ContentType), wanted.ContentLength)
				if err != nil {
					return time.Time{}, nil, err
				}
				answer, err := json.Marshal(PresignedPost{id, form.URL, form.Fields, contact.TimeOf(form.Expires.UnixMilli())})
				return form.Expires.Add(pendingRetention), answer, err
			})
		})
	}
}

// show redirects to the picture of a ready image.
func (a imageHandlers) show(owner ownerOf) rest.Handler[renditionInput, rest.RedirectResponse] {
	return func(ctx context.Context, in *renditionInput) (*rest.RedirectResponse, error) {
		o, err := owner(ctx, &in.Path)
		if err != nil {
			return nil, err
		}
		shown, err := a.images.Get(ctx, o, in.Path.Last())
		if err != nil {
			return nil, err
		}
		switch {
		case shown.Pending:
			return nil, contact.Refuse(contact.NotFound, "there is no picture yet: send it by its form, or ask again in a moment if you have")
		case shown.Status == contact.ImageProcessing:
			return nil, contact.Refuse(contact.NotFound, "the picture is still being processed; ask again in a moment")
		case shown.Status == contact.ImageRejected:
			return nil, contact.Refuse(contact.NotFound, "the picture was rejected: %s", shown.Reason)
		}
		place := object.Image{Org: o.Org, Contact: o.Contact, ID: in.Path.Last()}
		size := object.Full
		if in.Size != "" {
			size, _ = strconv.Atoi(in.Size) // the schema accepts numbers only
		}
		location, err := a.objects.URL(ctx, place.Rendition(shown.Version, size), string(shown.ContentType), rest.IsHead(ctx))
		if err != nil {
			return nil, err
		}
		return &rest.RedirectResponse{Location: location, ETag: rest.ETag(shown.Record.Version), CacheControl: "private, max-age=240"}, nil
	}
}
