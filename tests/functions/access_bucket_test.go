package functions

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// inFrontOf returns the recorder as a proxy of an S3 server: it records requests to /<function>/<bucket>/<key>, and passes them on without the
// function.
func (c *accessRecorder) inFrontOf(server string) http.Handler {
	target, err := url.Parse(server)
	if err != nil {
		panic(err) // the server's own
	}
	note := func(seen access) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[seen] = true
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }, ModifyResponse: func(answer *http.Response) error {
		if answer.StatusCode == http.StatusNotFound { // AWS says that an object is missing only to those who may list
			seen, _ := answer.Request.Context().Value(accessKey{}).(access)
			note(access{seen.group, "s3:ListBucket", seen.keys})
		}
		return nil
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		group, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		_, key, _ := strings.Cut(path, "/")
		action := map[string]string{"PUT": "s3:PutObject", "POST": "s3:PutObject", "GET": "s3:GetObject", "HEAD": "s3:GetObject", "DELETE": "s3:DeleteObjectVersion"}[r.Method]
		switch {
		case r.Method == "DELETE" && !r.URL.Query().Has("versionId"):
			action = "s3:DeleteObject" // it would leave a former version
		case r.Method == "POST":
			r.Body = io.NopCloser(bytes.NewReader(body))
			key = r.PostFormValue("key")
		case key == "":
			action, key = "s3:ListBucketVersions", r.URL.Query().Get("prefix")
			if !r.URL.Query().Has("versions") {
				action = "s3:ListBucket"
			}
		}
		seen := access{group, action, key}
		note(seen)
		r.Body, r.URL.Path = io.NopCloser(bytes.NewReader(body)), "/"+path
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), accessKey{}, seen)))
	})
}

// accessKey is the context key of a request's access.
type accessKey struct{}

// objectsOf returns the keys, or prefixes of listed keys, of a statement about the bucket: from its resource, or from its condition; all if
// there is none.
func objectsOf(resource string, prefix any) (keys []string) {
	if _, keys, some := strings.Cut(resource, "/"); some {
		return []string{keys}
	}
	prefixes, many := prefix.([]any)
	if !many {
		prefixes = []any{cmp.Or(prefix, any("*"))}
	}
	for _, p := range prefixes {
		keys = append(keys, fmt.Sprint(p))
	}
	return keys
}
