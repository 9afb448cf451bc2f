package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// paths are those that random items and conditions have in common; some are names that DynamoDB reserves.
var paths = []string{"name", "size", "values", "map", "map.name", "map.values"}

// drawValue draws a value of a type that items have, from so few that many are equal.
func drawValue(t *rapid.T, depth int) Value {
	last := 5
	if depth == 0 {
		last = 4
	}
	switch rapid.IntRange(0, last).Draw(t, "type") {
	case 0:
		return String(drawText(t))
	case 1:
		return Number(rapid.Int64Range(-2, 2).Draw(t, "N"))
	case 2:
		return True
	case 3:
		return Binary([]byte(drawText(t)))
	case 4:
		return StringSet(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "ab"}), 1, 3, rapid.ID).Draw(t, "SS")...)
	}
	return Map(drawMembers(t, depth-1, "name", "values"))
}

func drawText(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "b", "ab", "abc"}).Draw(t, "text")
}

func drawMembers(t *rapid.T, depth int, names ...string) Item {
	members := Item{}
	for _, name := range names {
		if rapid.Bool().Draw(t, name) {
			members[name] = drawValue(t, depth)
		}
	}
	return members
}

// drawExpr draws a condition of any form.
func drawExpr(t *rapid.T, depth int) Expr {
	path := rapid.SampledFrom(paths).Draw(t, "path")
	n := rapid.Int64Range(-2, 3).Draw(t, "n")
	last := 12
	if depth == 0 {
		last = 9
	}
	some := func() (all []Expr) {
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			all = append(all, drawExpr(t, depth-1))
		}
		return all
	}
	switch rapid.IntRange(0, last).Draw(t, "form") {
	case 0:
		return AttributeExists(rapid.SampledFrom([]string{path, "pk"}).Draw(t, "or the key"))
	case 1:
		return AttributeNotExists(rapid.SampledFrom([]string{path, "pk"}).Draw(t, "or the key"))
	case 2, 3:
		return AttributeEquals(path, drawValue(t, 1))
	case 4:
		return LessThan(path, n)
	case 5:
		return AtMost(path, n)
	case 6:
		return GreaterThan(path, n)
	case 7:
		return Contains(path, drawText(t))
	case 8:
		return BeginsWith(path, drawText(t))
	case 9:
		return rapid.SampledFrom([]Expr{SizeLessThan(path, n), IsMap(path)}).Draw(t, "of a map")
	case 10:
		return And(some()...)
	case 11:
		return Or(some()...)
	}
	return Not(drawExpr(t, depth-1))
}

// text renders a condition for the messages of this test.
func text(e Expr) string {
	var p placeholders
	return fmt.Sprint(e.render(&p), p.names, p.values)
}

// The verdict of DynamoDB and that of Matches are one: else a transaction would be refused without a refusal, or with that of another condition.
func TestTheStoreAndMatchesAgreeOnEachCondition(t *testing.T) {
	t.Parallel()
	table := startTable(t)
	items, refusal := 0, errors.New("refused")
	rapid.Check(t, func(rt *rapid.T) {
		items++
		key := Key{"partition", fmt.Sprint("item ", items)}
		var stored Item
		if rapid.IntRange(0, 9).Draw(rt, "item") > 0 {
			stored = drawMembers(rt, 2, "name", "size", "values")
			if rapid.Bool().Draw(rt, "map") {
				stored["map"] = Map(drawMembers(rt, 1, "name", "values"))
			}
			stored["pk"], stored["sk"] = String(key.PK), String(key.SK)
			if err := table.Put(t.Context(), stored); err != nil {
				rt.Fatal(err)
			}
		}
		for range 5 {
			e := drawExpr(rt, 3)
			want := refusal
			if e.Matches(stored) {
				want = nil
			}
			tx := table.Begin()
			tx.Check(key, Require(e, refusal))
			if err := tx.Commit(t.Context()); !isRefusal(err, want) {
				rt.Fatalf("%s of %v: Check says %v, Matches %v", text(e), stored, err, want)
			}
			if stored == nil {
				continue // Put would make one
			}
			if err := table.Put(t.Context(), stored, Require(e, refusal)); !isRefusal(err, want) {
				rt.Fatalf("%s of %v: Put says %v, Matches %v", text(e), stored, err, want)
			}
		}
	})
}

// isRefusal reports whether an error is that of one condition, or none if want is nil.
func isRefusal(err, want error) bool {
	if want == nil {
		return err == nil
	}
	var refused *ConditionError
	return errors.As(err, &refused) && len(refused.Refusals) == 1 && errors.Is(err, want) && !errors.Is(err, ErrConflict)
}

// DynamoDB refuses "((a = b))"; engines on a laptop need not.
func TestConditionsHaveNoRedundantParentheses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p placeholders
		rendered := *renderConditions([]Condition{Require(drawExpr(t, 3), ErrConflict), Require(drawExpr(t, 3), ErrConflict)}, &p)
		var open []int
		closes := map[int]int{} // by the opening parenthesis
		for i, c := range rendered {
			switch c {
			case '(':
				open = append(open, i)
			case ')':
				closes[open[len(open)-1]] = i
				open = open[:len(open)-1]
			}
		}
		for i, end := range closes {
			if inner, ok := closes[i+1]; ok && inner == end-1 {
				t.Fatalf("redundant parentheses in %s", rendered)
			}
		}
	})
}

