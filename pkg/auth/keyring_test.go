package auth_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/auth"
)

func until(k auth.Key, end time.Time) auth.Key {
	k.NotAfter = end
	return k
}

func TestKeysAreReadOnceInFiveMinutes(t *testing.T) {
	k := derive(t, 1)
	r, s, c := ring(k.Key())
	for range 5 {
		if _, err := r.Verify(context.Background(), sign(t, k, claims(), noon)); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
	}
	if s.asked() != 1 {
		t.Errorf("keys were read %d times", s.asked())
	}
}

func TestAWithdrawnKeyEndsInAProcessThatGoesOn(t *testing.T) {
	k := derive(t, 1)
	r, s, c := ring(k.Key())
	token := sign(t, k, claims(), noon)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	s.publish(until(k.Key(), noon.Add(time.Minute)))
	c.advance(5 * time.Minute)
	if _, err := r.Verify(context.Background(), token); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("got %v", err)
	}
}

func TestKnownKeysGoOnWhileTheSourceFails(t *testing.T) {
	k := derive(t, 1)
	r, s, c := ring(k.Key())
	token := sign(t, k, claims(), noon)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	s.fail(errors.New("out of reach"))
	c.advance(10 * time.Minute)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTwoKeysAreValidDuringARotation(t *testing.T) {
	former, current := derive(t, 1), derive(t, 2)
	end := noon.Add(auth.LoginLifetime)
	r, _, c := ring(until(former.Key(), end), current.Key())
	lasting := claims()
	lasting.Expires = noon.Add(2 * auth.LoginLifetime)
	byFormer, byCurrent := sign(t, former, lasting, noon), sign(t, current, lasting, noon)

	for _, moment := range []struct {
		at          time.Time
		formerValid bool
	}{
		{noon, true},
		{end, true},
		{end.Add(time.Nanosecond), false},
	} {
		c.advance(moment.at.Sub(c.Now()))
		if _, err := r.Verify(context.Background(), byCurrent); err != nil {
			t.Errorf("%v: current key: %v", moment.at, err)
		}
		_, err := r.Verify(context.Background(), byFormer)
		if moment.formerValid && err != nil || !moment.formerValid && !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("%v: former key: %v", moment.at, err)
		}
	}
}

func TestTheCurrentKeyComesFirst(t *testing.T) {
	end := noon.Add(time.Hour)
	one, two, three := derive(t, 1).Key(), derive(t, 2).Key(), derive(t, 3).Key()
	for name, c := range map[string]struct{ published, want []auth.Key }{
		"one key":                   {[]auth.Key{one}, []auth.Key{one}},
		"after a rotation":          {[]auth.Key{until(one, end), two}, []auth.Key{two, until(one, end)}},
		"between two keys":          {[]auth.Key{one, two}, []auth.Key{two, one}},
		"a newer key was withdrawn": {[]auth.Key{until(three, end), two}, []auth.Key{two, until(three, end)}},
		"a key has ended":           {[]auth.Key{until(one, noon.Add(-1)), two}, []auth.Key{two}},
		"all keys have ended":       {[]auth.Key{until(one, noon.Add(-1))}, nil},
		"no key yet":                {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _ := ring(c.published...)
			got, err := r.Keys(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANewKeyIsFoundWhenItsFirstTokenComes(t *testing.T) {
	former, current := derive(t, 1), derive(t, 2)
	r, s, c := ring(former.Key())
	if _, err := r.Verify(context.Background(), sign(t, former, claims(), noon)); err != nil {
		t.Fatal(err)
	}
	s.publish(until(former.Key(), noon.Add(auth.LoginLifetime)), current.Key())
	token := sign(t, current, claims(), noon)

	c.advance(10*time.Second - 1)
	wantInvalidToken(t, r, token)
	c.advance(1)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Error(err)
	}
	if s.asked() != 2 {
		t.Errorf("keys were read %d times", s.asked())
	}
}

func TestAnUnknownKeyIsLookedUpOnceInTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		known, unknown := derive(t, 1), derive(t, 2)
		r, s, c := ring(known.Key())
		token := sign(t, unknown, claims(), noon)
		for period := 1; period <= 3; period++ {
			gate := make(chan struct{})
			s.set(func() { s.wait = func(context.Context) error { <-gate; return nil } })
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() { wantInvalidTokenLater(t, r, token) })
			}
			synctest.Wait() // one waits for the source, 99 for that one
			close(gate)
			all.Wait()
			wantInvalidToken(t, r, token)
			if s.asked() != period {
				t.Errorf("after %d periods keys were read %d times", period, s.asked())
			}
			c.advance(10 * time.Second)
		}
	})
}

// wantInvalidTokenLater is for goroutines, which must not end the test.
func wantInvalidTokenLater(t *testing.T, r *auth.Keyring, token string) {
	if _, err := r.Verify(context.Background(), token); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("Verify: %v", err)
	}
}

func TestAClockSetBackDoesNotStopTheLookUps(t *testing.T) {
	k := derive(t, 2)
	r, s, c := ring(derive(t, 1).Key())
	wantInvalidToken(t, r, sign(t, k, claims(), noon))
	s.publish(k.Key())
	c.advance(-time.Hour)
	if _, err := r.Verify(context.Background(), sign(t, k, claims(), c.Now())); err != nil {
		t.Error(err)
	}
}

