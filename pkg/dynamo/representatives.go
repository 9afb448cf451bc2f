package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// An organization shows who represents it, or did: one representative for each professional identity that names it. Up to
// maxInline lie on its own item, so that a list of organizations shows them without a further read; each further one in an item of its own
// in the partition of the organization's parts, so that a change of one never costs more than it does among maxInline. The identity
// knows where its representative lies, and it stays there; a new one learns it from the condition that it breaks. Each change gives the
// organization's item a new version: what was read of the others in between is then read again.

const (
	// maxInline is how many representatives lie on the organization's item, some 60 bytes each. docs/benchmarks.md has what others would cost.
	maxInline = 40
	// maxRepresentatives is how many there are of an organization, at most.
	maxRepresentatives = 10_000
)

const (
	attrRepresented    = "represented"    // N: how many representatives an organization has, inline or not
	attrSeparate       = "separate"       // BOOL: of a professional identity: its representative is an item of its own
	attrRepresentative = "representative" // S: of such an item
)

// representativeName is how an organization keeps the representative that a professional identity makes of its individual: in the
// order in which identities were made, and different where those of two individuals have the same id.
func representativeName(individual, identity contact.ID) string {
	return digits(identity) + "#" + digits(individual)
}

// parseRepresentativeName is the reverse of representativeName.
func parseRepresentativeName(name string) (identity target, ok bool) {
	first, second, _ := strings.Cut(name, "#")
	id, ok := idOf(first)
	individual, also := idOf(second)
	return partTarget(individual, segmentIdentity, id), ok && also
}

// representative is what is kept of an identity among its organization's representatives: whether it is active, and when it became and
// ceased to be so, in Unix milliseconds, 0 for never.
func (i Item) representative() string {
	return fmt.Sprintf("%t %d %d", i.is(attrActive), i.number(attrActivated), i.number(attrDeactivated))
}

// appendRepresentative appends the JSON of a representative to those of others; nothing, if it is damaged.
func appendRepresentative(doc []byte, name, text string) []byte {
	identity, ok := parseRepresentativeName(name)
	var active bool
	var activated, deactivated int64
	if n, err := fmt.Sscanf(text, "%t %d %d", &active, &activated, &deactivated); !ok || err != nil || n != 3 {
		return doc
	}
	if len(doc) > 1 {
		doc = append(doc, ',')
	}
	doc = fmt.Appendf(doc, `{"professional_identity":{"contact_id":"%d","professional_identity_id":"%d"},"is_active":%t`, identity.contact, lastID(identity.part), active)
	if since := contact.TimeOf(activated); since != "" {
		doc = fmt.Appendf(doc, `,"activation_date":"%s"`, since)
	}
	if since := contact.TimeOf(deactivated); since != "" {
		doc = fmt.Appendf(doc, `,"deactivation_date":"%s"`, since)
	}
	return append(doc, '}')
}

// showRepresentatives is the JSON of representatives, in the order of their names. One that is damaged is left out: it must not spoil the
// JSON of all that is shown with it.
func showRepresentatives(all Item) string {
	if len(all) == 0 {
		return "[]"
	}
	doc := make([]byte, 1, 240*len(all))
	doc[0] = '['
	for _, name := range slices.Sorted(maps.Keys(all)) {
		v, ok := all[name].(*types.AttributeValueMemberS)
		if !ok {
			continue
		}
		doc = appendRepresentative(doc, name, v.Value)
	}
	return string(append(doc, ']'))
}

// inline are the representatives on an organization's item.
func (i Item) inline() (all Item, ok bool) {
	m, ok := i[attrRepresentatives].(*types.AttributeValueMemberM)
	if !ok {
		return nil, false
	}
	return m.Value, true
}

// isScattered tells whether some of an organization's representatives lie in items of their own.
func (i Item) isScattered() bool {
	inline, _ := i.inline()
	return i.number(attrRepresented) > int64(len(inline))
}

// errRestless says that an organization got other representatives each time that they were read.
var errRestless = errors.New("dynamo: the representatives changed while they were read")

