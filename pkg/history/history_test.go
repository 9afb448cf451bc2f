package history_test

import (
	"encoding/base64"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
	"contacts/pkg/history"
)

// text returns text that can't be compressed to less than three quarters.
func text(r *rand.Rand, bytes int) string {
	raw := make([]byte, bytes*3/4)
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func TestAnEntryOfAnySizeIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		members := int64(7)
		e := history.Entry{Change: changes.Change{Contact: contact.ID(4 * rapid.IntRange(1, 1000).Draw(t, "contact")), At: 1_795_940_454_500_746,
			Type:   rapid.SampledFrom(changes.AllTypes).Draw(t, "type"),
			Origin: changes.Origin{By: "app:shop", Operation: "replaceIndividual", Request: "JKJaXmPLvHcESHA="}}}
		e.Before = []history.Image{{Part: "EMAIL#1", Made: true}, {Part: "LOC#2", Doc: "{}", Version: 3, Shape: 2, Members: &members}, {Part: "LOC#3", Joined: -1}}
		size := 0
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			doc := text(r, rapid.IntRange(1, 350_000).Draw(t, "size"))
			size += len(doc)
			e.Before = append(e.Before, history.Image{Doc: doc, Version: 1})
		}
		items, err := e.Items("acme", 42)
		if err != nil {
			t.Fatal(err)
		}
		if len(items) > history.Pieces(size) {
			t.Fatalf("%d pieces of %d bytes, announced are %d", len(items), size, history.Pieces(size))
		}
		for _, item := range items {
			if n := len(item.Bytes("was")); n > 400_000-1_000 {
				t.Fatalf("a piece has %d bytes", n)
			}
		}
		if got, err := history.Of(items); err != nil || !reflect.DeepEqual(got, e) {
			t.Fatalf("%v, %v", got, err)
		}
		if len(items) > 1 {
			if _, err := history.Of(items[:len(items)-1]); err == nil {
				t.Fatal("a lost piece is not noticed")
			}
		}
	})
}

const day = 24 * time.Hour

// Whatever settings follow each other, no entry since the time that is kept has expired.
func TestNoEntryIsMissingSinceTheTimeThatIsKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.UnixMicro(1_795_940_454_500_746)
		setting := history.Setting{Days: history.DefaultDays}
		type written struct{ at, expires time.Time }
		var entries []written
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(1, int64(20*day)).Draw(t, "pause")))
			if rapid.Bool().Draw(t, "set") {
				setting = setting.With(rapid.IntRange(0, 60).Draw(t, "days"), now)
			} else if setting.Days > 0 {
				entries = append(entries, written{now, now.Add(time.Duration(setting.Days) * day)})
			}
			kept := setting.Kept(now)
			if setting.Days > 0 && kept < now.Add(-time.Duration(setting.Days)*day).UnixMicro() {
				t.Fatalf("since %v is kept with %d days, at %v", time.UnixMicro(kept), setting.Days, now)
			}
			for _, e := range entries {
				if e.at.UnixMicro() > kept && !now.Before(e.expires) {
					t.Fatalf("an entry of %v has expired at %v, but is kept since %v at %v", e.at, e.expires, time.UnixMicro(kept), now)
				}
			}
			if len(setting.Former) > 61 {
				t.Fatalf("%d former settings", len(setting.Former))
			}
		}
	})
}
