package tests

import (
	"contacts/pkg/contact"
	contactstore "contacts/pkg/store"

	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/api"
	"contacts/pkg/auth"
	"contacts/pkg/dynamo"
	store "contacts/pkg/image/bucket"
	"contacts/pkg/image/processor"
	"contacts/pkg/local"
	"contacts/pkg/rest"
	"contacts/pkg/wiring"
	wired "contacts/pkg/wiring/images"
)

// A studio is the images of one contact in a bucket of their own, which tells nobody of its objects: what is processed,
// and when, is up to the test.
type studio struct {
	*tenant
	owner    string
	endpoint string
}

func newStudio(t *testing.T) studio {
	t.Helper()
	objects, err := local.StartObjects(t.Context(), local.ObjectsOptions{Bucket: bucket, Keys: map[string]string{"local": "local"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { objects.Stop(context.Background()) })
	x := newTenant(t)
	return studio{x, x.individual("Erika"), objects.Endpoint()}
}

// works are the table and the bucket, spoken to over a wire, on a clock that is ahead.
func (s studio) works(w http.RoundTripper, ahead time.Duration) (*wiring.Database, *store.Bucket) {
	keys, client := credentials.NewStaticCredentialsProvider("local", "local", ""), &http.Client{Transport: w}
	now := func() time.Time { return time.Now().Add(ahead) }
	return wiring.NewDatabase(dynamo.Open(dynamo.Options{Name: platform.name, Region: "us-east-1", Endpoint: *platform.store.Options().BaseEndpoint,
			Credentials: keys, HTTPClient: client}), now, contact.NewSequence(now)),
		store.Open(store.Options{Name: bucket, Region: "us-east-1", Endpoint: s.endpoint, Credentials: keys, HTTPClient: client})
}

// process hands an event to a processor whose requests go over a wire.
func (s studio) process(ctx context.Context, w http.RoundTripper, event []byte) error {
	s.t.Helper()
	var e events.S3Event
	if err := json.Unmarshal(event, &e); err != nil {
		s.t.Fatal(err)
	}
	table, objects := s.works(w, 0)
	return (&processor.Processor{Images: contactstore.ImagesOf(table.Store), Objects: objects, Log: slog.New(slog.DiscardHandler)}).Handle(ctx, e)
}

// ask sends a request to the images' operations, whose own requests go over a wire.
func (s studio) ask(ctx context.Context, w http.RoundTripper, ahead time.Duration, method, path string, body any, headers ...string) *answer {
	s.t.Helper()
	table, objects := s.works(w, ahead)
	c := table.Config(time.Now)
	c.Log = slog.New(slog.DiscardHandler)
	c.Keys = auth.NewKeyring(rest.PublishedKeys(platform.table.Accounts), time.Now)
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	request := httptest.NewRequestWithContext(ctx, method, s.path(path), bytes.NewReader(text))
	request.Header.Set("Authorization", "Bearer "+s.token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorded := httptest.NewRecorder()
	rest.NewServer(c.Config, api.Images(c, objects, wired.Inspect)).ServeHTTP(recorded, request)
	return &answer{t: s.t, what: method + " " + path, status: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}
}

// sent adds a picture and returns its image's path and the event that tells of it.
func (s studio) sent(picture []byte) (path string, event []byte) {
	s.t.Helper()
	id := s.ask(context.Background(), http.DefaultTransport, 0, "POST", s.owner+"/images", dataOf(picture)).want(201).text("id")
	return s.owner + "/images/" + id, s3Event(s.incoming(id))
}

func (s studio) incoming(id string) string {
	return "incoming/" + s.org + "/" + ownerID(s.owner) + "/" + id
}

func (s studio) remove(path string) *answer {
	s.t.Helper()
	return s.ask(context.Background(), http.DefaultTransport, 0, "DELETE", path, nil)
}

// holds holds the images of the contact to be these, ready, with four objects each and no other.
func (s studio) holds(paths ...string) {
	s.t.Helper()
	var ids, want []string
	for _, item := range s.album(s.owner) {
		ids = append(ids, fmt.Sprint(item["id"], " ", item["status"], " ", item["width"], "x", item["height"]))
	}
	for _, path := range paths {
		want = append(want, lastSegment(path)+" READY 48x32")
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		s.t.Errorf("images %q, want %q", ids, want)
	}
	if got, want := s.objectsIn(s.endpoint), s.renderings(paths...); !slices.Equal(got, want) {
		s.t.Errorf("objects %q, want %q", got, want)
	}
	if n := len(s.imageItems(s.owner)); n != len(paths) {
		s.t.Errorf("%d items, want %d", n, len(paths))
	}
}

var studioPicture = jpegOf(painting(48, 32))

// s3Event is what S3 tells of objects, their keys as they come in the event.
func s3Event(keys ...string) []byte {
	records := []object{}
	for _, key := range keys {
		records = append(records, object{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-central-1", "eventTime": "2026-03-25T12:00:00.000Z",
			"eventName": "ObjectCreated:Put", "s3": object{"s3SchemaVersion": "1.0", "bucket": object{"name": bucket}, "object": object{"key": key, "size": 1}}})
	}
	text, err := json.Marshal(object{"Records": records})
	if err != nil {
		panic(err)
	}
	return text
}

// A wire carries requests, and something happens to one of them. What carries it is the sound one.
type wire struct {
	mu   sync.Mutex
	at   int // which one, counted from 1
	sent int
	do   func(carry func() (*http.Response, error)) (*http.Response, error)
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.sent++
	hit := w.sent == w.at
	w.mu.Unlock()
	carry := func() (*http.Response, error) { return http.DefaultTransport.RoundTrip(r) }
	if !hit {
		return carry()
	}
	return w.do(carry)
}

// passed tells that the wire was not asked for so many requests that anything happened.
func (w *wire) passed() bool { return w.sent < w.at }

var errCut = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// accidents are what becomes of a process at a request: it is killed, as by a time limit, or the network fails it once.
// The request arrives or not.
var accidents = map[string]struct{ killed, arrives bool }{
	"killed before a request": {true, false}, "killed behind a request": {true, true},
	"a request is lost": {false, false}, "an answer is lost": {false, true},
}

// eachCut runs a test once as it is, and once for each accident at each of the requests that this takes. A run is given a
// context that ends with its process.
func eachCut(t *testing.T, test func(t *testing.T, s studio, run context.Context, w *wire, killed bool)) {
	t.Helper()
	whole := &wire{}
	t.Run("whole", func(t *testing.T) { test(t, newStudio(t), t.Context(), whole, false) })
	if whole.sent < 4 {
		t.Fatalf("%d requests are fewer than it takes", whole.sent)
	}
	var wait sync.WaitGroup
	for name, accident := range accidents {
		for n := 1; n <= whole.sent; n++ {
			wait.Go(func() {
				t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
					run, stop := context.WithCancel(t.Context())
					defer stop()
					w := &wire{at: n, do: func(carry func() (*http.Response, error)) (*http.Response, error) {
						if accident.arrives {
							if response, err := carry(); err == nil {
								_ = response.Body.Close() // nobody waits for it
							}
						}
						if accident.killed {
							stop()
						}
						return nil, errCut
					}}
					if test(t, newStudio(t), run, w, accident.killed); w.passed() {
						t.Error("nothing happened")
					}
				})
			})
		}
	}
	wait.Wait()
}

type carrier func(*http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }
