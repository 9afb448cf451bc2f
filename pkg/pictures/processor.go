// Package pictures turns pictures as they were sent into pictures as they are shown.
package pictures

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/image"
	"contacts/pkg/image/bucket"
	"contacts/pkg/image/object"
)

// A Processor works off the events of pictures that have come in. Each event may come several times, in any order, and at
// once: all that it does can be done again, and ends the same.
type Processor struct {
	Images  dynamo.Images
	Objects *bucket.Bucket
	Log     *slog.Logger
}

// Handle processes the pictures of an event. An error says that at least one has to be tried again: the event comes again
// then, and what is done by now is found done.
func (p *Processor) Handle(ctx context.Context, event events.S3Event) error {
	var failed error
	for _, r := range event.Records {
		key := r.S3.Object.URLDecodedKey
		place, ok := object.ParseIncoming(key)
		if !ok {
			p.Log.Warn("an object has a key that no image has", "key", key)
			continue
		}
		settled, err := p.process(ctx, place, r.S3.Object)
		line := []any{"org", place.Org, "image", place.ID.String(), "status", settled.Status, "reason", settled.Reason}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", key, err))
			p.Log.Error("picture", append(line, "failures", 1, "cause", err.Error())...)
			continue
		}
		p.Log.Info("picture", append(line, "failures", 0)...)
	}
	return failed
}

// process makes what an image shows of its picture, keeps it, and then removes the picture as it was sent. It returns what is kept.
//
// A form can be posted many times. The image is made of the first object alone, by which an event names itself. While that one is at
// work a later one is left to it, which removes whatever lies at the key in the end; behind that a later one is removed here. Neither
// is decoded.
func (p *Processor) process(ctx context.Context, place object.Place, sent events.S3Object) (settled dynamo.Picture, err error) {
	owner := dynamo.Owner{Org: place.Org, Contact: place.Contact}
	settled, claimed, err := p.Images.Claim(ctx, owner, place.ID, cmp.Or(sent.Sequencer, sent.ETag, "unnamed"))
	switch {
	case err == nil && settled.Status == contact.ImageProcessing && !claimed:
		return settled, nil
	case claimed:
		var made dynamo.Picture
		if made, err = p.render(ctx, place, sent.ETag); err == nil {
			settled, err = p.Images.Settle(ctx, owner, made)
		}
	}
	keep := ""
	switch {
	case contact.IsRefused(err, contact.NotFound), contact.IsRefused(err, contact.Impossible):
		// Deleted meanwhile, or never answered: nothing of it stays.
	case err != nil:
		return settled, err
	case settled.Status == contact.ImageReady:
		keep = place.VersionFolder(settled.Version)
	}
	if err := p.Objects.Clear(ctx, place.Rendered(), keep); err != nil { // what a run left that was cut, or overtaken
		return settled, err
	}
	return settled, p.Objects.Delete(ctx, place.Incoming())
}

// render stores the renditions of a picture, and returns what its image shows: that it is ready, or why it is rejected.
func (p *Processor) render(ctx context.Context, place object.Place, etag string) (dynamo.Picture, error) {
	shown := dynamo.Picture{Image: contact.Image{ID: place.ID, Status: contact.ImageRejected}}
	sent, err := p.Objects.GetSent(ctx, place.Incoming(), etag)
	var unfit *image.Unfit
	switch {
	case errors.Is(err, object.ErrMissing): // by now: another run was sooner, and what it settled stays
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
		if err.Error() != unfit.Reason { // it panicked
			p.Log.Error("panic", "org", place.Org, "image", place.ID.String(), "cause", err.Error())
		}
		shown.Reason = unfit.Reason
		return shown, nil
	}
	shown.Status, shown.ContentType, shown.Width, shown.Height = contact.ImageReady, contact.ImageType(made.ContentType), made.Width, made.Height
	shown.Version = object.Version(sent)
	if err := p.Objects.Put(ctx, place.Rendition(shown.Version, object.Full), made.ContentType, made.Data); err != nil {
		return shown, err
	}
	for _, r := range made.Renditions {
		if err := p.Objects.Put(ctx, place.Rendition(shown.Version, r.Size), made.ContentType, r.Data); err != nil {
			return shown, err
		}
		shown.Renditions = append(shown.Renditions, contact.Rendition{Size: r.Size, Width: r.Width, Height: r.Height})
	}
	return shown, nil
}
