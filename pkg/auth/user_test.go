package auth_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"contacts/pkg/auth"
)

func TestAUserNameIsTextInOneSpelling(t *testing.T) {
	for name, want := range map[string]string{
		"erika": "erika", "Erika Muster": "Erika Muster", "ju\u0308rgen@example.com": "jürgen@example.com", strings.Repeat("a", 256): strings.Repeat("a", 256),
		"": "", " erika": "", "erika\u00a0": "", "a\x00b": "", "a\nb": "", "a\tb": "", "a\xffb": "", strings.Repeat("a", 257): "",
	} {
		if got, err := auth.UserName(name); got != want || (err == nil) != (want != "") {
			t.Errorf("UserName(%q) = %q, %v", name, got, err)
		}
	}
}

func TestAnApplicationNameHasNoColon(t *testing.T) {
	for name, want := range map[string]string{"shop": "shop", "ju\u0308rgen": "jürgen", "": "", "a:b": "", " a": "", "a\nb": ""} {
		if got, err := auth.ApplicationName(name); got != want || (err == nil) != (want != "") {
			t.Errorf("ApplicationName(%q) = %q, %v", name, got, err)
		}
	}
}

func TestARefreshTokenTellsItsUserAndSessionAndItsHashCoversAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name, err := auth.UserName(rapid.StringN(1, 60, 256).Draw(t, "name"))
		if err != nil {
			t.Skip("no name")
		}
		session := auth.NewSession()
		token, hash := auth.NewRefreshToken(name, session)
		if user, of, ok := auth.ParseRefreshToken(token); !ok || user != name || of != session {
			t.Fatalf("%q is of %q in session %q, want %q in %q", token, user, of, name, session)
		}
		if !auth.SecretMatches(token, hash) {
			t.Fatal("the hash is another token's")
		}
		other, otherHash := auth.NewRefreshToken(name, session)
		if other == token || auth.SecretMatches(token, otherHash) {
			t.Fatal("two tokens are one")
		}
	})
	for _, none := range []string{"", ".", "a", "a.", "a.?", "a.ZXJpa2E", "a.ZXJpa2E.", "a.ZXJpa2E.s.s", "a.AA.s", "a.?.s"} { // AA is a control character
		if user, _, ok := auth.ParseRefreshToken(none); ok {
			t.Errorf("%q is %q's", none, user)
		}
	}
}
