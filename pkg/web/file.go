// Package web serves the pages of a running platform and their files, with the headers that protect them.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"

	"contacts/pkg/accept"
)

// The values of Cache-Control.
const (
	Revalidate = "no-cache" // the ETag makes that cheap
	Immutable  = "public, max-age=31536000, immutable"
)

// A File is served compressed or plain, as the client accepts.
type File struct {
	contentType, cacheControl string
	hash                      string // of the content that was given, hexadecimal
	plain, gzipped            func() []byte
}

// NewFile returns a file with a content, which is compressed at the first request.
func NewFile(contentType, cacheControl string, content []byte) *File {
	return &File{contentType: contentType, cacheControl: cacheControl, hash: digest(content),
		plain: func() []byte { return content },
		gzipped: sync.OnceValue(func() []byte {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write(content) // can't fail: in memory
			w.Close()
			return b.Bytes()
		}),
	}
}

// GzippedFile returns a file whose content is compressed already.
func GzippedFile(contentType, cacheControl string, content []byte) *File {
	return &File{contentType: contentType, cacheControl: cacheControl, hash: digest(content),
		gzipped: func() []byte { return content },
		plain: sync.OnceValue(func() []byte {
			r, err := gzip.NewReader(bytes.NewReader(content))
			if err != nil {
				panic(err) // can't fail: the content is embedded
			}
			plain, err := io.ReadAll(r)
			if err != nil {
				panic(err)
			}
			return plain
		}),
	}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Hash returns the beginning of the content's hash, for a name under which browsers may keep the file.
func (f *File) Hash() string { return f.hash[:16] }

// ServeHTTP answers GET and HEAD, and 304 to the ETag that the client has.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cacheControl)
	h.Set("Vary", "Accept-Encoding")
	content, suffix := f.plain, ""
	if accept.Gzip(r.Header.Get("Accept-Encoding")) {
		content, suffix = f.gzipped, "-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+f.hash[:32]+suffix+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content()))
}
