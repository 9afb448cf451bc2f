package apigw_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"contacts/pkg/apigw"
)

func TestStatusIsTheFirstFinalOne(t *testing.T) {
	for _, test := range []struct {
		name  string
		write http.HandlerFunc
		want  int
		body  string
	}{
		{"nothing written", func(w http.ResponseWriter, r *http.Request) {}, 200, ""},
		{"a header alone", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-A", "b") }, 200, ""},
		{"a body alone", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "a") }, 200, "a"},
		{"a status alone", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, 404, ""},
		{"two", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(409); w.WriteHeader(200) }, 409, ""},
		{"one after the body", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("a")); w.WriteHeader(500) }, 200, "a"},
		{"an invalid one, too late", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201); w.WriteHeader(0) }, 201, ""},
		{"hints before it", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(100)
			w.WriteHeader(103)
			w.WriteHeader(202)
		}, 202, ""},
		{"hints alone", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(103) }, 200, ""},
		{"the last possible", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(599) }, 599, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := invoke(t, test.write, event(t, "aws", nil))
			if got.StatusCode != test.want || got.Body != test.body {
				t.Errorf("%d %q, want %d %q", got.StatusCode, got.Body, test.want, test.body)
			}
		})
	}
}

func TestHeadersAreFixedWithTheStatus(t *testing.T) {
	got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Early", "1")
		w.WriteHeader(http.StatusCreated)
		w.Header().Set("X-Early", "2")
		w.Header().Set("X-Late", "2")
	}, event(t, "aws", nil))
	if want := map[string]string{"X-Early": "1"}; !maps.Equal(got.Headers, want) {
		t.Errorf("headers %v, want %v", got.Headers, want)
	}
}

func TestHeadersAreJoinedAndCookiesApart(t *testing.T) {
	got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Accept")
		h.Add("Vary", "Accept-Encoding")
		h.Set("Etag", `"1-<&>"`)
		h.Add("Set-Cookie", "a=1; Expires=Tue, 15 Nov 1994 08:12:31 GMT")
		h.Add("Set-Cookie", "b=2; Path=/")
		h["X-None"] = nil
		h["Not A Name"] = []string{"would fail the answer"}
		h.Set("X-Lines", "a\r\nX-Injected: b")
		h.Set("X-Latin", "gr\xfc\xdfe")
		h.Set("X-Empty", "")
	}, event(t, "aws", nil))

	want := map[string]string{
		"Vary":    "Accept, Accept-Encoding",
		"Etag":    `"1-<&>"`,
		"X-Lines": "a  X-Injected: b",
		"X-Latin": "gr\ufffd\ufffde",
		"X-Empty": "",
	}
	if !maps.Equal(got.Headers, want) {
		t.Errorf("headers %q, want %q", got.Headers, want)
	}
	if want := []string{"a=1; Expires=Tue, 15 Nov 1994 08:12:31 GMT", "b=2; Path=/"}; !slices.Equal(got.Cookies, want) {
		t.Errorf("cookies %q, want %q", got.Cookies, want)
	}
}

func TestBodyIsTextWhereItCanBe(t *testing.T) {
	const text, binary = "Grüße <&> \" \\ \u2028 \x00\x7f", "\x89PNG\xff"
	for _, test := range []struct {
		contentType, coding, body string
		base64                    bool
	}{
		{"application/json", "", text, false},
		{"application/json; charset=utf-8", "", text, false},
		{"Application/Problem+JSON", "", text, false},
		{"application/xml", "", text, false},
		{"application/yaml", "", text, false},
		{"image/svg+xml", "", text, false},
		{"text/html", "", text, false},
		{"text/csv", "identity", text, false},
		{"text/plain", "", "", false},
		{"image/png", "", "", false},
		{"text/plain; charset=iso-8859-1", "", "gr\xfc\xdfe", true},
		{"application/json", "", "\"\xff\"", true},
		{"application/json", "gzip", "\x1f\x8b\x08\x00", true},
		{"application/json", "br", "valid UTF-8 by chance", true},
		{"image/png", "", binary, true},
		{"image/png", "", "valid UTF-8 by chance", true},
		{"application/octet-stream", "", text, true},
		{"application/pdf", "", text, true},
	} {
		t.Run(test.contentType+" "+test.coding, func(t *testing.T) {
			got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", test.contentType)
				if test.coding != "" {
					w.Header().Set("Content-Encoding", test.coding)
				}
				io.WriteString(w, test.body)
			}, event(t, "aws", nil))

			if got.IsBase64Encoded != test.base64 {
				t.Errorf("base64 %t, want %t", got.IsBase64Encoded, test.base64)
			}
			if body := decoded(t, got); body != test.body {
				t.Errorf("body %q, want %q", body, test.body)
			}
			if got.Headers["Content-Type"] != test.contentType || got.Headers["Content-Encoding"] != test.coding {
				t.Errorf("headers %q", got.Headers)
			}
		})
	}
}

