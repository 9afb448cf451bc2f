package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"contacts/pkg/accept"
)

// A recorder buffers the response, because ETag, compression and idempotency depend on all of it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (a *recorder) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter: the first status counts.
func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *recorder) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// reset discards the response, except for the router's Allow header.
func (a *recorder) reset() {
	allow := a.header["Allow"]
	clear(a.header)
	if allow != nil {
		a.header["Allow"] = allow
	}
	a.status = 0
	a.body.Reset()
}

// refuse responds with the problem of an error.
func (a *recorder) refuse(r *http.Request, err error) {
	p := problemOf(err)
	requestOf(r.Context()).fail(err, p.Status)
	a.problem(r, p)
}

func (a *recorder) problem(r *http.Request, p *Problem) {
	a.reset()
	requestOf(r.Context()).identify(p)
	answer := p.forPath(r.URL.Path)
	for name, values := range answer.GetHeaders() {
		a.header[name] = values
	}
	a.header.Set("Content-Type", answer.ContentType(""))
	a.WriteHeader(answer.GetStatus())
	if err := json.MarshalWrite(&a.body, answer); err != nil {
		panic(err) // can't fail: strings and numbers only
	}
}

// complete replaces the body by the complete one.
func (a *recorder) complete(r *http.Request, complete func(context.Context, []byte) ([]byte, error)) {
	body, err := complete(r.Context(), a.body.Bytes())
	if err != nil {
		a.refuse(r, err)
		return
	}
	a.body = *bytes.NewBuffer(body)
}

// finish sets the final headers, and compresses the body.
func (a *recorder) finish(r *http.Request) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	h := a.header
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache") // If-None-Match makes revalidation cheap
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	h.Add("Vary", "Authorization")
	if reads && a.status == http.StatusOK && h.Get("ETag") == "" && h.Get("Cache-Control") != noStore {
		h.Set("ETag", digestETag(a.body.Bytes()))
	}
	if reads && a.status == http.StatusOK && matchesWeakly(r.Header.Get("If-None-Match"), h.Get("ETag")) {
		a.status = http.StatusNotModified
		a.body.Reset()
		h.Del("Content-Type")
		return
	}
	if a.body.Len() > minCompress && accept.Gzip(r.Header.Get("Accept-Encoding")) {
		a.compress()
	}
	if r.Method == http.MethodHead {
		h.Set("Content-Length", strconv.Itoa(a.body.Len()))
		a.body.Reset()
	}
}

const noStore = "no-store"

// minCompress is the minimum size of a body worth compressing, in bytes.
const minCompress = 1024

var compressors = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // can't fail: the level is valid
	return w
}}

func (a *recorder) compress() {
	var compressed bytes.Buffer
	w := compressors.Get().(*gzip.Writer)
	defer compressors.Put(w)
	w.Reset(&compressed)
	w.Write(a.body.Bytes()) // can't fail: in memory
	w.Close()
	if base64.StdEncoding.EncodedLen(compressed.Len()) >= a.body.Len() {
		return // Lambda encodes compressed bodies as base64, which may exceed the plain body
	}
	a.body = compressed
	a.header.Set("Content-Encoding", "gzip")
	if etag := a.header.Get("ETag"); etag != "" {
		a.header.Set("ETag", strings.TrimSuffix(etag, `"`)+gzipSuffix+`"`)
	}
}

// send writes the response.
func (a *recorder) send(w http.ResponseWriter) {
	out := w.Header()
	for name, values := range a.header {
		out[name] = values
	}
	w.WriteHeader(a.status)
	w.Write(a.body.Bytes()) // the client may have disconnected
}