// However many conditions and changes one item of a transaction has, each names its own attribute and value.
func TestNamesAndValuesOfOneItemDoNotCollide(t *testing.T) {
	t.Parallel()
	table := startTable(t)
	items := 0
	rapid.Check(t, func(rt *rapid.T) {
		items++
		key := Key{"partition", fmt.Sprint("item ", items)}
		stored := key.Item()
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[#:]?[nv][0-9]{1,2}`), 2, 24, rapid.ID).Draw(rt, "names")
		for _, name := range names {
			stored[name] = drawValue(rt, 1)
		}
		if err := table.Put(t.Context(), stored); err != nil {
			rt.Fatal(err)
		}
		change := func(broken string) error {
			tx := table.Begin()
			for _, name := range names {
				value := stored[name]
				if name == broken {
					value = String("another")
				}
				tx.Check(key, Require(AttributeEquals(name, value), fmt.Errorf("%s differs", name)))
			}
			for i, name := range names {
				switch update := tx.Update(key); i % 3 {
				case 0:
					update.Set(name, stored[names[len(names)-1-i]])
				case 1:
					update.Remove(name)
				}
			}
			return tx.Commit(t.Context())
		}
		broken := rapid.SampledFrom(names).Draw(rt, "broken")
		if err := change(broken); err == nil || err.Error() != broken+" differs" {
			rt.Fatalf("%s differs, and the refusal is %v", broken, err)
		}
		requireItem(rt, table, key, stored)
		want := maps.Clone(stored)
		for i, name := range names {
			switch i % 3 {
			case 0:
				want[name] = stored[names[len(names)-1-i]]
			case 1:
				delete(want, name)
			}
		}
		if err := change(""); err != nil {
			rt.Fatal(err)
		}
		requireItem(rt, table, key, want)
	})
}

func requireItem(t rapid.TB, table *Table, key Key, want Item) {
	t.Helper()
	got, err := table.Get(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	if !equal(Map(got), Map(want)) {
		t.Fatalf("%v is stored, want %v", got, want)
	}
}

// An update of an item that the same transaction puts does to it what DynamoDB would do to a stored one.
func TestAnUpdateChangesWhatTheTransactionPuts(t *testing.T) {
	t.Parallel()
	table := startTable(t)
	items := 0
	rapid.Check(t, func(rt *rapid.T) {
		items++
		key := Key{"partition", fmt.Sprint("item ", items)}
		put := key.Item()
		put["count"] = Number(rapid.Int64Range(-2, 2).Draw(rt, "count"))
		put["text"] = String("before")
		put["map"] = Map(Item{"kept": String("a"), "set": String("b"), "removed": String("c")})
		for _, name := range []string{"added to", "deleted from"} {
			put.SetStrings(name, rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(rt, name))
		}
		texts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 4)
		added, deleted := texts.Draw(rt, "added"), texts.Draw(rt, "deleted")
		n := rapid.Int64Range(-2, 2).Draw(rt, "n")
		update := func(tx *Tx) {
			u := tx.Update(key)
			u.Set("text", String("after"))
			u.Set("map.set", Number(1))
			u.Remove("map.removed")
			u.SetBool("flag", true)
			u.Add("count", n)
			u.Add("new count", 1)
			u.AddStrings("added to", added...)
			u.DeleteStrings("deleted from", deleted...)
		}
		before, _ := EncodeJSON(put)
		together := table.Begin()
		update(together)
		together.Put(put)
		if err := together.Commit(t.Context()); err != nil {
			rt.Fatal(err)
		}
		got, err := table.Get(t.Context(), key)
		if err != nil {
			rt.Fatal(err)
		}
		if after, err := EncodeJSON(put); err != nil || string(after) != string(before) {
			rt.Fatalf("the caller's item was changed: %s, %v", after, err)
		}
		if err := table.Put(t.Context(), put); err != nil {
			rt.Fatal(err)
		}
		alone := table.Begin()
		update(alone)
		if err := alone.Commit(t.Context()); err != nil {
			rt.Fatal(err)
		}
		requireItem(rt, table, key, got)
	})
}

func TestWhatChangesNothingIsLeftOutOfATransaction(t *testing.T) {
	t.Parallel()
	table := startTable(t)
	unchanged, changed := Key{"partition", "unchanged"}, Key{"partition", "changed"}
	commit := func(conditions ...Condition) error {
		tx := table.Begin()
		tx.Update(unchanged).Add("count", 0)
		tx.Update(changed).Add("count", 1)
		tx.Check(changed, conditions...)
		return tx.Commit(t.Context())
	}
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	requireItem(t, table, unchanged, nil)
	want := changed.Item()
	want["count"] = Number(1)
	requireItem(t, table, changed, want)
	refusal := errors.New("already there")
	if err := commit(Require(AttributeNotExists("pk"), refusal)); !errors.Is(err, refusal) {
		t.Errorf("the condition of the item that changes: %v", err)
	}
	nothing := table.Begin()
	nothing.Update(unchanged)
	if err := nothing.Commit(t.Context()); err != nil {
		t.Errorf("a transaction that changes nothing: %v", err)
	}
}

func TestTheJSONOfAnItemIsReadBackAndStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		item := drawMembers(rt, 2, "name", "size", "values", "map")
		text, err := EncodeJSON(item)
		if err != nil {
			rt.Fatal(err)
		}
		again, err := DecodeJSON(text)
		if err != nil || !equal(Map(again), Map(item)) {
			rt.Fatalf("%s is read as %v, %v", text, again, err)
		}
		if same, _ := EncodeJSON(again); string(same) != string(text) {
			rt.Fatalf("first %s, then %s", text, same)
		}
	})
	for _, text := range []string{``, `[]`, `{"a":1}`, `{"a":{"X":"b"}}`, `{"a":{}}`, `{"a":{"S":"b"}} {}`, `{"a":{"S":"b"},"a":{"S":"c"}}`} {
		if item, err := DecodeJSON([]byte(text)); err == nil {
			t.Errorf("%s is read as %v", text, item)
		}
	}
}
