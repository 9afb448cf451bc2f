package dynamo

import (
	"maps"
	"slices"
	"strings"
)

// An Update is a change of an item. An attribute is named by its path: "member_count", or
// "representatives.<key>" for a member of a map.
type Update struct {
	sets    map[string]Value
	removes []string
	adds    map[string]int64
	unions  map[string][]string
	deletes map[string][]string
}

// Changes reports whether the update changes an attribute.
func (u *Update) Changes(path string) bool {
	return u.sets[path] != nil || slices.Contains(u.removes, path) || u.adds[path] != 0 || u.unions[path] != nil || u.deletes[path] != nil
}

// Paths returns the paths of the attributes that the update changes, sorted.
func (u *Update) Paths() []string {
	paths := slices.Clone(u.removes)
	for path, n := range u.adds {
		if n != 0 {
			paths = append(paths, path)
		}
	}
	paths = slices.AppendSeq(paths, maps.Keys(u.sets))
	paths = slices.AppendSeq(paths, maps.Keys(u.unions))
	paths = slices.AppendSeq(paths, maps.Keys(u.deletes))
	slices.Sort(paths)
	return paths
}

// Value returns the value that an attribute is set to, nil if it is not set.
func (u *Update) Value(path string) Value { return u.sets[path] }

// Added returns what is added to a number.
func (u *Update) Added(path string) int64 { return u.adds[path] }

func (u *Update) clone() Update {
	return Update{maps.Clone(u.sets), slices.Clone(u.removes), maps.Clone(u.adds), maps.Clone(u.unions), maps.Clone(u.deletes)}
}

// Set sets an attribute.
func (u *Update) Set(path string, value Value) {
	if u.sets == nil {
		u.sets = map[string]Value{}
	}
	u.sets[path] = value
}

// Remove removes an attribute.
func (u *Update) Remove(path string) {
	if !slices.Contains(u.removes, path) {
		u.removes = append(u.removes, path)
	}
}

// SetBool sets a flag, or removes it.
func (u *Update) SetBool(path string, on bool) {
	if on {
		u.Set(path, True)
	} else {
		u.Remove(path)
	}
}

// SetStrings sets a set of texts, or removes the attribute if there are none.
func (u *Update) SetStrings(path string, texts []string) {
	if len(texts) > 0 {
		u.Set(path, StringSet(texts...))
	} else {
		u.Remove(path)
	}
}

// Add adds to a number, which is 0 where it is missing.
func (u *Update) Add(path string, n int64) {
	if u.adds == nil {
		u.adds = map[string]int64{}
	}
	u.adds[path] += n
}

// AddStrings adds texts to a set.
func (u *Update) AddStrings(path string, texts ...string) {
	if u.unions == nil {
		u.unions = map[string][]string{}
	}
	u.unions[path] = append(u.unions[path], texts...)
}

// DeleteStrings removes texts from a set. The attribute is removed with its last text.
func (u *Update) DeleteStrings(path string, texts ...string) {
	if u.deletes == nil {
		u.deletes = map[string][]string{}
	}
	u.deletes[path] = append(u.deletes[path], texts...)
}

// applyTo returns a copy of an item with the update applied.
func (u *Update) applyTo(item Item) Item {
	item = maps.Clone(item)
	for path, value := range u.sets {
		item.set(path, value)
	}
	for _, path := range u.removes {
		item.set(path, nil)
	}
	for name, n := range u.adds {
		if n != 0 {
			item[name] = Number(item.Number(name) + n)
		}
	}
	for name, texts := range u.unions {
		item.SetStrings(name, slices.Compact(slices.Sorted(slices.Values(slices.Concat(item.Strings(name), texts)))))
	}
	for name, texts := range u.deletes {
		item.SetStrings(name, slices.DeleteFunc(slices.Clone(item.Strings(name)), func(text string) bool { return slices.Contains(texts, text) }))
	}
	return item
}

// render returns the update expression, "" if nothing changes.
func (u *Update) render(p *placeholders) string {
	var sets, removes, adds, deletes []string
	for _, path := range slices.Sorted(maps.Keys(u.sets)) {
		sets = append(sets, p.path(path)+" = "+p.value(u.sets[path]))
	}
	for _, path := range u.removes {
		removes = append(removes, p.path(path))
	}
	for _, path := range slices.Sorted(maps.Keys(u.adds)) {
		if n := u.adds[path]; n != 0 {
			adds = append(adds, p.path(path)+" "+p.value(Number(n)))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(u.unions)) {
		adds = append(adds, p.path(path)+" "+p.value(setOf(u.unions[path])))
	}
	for _, path := range slices.Sorted(maps.Keys(u.deletes)) {
		deletes = append(deletes, p.path(path)+" "+p.value(setOf(u.deletes[path])))
	}
	var clauses []string
	for _, clause := range []struct {
		word  string
		parts []string
	}{{"SET", sets}, {"REMOVE", removes}, {"ADD", adds}, {"DELETE", deletes}} {
		if len(clause.parts) > 0 {
			clauses = append(clauses, clause.word+" "+strings.Join(clause.parts, ", "))
		}
	}
	return strings.Join(clauses, " ")
}

// setOf returns the value of a set of texts, each once: DynamoDB refuses repeated ones.
func setOf(texts []string) Value {
	return StringSet(slices.Compact(slices.Sorted(slices.Values(texts)))...)
}
