package phone

import (
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// plan is the numbering plan of one region, or of one calling code that belongs
// to no region (international freephone, satellite networks).
type plan struct {
	code          string  // calling code, "49"
	international pattern // what is dialled before a calling code
	trunk         pattern // what is dialled before a national number
	rewrite       string  // what replaces trunk when its last group matched, "9$1"
	lengths       lengths // digits of a national number
	local         lengths // digits of a number that works only within its area
	shape         pattern // a whole national number
}

// lengths is a set of digit counts: bit n stands for n digits.
type lengths uint32

func (l lengths) has(n int) bool { return l>>n&1 == 1 }
func (l lengths) max() int       { return bits.Len32(uint32(l)) - 1 }

// plans holds the plans in use by row key. It is a cache of the table, never
// larger than it: keys that have no row are not stored.
var plans sync.Map // string → *plan

// regionPlan returns the plan of a region, nil when it is unknown.
func regionPlan(region string) *plan {
	// The rows of calling codes without a region have numbers as keys; they
	// must not be taken for regions.
	if len(region) != 2 || !isCapital(region[0]) || !isCapital(region[1]) {
		return nil
	}
	return planOf(region)
}

func isCapital(b byte) bool { return 'A' <= b && b <= 'Z' }

// codePlan returns the plan of the main region of a calling code, which must be
// one that cutCode found.
func codePlan(code string) *plan {
	row, _ := rowOf(codes, code)
	return planOf(row)
}

// cutCode takes the calling code off the digits of an international number;
// code is "" when none starts it. No calling code starts another one.
func cutCode(digits string) (code, rest string) {
	for n := 1; n <= 3 && n < len(digits); n++ {
		if _, found := rowOf(codes, digits[:n]); found {
			return digits[:n], digits[n:]
		}
	}
	return "", digits
}

// rowOf returns what follows "key;" on its line of table, whose first line is a
// comment.
func rowOf(table, key string) (row string, found bool) {
	_, after, found := strings.Cut(table, "\n"+key+";")
	row, _, _ = strings.Cut(after, "\n")
	return row, found
}

// planOf returns the plan with the given key, nil when there is none.
func planOf(key string) *plan {
	if p, found := plans.Load(key); found {
		return p.(*plan)
	}
	row, found := rowOf(table, key)
	if !found {
		return nil
	}
	f := strings.Split(row, ";")
	p, _ := plans.LoadOrStore(strings.Clone(key), &plan{
		code:          f[0],
		international: pattern{source: f[1]},
		trunk:         pattern{source: f[2]},
		rewrite:       f[3],
		lengths:       lengthsOf(f[4]),
		local:         lengthsOf(f[5]),
		shape:         pattern{source: f[6], whole: true},
	})
	return p.(*plan)
}

// lengthsOf reads a set as the table spells it, in hexadecimal.
func lengthsOf(hex string) lengths {
	n, _ := strconv.ParseUint(hex, 16, 32) // "" is the empty set
	return lengths(n)
}

// possible reports whether a national number may have n digits.
func (p *plan) possible(n int) bool { return p.lengths.has(n) || p.local.has(n) }

// tooLong reports whether n digits are more than any national number has.
func (p *plan) tooLong(n int) bool { return n > p.lengths.max() && !p.local.has(n) }

// cutInternational removes the international prefix. A calling code never
// starts with 0, so what looks like a prefix before a 0 is none.
func (p *plan) cutInternational(digits string) (rest string, found bool) {
	m := p.international.find(digits)
	if m == nil || strings.HasPrefix(digits[m[1]:], "0") {
		return digits, false
	}
	return digits[m[1]:], true
}

// cutOwnCode removes the calling code of the region from a number dialled
// without plus sign or prefix, but only if the digits make more sense without:
// many national numbers start with the same digits.
func (p *plan) cutOwnCode(digits string) (national string, found bool) {
	rest, found := strings.CutPrefix(digits, p.code)
	if !found {
		return digits, false
	}
	national = p.cutTrunk(rest)
	if p.tooLong(len(digits)) ||
		!p.shape.matches(digits) && p.shape.matches(national) {
		return national, true
	}
	return digits, false
}

// withoutTrunk removes or rewrites the trunk prefix of a national number, unless
// what is left would be too short or of no length in use: then the digits were
// part of the number.
func (p *plan) withoutTrunk(national string) string {
	rest := p.cutTrunk(national)
	if n := len(rest); p.lengths.has(n) || p.tooLong(n) {
		return rest
	}
	return national
}

// cutTrunk removes or rewrites the trunk prefix, unless that makes a number that
// fits the plan into one that does not.
func (p *plan) cutTrunk(national string) string {
	if p.trunk.source == "" || national == "" {
		return national
	}
	m := p.trunk.find(national)
	if m == nil {
		return national
	}
	rest := national[m[1]:]
	// The last group tells the prefixes to rewrite from those to remove.
	if p.rewrite != "" && m[len(m)-2] >= 0 {
		rest = p.trunk.expand(p.rewrite, national, m) + rest
	}
	if p.shape.matches(national) && !p.shape.matches(rest) {
		return national
	}
	return rest
}

// pattern is a regular expression over digits, anchored at the start and, if
// whole, at the end. It is compiled at its first use; one that is plain digits,
// as most prefixes are, never is.
type pattern struct {
	source string
	whole  bool
	once   sync.Once
	re     *regexp.Regexp
}

func (p *pattern) compiled() *regexp.Regexp {
	p.once.Do(func() {
		end := ""
		if p.whole {
			end = "$"
		}
		// The generator has compiled every pattern of the table.
		p.re = regexp.MustCompile("^(?:" + p.source + ")" + end)
	})
	return p.re
}

// find returns where the match and its groups start and end, as regexp does, or
// nil.
func (p *pattern) find(digits string) []int {
	if strings.Trim(p.source, "0123456789") == "" {
		if p.source == "" || !strings.HasPrefix(digits, p.source) {
			return nil
		}
		return []int{0, len(p.source)}
	}
	return p.compiled().FindStringSubmatchIndex(digits)
}

func (p *pattern) matches(digits string) bool { return p.compiled().MatchString(digits) }

// expand fills the groups of match m of digits into template.
func (p *pattern) expand(template, digits string, m []int) string {
	return string(p.compiled().ExpandString(nil, template, digits, m))
}
