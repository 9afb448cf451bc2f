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

	"contacts/pkg/filelock"
	"contacts/pkg/samtemplate"
)

// ServeOptions say what Serve runs.
type ServeOptions struct {
	Host string // the address that the gateway and the S3 server listen on, "" for 127.0.0.1; 0.0.0.0 is every one
	Port int    // of the gateway; 0 is a free one
	Data string // the folder that keeps everything, made if need be; "" keeps nothing
	// Bucket is the bucket of the S3 server.
	Bucket string
	// DynamoDB and S3 are endpoints to use in place of an engine and an S3 server of Serve's own, "" for its own. Only
	// its own S3 server brings S3 events.
	DynamoDB, S3 string
	// ServicesHost is the IPv4 address on which the engine and the S3 server listen, "" for 127.0.0.1 and Host: containers
	// reach them by another.
	ServicesHost string
	// Keys are the secrets, by access key, that the functions sign with.
	Keys                 map[string]string
	DynamoDBPort, S3Port int // 0 are free ones
	// Functions composes the functions once the services answer: it returns the template and a handler for each of its
	// groups. nil runs the services alone, without a gateway.
	Functions func(ctx context.Context, s Services) (samtemplate.Template, map[string]Handler, error)
	// Around may put pages beside the gateway that no API Gateway has; nil for none.
	Around func(gateway http.Handler) http.Handler
	// Owned, which may be nil, is called when no other Serve can work with the data any more, before anything is started. An error
	// ends Serve.
	Owned func() error
	// Ready is called once, when everything answers, before Serve waits for the end. An error ends Serve.
	Ready func(ctx context.Context, r Running) error
	Log   *slog.Logger // nil: none
}

// Services are the addresses of what functions need.
type Services struct {
	DynamoDB string // as AWS_ENDPOINT_URL_DYNAMODB takes it
	S3       string // as AWS_ENDPOINT_URL_S3 takes it
	Bucket   string
}

// Running is what runs.
type Running struct {
	URL      string // of the gateway: "http://127.0.0.1:3000"; "" without one
	Services Services
}

// The time that an orderly end takes at most is shared out so that all of it stays below 5 s.
const (
	drainTime   = 2500 * time.Millisecond // for requests under way
	deliverTime = 500 * time.Millisecond  // for functions that an S3 event has called
	objectsTime = 300 * time.Millisecond  // then engineStop for the engine
)

// Serve runs the engine, the S3 server and the gateway until ctx ends, then ends them in order within 5 s, and returns
// nil. It returns one sentence as error when something can't start (a port in use, a folder that can't be written, no
// engine), and when the engine ends by itself.
func Serve(ctx context.Context, o ServeOptions) error {
	return (&server{o: o}).run(ctx)
}

// server holds what runs; each part is nil until it does.
type server struct {
	o       ServeOptions
	lock    *filelock.Lock // of the data
	engine  *Engine
	objects *Objects
	http    *http.Server
	failed  chan error

	mu       sync.Mutex
	notifier *Notifier
	early    []Created // what was stored before there was a notifier
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
	if s.o.Functions != nil { // first of all, because a port in use should be told before anything is done
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
	s.lock.Publish(running.Services.DynamoDB)
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

// own makes the data this process's own.
func (s *server) own(ctx context.Context) (err error) {
	if s.o.Data != "" {
		if s.lock, err = lockFile(ctx, filepath.Join(s.o.Data, "serve")); err != nil {
			return err
		}
	}
	if s.o.Owned != nil {
		return s.o.Owned()
	}
	return nil
}

func (s *server) startServices(ctx context.Context) (Services, error) {
	services := Services{DynamoDB: s.o.DynamoDB, S3: s.o.S3, Bucket: s.o.Bucket}
	inData := func(name string) string {
		if s.o.Data == "" {
			return ""
		}
		return filepath.Join(s.o.Data, name)
	}
	var err error
	if services.DynamoDB == "" {
		s.engine, err = StartEngine(ctx, EngineOptions{
			DataFile: inData("dynamodb.sqlite"), Host: s.o.ServicesHost, Port: s.o.DynamoDBPort,
		})
		if err != nil {
			return services, err
		}
		services.DynamoDB = s.engine.Endpoint()
	}
	if services.S3 == "" {
		s.objects, err = StartObjects(ctx, ObjectsOptions{
			Dir: inData("objects"), Bucket: s.o.Bucket, Host: cmp.Or(s.o.ServicesHost, s.o.Host), Port: s.o.S3Port, Keys: s.o.Keys, Created: s.created,
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
	if s.o.Around != nil {
		handler = s.o.Around(handler)
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
		MaxHeaderBytes:    64 << 10, // the gateway itself refuses less
		// "OPTIONS *" is the gateway's to answer, like any other request.
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
	options := NotifierOptions{Log: s.o.Log}
	if s.o.Data != "" {
		options.Dir = filepath.Join(s.o.Data, "events")
	}
	notifier, err := NewNotifier(t, handlers, options)
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

// created passes an object on to the notifier, or keeps it until there is one.
func (s *server) created(c Created) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notifier == nil {
		s.early = append(s.early, c)
		return
	}
	s.notifier.Created(c)
}

// engineExited returns a channel that is closed when an engine of our own is gone.
func (s *server) engineExited() <-chan struct{} {
	if s.engine == nil {
		return nil
	}
	return s.engine.Exited()
}

// stop ends everything in the order in which one thing needs the other.
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
	if s.objects != nil {
		within(objectsTime, s.objects.Stop)
	}
	if s.engine != nil {
		s.engine.Stop()
	}
	s.lock.Release()
}

// writable makes the data folder if need be, and tries it.
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
