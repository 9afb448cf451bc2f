package harness

import (
	"contacts/pkg/contact"
	contactstore "contacts/pkg/store"
	"contacts/pkg/wiring"

	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/api"
	"contacts/pkg/dynamo"
	"contacts/pkg/fsck"
	store "contacts/pkg/image/bucket"
	"contacts/pkg/image/processor"
	"contacts/pkg/local"
	"contacts/pkg/rest"
	wired "contacts/pkg/wiring/images"
)

// Findings checks the table and the bucket, with a clock that is ahead.
func (s ImageSandbox) Findings(ahead time.Duration) (found []fsck.Finding) {
	s.T.Helper()
	table, objects := s.Clients(http.DefaultTransport, ahead)
	images := fsck.NewObjects(objects, contactstore.ImagesOf(table.Store), table.Accounts, func(f fsck.Finding) { found = append(found, f) }, func() time.Time { return time.Now().Add(ahead) })
	if _, err := images.CheckUnreferenced(s.T.Context(), s.Org); err != nil {
		s.T.Fatal(err)
	}
	return append(found, CheckFindings(s.T, table, func() time.Time { return time.Now().Add(ahead) }, s.Org, images)...)
}

// An ImageSandbox has one contact and a bucket of its own that sends no events: the test decides which pictures are processed, and when.
type ImageSandbox struct {
	*Tenant
	Owner    string
	Endpoint string
}

func NewImageSandbox(t *testing.T) ImageSandbox {
	t.Helper()
	objects, err := local.StartObjects(t.Context(), local.ObjectsOptions{Bucket: Bucket, Keys: map[string]string{"local": "local"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Stop(context.Background()) })
	x := NewTenant(t)
	return ImageSandbox{x, x.CreateIndividual("Erika"), objects.Endpoint()}
}

// Clients returns clients of the table and the bucket that use a transport and a clock that is ahead.
func (s ImageSandbox) Clients(w http.RoundTripper, ahead time.Duration) (*wiring.Database, *store.Bucket) {
	keys, client := credentials.NewStaticCredentialsProvider("local", "local", ""), &http.Client{Transport: w}
	now := func() time.Time { return time.Now().Add(ahead) }
	return wiring.NewDatabase(dynamo.Open(dynamo.Options{Name: Platform.Name, Region: "us-east-1", Endpoint: *Platform.Store.Options().BaseEndpoint,
			Credentials: keys, HTTPClient: client}), now, contact.NewSequence(now)),
		store.Open(store.Options{Name: Bucket, Region: "us-east-1", Endpoint: s.Endpoint, Credentials: keys, HTTPClient: client})
}

// Process passes an event to a processor that uses a transport.
func (s ImageSandbox) Process(ctx context.Context, w http.RoundTripper, event []byte) error {
	s.T.Helper()
	var e events.S3Event
	if err := json.Unmarshal(event, &e); err != nil {
		s.T.Fatal(err)
	}
	table, objects := s.Clients(w, 0)
	return (&processor.Processor{Images: contactstore.ImagesOf(table.Store), Objects: objects, Log: slog.New(slog.DiscardHandler)}).Handle(ctx, e)
}

// Send sends a request to the operations of images, which use a transport.
func (s ImageSandbox) Send(ctx context.Context, w http.RoundTripper, ahead time.Duration, method, path string, body any, headers ...string) *Answer {
	s.T.Helper()
	table, objects := s.Clients(w, ahead)
	c := table.Config(time.Now)
	c.Log = slog.New(slog.DiscardHandler)
	text, err := json.Marshal(body)
	if err != nil {
		s.T.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	request := httptest.NewRequestWithContext(ctx, method, s.Path(path), bytes.NewReader(text))
	request.Header.Set("Authorization", "Bearer "+s.Token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorded := httptest.NewRecorder()
	rest.NewServer(c.Config, api.Images(c, objects, wired.Inspect)).ServeHTTP(recorded, request)
	return &Answer{T: s.T, What: method + " " + path, Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}
}

// AddPicture adds a picture and returns the path of its image and the event for its object.
func (s ImageSandbox) AddPicture(picture []byte) (path string, event []byte) {
	s.T.Helper()
	id := s.Send(context.Background(), http.DefaultTransport, 0, "POST", s.Owner+"/images", ImageBody(picture)).Want(201).Text("id")
	return s.Owner + "/images/" + id, S3Event(s.Incoming(id))
}

func (s ImageSandbox) Incoming(id string) string {
	return "incoming/" + s.Org + "/" + OwnerID(s.Owner) + "/" + id
}

var SmallPicture = JPEGOf(Quarters(48, 32))

// S3Event returns the event of S3 for new objects, with their keys escaped as in S3's events.
func S3Event(keys ...string) []byte {
	records := []Object{}
	for _, key := range keys {
		records = append(records, Object{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-central-1", "eventTime": "2026-03-25T12:00:00.000Z",
			"eventName": "ObjectCreated:Put", "s3": Object{"s3SchemaVersion": "1.0", "bucket": Object{"name": Bucket}, "object": Object{"key": key, "size": 1}}})
	}
	text, err := json.Marshal(Object{"Records": records})
	if err != nil {
		panic(err)
	}
	return text
}

// A CutTransport sends requests and disturbs one of them.
type CutTransport struct {
	mu   sync.Mutex
	At   int // which one, counted from 1
	Sent int
	Do   func(carry func() (*http.Response, error)) (*http.Response, error)
}

func (w *CutTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.Sent++
	hit := w.Sent == w.At
	w.mu.Unlock()
	carry := func() (*http.Response, error) { return http.DefaultTransport.RoundTrip(r) }
	if !hit {
		return carry()
	}
	return w.Do(carry)
}

// Untouched reports whether there were too few requests for any to be disturbed.
func (w *CutTransport) Untouched() bool { return w.Sent < w.At }

var ErrCut = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

type Carrier func(*http.Request) (*http.Response, error)

func (c Carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }
