package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/auth"
)

// What was sealed opens under its own scope, to what it was; with any byte changed, added or taken away, in its text or in
// what the text stands for, it opens nothing.
func FuzzSealedCursor(f *testing.F) {
	r, _, _ := ring(derive(f, 1).Key())
	f.Add("/contacts/org/acme/individual?", "/contacts/org/acme/organization?", []byte("8123"), 0, byte('B'))
	f.Add("", "\x00", []byte{}, 30, byte('='))
	f.Add("a", "ab", []byte("b"), 7, byte(0))
	f.Add("scope", "scope ", bytes.Repeat([]byte{0xff}, auth.MaxPosition), 511, byte('_'))
	f.Add("scope", "SCOPE", make([]byte, auth.MaxPosition+1), 1, byte('A'))
	f.Add("scope", "", []byte("\x01abcdposition"), 5, byte('\n'))
	f.Fuzz(func(t *testing.T, scope, other string, position []byte, at int, b byte) {
		cursor, err := r.SealCursor(context.Background(), scope, position)
		if (err != nil) != (len(position) > auth.MaxPosition) {
			t.Fatalf("a position of %d bytes: %v", len(position), err)
		}
		if err != nil {
			return
		}
		wantPosition(t, r, scope, cursor, position)
		if other != scope {
			wantInvalidCursor(t, r, other, cursor)
		}
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range damaged([]byte(cursor), at, b) {
			wantInvalidCursor(t, r, scope, string(wrong))
		}
		for _, wrong := range damaged(raw, at, b) {
			wantInvalidCursor(t, r, scope, base64.RawURLEncoding.EncodeToString(wrong))
		}
	})
}

// damaged are a text with one byte changed, one added, and what stands on either side of it alone.
func damaged(text []byte, at int, b byte) [][]byte {
	at = int(uint(at) % uint(len(text)))
	changed := bytes.Clone(text)
	changed[at] = b
	added := append(append(bytes.Clone(text[:at]), b), text[at:]...)
	all := [][]byte{added, text[:at], text[at+1:]}
	if b != text[at] {
		all = append(all, changed)
	}
	return all
}

// What is signed is accepted, and says the same: Sign and Verify know the same shape of claims.
func FuzzSignedClaims(f *testing.F) {
	k := derive(f, 1)
	r, _, _ := ring(k.Key())
	f.Add("acme", "app:shop", "contacts:read contacts:write", "DE", int64(3600))
	f.Add("a/b", "user:a@example.com", "", "", int64(1))
	f.Add(strings.Repeat("a", 65), "app:\xff", "a  b", "de", int64(-1))
	f.Add("", "", " ", "DEU", int64(0))
	f.Add("acme", strings.Repeat("s", auth.MaxToken), "\"", "\x00\x00", int64(1<<40))
	f.Add("acme\n", "app:<\u2028>&", "contacts:read\\", "D\u212a", int64(86400))
	f.Fuzz(func(t *testing.T, org, subject, scopes, region string, life int64) {
		if life > 1e9 || life < -1e9 {
			return // no clock counts so far
		}
		c := auth.Claims{Organization: org, Subject: subject, Region: region, Expires: noon.Add(time.Duration(life) * time.Second)}
		if scopes != "" {
			c.Scopes = strings.Split(scopes, " ")
		}
		token, err := k.Sign(c, noon)
		if err != nil {
			return
		}
		got, err := r.Verify(context.Background(), token)
		if err != nil {
			t.Fatalf("%+v is signed, and then: %v", c, err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Fatal(diff)
		}
		if len(token) > auth.MaxToken || strings.Trim(org, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" ||
			len(org) > 64 {
			t.Fatalf("%+v is signed", c)
		}
	})
}

// A payload of any shape, signed by the right key, opens nothing unless it is one that the platform could have made: it
// names one organization, ends, and has begun.
func FuzzVerifiedPayload(f *testing.F) {
	k := derive(f, 1)
	r, _, _ := ring(k.Key())
	for _, changes := range []object{
		{}, {"org": "acme/other"}, {"org": nil}, {"exp": 1e300}, {"exp": "x"}, {"nbf": -1e300}, {"nbf": 1.5},
		{"aud": []string{auth.Audience}}, {"aud": []string{auth.Audience, "b"}},
		{"iss": []string{auth.Issuer}}, {"sub": ""}, {"scope": " "}, {"region": "\u212aK"}, {"ORG": "other"}, {"Org": "other", "org": nil},
		{"exp": nil, "EXP": 1e12},
	} {
		text, err := json.Marshal(edited(rightPayload(), changes))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`null`))
	f.Add([]byte(`{"org":"acme","org":"other"}`))
	header := segment(rightHeader(k))
	f.Fuzz(func(t *testing.T, payload []byte) {
		text := header + "." + base64.RawURLEncoding.EncodeToString(payload)
		token := text + "." + base64.RawURLEncoding.EncodeToString(signedBy(k)(text))
		c, err := r.Verify(context.Background(), token)
		if err != nil {
			if !errors.Is(err, auth.ErrInvalidToken) {
				t.Fatal(err)
			}
			return
		}
		var said struct {
			Exp, Nbf float64
		}
		if err := json.Unmarshal(payload, &said); err != nil {
			t.Fatalf("%q is accepted: %v", payload, err)
		}
		begun, ended := said.Nbf <= float64(noon.Add(auth.Leeway).Unix()), said.Exp <= float64(noon.Add(-auth.Leeway).Unix())
		if !begun || ended || c.Organization == "" || len(c.Organization) > 64 || c.Subject == "" || !utf8.ValidString(c.Subject) {
			t.Fatalf("%q is accepted as %+v", payload, c)
		}
		// What is accepted could be signed, and is then accepted as the same.
		again, err := k.Sign(c, noon.Add(-time.Minute))
		if err != nil {
			if c.Expires.After(noon) && len(payload) < 1000 {
				t.Fatalf("%q is accepted as %+v, which is not signed: %v", payload, c, err)
			}
			return
		}
		if got, err := r.Verify(context.Background(), again); err != nil || !cmp.Equal(c, got) {
			t.Fatalf("%+v is signed and accepted as %+v, %v", c, got, err)
		}
	})
}
