package password_test

import (
	"errors"
	"strings"
	"testing"

	"contacts/pkg/auth/password"
)

// reference is a hash of "password" made with the reference implementation of
// argon2: salt "somesalt", 2 passes, 2^16 KiB, 1 thread.
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func matches(t *testing.T, secret, phc string) bool {
	t.Helper()
	ok, err := password.Matches(secret, phc)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestAPasswordMatchesItsHashAlone(t *testing.T) {
	phc, err := password.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !matches(t, "correct horse", phc) {
		t.Error("the password does not match its hash")
	}
	for _, wrong := range []string{"", "correct", "Correct horse", "correct horse ", strings.Repeat("a", 2000), phc} {
		if matches(t, wrong, phc) {
			t.Errorf("%.20q matches", wrong)
		}
	}
}

func TestHashesCostWhatWasPromisedAndAreSalted(t *testing.T) {
	one, err := password.Hash("password")
	if err != nil {
		t.Fatal(err)
	}
	other, err := password.Hash("password")
	if err != nil {
		t.Fatal(err)
	}
	const start = "$argon2id$v=19$m=19456,t=2,p=1$"
	if !strings.HasPrefix(one, start) || len(one) != len(start)+22+1+43 {
		t.Errorf("hash is %s", one)
	}
	if one == other {
		t.Error("two hashes have one salt")
	}
}

func TestAPasswordHas1To1024Bytes(t *testing.T) {
	for length, right := range map[int]bool{0: false, 1: true, 1024: true, 1025: false} {
		if _, err := password.Hash(strings.Repeat("a", length)); (err == nil) != right {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}

func TestHashesOfTheReferenceImplementationAreTaken(t *testing.T) {
	if !matches(t, "password", reference) || matches(t, "Password", reference) {
		t.Error("argon2id differs from the reference implementation")
	}
}

func TestNoPasswordHasTheHashOfAMissingUserAndItCostsTheSame(t *testing.T) {
	phc, err := password.Hash("password")
	if err != nil {
		t.Fatal(err)
	}
	cost := func(phc string) string { return phc[:strings.LastIndex(phc[:len(phc)-44], "$")] }
	if cost(phc) != cost(password.NoPassword) || len(phc) != len(password.NoPassword) {
		t.Errorf("%s costs other than %s", password.NoPassword, phc)
	}
	for _, secret := range []string{"", "password"} {
		if matches(t, secret, password.NoPassword) {
			t.Errorf("%q matches", secret)
		}
	}
}

func TestAStoredHashIsRefusedWhenItIsMalformedOrABomb(t *testing.T) {
	const salt, sum = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := password.Matches("password", "$argon2id$v=19$m=64,t=2,p=1$"+salt+"$"+sum); ok || err != nil {
		t.Fatalf("what the rows below deviate from: %v, %v", ok, err)
	}
	for name, phc := range map[string]string{
		"nothing":              "",
		"the password":         "password",
		"bcrypt":               "$2b$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":              "$argon2i$v=19$m=64,t=2,p=1$" + salt + "$" + sum,
		"argon2d":              "$argon2d$v=19$m=64,t=2,p=1$" + salt + "$" + sum,
		"version 16":           "$argon2id$v=16$m=64,t=2,p=1$" + salt + "$" + sum,
		"no version":           "$argon2id$m=64,t=2,p=1$" + salt + "$" + sum,
		"too much memory":      "$argon2id$v=19$m=65537,t=2,p=1$" + salt + "$" + sum,
		"memory beyond 32 bit": "$argon2id$v=19$m=4294967360,t=2,p=1$" + salt + "$" + sum,
		"too little memory":    "$argon2id$v=19$m=15,t=2,p=2$" + salt + "$" + sum,
		"too many passes":      "$argon2id$v=19$m=64,t=11,p=1$" + salt + "$" + sum,
		"no pass":              "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + sum,
		"too many threads":     "$argon2id$v=19$m=64,t=2,p=5$" + salt + "$" + sum,
		"no thread":            "$argon2id$v=19$m=64,t=2,p=0$" + salt + "$" + sum,
		"threads beyond 8 bit": "$argon2id$v=19$m=64,t=2,p=257$" + salt + "$" + sum,
		"another order":        "$argon2id$v=19$t=2,m=64,p=1$" + salt + "$" + sum,
		"a cost missing":       "$argon2id$v=19$m=64,t=2$" + salt + "$" + sum,
		"a name missing":       "$argon2id$v=19$64,t=2,p=1$" + salt + "$" + sum,
		"a short salt":         "$argon2id$v=19$m=64,t=2,p=1$c29tZXNh$" + sum,
		"no salt":              "$argon2id$v=19$m=64,t=2,p=1$$" + sum,
		"a short sum":          "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$CTFhFdXPJO1aFaMaO6Mm",
		"no sum":               "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$",
		"a sum of base64url":   "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + strings.Replace(sum, "X", "_", 1),
		"padding":              "$argon2id$v=19$m=64,t=2,p=1$" + salt + "==$" + sum,
		"a part more":          "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + sum + "$",
		"too long":             "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + strings.Repeat("A", 256),
	} {
		t.Run(name, func(t *testing.T) {
			if ok, err := password.Matches("password", phc); ok || !errors.Is(err, password.ErrInvalidHash) {
				t.Errorf("Matches = %v, %v", ok, err)
			}
		})
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("password", strings.Replace(reference, "65536", "64", 1))
	f.Add("", password.NoPassword)
	f.Add("password", "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("password", "$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("password", "$$$$$")
	f.Fuzz(func(t *testing.T, given, phc string) {
		if ok, err := password.Matches(given, phc); ok && err != nil {
			t.Errorf("%q matches %q, which is invalid: %v", given, phc, err)
		}
	})
}

func TestAPasswordIsTheSameHoweverItsCharactersAreComposed(t *testing.T) {
	phc, err := password.Hash("Ju\u0308rgen")
	if err != nil {
		t.Fatal(err)
	}
	if !matches(t, "J\u00fcrgen", phc) || matches(t, "Jurgen", phc) {
		t.Error("composed and decomposed characters differ, or base characters are enough")
	}
}
