package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"contacts/pkg/samtemplate"

	"github.com/aws/aws-lambda-go/events"
)

// NotifierOptions configure how functions are notified of objects.
type NotifierOptions struct {
	// Dir is the folder of the events whose functions have not succeeded yet, so that they survive this process. "" keeps
	// them in memory.
	Dir string
	// Retries are the pauses before the retries of a failed call; nil means 1 s and 2 s. Lambda retries twice too, but after one
	// and two minutes, which is long at a keyboard.
	Retries []time.Duration
	Log     *slog.Logger // may be nil
}

// concurrentCalls bounds the memory of functions that decode pictures.
const concurrentCalls = 2

// noGateway is the patience of a caller without a limit: longer than any function may run.
const noGateway = 24 * time.Hour

// A Notifier calls the functions of a template that have S3 events, as Lambda does: asynchronously, at least once, in no order, with
// retries.
type Notifier struct {
	functions []samtemplate.Function
	handlers  map[string]Handler
	dir       string
	retries   []time.Duration
	log       *slog.Logger

	slots   chan struct{}
	stopped chan struct{}

	mu      sync.Mutex // prevents that a delivery starts while Close waits
	closed  bool
	running sync.WaitGroup
}

// A delivery is an event for a function, in memory and on disk.
type delivery struct {
	ID       string          `json:"id"`
	Function string          `json:"function"` // logical id
	Event    json.RawMessage `json:"event"`
}

// NewNotifier returns a notifier for a template. It resumes the deliveries that an earlier one left in Dir. Close ends it.
func NewNotifier(t samtemplate.Template, handlers map[string]Handler, o NotifierOptions) (*Notifier, error) {
	n := &Notifier{handlers: handlers, dir: o.Dir, retries: o.Retries, log: o.Log}
	for _, f := range t.Functions {
		if len(f.ObjectEvents) == 0 {
			continue
		}
		if handlers[f.Group] == nil {
			return nil, noHandler(f)
		}
		n.functions = append(n.functions, f)
	}
	if n.retries == nil {
		n.retries = []time.Duration{time.Second, 2 * time.Second}
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.slots = make(chan struct{}, concurrentCalls)
	n.stopped = make(chan struct{})
	if n.dir == "" {
		return n, nil
	}
	if err := n.resume(); err != nil {
		return nil, notWritable(n.dir, err)
	}
	return n, nil
}

// resume starts the deliveries in the folder.
func (n *Notifier) resume() error {
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(n.dir, "*.json"))
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var d delivery
		if json.Unmarshal(text, &d) != nil || n.file(d.ID) != name {
			n.log.Error("an event that can't be read is left alone", "file", name)
			continue
		}
		for i := range n.functions {
			if f := &n.functions[i]; f.LogicalID == d.Function {
				n.start(f, d)
			}
		}
	}
	return nil
}

// Created notifies the functions whose events match an object. It returns when the events are stored, before the functions run.
func (n *Notifier) Created(c Created) {
	for i := range n.functions {
		f := &n.functions[i]
		for _, o := range f.ObjectEvents {
			if !concerns(o, c) {
				continue
			}
			event, err := encodeEvent(objectEventOf(c))
			if err != nil {
				n.log.Error("the event can't be encoded", "function", f.Group, "error", err)
				break
			}
			d := delivery{ID: newUUID(), Function: f.LogicalID, Event: event}
			if err := n.keep(d); err != nil {
				n.log.Error("the event can't be kept", "function", f.Group, "error", err)
			}
			n.start(f, d)
			break // one event for each function, even if several of its filters match
		}
	}
}

// Close stops retries and waits for running calls until ctx ends. The next notifier resumes what is left.
func (n *Notifier) Close(ctx context.Context) {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.stopped)
	}
	n.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		n.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

func (n *Notifier) start(f *samtemplate.Function, d delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.running.Go(func() { n.deliver(f, d) })
	}
}

