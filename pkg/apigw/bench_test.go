package apigw_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"contacts/pkg/apigw"
)

const contact = `{"id":4711,"first_name":"Grace","last_name":"Hopper","usages":["CUSTOMER"],"deleted":false},`

func BenchmarkInvokeSmall(b *testing.B) {
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Etag", `"1"`)
		io.WriteString(w, contact)
	}
	measure(b, h, event(b, "aws", nil), len(contact))
}

func BenchmarkInvoke1MB(b *testing.B) {
	text := strings.Repeat(contact, 1<<20/len(contact))
	send := func(contentType string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			io.WriteString(w, text)
		}
	}
	receive := func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }
	small := event(b, "aws", nil)
	b.Run("text answer", func(b *testing.B) { measure(b, send("application/json"), small, len(text)) })
	b.Run("base64 answer", func(b *testing.B) { measure(b, send("image/png"), small, len(text)) })
	b.Run("text request", func(b *testing.B) {
		measure(b, receive, event(b, "aws", members{"body": text}), len(text))
	})
	b.Run("base64 request", func(b *testing.B) {
		body := strings.Repeat("QUJD", len(text)/3)
		measure(b, receive, event(b, "aws", members{"body": body, "isBase64Encoded": true}), len(text))
	})
}

func measure(b *testing.B, h http.HandlerFunc, payload []byte, size int) {
	f := apigw.New(h)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}
