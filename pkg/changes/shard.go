package changes

import (
	"slices"

	"contacts/pkg/contact"
)

// A shard is how far one partition of changes is read.
type shard struct {
	// settled is the position up to which every entry that there will ever be has been shown.
	settled position
	// marks count the entries after settled, in the order of their positions.
	marks []mark
	// began is when the round began that reads them backwards, Unix microseconds; 0 for none.
	began int64
	// down is the position down to which the round has read; up to there, marks are from the round before. After the round it is not after
	// settled.
	down position
}

// A position is that of an entry among those of its partition; an entry at it counts as read. With contact 0 it is before all of its time.
type position struct {
	at      int64 // Unix microseconds
	contact contact.ID
}

// maxTime is after that of every entry.
const maxTime = 1e16 - 1

// before reports whether p is before q.
func (p position) before(q position) bool {
	return p.at < q.at || p.at == q.at && p.contact < q.contact
}

// previous returns the position before p.
func (p position) previous() position { return position{p.at, p.contact - 1} }

func (c Change) position() position { return position{c.At, c.Contact} }

// cut divides changes into those up to a position, and those after it.
func cut(all []Change, at position) (upTo, after []Change) {
	n := 0
	for n < len(all) && !at.before(all[n].position()) {
		n++
	}
	return all[:n:n], all[n:]
}

// A mark says how many entries, of any kind, there were after the mark before, or after settled, up to and including the one at end.
type mark struct {
	end     position
	entries int // 0 if it is not known which of them were shown: they come again
	// shown is set if all of them were shown. Entries are never removed while they are read: as long as there are no more of them, nothing
	// is missing.
	shown bool
}

// of returns the marks of the entries that are there now: one for each, unless all were shown.
func (m mark) of(entries []Change) []mark {
	if m.shown && m.entries == len(entries) {
		return []mark{m}
	}
	marks := make([]mark, len(entries))
	for i, c := range entries {
		marks[i] = mark{c.position(), 1, m.shown && m.entries > 0 && c.position() == m.end}
	}
	return marks
}

// record lets the marks after a position up to another one be those of the entries that are there now.
func (s *shard) record(after, to position, entries []Change) {
	first := 0
	for first < len(s.marks) && !after.before(s.marks[first].end) {
		first++
	}
	if first < len(s.marks) && !to.before(s.marks[first].end) && s.markBegins(first) != after {
		s.marks[first].forgetSeveral()
	}
	last := first
	var marks []mark
	for ; last < len(s.marks) && !to.before(s.marks[last].end); last++ {
		var in []Change
		in, entries = cut(entries, s.marks[last].end)
		marks = append(marks, s.marks[last].of(in)...)
	}
	if last < len(s.marks) && s.markBegins(last) != to {
		s.marks[last].forgetSeveral()
	}
	s.marks = slices.Concat(s.marks[:first], marks, mark{}.of(entries), s.marks[last:])
}

// forgetSeveral lets the entries of a mark come again if it has several: some of them are counted elsewhere.
func (m *mark) forgetSeveral() {
	if m.entries > 1 {
		m.entries, m.shown = 0, true
	}
}

// markBegins returns the position after which the entries of a mark are.
func (s *shard) markBegins(i int) position {
	begins := s.settled
	if i > 0 {
		begins = s.marks[i-1].end
	}
	if begins.before(s.down) && s.down.before(s.marks[i].end) {
		begins = s.down
	}
	return begins
}

// backToMark returns the position that a round has read back to, from another one, if entries after at were read: the entries of a mark are
// counted together.
func (s *shard) backToMark(at, from position) position {
	for i, m := range s.marks {
		if m.entries > 1 && s.markBegins(i).before(at) && at.before(m.end) && m.end.before(from) {
			return m.end
		}
	}
	return at
}

// markAround returns where the mark begins that has a position amid several entries, which are counted together; the position for none.
func (s *shard) markAround(at position) position {
	for i, m := range s.marks {
		if begins := s.markBegins(i); m.entries > 1 && begins.before(at) && at.before(m.end) {
			return begins
		}
	}
	return at
}

// hasUnshown reports whether entries were read that are not shown.
func (s *shard) hasUnshown() bool {
	return slices.ContainsFunc(s.marks, func(m mark) bool { return !m.shown })
}

// markShown marks the entry at a position as shown.
func (s *shard) markShown(at position) {
	for i := range s.marks {
		if s.marks[i].end == at {
			s.marks[i].shown = true
		}
	}
}

// forgetUnshown lets a new round find the entries that were read, but not shown.
func (s *shard) forgetUnshown() {
	for i := range s.marks {
		if !s.marks[i].shown {
			s.marks[i].entries, s.marks[i].shown = 0, true
		}
	}
	s.began, s.down = 0, position{}
}

// settle moves the settled position to another one, after which entries may still appear, or as far as all was shown.
func (s *shard) settle(to position) {
	for len(s.marks) > 0 && s.marks[0].shown && !to.before(s.marks[0].end) {
		s.settled, s.marks = s.marks[0].end, s.marks[1:]
	}
	if s.settled.before(to) && (len(s.marks) == 0 || s.marks[0].entries <= 1 && to.before(s.marks[0].end)) {
		s.settled = to
	}
}

// MaxMarks is the most marks of a token: up to that many unsettled entries are remembered one by one, more of them in groups.
const MaxMarks = 200

// compact joins neighbouring marks, the earlier ones first and none much larger than others, until there are at most MaxMarks.
func (t *Token) compact() {
	for size := 2; ; size *= 2 {
		for joined := true; joined; {
			total, most := 0, &t.shards[0]
			for i := range t.shards {
				n := len(t.shards[i].marks)
				if total += n; n > len(most.marks) {
					most = &t.shards[i]
				}
			}
			if total <= MaxMarks {
				return
			}
			joined = most.join(size)
		}
	}
}

// join joins pairs of neighbours in the earlier half of the marks to marks of up to size entries, and reports whether it joined any. Of
// those that were shown and those that were not it makes one that wasn't, if it has to.
func (s *shard) join(size int) bool {
	const hasTo = 1 << 20
	var joined []mark
	half := len(s.marks) / 2
	for i := 0; i < len(s.marks); i++ {
		m := s.marks[i]
		if i < half {
			next := s.marks[i+1]
			across := !s.down.before(m.end) && s.down.before(next.end)
			if !across && m.entries+next.entries <= size && (m.shown == next.shown || size >= hasTo) {
				m = mark{next.end, m.entries + next.entries, m.shown && next.shown}
				if next.entries == 0 { // it isn't known whether the last one was shown
					m.entries, m.shown = 0, true
				}
				i++
			}
		}
		joined = append(joined, m)
	}
	changed := len(joined) < len(s.marks)
	s.marks = joined
	return changed
}
