package auth_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/auth"
)

func TestTheSameSecretAndGenerationGiveTheSameKey(t *testing.T) {
	if diff := cmp.Diff(derive(t, 3).Key(), derive(t, 3).Key()); diff != "" {
		t.Error(diff)
	}
}

// A change of the derivation would silently end every token and cursor.
func TestDerivedKeysStayWhatTheyWere(t *testing.T) {
	k := derive(t, 1).Key()
	got := []string{k.ID, base64.RawURLEncoding.EncodeToString(k.Cursor)}
	want := []string{
		"tApnf2qibIlZueA4y6709oMu3gN3DPiU3vpQx6BXt1o",
		"EPVFCfUuAIxu1g3qdeP5oPunsxZXDozZJ86vKzot7aA",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeysOfOtherSecretsAndGenerationsShareNothing(t *testing.T) {
	other, err := auth.Derive(secret("o"), 1)
	if err != nil {
		t.Fatal(err)
	}
	keys := []auth.SigningKey{derive(t, 1), derive(t, 2), derive(t, 11), other}
	for i, a := range keys {
		if bytes.Equal(a.Key().Cursor, a.Private().Seed()) {
			t.Errorf("key %d: the published cursor key is the seed of the signing key", i)
		}
		for _, b := range keys[i+1:] {
			if a.Key().ID == b.Key().ID || a.Key().Public.Equal(b.Key().Public) || bytes.Equal(a.Key().Cursor, b.Key().Cursor) {
				t.Errorf("%+v and %+v share a key", a.Key(), b.Key())
			}
		}
	}
}

func TestAShortSecretOrAGenerationBelowOneGivesNoKey(t *testing.T) {
	for _, c := range []struct {
		secret     []byte
		generation int
	}{
		{nil, 1},
		{secret("s")[:31], 1},
		{secret("s"), 0},
		{secret("s"), -1},
	} {
		if _, err := auth.Derive(c.secret, c.generation); err == nil {
			t.Errorf("Derive(%d bytes, %d) gave a key", len(c.secret), c.generation)
		}
	}
}

// The example of RFC 8037, appendix A.3.
func TestTheKeyIDIsTheThumbprintOfTheRFC(t *testing.T) {
	public, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if err != nil {
		t.Fatal(err)
	}
	const want = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	if got := auth.Thumbprint(ed25519.PublicKey(public)); got != want {
		t.Errorf("thumbprint = %s, want %s", got, want)
	}
}

func TestAFormattedSigningKeyShowsItsIDAlone(t *testing.T) {
	k := derive(t, 1)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if got, want := fmt.Sprintf(verb, k), "signing key "+k.Key().ID; got != want {
			t.Errorf("%s shows %s", verb, got)
		}
	}
	if got, want := fmt.Sprintf("%+v", struct{ K auth.SigningKey }{k}), "{K:signing key "+k.Key().ID+"}"; got != want {
		t.Errorf("as a field it shows %s", got)
	}
}
