package rest

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"

	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
)

const idempotencyKey = "Idempotency-Key"

// serveIdempotent serves a request with an Idempotency-Key: the same key and request get the same answer.
//
// A change stores its answer in its own transaction. An answer without a change is stored here; the first stored answer
// wins, because the handler may have seen the change of an earlier run of this request. A change of several transactions
// acquires the key first, so that a repeat neither runs concurrently nor runs again.
func (s *Server) serveIdempotent(answer *recorder, r *http.Request, value string, multiTransaction bool, run http.HandlerFunc) {
	if !validKey(value) {
		answer.refuse(r, &contact.Error{Reason: contact.Malformed, Detail: "the Idempotency-Key is not valid",
			Faults: []contact.Fault{{Parameter: idempotencyKey, Detail: "must be 1 to 255 visible ASCII characters"}}})
		return
	}
	info := requestOf(r.Context())
	ctx := r.Context()
	info.key = s.Answers.Key(info.claims.Organization, info.claims.Subject, value, fingerprint(r, info.body))
	key := info.key
	if multiTransaction {
		if err := key.Begin(ctx); err != nil {
			answer.refuse(r, err)
			return
		}
	}
	if !key.Answered() {
		run(answer, r)
	}
	final := info.failedItems == 0 && answer.status < 500 && answer.status != http.StatusTooManyRequests
	if multiTransaction && !final {
		if err := key.Release(ctx); err != nil {
			s.Log.Error("an Idempotency-Key could not be given back", "request_id", info.id, "cause", err)
		}
		return
	}
	if !key.Committed() && !key.Answered() && final {
		err := key.Keep(ctx, idempotency.Answer{Status: answer.status, ETag: answer.header.Get("ETag"), Location: answer.header.Get("Location"),
			ContentType: answer.header.Get("Content-Type"), Body: answer.body.Bytes()})
		if err != nil {
			answer.refuse(r, err)
			return
		}
	}
	if key.Answered() {
		stored, err := key.Answer(ctx)
		if err != nil {
			answer.refuse(r, err)
			return
		}
		answer.replay(stored)
		info.replay()
	}
}

// writeOf is the write of a request's change: under its Idempotency-Key, if it has one, with the answer that follows from the record.
func writeOf(ctx context.Context, require contact.Precondition, answer func(contact.Record) idempotency.Answer) idempotency.Write {
	return idempotency.Write{Precondition: require, Key: IdempotencyKey(ctx), Answer: answer}
}

// IdempotencyKey returns the key of the request, nil for none.
func IdempotencyKey(ctx context.Context) *idempotency.Key { return requestOf(ctx).key }

func validKey(key string) bool {
	return len(key) >= 1 && len(key) <= 255 && strings.IndexFunc(key, func(r rune) bool { return r < '!' || r > '~' }) < 0
}

// fingerprint returns a digest of method, path, query and body, which identifies a request.
func fingerprint(r *http.Request, body []byte) []byte {
	h := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery} {
		_, _ = io.WriteString(h, part)
		h.Write([]byte{0})
	}
	h.Write(body)
	return h.Sum(nil)
}

// replay responds with a stored answer.
func (a *recorder) replay(stored idempotency.Answer) {
	a.reset()
	for name, value := range map[string]string{"ETag": stored.ETag, "Location": stored.Location, "Content-Type": stored.ContentType} {
		if value != "" {
			a.header.Set(name, value)
		}
	}
	a.header.Set("Idempotent-Replayed", "true")
	a.WriteHeader(stored.Status)
	a.body.Write(stored.Body)
}

// bearer returns the token of an Authorization header.
func bearer(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

func isUnavailable(err error) bool { return errors.Is(err, auth.ErrKeysUnavailable) }
