package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"contacts/pkg/samtemplate"

	"github.com/gofrs/flock"
)

// ServeOptions configure Serve.
type ServeOptions struct {
	Host string // the address that the gateway and the S3 server listen on, "" for 127.0.0.1; 0.0.0.0 is every one
	Port int    // of the gateway; 0 is a free one
	Data string // the folder of all data, created if necessary; "" keeps nothing
	// Bucket is the bucket of the S3 server.
	Bucket string
	// DynamoDB and S3 are endpoints of other services; "" starts an engine and an S3 server. Only that S3 server sends S3
	// events.
	DynamoDB, S3 string
	// ServicesHost is the IPv4 address on which the engine and the S3 server listen, "" for 127.0.0.1 and Host. Containers need
	// another one.
	ServicesHost string
	// Keys are the secrets, by access key, that the functions sign with.
	Keys                 map[string]string
	DynamoDBPort, S3Port int // 0 are free ones
	// Functions returns the template and a handler for each of its groups. It is called when the services answer. nil runs only the
	// services, without a gateway.
	Functions func(ctx context.Context, s Services) (samtemplate.Template, map[string]Handler, error)
	// Owned is called when this Serve has the lock of the data, before anything is started. An error ends Serve. It may be nil.
	Owned func() error
	// Ready is called once, when everything answers. An error ends Serve.
	Ready func(ctx context.Context, r Running) error
	Log   *slog.Logger // nil: none
}

// Services are the endpoints that functions need.
type Services struct {
	DynamoDB string // for AWS_ENDPOINT_URL_DYNAMODB
	S3       string // for AWS_ENDPOINT_URL_S3
	Bucket   string
}

// Running are the addresses of a running Serve.
type Running struct {
	URL      string // of the gateway: "http://127.0.0.1:3000"; "" if there is none
	Services Services
}

// The time limits of a graceful shutdown, less than 5 s in all.
const (
	drainTime   = 2500 * time.Millisecond // for requests in progress
	deliverTime = 500 * time.Millisecond  // for functions called by S3 events, then for those that are woken
	objectsTime = 300 * time.Millisecond  // then engineStop for the engine
)

// Serve runs the engine, the S3 server and the gateway until ctx ends, then shuts them down within 5 s and returns nil. The error, one
// sentence, is for what can't start (a port in use, a folder that can't be written, no engine) and for an engine that ended by
// itself.
func Serve(ctx context.Context, o ServeOptions) error {
	return (&server{o: o}).run(ctx)
}

// server has the running parts; each is nil until it runs.
type server struct {
	o       ServeOptions
	lock    *flock.Flock // of the data
	engine  *Engine
	objects *Objects
	http    *http.Server
	failed  chan error

	waker *Waker

	mu       sync.Mutex
	notifier *Notifier
	early    []Created // objects stored before there was a notifier
}

func (s *server) run(ctx context.Context) error {
	if s.o.Log == nil {
		s.o.Log = slog.New(slog.DiscardHandler)
	}
	defer s.stop()
	if err := s.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // ended while it was starting
		}
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.engineExited():
		return fmt.Errorf("the DynamoDB engine ended by itself: %s", s.engine.Reason())
	case err := <-s.failed:
		return fmt.Errorf("the gateway ended: %w", cause(err))
	}
}

func (s *server) start(ctx context.Context) error {
	if err := writable(s.o.Data); err != nil {
		return err
	}
	var listener net.Listener
	if s.o.Functions != nil { // first, so that a port in use is reported before anything is started
		var err error
		if listener, err = listen(ctx, cmp.Or(s.o.Host, "127.0.0.1"), s.o.Port); err != nil {
			return err
		}
		defer func() {
			if s.http == nil {
				_ = listener.Close()
			}
		}()
	}
	if err := s.own(ctx); err != nil {
		return err
	}
	running := Running{}
	var err error
	if running.Services, err = s.startServices(ctx); err != nil {
		return err
	}
	if s.o.Functions != nil {
		if err := s.startGateway(ctx, listener, running.Services); err != nil {
			return err
		}
		running.URL = endpoint(listener.Addr().String())
	}
	if s.o.Ready != nil {
		return s.o.Ready(ctx, running)
	}
	return nil
}