// gathered adds to an organization as it was read the representatives that lie in items of their own, as they were at one moment: it
// returns the organization as it was then. One Query and one GetItem, where there are such.
func (t *Table) gathered(ctx context.Context, org string, read Item) (Item, error) {
	for try := 0; read.isScattered(); try++ {
		if try > 0 {
			if err := backoff(ctx, try, errRestless); err != nil {
				return nil, err
			}
		}
		inline, _ := read.inline()
		all := maps.Clone(inline)
		if all == nil {
			all = Item{}
		}
		prefix := segmentRepresentative + "#"
		if err := t.prefixed(partsOf(org, read.id())).read(ctx, prefix, 0, func(i Item) {
			all[strings.TrimPrefix(i.text("sk"), prefix)] = i[attrRepresentative]
		}); err != nil {
			return nil, err
		}
		again, err := t.get(ctx, read.key())
		if err != nil {
			return nil, err
		}
		if again.number(attrVersion) == read.number(attrVersion) {
			again[attrRepresentatives] = &types.AttributeValueMemberM{Value: all}
			delete(again, attrRepresented)
			return again, nil
		}
		if read = again; read == nil {
			return nil, notFound("contact")
		}
	}
	return read, nil
}

// gather puts the representatives into the rows of a page that lie in items of their own. It leaves them out where the page is more than an
// answer can carry already.
func (t *Table) gather(ctx context.Context, org string, rows []contact.Record, scattered map[int]Item) error {
	var size atomic.Int64
	for _, r := range rows {
		size.Add(int64(len(r.Doc)))
	}
	indexes := slices.Sorted(maps.Keys(scattered))
	return EachParallel(ctx, len(indexes), func(ctx context.Context, i int) error {
		if size.Load() > maxShown {
			return nil
		}
		row := &rows[indexes[i]]
		item, err := t.gathered(ctx, org, scattered[indexes[i]])
		if err == nil {
			whole := item.record()
			size.Add(int64(len(whole.Doc) - len(row.Doc)))
			*row = whole
		}
		return err
	})
}

// represented writes the representative of an identity, which is next's; it goes, if that is nil.
func (tx *transaction) represented(org string, organization, individual, id contact.ID, stored, next Item) {
	key, name := contactKey(org, organization), representativeName(individual, id)
	own := representativeKey(org, organization, name)
	tx.touch(key)
	u := &tx.step(key).update
	separate := stored.is(attrSeparate)
	if stored == nil {
		if separate = tx.table.crowded.holds(key); separate {
			next[attrSeparate] = yes
		}
		u.count(attrRepresented, 1)
		tx.require(key, tx.table.mayBeRepresented(key, separate))
	}
	switch {
	case next == nil && separate:
		tx.remove(own)
	case next == nil:
		u.remove(attrRepresentatives + "." + name)
	case separate:
		item := own.entry()
		item[attrRepresentative] = str(next.representative())
		tx.put(item)
	default:
		u.set(attrRepresentatives+"."+name, str(next.representative()))
	}
	if next == nil {
		u.count(attrRepresented, -1)
	}
}

// mayBeRepresented holds of an organization that can have another representative, on its item or apart from it. Where it can't on
// its item the try after finds it crowded.
func (t *Table) mayBeRepresented(key Key, separate bool) condition {
	c := condition{text: "attribute_exists(pk) AND (attribute_not_exists(represented) OR represented < :representatives)",
		values: values{":representatives": num(maxRepresentatives)}}
	if !separate {
		c.text += " AND size(representatives) < :inline"
		c.values[":inline"] = num(maxInline)
	}
	c.explain = func(stored Item) error {
		inline, sound := stored.inline()
		switch {
		case stored == nil:
			return contact.RefuseAt(contact.Impossible, "/organization_contact", "it does not exist")
		case stored.number(attrRepresented) >= maxRepresentatives:
			return contact.RefuseAt(contact.Impossible, "/organization_contact", "has %d representatives; it can have no more", maxRepresentatives)
		case !separate && (!sound || len(inline) >= maxInline):
			t.crowded.add(key)
			return errChanged
		}
		return nil
	}
	return c
}

// A keySet is a set of keys that a process remembers: the latest of them at least.
type keySet struct {
	mu      sync.Mutex
	keys    map[Key]bool
	earlier map[Key]bool
}

// maxKeys is how many keys a keySet holds twice, at most: some 100 bytes each.
const maxKeys = 1000

func (s *keySet) holds(key Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key] || s.earlier[key]
}

func (s *keySet) add(key Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || len(s.keys) == maxKeys {
		s.keys, s.earlier = map[Key]bool{}, s.keys
	}
	s.keys[key] = true
}
