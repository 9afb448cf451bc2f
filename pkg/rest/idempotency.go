package rest

import (
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"

	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

const idempotencyKey = "Idempotency-Key"

// serveIdempotent serves a request with an Idempotency-Key: the same key and request get the same answer.
//
// A change stores its answer in its own transaction. An answer without a change is stored here; the first stored answer
// wins, because the handler may have seen the change of an earlier run of this request. A change of several transactions
// acquires the key first, so that a repeat neither runs concurrently nor runs again.
func (s *Server) serveIdempotent(answer *recorder, r *http.Request, key string, inSteps bool, run http.HandlerFunc) {
	if !validKey(key) {
		answer.refuse(r, &contact.Error{Reason: contact.Malformed, Detail: "the Idempotency-Key is not valid",
			Faults: []contact.Fault{{Parameter: idempotencyKey, Detail: "must be 1 to 255 visible ASCII characters"}}})
		return
	}
	info := requestOf(r.Context())
	ctx, attempt := s.Table.WithAttempt(r.Context(), info.claims.Organization, info.claims.Subject, key, fingerprint(r, info.body))
	r = r.WithContext(ctx)
	if inSteps {
		if err := attempt.Begin(ctx); err != nil {
			answer.refuse(r, err)
			return
		}
	}
	if !attempt.Repeated() {
		run(answer, r)
	}
	final := info.failedItems == 0 && answer.status < 500 && answer.status != http.StatusTooManyRequests
	if inSteps && !final {
		if err := attempt.GiveUp(ctx); err != nil {
			s.Log.Error("an Idempotency-Key could not be given back", "request_id", info.id, "cause", err)
		}
		return
	}
	if !attempt.Committed() && !attempt.Repeated() && final {
		err := attempt.Keep(ctx, dynamo.Answer{Status: answer.status, ETag: answer.header.Get("ETag"), Location: answer.header.Get("Location"),
			ContentType: answer.header.Get("Content-Type"), Body: answer.body.Bytes()})
		if err != nil {
			answer.refuse(r, err)
			return
		}
	}
	if attempt.Repeated() {
		earlier, err := attempt.Earlier(ctx)
		if err != nil {
			answer.refuse(r, err)
			return
		}
		answer.replay(earlier)
		info.replay()
	}
}

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
func (a *recorder) replay(earlier dynamo.Answer) {
	a.reset()
	for name, value := range map[string]string{"ETag": earlier.ETag, "Location": earlier.Location, "Content-Type": earlier.ContentType} {
		if value != "" {
			a.header.Set(name, value)
		}
	}
	a.header.Set("Idempotent-Replayed", "true")
	a.WriteHeader(earlier.Status)
	a.body.Write(earlier.Body)
}

// bearer returns the token of an Authorization header.
func bearer(authorization string) (string, bool) {
	scheme, token, ok := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

func isUnavailable(err error) bool { return errors.Is(err, auth.ErrKeysUnavailable) }
