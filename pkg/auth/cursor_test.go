package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/auth"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func sealed(t failer, r *auth.Keyring, scope string, position []byte) string {
	t.Helper()
	cursor, err := r.SealCursor(context.Background(), scope, position)
	if err != nil {
		t.Fatalf("SealCursor: %v", err)
	}
	return cursor
}

func wantPosition(t failer, r *auth.Keyring, scope, cursor string, want []byte) {
	t.Helper()
	got, err := r.OpenCursor(context.Background(), scope, cursor)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("OpenCursor = %q, %v; want %q", got, err, want)
	}
}

func wantInvalidCursor(t failer, r *auth.Keyring, scope, cursor string) {
	t.Helper()
	got, err := r.OpenCursor(context.Background(), scope, cursor)
	if !errors.Is(err, auth.ErrInvalidCursor) || errors.Is(err, auth.ErrKeysUnavailable) {
		t.Fatalf("OpenCursor(%q) = %q, %v; want ErrInvalidCursor alone", cursor, got, err)
	}
}

func anyPosition(t *rapid.T) []byte {
	return rapid.SliceOfN(rapid.Byte(), 0, auth.MaxPosition).Draw(t, "position")
}

func TestAnyPositionComesBackFromItsCursor(t *testing.T) {
	r, _, _ := ring(derive(t, 1).Key())
	rapid.Check(t, func(t *rapid.T) {
		scope, position := rapid.String().Draw(t, "scope"), anyPosition(t)
		cursor := sealed(t, r, scope, position)
		if len(cursor) > 512 || strings.ContainsAny(cursor, "+/=") {
			t.Fatalf("%d characters: %s", len(cursor), cursor)
		}
		wantPosition(t, r, scope, cursor, position)
	})
}

func TestAnySingleBitFlipOfACursorIsRefused(t *testing.T) {
	r, _, _ := ring(derive(t, 1).Key())
	flip := func(t *rapid.T, b []byte) []byte {
		bit := rapid.IntRange(0, len(b)*8-1).Draw(t, "bit")
		b[bit/8] ^= 1 << (bit % 8)
		return b
	}
	rapid.Check(t, func(t *rapid.T) {
		cursor := sealed(t, r, "scope", anyPosition(t))
		wantInvalidCursor(t, r, "scope", string(flip(t, []byte(cursor))))
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			t.Fatal(err)
		}
		wantInvalidCursor(t, r, "scope", base64.RawURLEncoding.EncodeToString(flip(t, raw)))
	})
}

func TestACursorOfAnotherScopeIsRefused(t *testing.T) {
	r, _, _ := ring(derive(t, 1).Key())
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.String().Draw(t, "one")
		other := rapid.String().Filter(func(s string) bool { return s != one }).Draw(t, "other")
		wantInvalidCursor(t, r, other, sealed(t, r, one, anyPosition(t)))
	})
}

