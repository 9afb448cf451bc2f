package main

import "slices"

// A row is a target with its measurement. A series of one figure has no spread.
type row struct {
	what   string
	got    series
	atMost float64
}

// targets returns the targets of the project.
func (r *report) targets() []row {
	get, details, create := r.operation(getContact), r.operation(getDetails), r.operation(createContact)
	short, long := r.operation(list200), r.operation(list5000)
	slowest := r.most(func(b *starts) float64 { return b.warm.over(r.start(bare).warm).median() })
	slowestCold := r.most(func(b *starts) float64 { return r.coldOver(conventional, b).median() })
	slowestAlike := r.most(func(b *starts) float64 { return r.coldOver(alike, b).median() })
	largest := r.most(func(b *starts) float64 { return float64(b.size) })
	fullest := r.most(func(b *starts) float64 { return b.idle.median() })
	idle := make(series, len(fullest.idle))
	for i, bytes := range fullest.idle {
		idle[i] = bytes / 1e6
	}
	return []row{
		{"start-up to the first `/next`, slowest function (" + slowest.name + ") / bare", slowest.warm.over(r.start(bare).warm), 1.6},
		{"start-up, page cache dropped, slowest function (" + slowestCold.name + ") / conventional with the same clients",
			r.coldOver(conventional, slowestCold), 0.85},
		{"start-up, page cache dropped, slowest function (" + slowestAlike.name + ") / conventional with the same clients, built as functions are",
			r.coldOver(alike, slowestAlike), 1.05},
		{"GET contact, p50 / raw GetItem in a bare handler", get.of(individuals).p50.over(get.of(raw).p50), 1.10},
		{"list of 200, CPU / conventional", short.of(individuals).cpu.over(short.of(conventional).cpu), 0.40},
		{"list of 5,000, CPU / conventional", long.of(individuals).cpu.over(long.of(conventional).cpu), 0.25},
		{"create contact, p50 / raw TransactWriteItems of the same items", create.of(individuals).p50.over(create.of(raw).p50), 1.15},
		{"details of a contact with 40 parts, p50 / raw GetItem and Query side by side", details.of(individuals).p50.over(details.of(raw).p50), 1.20},
		{"read units of a page at offset 999,800 / at 0", r.deepUnits(), 1.2},
		{"binary, MB, largest function (" + largest.name + ")", series{megabytes(largest.size)}, 12},
		{"memory when idle, MB, fullest function (" + fullest.name + ")", idle, 18},
		{"memory at most, after 20 lists of 5,000, MB", series{megabytes(r.afterLists.Peak)}, 30},
	}
}

// deepUnits returns the ratio of the read units of the last page of all contacts and the first, if measured.
func (r *report) deepUnits() series {
	if len(r.deep) == 0 {
		return nil
	}
	at := func(offset int) float64 {
		i := slices.IndexFunc(r.deep, func(d depth) bool { return d.offset == offset && d.of == "" })
		return r.deep[i].units
	}
	return series{at(lastPage) / at(0)}
}

func (r *report) operation(name string) *operation {
	i := slices.IndexFunc(r.operations, func(o *operation) bool { return o.name == name })
	return r.operations[i]
}

func (r *report) start(name string) *starts {
	i := slices.IndexFunc(r.starts, func(b *starts) bool { return b.name == name })
	return r.starts[i]
}

// coldOver returns the ratio of cold starts to those of the variant of a baseline that links the same clients of the SDK.
func (r *report) coldOver(baseline string, b *starts) series {
	return b.cold.over(r.start(baseline + b.variant).cold)
}

// most returns the function, not a baseline, with the greatest value.
func (r *report) most(of func(*starts) float64) *starts {
	functions := slices.DeleteFunc(slices.Clone(r.starts), func(b *starts) bool { return isBaseline(b.name) })
	return slices.MaxFunc(functions, func(a, b *starts) int {
		if of(a) < of(b) {
			return -1
		}
		return 1
	})
}

func (r row) verdict() string {
	if r.got.median() <= r.atMost {
		return "ok"
	}
	return "MISSED"
}
