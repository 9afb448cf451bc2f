package idempotency

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// An Answer is the answer to a request.
type Answer struct {
	Status                      int
	ETag, Location, ContentType string
	Body                        []byte
}

// record is the stored item of a key: the lock of a run, if the change takes several transactions, then the answer.
type record struct {
	Fingerprint []byte `dynamodbav:"fingerprint"`
	Expires     int64  `dynamodbav:"expires"` // Unix seconds

	Run     string `dynamodbav:"run,omitempty"`
	Running int64  `dynamodbav:"running,omitempty"` // until when the key is locked, Unix milliseconds
	Created int64  `dynamodbav:"created,omitempty"` // the id of what the request creates

	Status      int    `dynamodbav:"status,omitempty"`
	ETag        string `dynamodbav:"etag,omitempty"`
	Location    string `dynamodbav:"location,omitempty"`
	ContentType string `dynamodbav:"type,omitempty"`
	Body        []byte `dynamodbav:"body,omitempty"`
	Gzipped     bool   `dynamodbav:"gzipped,omitempty"`
	Parts       int64  `dynamodbav:"parts,omitempty"` // how many items have the parts of a long body
}

// part is an item with a part of a long body.
type part struct {
	Body    []byte `dynamodbav:"body"`
	Expires int64  `dynamodbav:"expires"`
}

// AttrParts is the number of parts of a long answer, N.
const AttrParts = "parts"

// maxBody is the longest body in an item, in bytes. A longer one is gzipped; if that is still too long, it is stored in parts next to the
// record.
const maxBody = 350_000

// items returns the record of an answer, and the parts of its body if that is long.
func (k *Key) items(now time.Time, a Answer) (parts []dynamo.Item, answer dynamo.Item, err error) {
	r := record{Fingerprint: k.fingerprint, Expires: now.Add(Retention).Unix(),
		Status: a.Status, ETag: a.ETag, Location: a.Location, ContentType: a.ContentType, Body: a.Body}
	if len(a.Body) > maxBody {
		r.Body, r.Gzipped = compressed(a.Body), true
	}
	if len(r.Body) > maxBody {
		for body := range slices.Chunk(r.Body, maxBody) {
			r.Parts++
			item, err := dynamo.Encode(keys.AnswerPart(k.key, r.Parts), part{body, r.Expires})
			if err != nil {
				return nil, nil, err
			}
			parts = append(parts, item)
		}
		r.Body = nil
	}
	answer, err = dynamo.Encode(k.key, r)
	return parts, answer, err
}

func compressed(body []byte) []byte {
	var short bytes.Buffer
	w, _ := gzip.NewWriterLevel(&short, gzip.BestSpeed) // the level is valid
	w.Write(body)
	w.Close()
	return short.Bytes()
}

// Keep stores the answer of a request that changed nothing, or whose change took several transactions. If the key's first request was
// answered meanwhile, the key is Answered.
func (k *Key) Keep(ctx context.Context, a Answer) error {
	now := k.answers.now()
	parts, answer, err := k.items(now, a)
	if err != nil {
		return err
	}
	for _, item := range parts {
		if err := k.answers.table.Put(ctx, item); err != nil {
			return err
		}
	}
	if err := k.answers.table.Put(ctx, answer, k.free(now)); !errors.Is(err, errAnswered) {
		return err
	}
	return nil
}

// Answer returns the stored answer of a key that is Answered.
func (k *Key) Answer(ctx context.Context) (Answer, error) {
	r := k.stored
	a := Answer{Status: r.Status, ETag: r.ETag, Location: r.Location, ContentType: r.ContentType, Body: r.Body}
	if r.Parts > 0 {
		err := k.answers.table.Query(k.key.PK).Prefix(keys.AnswerParts(k.key)).Read(ctx, 0, func(i dynamo.Item) {
			a.Body = append(a.Body, i.Bytes("body")...)
		})
		if err != nil {
			return a, err
		}
	}
	if !r.Gzipped {
		return a, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err == nil {
		a.Body, err = io.ReadAll(reader)
	}
	return a, err
}
