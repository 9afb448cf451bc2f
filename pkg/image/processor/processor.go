// Package processor handles the S3 events of uploaded pictures: it makes their renditions and stores them.
package processor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"contacts/pkg/contact"
	"contacts/pkg/image"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/header"
	"contacts/pkg/image/object"
	"contacts/pkg/store"
)

// A Processor handles the events of uploaded pictures. An event may arrive several times, in any order and concurrently: every step
// can be repeated with the same result.
type Processor struct {
	Images  store.Images
	Objects *bucket.Bucket
	Log     *slog.Logger
}

// Handle processes the pictures of an event. An error asks Lambda to deliver the event again, because at least one picture
// failed; the others are then found processed.
func (p *Processor) Handle(ctx context.Context, event events.S3Event) error {
	var failed error
	for _, r := range event.Records {
		key := r.S3.Object.URLDecodedKey
		target, ok := object.ParseIncoming(key)
		if !ok {
			p.Log.Warn("an object has a key that no image has", "key", key)
			continue
		}
		result, err := p.process(ctx, target, r.S3.Object)
		line := []any{"org", target.Org, "image", target.ID.String(), "status", result.Status, "reason", result.Reason}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", key, err))
			p.Log.Error("picture", append(line, "failures", 1, "cause", err.Error())...)
			continue
		}
		p.Log.Info("picture", append(line, "failures", 0)...)
	}
	return failed
}

// process makes and stores the renditions of an uploaded picture, then deletes the upload. It returns what the image shows.
//
// A form can be posted many times, but an image is made from the first object alone, which its event claims. A later object is
// never decoded. While the first is being processed it stays, because the first run deletes whatever has the key in the end;
// afterwards it is deleted here.
func (p *Processor) process(ctx context.Context, target object.Image, sent events.S3Object) (result store.Picture, err error) {
	owner := contact.Owner{Org: target.Org, Contact: target.Contact}
	result, claimed, err := p.Images.Claim(ctx, owner, target.ID, cmp.Or(sent.Sequencer, sent.ETag, "unnamed"))
	switch {
	case err == nil && result.Status == contact.ImageProcessing && !claimed:
		return result, nil
	case claimed:
		var made store.Picture
		if made, err = p.render(ctx, target, sent.ETag); err == nil {
			result, err = p.Images.SetResult(ctx, owner, made)
		}
	}
	keep := ""
	switch {
	case contact.IsRefused(err, contact.NotFound), contact.IsRefused(err, contact.Impossible):
		// The image was deleted meanwhile, or never created: no object of it stays.
	case err != nil:
		return result, err
	case result.Status == contact.ImageReady:
		keep = target.VersionPrefix(result.Version)
	}
	if err := p.Objects.Clear(ctx, target.RenditionsPrefix(), keep); err != nil { // objects of a run that broke off, or was overtaken
		return result, err
	}
	return result, p.Objects.Delete(ctx, target.Incoming())
}

// render stores the renditions of a picture. It returns what the image is to show: them, or why the picture was rejected.
func (p *Processor) render(ctx context.Context, target object.Image, etag string) (store.Picture, error) {
	shown := store.Picture{Image: contact.Image{ID: target.ID, Status: contact.ImageRejected}}
	sent, err := p.Objects.GetIfMatch(ctx, target.Incoming(), etag)
	var unfit *header.Unfit
	switch {
	case errors.Is(err, object.ErrMissing): // another run has processed it, and its result stays
		shown.Reason = "the picture is gone: send it again"
		return shown, nil
	case errors.Is(err, object.ErrOverwritten):
		shown.Reason = "another picture was sent by the same form before the first was read: ask for a new form"
		return shown, nil
	case err != nil && !errors.As(err, &unfit):
		return shown, err
	}
	var made *image.Result
	if unfit == nil {
		if made, err = image.Process(ctx, sent); err != nil && !errors.As(err, &unfit) {
			return shown, err
		}
	}
	if unfit != nil {
		if err.Error() != unfit.Reason { // a decoder panicked
			p.Log.Error("panic", "org", target.Org, "image", target.ID.String(), "cause", err.Error())
		}
		shown.Reason = unfit.Reason
		return shown, nil
	}
	shown.Status, shown.ContentType, shown.Width, shown.Height = contact.ImageReady, contact.ImageType(made.ContentType), made.Width, made.Height
	shown.Version = object.Version(sent)
	if err := p.Objects.Put(ctx, target.Rendition(shown.Version, object.Full), made.ContentType, made.Data); err != nil {
		return shown, err
	}
	for _, r := range made.Renditions {
		if err := p.Objects.Put(ctx, target.Rendition(shown.Version, r.Size), made.ContentType, r.Data); err != nil {
			return shown, err
		}
		shown.Renditions = append(shown.Renditions, contact.Rendition{Size: r.Size, Width: r.Width, Height: r.Height})
	}
	return shown, nil
}