func TestBodyIsNotEscapedForHTML(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<b>&</b>") })
	out, err := apigw.New(h).Invoke(t.Context(), event(t, "aws", nil))
	if err != nil || !bytes.Contains(out, []byte("<b>&</b>")) {
		t.Errorf("%s, %v", out, err)
	}
}

func TestContentTypeIsFoundOutWhenNotGiven(t *testing.T) {
	for _, test := range []struct {
		name   string
		header http.Header
		body   string
		want   string
	}{
		{"text", nil, "Grüße", "text/plain; charset=utf-8"},
		{"an image", nil, "\x89PNG\x0d\x0a\x1a\x0a", "image/png"},
		{"given", http.Header{"Content-Type": {"text/csv"}}, "a", "text/csv"},
		{"given as none", http.Header{"Content-Type": nil}, "a", ""},
		{"coded", http.Header{"Content-Encoding": {"gzip"}}, "\x1f\x8b\x08\x00", ""},
		{"no body", nil, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
				maps.Copy(w.Header(), test.header)
				io.WriteString(w, test.body)
			}, event(t, "aws", nil))
			if got.Headers["Content-Type"] != test.want {
				t.Errorf("Content-Type %q, want %q", got.Headers["Content-Type"], test.want)
			}
			if body := decoded(t, got); body != test.body {
				t.Errorf("body %q, want %q", body, test.body)
			}
		})
	}
}

func TestHeadHasTheHeadersOfGetAndNoBody(t *testing.T) {
	for _, test := range []struct {
		name          string
		write         http.HandlerFunc
		contentLength string
	}{
		{"a length without a body", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1234")
		}, "1234"},
		{"a body as for GET", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"id":1}`)
		}, "8"},
		{"a length and a body", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "8")
			io.WriteString(w, `{"id":1}`)
		}, "8"},
		{"nothing", func(w http.ResponseWriter, r *http.Request) {}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodHead {
					t.Errorf("method %s", r.Method)
				}
				w.Header().Set("Etag", `"1"`)
				w.Header().Set("Content-Type", "image/png")
				test.write(w, r)
			}, event(t, "aws", members{"requestContext.http.method": "HEAD"}))
			if got.Body != "" || got.IsBase64Encoded {
				t.Errorf("body %q", got.Body)
			}
			if got.Headers["Etag"] != `"1"` || got.Headers["Content-Length"] != test.contentLength {
				t.Errorf("headers %q, want Content-Length %q", got.Headers, test.contentLength)
			}
		})
	}
}

func TestContentLengthIsTheBodys(t *testing.T) {
	for _, method := range []string{"GET", "PUT"} {
		got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "99")
			io.WriteString(w, "Grüße")
		}, event(t, "aws", members{"requestContext.http.method": method}))
		if got.Headers["Content-Length"] != "7" {
			t.Errorf("%s: Content-Length %q, want 7", method, got.Headers["Content-Length"])
		}
	}
}

func TestStatusWithoutBodyHasNone(t *testing.T) {
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified} {
		var errs []error
		got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", `"1"`)
			w.Header().Set("Content-Length", "1")
			w.WriteHeader(status)
			_, err := w.Write([]byte("a"))
			_, err2 := io.WriteString(w, "a")
			errs = []error{err, err2}
		}, event(t, "aws", nil))
		for _, err := range errs {
			if !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Errorf("%d: writing a body gave %v", status, err)
			}
		}
		if want := map[string]string{"Etag": `"1"`}; got.StatusCode != status || got.Body != "" || !maps.Equal(got.Headers, want) {
			t.Errorf("%+v", got)
		}
	}
}

func TestLargeBodyArrivesWhole(t *testing.T) {
	body := strings.Repeat(`{"name":"Grüße\n","text":"`+"\x01"+`\\"},`, 200_000)
	got := invoke(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for part := range slices.Chunk([]byte(body), 4093) {
			w.Write(part)
		}
	}, event(t, "aws", nil))
	if got.Body != body {
		t.Error("the body is another")
	}
}

// decoded returns the body that the gateway would send.
func decoded(t testing.TB, a answer) string {
	t.Helper()
	if !a.IsBase64Encoded {
		return a.Body
	}
	body, err := base64.StdEncoding.DecodeString(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
