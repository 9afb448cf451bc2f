package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// at is a span of milliseconds.
func at(start, end int) span {
	zero := time.Unix(1_700_000_000, 0)
	return span{zero.Add(time.Duration(start) * time.Millisecond), zero.Add(time.Duration(end) * time.Millisecond)}
}

func TestARegisterTellsWhatNoOrderExplains(t *testing.T) {
	for name, c := range map[string]struct {
		history func(r *register)
		sound   bool
	}{
		"two writes at once, either left": {func(r *register) {
			r.wrote("a", at(0, 10), true)
			r.wrote("b", at(5, 15), true)
			r.read("a", at(20, 21))
		}, true},
		"a write lost": {func(r *register) {
			r.wrote("a", at(0, 10), true)
			r.wrote("b", at(11, 15), true)
			r.read("a", at(20, 21))
		}, false},
		"a stale read": {func(r *register) {
			r.wrote("a", at(0, 10), true)
			r.read("", at(11, 12))
		}, false},
		"back again": {func(r *register) {
			r.wrote("a", at(0, 10), true)
			r.wrote("b", at(0, 10), true)
			r.read("a", at(11, 12))
			r.read("b", at(13, 14))
			r.read("a", at(15, 16))
		}, false},
		"a write without an answer that came later": {func(r *register) {
			r.wrote("a", at(0, 1), false)
			r.read("", at(5, 6))
			r.read("a", at(7, 8))
		}, true},
		"a value that nobody wrote": {func(r *register) { r.read("x", at(5, 6)) }, false},
		"a value before its write":  {func(r *register) { r.wrote("a", at(10, 20), true); r.read("a", at(5, 6)) }, false},
	} {
		r := newRegister("name", "")
		c.history(r)
		if wrong := r.violations(); (wrong == nil) != c.sound {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestAnyOrderOfMomentsIsFoundSoundAndAnyPairOfReadsTurnedRoundIsNot(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRegister("name", "")
		moment, value := 0, ""
		var seen []string
		for i := range rapid.IntRange(2, 40).Draw(rt, "accesses") {
			moment += rapid.IntRange(1, 5).Draw(rt, "pause")
			s := at(moment-rapid.IntRange(0, 20).Draw(rt, "before"), moment+rapid.IntRange(0, 20).Draw(rt, "after"))
			if rapid.Bool().Draw(rt, "write") {
				value = fmt.Sprint("v", i)
				r.wrote(value, s, true)
			} else {
				r.read(value, s)
				seen = append(seen, value)
			}
		}
		if wrong := r.violations(); wrong != nil {
			rt.Fatal(wrong)
		}
		// Later on the last value alone may be read.
		if old := slices.IndexFunc(seen, func(v string) bool { return v != value }); old >= 0 {
			r.read(value, at(moment+100, moment+101))
			r.read(seen[old], at(moment+102, moment+103))
			if r.violations() == nil {
				rt.Fatalf("%q is read after %q, and nothing is found", seen[old], value)
			}
		}
	})
}
