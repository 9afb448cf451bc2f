package auth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"contacts/pkg/auth"
)

func TestAHandMadeTokenIsAcceptedWhenAllIsRight(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	got, err := r.Verify(context.Background(), tokenOf(rightHeader(k), rightPayload(), signedBy(k)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(claims(), got); diff != "" {
		t.Error(diff)
	}
}

func TestATokenWithOneWrongMemberIsRefused(t *testing.T) {
	k := derive(t, 1)
	for name, c := range map[string]struct{ header, payload object }{
		"no kid":                 {header: object{"kid": nil}},
		"empty kid":              {header: object{"kid": ""}},
		"kid is a number":        {header: object{"kid": 1}},
		"unknown kid":            {header: object{"kid": "unknown"}},
		"no typ":                 {header: object{"typ": nil}},
		"another typ":            {header: object{"typ": "dpop+jwt"}},
		"no alg":                 {header: object{"alg": nil}},
		"alg in small letters":   {header: object{"alg": "eddsa"}},
		"alg none":               {header: object{"alg": "none"}},
		"alg HS256":              {header: object{"alg": "HS256"}},
		"critical extension":     {header: object{"crit": []string{"exp"}}},
		"empty crit":             {header: object{"crit": []string{}}},
		"no iss":                 {payload: object{"iss": nil}},
		"another iss":            {payload: object{"iss": auth.Issuer + "/"}},
		"iss in other letters":   {payload: object{"iss": strings.ToUpper(auth.Issuer)}},
		"no aud":                 {payload: object{"aud": nil}},
		"another aud":            {payload: object{"aud": "another"}},
		"aud among others":       {payload: object{"aud": []string{"another", auth.Audience}}},
		"no aud in the list":     {payload: object{"aud": []string{}}},
		"no exp":                 {payload: object{"exp": nil}},
		"exp is a date":          {payload: object{"exp": "2999-01-01"}},
		"expired":                {payload: object{"exp": noon.Add(-auth.Leeway).Unix()}},
		"no nbf":                 {payload: object{"nbf": nil}},
		"not valid yet":          {payload: object{"nbf": noon.Add(auth.Leeway + time.Second).Unix()}},
		"no sub":                 {payload: object{"sub": nil}},
		"empty sub":              {payload: object{"sub": ""}},
		"no org":                 {payload: object{"org": nil}},
		"empty org":              {payload: object{"org": ""}},
		"org with another below": {payload: object{"org": "acme/other"}},
		"org with a line break":  {payload: object{"org": "acme\n"}},
		"org of 65":              {payload: object{"org": strings.Repeat("a", 65)}},
		"org is a list":          {payload: object{"org": []string{"acme"}}},
		"scope is a list":        {payload: object{"scope": []string{auth.ReadScope}}},
		"scope with a gap":       {payload: object{"scope": "contacts:read  contacts:write"}},
		"region of three":        {payload: object{"region": "DEU"}},
		"too long":               {payload: object{"sub": strings.Repeat("a", auth.MaxToken)}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _ := ring(k.Key())
			header, payload := edited(rightHeader(k), c.header), edited(rightPayload(), c.payload)
			wantInvalidToken(t, r, tokenOf(header, payload, signedBy(k)))
		})
	}
}

func TestATokenSignedInAnotherWayIsRefused(t *testing.T) {
	k := derive(t, 1)
	stranger, err := auth.Derive(secret("o"), 1)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ofPrimes, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	hash := func(text string) []byte { h := sha256.Sum256([]byte(text)); return h[:] }

	for name, c := range map[string]struct {
		header    object
		signature func(string) []byte
	}{
		"no signature": {nil, func(string) []byte { return nil }},
		"another key":  {nil, signedBy(stranger)},
		"another key that brings its public half": {
			object{"jwk": object{"kty": "OKP", "crv": "Ed25519", "x": stranger.Key().Public}}, signedBy(stranger),
		},
		"zeros": {nil, func(string) []byte { return make([]byte, 64) }},
		"one byte more": {nil, func(text string) []byte {
			return append(signedBy(k)(text), 0)
		}},
		"none": {object{"alg": "none"}, func(string) []byte { return nil }},
		"HS256 with the public key": {object{"alg": "HS256"}, func(text string) []byte {
			mac := hmac.New(sha256.New, k.Key().Public)
			mac.Write([]byte(text))
			return mac.Sum(nil)
		}},
		"ES256": {object{"alg": "ES256"}, func(text string) []byte {
			a, b, err := ecdsa.Sign(rand.Reader, onCurve, hash(text))
			if err != nil {
				t.Fatal(err)
			}
			signature := make([]byte, 64)
			a.FillBytes(signature[:32])
			b.FillBytes(signature[32:])
			return signature
		}},
		"RS256": {object{"alg": "RS256"}, func(text string) []byte {
			signature, err := rsa.SignPKCS1v15(nil, ofPrimes, crypto.SHA256, hash(text))
			if err != nil {
				t.Fatal(err)
			}
			return signature
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _ := ring(k.Key())
			wantInvalidToken(t, r, tokenOf(edited(rightHeader(k), c.header), rightPayload(), c.signature))
		})
	}
}

func TestWhatIsNoTokenIsRefusedWithoutALookUp(t *testing.T) {
	k := derive(t, 1)
	right := tokenOf(rightHeader(k), rightPayload(), signedBy(k))
	parts := strings.Split(right, ".")
	for name, token := range map[string]string{
		"nothing":            "",
		"a word":             "token",
		"dots alone":         "..",
		"two parts":          parts[0] + "." + parts[1],
		"four parts":         right + ".",
		"padding":            right + "==",
		"a space before":     " " + right,
		"the scheme before":  "Bearer " + right,
		"a line break":       right + "\n",
		"spare bits set":     right[:len(right)-1] + string(right[len(right)-1]+1),
		"a break inside":     right[:len(right)-3] + "\r\n" + right[len(right)-3:],
		"a header of text":   "dGV4dA." + parts[1] + "." + parts[2],
		"a header of null":   "bnVsbA." + parts[1] + "." + parts[2],
		"a payload of text":  parts[0] + ".dGV4dA." + parts[2],
		"4 KB and one byte":  strings.Repeat("a", auth.MaxToken+1),
		"algorithm unlisted": tokenOf(edited(rightHeader(k), object{"alg": "HS256"}), rightPayload(), signedBy(k)),
	} {
		t.Run(name, func(t *testing.T) {
			r, s, _ := ring(k.Key())
			wantInvalidToken(t, r, token)
			if s.asked() != 0 {
				t.Error("the keys were looked up")
			}
		})
	}
}

func TestAPayloadThatIsNoObjectIsRefused(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	text := segment(rightHeader(k)) + ".bnVsbA"
	token := text + "." + strings.SplitN(tokenOf(nil, nil, func(string) []byte { return signedBy(k)(text) }), ".", 3)[2]
	wantInvalidToken(t, r, token)
}

func TestClocksMayStandApartByTheLeeway(t *testing.T) {
	k := derive(t, 1)
	for name, c := range map[string]struct {
		nbf, exp time.Duration // from noon
		right    bool
	}{
		"begins within the leeway": {auth.Leeway, time.Hour, true},
		"begins after the leeway":  {auth.Leeway + time.Second, time.Hour, false},
		"ended within the leeway":  {-time.Hour, time.Second - auth.Leeway, true},
		"ended before the leeway":  {-time.Hour, -auth.Leeway, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _ := ring(k.Key())
			payload := edited(rightPayload(), object{"nbf": noon.Add(c.nbf).Unix(), "exp": noon.Add(c.exp).Unix()})
			_, err := r.Verify(context.Background(), tokenOf(rightHeader(k), payload, signedBy(k)))
			if right := err == nil; right != c.right {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestAnySingleBitFlipOfATokenIsRefused(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	right := []byte(sign(t, k, claims(), noon))
	rapid.Check(t, func(rt *rapid.T) {
		bit := rapid.IntRange(0, len(right)*8-1).Draw(rt, "bit")
		wrong := append([]byte(nil), right...)
		wrong[bit/8] ^= 1 << (bit % 8)
		if c, err := r.Verify(context.Background(), string(wrong)); !errors.Is(err, auth.ErrInvalidToken) {
			rt.Fatalf("Verify = %+v, %v", c, err)
		}
	})
}

func TestAReasonNeverQuotesTheToken(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	const mark = "MARK"
	for name, token := range map[string]string{
		"text":      mark,
		"algorithm": tokenOf(edited(rightHeader(k), object{"alg": mark}), rightPayload(), signedBy(k)),
		"type":      tokenOf(edited(rightHeader(k), object{"typ": mark}), rightPayload(), signedBy(k)),
		"kid":       tokenOf(edited(rightHeader(k), object{"kid": mark}), rightPayload(), signedBy(k)),
		"issuer":    tokenOf(rightHeader(k), edited(rightPayload(), object{"iss": mark}), signedBy(k)),
		"scope":     tokenOf(rightHeader(k), edited(rightPayload(), object{"scope": mark + "\""}), signedBy(k)),
		"org":       tokenOf(rightHeader(k), edited(rightPayload(), object{"org": mark + "/"}), signedBy(k)),
		"exp":       tokenOf(rightHeader(k), edited(rightPayload(), object{"exp": mark}), signedBy(k)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Verify(context.Background(), token)
			if err == nil || strings.Contains(err.Error(), mark) || strings.Contains(err.Error(), token) {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	k := derive(f, 1)
	r, _, _ := ring(k.Key())
	right := tokenOf(rightHeader(k), rightPayload(), signedBy(k))
	f.Add(right)
	f.Add(right + ".")
	f.Add(tokenOf(edited(rightHeader(k), object{"alg": "none"}), rightPayload(), func(string) []byte { return nil }))
	f.Add(tokenOf(edited(rightHeader(k), object{"crit": []string{"b64"}, "b64": false}), rightPayload(), signedBy(k)))
	f.Add(tokenOf(rightHeader(k), edited(rightPayload(), object{"exp": 1e300}), func(string) []byte { return make([]byte, 64) }))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := r.Verify(context.Background(), token); token != right && !errors.Is(err, auth.ErrInvalidToken) {
			t.Fatalf("Verify = %+v, %v", c, err)
		}
	})
}