func TestAFailedLookUpIsNotAnInvalidTokenAndIsRepeated(t *testing.T) {
	k := derive(t, 1)
	r, s, _ := ring(k.Key())
	token := sign(t, k, claims(), noon)
	down := errors.New("table is down")
	s.fail(down)
	for range 2 {
		_, err := r.Verify(context.Background(), token)
		if !errors.Is(err, auth.ErrKeysUnavailable) || !errors.Is(err, down) || errors.Is(err, auth.ErrInvalidToken) {
			t.Fatalf("Verify: %v", err)
		}
	}
	s.fail(nil)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Error(err)
	}
	if s.asked() != 3 {
		t.Errorf("keys were read %d times", s.asked())
	}
}

func TestKnownKeysGoOnWhileTheSourceIsDown(t *testing.T) {
	known, unknown := derive(t, 1), derive(t, 2)
	r, s, c := ring(known.Key())
	token := sign(t, known, claims(), noon)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	s.fail(errors.New("table is down"))
	c.advance(time.Minute)
	if _, err := r.Verify(context.Background(), sign(t, unknown, claims(), noon)); !errors.Is(err, auth.ErrKeysUnavailable) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Errorf("known key: %v", err)
	}
}

func TestConcurrentCallersShareAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := derive(t, 1)
		r, s, _ := ring(k.Key())
		gate := make(chan struct{})
		s.set(func() {
			s.wait = func(context.Context) error { <-gate; return errors.New("table is down") }
		})
		token := sign(t, k, claims(), noon)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, err := r.Verify(context.Background(), token); !errors.Is(err, auth.ErrKeysUnavailable) {
					t.Errorf("Verify: %v", err)
				}
			})
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		if s.asked() != 1 {
			t.Errorf("keys were read %d times", s.asked())
		}
	})
}

func TestTheFirstCallersEndIsNotTheOthers(t *testing.T) {
	for name, end := range map[string]func(context.CancelFunc){
		"cancelled": func(cancel context.CancelFunc) { cancel() },
		"panicked":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := derive(t, 1)
				r, s, _ := ring(k.Key())
				token := sign(t, k, claims(), noon)
				blow := make(chan struct{})
				s.set(func() {
					s.wait = func(ctx context.Context) error {
						select {
						case <-ctx.Done():
							return ctx.Err()
						case <-blow:
							panic("source is broken")
						}
					}
				})
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				var all sync.WaitGroup
				all.Go(func() {
					defer func() {
						if fault := recover(); (fault != nil) != (end == nil) {
							t.Errorf("first caller: recovered %v", fault)
						}
					}()
					if _, err := r.Verify(ctx, token); !errors.Is(err, context.Canceled) || !errors.Is(err, auth.ErrKeysUnavailable) {
						t.Errorf("first caller: %v", err)
					}
				})
				synctest.Wait()
				for range 10 {
					all.Go(func() {
						if _, err := r.Verify(context.Background(), token); err != nil {
							t.Errorf("other caller: %v", err)
						}
					})
				}
				synctest.Wait()
				s.set(func() { s.wait = nil })
				if end != nil {
					end(cancel)
				} else {
					close(blow)
				}
				all.Wait()
				if s.asked() != 2 {
					t.Errorf("keys were read %d times", s.asked())
				}
			})
		})
	}
}

func TestAWaitingCallerLeavesWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := derive(t, 1)
		r, s, _ := ring(k.Key())
		token := sign(t, k, claims(), noon)
		gate := make(chan struct{})
		s.set(func() { s.wait = func(context.Context) error { <-gate; return nil } })
		var first sync.WaitGroup
		first.Go(func() {
			if _, err := r.Verify(context.Background(), token); err != nil {
				t.Errorf("first caller: %v", err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := r.Verify(ctx, token); !errors.Is(err, context.Canceled) || !errors.Is(err, auth.ErrKeysUnavailable) {
			t.Errorf("waiting caller: %v", err)
		}
		close(gate)
		first.Wait()
	})
}

func TestTheFirstKeyOfAServiceIsSeenAtOnce(t *testing.T) {
	k := derive(t, 1)
	r, s, _ := ring()
	token := sign(t, k, claims(), noon)
	wantInvalidToken(t, r, token)
	s.publish(k.Key())
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Error(err)
	}
}

func TestAWithdrawnKeyIsForgottenAtTheNextLookUp(t *testing.T) {
	k, other := derive(t, 1), derive(t, 2)
	r, s, c := ring(k.Key())
	token := sign(t, k, claims(), noon)
	if _, err := r.Verify(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	s.publish(other.Key())
	c.advance(time.Minute)
	if _, err := r.Verify(context.Background(), sign(t, other, claims(), noon)); err != nil {
		t.Fatal(err)
	}
	wantInvalidToken(t, r, token)
}

func TestABrokenPublishedKeyIsAFaultOfTheService(t *testing.T) {
	right := derive(t, 1).Key()
	for name, edit := range map[string]func(*auth.Key){
		"short public key":     func(k *auth.Key) { k.Public = k.Public[:31] },
		"no public key":        func(k *auth.Key) { k.Public = nil },
		"another public key":   func(k *auth.Key) { k.Public = make(ed25519.PublicKey, 32) },
		"short cursor key":     func(k *auth.Key) { k.Cursor = k.Cursor[:31] },
		"no id":                func(k *auth.Key) { k.ID = "" },
		"no generation":        func(k *auth.Key) { k.Generation = 0 },
		"an id of another key": func(k *auth.Key) { k.ID = derive(t, 2).Key().ID },
	} {
		t.Run(name, func(t *testing.T) {
			k := right
			edit(&k)
			r, _, _ := ring(derive(t, 3).Key(), k)
			_, err := r.Verify(context.Background(), sign(t, derive(t, 3), claims(), noon))
			if !errors.Is(err, auth.ErrKeysUnavailable) {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}
