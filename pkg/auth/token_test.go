package auth_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"contacts/pkg/auth"
)

func TestATokenHasTheDocumentedMembers(t *testing.T) {
	k := derive(t, 1)
	members := jwt.MapClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(sign(t, k, claims(), noon), members)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rightHeader(k), token.Header); diff != "" {
		t.Errorf("header: %s", diff)
	}
	if id, _ := members["jti"].(string); len(id) < 22 {
		t.Errorf("jti %q has less than 128 bits", id)
	}
	delete(members, "jti")
	want := jwt.MapClaims{
		"iss": auth.Issuer, "aud": []any{auth.Audience}, "sub": "app:shop", "org": "acme",
		"scope": "contacts:read contacts:write", "region": "DE",
		"iat": float64(noon.Unix()), "nbf": float64(noon.Unix()), "exp": float64(noon.Unix() + 3600),
	}
	if diff := cmp.Diff(want, members); diff != "" {
		t.Errorf("payload: %s", diff)
	}
}

func TestTwoTokensForTheSameClaimsDiffer(t *testing.T) {
	k := derive(t, 1)
	if sign(t, k, claims(), noon) == sign(t, k, claims(), noon) {
		t.Error("two tokens have one jti")
	}
}

func TestClaimsThatNoKeyringAcceptsAreNotSigned(t *testing.T) {
	for name, edit := range map[string]func(*auth.Claims){
		"no organization":           func(c *auth.Claims) { c.Organization = "" },
		"organization with a slash": func(c *auth.Claims) { c.Organization = "a/b" },
		"organization of 65":        func(c *auth.Claims) { c.Organization = strings.Repeat("a", 65) },
		"organization beyond ASCII": func(c *auth.Claims) { c.Organization = "é" },
		"no subject":                func(c *auth.Claims) { c.Subject = "" },
		"subject not UTF-8":         func(c *auth.Claims) { c.Subject = "app:\xff" },
		"empty scope":               func(c *auth.Claims) { c.Scopes = []string{""} },
		"two scopes in one":         func(c *auth.Claims) { c.Scopes = []string{"a b"} },
		"region in small letters":   func(c *auth.Claims) { c.Region = "de" },
		"region of three letters":   func(c *auth.Claims) { c.Region = "DEU" },
		"expired":                   func(c *auth.Claims) { c.Expires = noon },
		"expired when cut":          func(c *auth.Claims) { c.Expires = noon.Add(time.Second - 1) },
		"no end":                    func(c *auth.Claims) { c.Expires = time.Time{} },
		"too long for a token":      func(c *auth.Claims) { c.Subject = strings.Repeat("a", auth.MaxToken) },
	} {
		t.Run(name, func(t *testing.T) {
			c := claims()
			edit(&c)
			if token, err := derive(t, 1).Sign(c, noon); err == nil {
				t.Errorf("signed: %s", token)
			}
		})
	}
}

func TestScopesAreAllowedOneByOne(t *testing.T) {
	c := auth.Claims{Scopes: []string{auth.WriteScope}}
	if !c.Allows(auth.WriteScope) || c.Allows(auth.ReadScope) || c.Allows("") || (auth.Claims{}).Allows("") {
		t.Errorf("%v allows another scope than its own", c.Scopes)
	}
}

func TestAnyClaimsComeBackFromTheirToken(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	rapid.Check(t, func(t *rapid.T) {
		want := anyClaims(t)
		token, err := k.Sign(want, noon)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Verify(context.Background(), token)
		if err != nil {
			t.Fatal(err)
		}
		want.Expires = want.Expires.Truncate(time.Second).UTC()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func anyClaims(t *rapid.T) auth.Claims {
	c := auth.Claims{
		Organization: rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`).Draw(t, "organization"),
		Subject:      rapid.StringN(1, 64, 256).Draw(t, "subject"),
		Region:       rapid.StringMatching(`([A-Z]{2})?`).Draw(t, "region"),
		Expires: noon.Add(time.Duration(rapid.Int64Range(int64(time.Second), int64(auth.LoginLifetime)).Draw(t, "life"))).
			In(time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)),
	}
	if n := rapid.IntRange(0, 4).Draw(t, "scopes"); n > 0 {
		c.Scopes = rapid.SliceOfN(rapid.StringMatching(`[!#-\[\]-~]{1,32}`), n, n).Draw(t, "scope")
	}
	return c
}

func BenchmarkVerify(b *testing.B) {
	k := derive(b, 1)
	token := sign(b, k, claims(), noon)
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, _, _ := ring(k.Key())
			if _, err := r.Verify(context.Background(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		r, _, _ := ring(k.Key())
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Verify(context.Background(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