// deliver calls the function until it succeeds or all retries have failed.
func (n *Notifier) deliver(f *samtemplate.Function, d delivery) {
	for attempt := 0; ; attempt++ {
		select {
		case n.slots <- struct{}{}:
		case <-n.stopped:
			return
		}
		_, err := invoke(n.handlers[f.Group], f, d.Event, noGateway)
		<-n.slots
		if err == nil {
			n.forget(d)
			return
		}
		last := attempt == len(n.retries)
		n.log.Error("function failed", "function", f.Group, "event", d.ID, "attempt", attempt+1, "last", last, "error", err)
		if last {
			n.forget(d) // a deployed function's event goes to its dead-letter queue here
			return
		}
		select {
		case <-time.After(n.retries[attempt]):
		case <-n.stopped:
			return
		}
	}
}

func (n *Notifier) file(id string) string { return filepath.Join(n.dir, id+".json") }

// keep writes a delivery to disk atomically.
func (n *Notifier) keep(d delivery) error {
	if n.dir == "" {
		return nil
	}
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	unfinished := n.file(d.ID) + ".tmp"
	if err := os.WriteFile(unfinished, text, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, n.file(d.ID))
}

func (n *Notifier) forget(d delivery) {
	if n.dir == "" {
		return
	}
	if err := os.Remove(n.file(d.ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		n.log.Error("a delivered event can't be removed and will be delivered again", "event", d.ID, "error", cause(err))
	}
}

// concerns reports whether an event's filter matches c. Names are "s3:ObjectCreated:*" or exact.
func concerns(o samtemplate.ObjectEvent, c Created) bool {
	if o.Bucket != c.Bucket || !strings.HasPrefix(c.Key, o.Prefix) || !strings.HasSuffix(c.Key, o.Suffix) {
		return false
	}
	for _, name := range o.Names {
		name = strings.TrimPrefix(name, "s3:")
		if start, all := strings.CutSuffix(name, "*"); name == c.Event || all && strings.HasPrefix(c.Event, start) {
			return true
		}
	}
	return false
}

// s3Event is the notification of S3, event version 2.1. Its objects have no version id, nor the decoded key that the type of
// aws-lambda-go adds when it reads one.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type s3Event struct {
	Records []s3Record
}

type s3Record struct {
	events.S3EventRecord
	S3 s3Entity `json:"s3"`
}

type s3Entity struct {
	events.S3Entity
	Object s3Object `json:"object"`
}

type s3Object struct {
	Key       string `json:"key"`
	Size      int64  `json:"size"`
	ETag      string `json:"eTag"`
	Sequencer string `json:"sequencer"` // hexadecimal; increases with each write of a key
}

func objectEventOf(c Created) s3Event {
	owner := events.S3UserIdentity{PrincipalID: "local"}
	return s3Event{Records: []s3Record{{
		S3EventRecord: events.S3EventRecord{
			EventVersion:      "2.1",
			EventSource:       "aws:s3",
			AWSRegion:         samtemplate.LocalRegion,
			EventTime:         c.Time.UTC().Truncate(time.Millisecond),
			EventName:         c.Event,
			PrincipalID:       owner,
			RequestParameters: events.S3RequestParameters{SourceIPAddress: "127.0.0.1"},
			ResponseElements:  map[string]string{"x-amz-request-id": newRequestID(), "x-amz-id-2": newRequestID()},
		},
		S3: s3Entity{
			S3Entity: events.S3Entity{
				SchemaVersion:   "1.0",
				ConfigurationID: "local",
				Bucket:          events.S3Bucket{Name: c.Bucket, OwnerIdentity: owner, Arn: "arn:aws:s3:::" + c.Bucket},
			},
			Object: s3Object{
				Key: objectKey(c.Key), Size: c.Size, ETag: c.ETag, Sequencer: fmt.Sprintf("%016X", c.Time.UnixNano()),
			},
		},
	}}}
}

// objectKey encodes a key as S3 does in events: like a form field, but with slashes unchanged.
func objectKey(key string) string {
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}