func TestScopeAndPositionCanNotBeDividedAnew(t *testing.T) {
	r, _, _ := ring(derive(t, 1).Key())
	decode := func(cursor string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	// Given a position that begins like a cursor, the scope takes the real
	// beginning over: the bytes in their order are the same.
	head := decode(sealed(t, r, "", nil))[:5]
	raw := decode(sealed(t, r, "scope", append(head, "position"...)))
	wantInvalidCursor(t, r, "scope"+string(head), base64.RawURLEncoding.EncodeToString(raw[5:]))
}

func TestWhatIsNoCursorIsRefusedWithoutALookUp(t *testing.T) {
	other, _, _ := ring(derive(t, 1).Key())
	right := sealed(t, other, "scope", []byte("position"))
	for name, cursor := range map[string]string{
		"nothing":        "",
		"a word":         "cursor",
		"not base64url":  "+" + right[1:],
		"padding":        right + "=",
		"a line break":   right + "\n",
		"a break inside": right[:4] + "\r\n" + right[4:],
		"too short":      right[:27],
		"version 2":      "Ag" + right[2:],
		"513 characters": strings.Repeat("A", 513),
	} {
		t.Run(name, func(t *testing.T) {
			r, s, _ := ring(derive(t, 1).Key())
			wantInvalidCursor(t, r, "scope", cursor)
			if s.asked() != 0 {
				t.Error("the keys were looked up")
			}
		})
	}
}

func TestTheLongestPositionFitsAndOneByteMoreIsAnError(t *testing.T) {
	r, _, _ := ring(derive(t, 1).Key())
	if cursor := sealed(t, r, "scope", make([]byte, auth.MaxPosition)); len(cursor) != 512 {
		t.Errorf("the longest cursor has %d characters", len(cursor))
	}
	if _, err := r.SealCursor(context.Background(), "scope", make([]byte, auth.MaxPosition+1)); err == nil {
		t.Error("a position that is too long was sealed")
	}
}

func TestACursorOutlivesARotationUntilItsKeyEnds(t *testing.T) {
	former, current := derive(t, 1).Key(), derive(t, 2).Key()
	before, _, _ := ring(former)
	cursor := sealed(t, before, "scope", []byte("position"))

	end := noon.Add(auth.LoginLifetime)
	r, _, c := ring(until(former, end), current)
	c.advance(auth.LoginLifetime)
	wantPosition(t, r, "scope", cursor, []byte("position"))
	c.advance(1)
	wantInvalidCursor(t, r, "scope", cursor)
}

func TestCursorsAreSealedWithTheCurrentKey(t *testing.T) {
	former, current := derive(t, 1).Key(), derive(t, 2).Key()
	r, _, _ := ring(until(former, noon.Add(time.Hour)), current)
	after, _, _ := ring(current)
	wantPosition(t, after, "scope", sealed(t, r, "scope", []byte("position")), []byte("position"))
}

func TestACursorOfANewKeyIsLookedUpLikeAToken(t *testing.T) {
	former, current := derive(t, 1).Key(), derive(t, 2).Key()
	after, _, _ := ring(current)
	cursor := sealed(t, after, "scope", []byte("position"))

	r, s, c := ring(former)
	wantInvalidCursor(t, r, "scope", cursor)
	s.publish(until(former, noon.Add(time.Hour)), current)
	wantInvalidCursor(t, r, "scope", cursor)
	c.advance(10 * time.Second)
	wantPosition(t, r, "scope", cursor, []byte("position"))
	if s.asked() != 2 {
		t.Errorf("keys were read %d times", s.asked())
	}
}

func TestACursorNeedsKeys(t *testing.T) {
	other, _, _ := ring(derive(t, 1).Key())
	cursor := sealed(t, other, "scope", nil)

	r, s, _ := ring()
	if _, err := r.SealCursor(context.Background(), "scope", nil); !errors.Is(err, auth.ErrKeysUnavailable) {
		t.Errorf("SealCursor without keys: %v", err)
	}
	s.fail(errors.New("table is down"))
	if _, err := r.SealCursor(context.Background(), "scope", nil); !errors.Is(err, auth.ErrKeysUnavailable) {
		t.Errorf("SealCursor without a source: %v", err)
	}
	_, err := r.OpenCursor(context.Background(), "scope", cursor)
	if !errors.Is(err, auth.ErrKeysUnavailable) || errors.Is(err, auth.ErrInvalidCursor) {
		t.Errorf("OpenCursor without a source: %v", err)
	}
}

func FuzzOpenCursor(f *testing.F) {
	r, _, _ := ring(derive(f, 1).Key())
	right := sealed(f, r, "scope", []byte("position"))
	f.Add("scope", right)
	f.Add("", right)
	f.Add("scope", "")
	f.Add("scope", right[:len(right)-1])
	f.Add("scope", strings.Repeat("A", 512))
	f.Fuzz(func(t *testing.T, scope, cursor string) {
		if scope != "scope" || cursor != right {
			wantInvalidCursor(t, r, scope, cursor)
		}
	})
}
