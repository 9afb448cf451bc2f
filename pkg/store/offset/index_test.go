package offset_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// However contacts come and go, and whatever was read before, a page after an offset is what a reader of the whole list would find there.
func TestPagesAfterAnyOffsetAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	engine, tables := startEngine(t), 0
	rapid.Check(t, func(r *rapid.T) {
		tables++
		l := newLists(r, engine, fmt.Sprint("table-", tables), smallSizes, nil)
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) { l.TB = r; l.add(rapid.IntRange(1, 20).Draw(r, "n")) },
			"advance": func(r *rapid.T) {
				l.TB = r
				l.advance(rapid.SampledFrom([]time.Duration{time.Second, 2 * time.Minute, 2 * time.Minute, 8 * 24 * time.Hour, 35 * 24 * time.Hour}).Draw(r, "time"))
				l.expire()
			},
			"remove": func(r *rapid.T) {
				l.TB = r
				l.remove(rapid.IntRange(0, 60).Draw(r, "from"), rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 6), rapid.IntRange(5, 28)).Draw(r, "n"))
			},
			"read": func(r *rapid.T) {
				l.TB = r
				for range 3 {
					l.must(l.checkPages(rapid.IntRange(0, len(l.contacts)+3).Draw(r, "offset"), rapid.IntRange(1, 10).Draw(r, "limit")))
				}
			},
			"check": func(r *rapid.T) { l.TB = r; l.requireNoFindings() },
		})
	})
}
