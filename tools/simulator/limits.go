package simulator

import (
	"maps"
	"sync"
	"time"
)

// Limits are the units of one partition in a second. 0 is no limit.
type Limits struct{ Write, Read float64 }

// DynamoDB's limits of one partition.
const (
	PartitionWrites = 1000
	PartitionReads  = 3000
)

// PerPartition returns the limits of DynamoDB, divided.
func PerPartition(divisor float64) Limits {
	return Limits{Write: PartitionWrites / divisor, Read: PartitionReads / divisor}
}

// A window is the units that a partition consumed in one second. A request that finds units left may consume more than there are: its cost
// is known only afterwards, and reduces the next second.
type window struct {
	second int64 // Unix
	used   float64
}

// at advances the window to the present second.
func (w *window) at(now time.Time, limit float64) {
	for second := now.Unix(); w.second < second; {
		if w.used -= limit; w.used <= 0 {
			w.used, w.second = 0, second
			return
		}
		w.second++
	}
}

// A meter counts the units of partitions and enforces their limits.
type meter struct {
	now    func() time.Time
	mu     sync.Mutex
	limits Limits
	writes map[string]*window
	reads  map[string]*window
	usage  Usage
}

// Usage is the consumption of partitions since the last Measure.
type Usage struct {
	Writes, Reads map[string]float64 // units by partition
	Throttled     map[string]int     // refused items by partition
	Conflicts     int                // refused writes
}

func newUsage() Usage {
	return Usage{Writes: map[string]float64{}, Reads: map[string]float64{}, Throttled: map[string]int{}}
}

func newMeter(l Limits, now func() time.Time) *meter {
	if now == nil {
		now = time.Now
	}
	return &meter{now: now, limits: l, writes: map[string]*window{}, reads: map[string]*window{}, usage: newUsage()}
}

// spent reports whether a partition has no units left, and counts it.
func (m *meter) spent(partition string, writing bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	w, limit := m.window(partition, writing)
	if limit == 0 || w.used < limit {
		return false
	}
	m.usage.Throttled[partition]++
	return true
}

// window returns the window of a partition in the present second.
func (m *meter) window(partition string, writing bool) (*window, float64) {
	all, limit := m.reads, m.limits.Read
	if writing {
		all, limit = m.writes, m.limits.Write
	}
	now := m.now()
	w := all[partition]
	if w == nil {
		w = &window{second: now.Unix()}
		all[partition] = w
	}
	w.at(now, limit)
	return w, limit
}

// charge subtracts units from a partition.
func (m *meter) charge(partition string, units float64, writing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w, limit := m.window(partition, writing); limit > 0 {
		w.used += units
	}
	if writing {
		m.usage.Writes[partition] += units
	} else {
		m.usage.Reads[partition] += units
	}
}

func (m *meter) conflict() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Conflicts++
}

// measure returns the usage since its last call.
func (m *meter) measure() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.usage
	m.usage = newUsage()
	// A window of an earlier second can be dropped.
	now := m.now().Unix()
	for _, all := range []map[string]*window{m.writes, m.reads} {
		maps.DeleteFunc(all, func(_ string, w *window) bool { return w.second < now && w.used == 0 })
	}
	return u
}

// inProgress has the items of writes in progress.
type inProgress struct {
	mu  sync.Mutex
	all map[key]holder
}

// A holder is a transaction in progress, identified by its token, or single writes, which don't conflict with each other.
type holder struct {
	token   string // of a transaction
	singles int
}

// begin registers the writes of a request until end, or returns which of them meet a transaction in progress. again reports that it is the same
// transaction.
func (f *inProgress) begin(r *request) (conflicts map[int]bool, again bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, w := range r.writes {
		under := f.all[w.key]
		switch under.token {
		case "":
		case r.token:
			again = true
		default:
			if conflicts == nil {
				conflicts = map[int]bool{}
			}
			conflicts[i] = true
		}
	}
	if conflicts != nil || again {
		return conflicts, again
	}
	for _, w := range r.writes {
		under := f.all[w.key]
		if r.single() {
			under.singles++
		} else {
			under.token = r.token
		}
		f.all[w.key] = under
	}
	return nil, false
}

func (f *inProgress) end(r *request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range r.writes {
		under := f.all[w.key]
		if r.single() {
			under.singles--
		} else {
			under.token = ""
		}
		if under.token == "" && under.singles == 0 {
			delete(f.all, w.key)
			continue
		}
		f.all[w.key] = under
	}
}
