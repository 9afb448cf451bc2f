package auth_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/auth"
)

// known returns a token whose signature the keyring has verified.
func known(t *testing.T, r *auth.Keyring, k auth.SigningKey) string {
	t.Helper()
	token := sign(t, k, claims(), noon)
	wantClaims(t, r, token)
	return token
}

func wantClaims(t *testing.T, r *auth.Keyring, token string) {
	t.Helper()
	got, err := r.Verify(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(claims(), got); diff != "" {
		t.Fatal(diff)
	}
}

func TestAKnownTokenSaysTheSameAgain(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	token := known(t, r, k)
	c, err := r.Verify(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	c.Scopes[0] = "changed by who was given it"
	wantClaims(t, r, token)
}

func TestAKnownTokenEndsInTime(t *testing.T) {
	k := derive(t, 1)
	r, _, clock := ring(k.Key())
	token := known(t, r, k)
	clock.advance(auth.AuthorizeLifetime + auth.Leeway - time.Second)
	wantClaims(t, r, token)
	clock.advance(time.Second)
	wantInvalidToken(t, r, token)
}

func TestAKnownTokenEndsWithItsKey(t *testing.T) {
	for name, last := range map[string]time.Time{"withdrawn": noon.Add(-time.Second), "ended": noon.Add(time.Minute)} {
		t.Run(name, func(t *testing.T) {
			former, next := derive(t, 1), derive(t, 2)
			r, source, clock := ring(former.Key())
			token := known(t, r, former)
			end := former.Key()
			end.NotAfter = last
			source.publish(end, next.Key())
			clock.advance(6 * time.Minute) // by then the keys are read again
			wantInvalidToken(t, r, token)
		})
	}
}

func TestWhatIsSignedLikeAKnownTokenIsNotTaken(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	token := known(t, r, k)
	for i := range token {
		changed := []byte(token)
		if changed[i]++; changed[i] > 'z' {
			changed[i] = 'A'
		}
		wantInvalidToken(t, r, string(changed))
	}
}

func TestMoreTokensThanAreRememberedAreAllTaken(t *testing.T) {
	k := derive(t, 1)
	r, _, _ := ring(k.Key())
	for range 2 {
		for i := range 600 {
			c := claims()
			c.Subject = fmt.Sprintf("app:%d", i)
			got, err := r.Verify(context.Background(), sign(t, k, c, noon))
			if err != nil || got.Subject != c.Subject {
				t.Fatalf("%+v, %v", got, err)
			}
		}
	}
}