// own acquires the lock of the data.
func (s *server) own(ctx context.Context) (err error) {
	if s.lock, err = lockData(ctx, s.inData("serve")); err != nil {
		return err
	}
	if s.o.Owned != nil {
		return s.o.Owned()
	}
	return nil
}

// inData returns the path of a file in the data folder, "" without one.
func (s *server) inData(name string) string {
	if s.o.Data == "" {
		return ""
	}
	return filepath.Join(s.o.Data, name)
}

func (s *server) startServices(ctx context.Context) (Services, error) {
	services := Services{DynamoDB: s.o.DynamoDB, S3: s.o.S3, Bucket: s.o.Bucket}
	var err error
	if services.DynamoDB == "" {
		s.engine, err = StartEngine(ctx, EngineOptions{
			DataFile: s.inData("dynamodb.sqlite"), Host: s.o.ServicesHost, Port: s.o.DynamoDBPort,
		})
		if err != nil {
			return services, err
		}
		services.DynamoDB = s.engine.Endpoint()
	}
	if services.S3 == "" {
		s.objects, err = StartObjects(ctx, ObjectsOptions{
			File: s.inData("objects.bbolt"), Bucket: s.o.Bucket, Host: cmp.Or(s.o.ServicesHost, s.o.Host), Port: s.o.S3Port, Keys: s.o.Keys, Created: s.created,
		})
		if err != nil {
			return services, err
		}
		services.S3 = s.objects.Endpoint()
	}
	return services, nil
}

func (s *server) startGateway(ctx context.Context, listener net.Listener, services Services) error {
	template, handlers, err := s.o.Functions(ctx, services)
	if err != nil {
		return err
	}
	handler, err := NewGateway(template, handlers, s.o.Log)
	if err != nil {
		return err
	}
	if s.waker, err = NewWaker(template, handlers, s.o.Log); err != nil {
		return err
	}
	if s.waker != nil {
		handler, handlers = s.waker.afterWrites(handler), s.waker.afterObjects(template, handlers)
	}
	if s.objects != nil {
		if err := s.startNotifier(template, handlers); err != nil {
			return err
		}
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute, // counts from the header: reading, the gateway's 30 s, writing
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10, // the gateway has a lower limit
		// The gateway answers "OPTIONS *" like any other request.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.o.Log.Handler(), slog.LevelWarn),
	}
	s.failed = make(chan error, 1)
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return nil
}

func (s *server) startNotifier(t samtemplate.Template, handlers map[string]Handler) error {
	notifier, err := NewNotifier(t, handlers, NotifierOptions{Dir: s.inData("events"), Log: s.o.Log})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notifier = notifier
	for _, c := range s.early {
		notifier.Created(c)
	}
	s.early = nil
	return nil
}

// created passes an object to the notifier, or keeps it until there is one.
func (s *server) created(c Created) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notifier == nil {
		s.early = append(s.early, c)
		return
	}
	s.notifier.Created(c)
}

// engineExited returns a channel that is closed when the engine of this server has ended.
func (s *server) engineExited() <-chan struct{} {
	if s.engine == nil {
		return nil
	}
	return s.engine.Exited()
}

// stop ends all parts, each before those that it needs.
func (s *server) stop() {
	within := func(limit time.Duration, end func(context.Context)) {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		end(ctx)
	}
	if s.http != nil {
		within(drainTime, func(ctx context.Context) {
			if s.http.Shutdown(ctx) != nil {
				_ = s.http.Close()
			}
		})
	}
	if s.notifier != nil {
		within(deliverTime, s.notifier.Close)
	}
	if s.waker != nil {
		within(deliverTime, s.waker.Close)
	}
	if s.objects != nil {
		within(objectsTime, s.objects.Stop)
	}
	if s.engine != nil {
		s.engine.Stop()
	}
	if s.lock != nil {
		_ = s.lock.Close()
	}
}

// writable creates the data folder if necessary, and checks that it can be written.
func writable(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return notWritable(dir, err)
	}
	probe, err := os.CreateTemp(dir, ".writable-")
	if err != nil {
		return notWritable(dir, err)
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}
