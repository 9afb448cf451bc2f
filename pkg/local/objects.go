package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// ObjectsOptions configure the S3 server. Only Bucket is required.
type ObjectsOptions struct {
	File   string // the file of the objects, in an existing folder; "" is a temporary one
	Bucket string // the bucket to create at the start
	Host   string // the address to listen on; "" is 127.0.0.1
	Port   int    // 0 is a free one
	// Keys are the secrets, by access key, with which the policies of forms can be signed.
	Keys map[string]string
	// Created is called concurrently, after an object is stored and before its request is answered.
	Created func(Created)
}

// Created describes an object that was just stored.
type Created struct {
	Event       string // in S3's words: "ObjectCreated:Put", ":Post", ":Copy", ":CompleteMultipartUpload"
	Bucket, Key string
	Size        int64  // bytes
	ETag        string // without quotes
	Time        time.Time
}

// Objects is an S3 server in this process: gofakes3 with one file as its backend. It checks the signatures and policies of forms and the
// expiry of presigned requests, and no other signature. An object is on disk before its request is answered.
type Objects struct {
	server *http.Server
	url    string
	store  *store
	temp   string // a folder that Stop removes
}

// StartObjects starts the server and returns when it accepts requests. Stop ends it.
func StartObjects(ctx context.Context, o ObjectsOptions) (_ *Objects, err error) {
	objects := &Objects{}
	defer func() {
		if err != nil {
			objects.close()
		}
	}()
	if o.File == "" {
		if objects.temp, err = os.MkdirTemp("", "contacts-objects-"); err != nil {
			return nil, notWritable(os.TempDir(), err)
		}
		o.File = filepath.Join(objects.temp, "objects.bbolt")
	}
	if objects.store, err = openStore(o.File, o.Created); err != nil {
		return nil, err
	}
	if exists, err := objects.store.BucketExists(o.Bucket); err != nil || !exists {
		if err := errors.Join(err, objects.store.CreateBucket(o.Bucket)); err != nil {
			return nil, fmt.Errorf("the bucket %q can't be created in %s: %w", o.Bucket, o.File, cause(err))
		}
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	listener, err := listen(ctx, o.Host, o.Port)
	if err != nil {
		return nil, err
	}
	objects.url = endpoint(listener.Addr().String())
	objects.server = &http.Server{
		Handler:           objectsHandler(objects.store, o.Keys),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	go func() { _ = objects.server.Serve(listener) }() // ends with Stop
	return objects, nil
}

// objectsHandler serves the S3 protocol for s. gofakes3 does not tell its backend which kind of request stores an object, so each kind
// has its own protocol handler, which knows the name of its event. One of them handles all requests of multipart uploads, because it
// has the parts until the upload is complete.
//
// Preflight requests are answered by the CORS rules of the bucket in the template.
func objectsHandler(s *store, keys map[string]string) http.Handler {
	protocol := func(event string) http.Handler { return gofakes3.New(storeView{s, event}).Server() }
	put := protocol("ObjectCreated:Put")
	multipart := protocol("ObjectCreated:CompleteMultipartUpload")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		switch {
		case r.Method == http.MethodOptions:
			w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
			w.Header().Set("Access-Control-Allow-Headers", "*")
			w.WriteHeader(http.StatusOK)
		case expired(r, time.Now()):
			denied("Request has expired").answer(w)
		case query.Has("uploads") || query.Has("uploadId"):
			multipart.ServeHTTP(w, r)
		case r.Method == http.MethodPost && !query.Has("delete"):
			servePost(storeView{s, "ObjectCreated:Post"}, keys, w, r)
		default:
			put.ServeHTTP(w, r)
		}
	})
}

// Endpoint returns the server's address for AWS_ENDPOINT_URL_S3. Buckets are in the path.
func (o *Objects) Endpoint() string { return o.url }

// Stop ends the server after the requests in progress, or when ctx ends. It may be called again.
func (o *Objects) Stop(ctx context.Context) {
	if o.server.Shutdown(ctx) != nil {
		_ = o.server.Close()
	}
	o.close()
}

func (o *Objects) close() {
	if o.store != nil {
		_ = o.store.db.Close()
	}
	if o.temp != "" {
		_ = os.RemoveAll(o.temp)
	}
}

// listen opens a TCP port, 0 for a free one.
func listen(ctx context.Context, host string, port int) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, fmt.Sprint(port)))
	switch {
	case err == nil:
		return listener, nil
	case portTaken(err):
		return nil, fmt.Errorf("port %d is in use by another program; stop that one or choose another port", port)
	default:
		return nil, fmt.Errorf("can't listen on %s port %d: %w", host, port, cause(err))
	}
}
