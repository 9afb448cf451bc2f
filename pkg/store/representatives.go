package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// An organization shows who represents it, or did: one representative for each professional identity that names it. Up to
// MaxInline lie on its own item, so that a list of organizations shows them without a further read; each further one in an item of its own
// in the partition of the organization's parts, so that a change of one never costs more than it does among MaxInline. The identity
// knows where its representative lies, and it stays there; a new one learns it from the condition that it breaks. Each change gives the
// organization's item a new version: what was read of the others in between is then read again.

const (
	// MaxInline is how many representatives lie on the organization's item, some 60 bytes each. docs/benchmarks.md has what others would cost.
	MaxInline = 40
	// maxRepresentatives is how many there are of an organization, at most.
	maxRepresentatives = 10_000
)

const (
	AttrRepresentativeCount = "represented"    // N: how many representatives an organization has, inline or not
	AttrSeparate            = "separate"       // BOOL: of a professional identity: its representative is an item of its own
	AttrRepresentative      = "representative" // S: of such an item
)

// representative is what is kept of an identity among its organization's representatives: whether it is active, and when it became and
// ceased to be so, in Unix milliseconds, 0 for never.
func RepresentativeText(i dynamo.Item) string {
	return fmt.Sprintf("%t %d %d", i.Bool(AttrActive), i.Number(AttrActivated), i.Number(AttrDeactivated))
}

// AppendRepresentative appends the JSON of a representative to those of others; nothing, if it is damaged.
func AppendRepresentative(doc []byte, name, text string) []byte {
	identity, ok := keys.ParseRepresentativeName(name)
	var active bool
	var activated, deactivated int64
	if n, err := fmt.Sscanf(text, "%t %d %d", &active, &activated, &deactivated); !ok || err != nil || n != 3 {
		return doc
	}
	if len(doc) > 1 {
		doc = append(doc, ',')
	}
	doc = fmt.Appendf(doc, `{"professional_identity":{"contact_id":"%d","professional_identity_id":"%d"},"is_active":%t`, identity.Contact, keys.LastID(identity.Part), active)
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
func showRepresentatives(all dynamo.Item) string {
	if len(all) == 0 {
		return "[]"
	}
	doc := make([]byte, 1, 240*len(all))
	doc[0] = '['
	for _, name := range slices.Sorted(maps.Keys(all)) {
		doc = AppendRepresentative(doc, name, all.String(name))
	}
	return string(append(doc, ']'))
}

// InlineRepresentatives are the representatives on an organization's item, not ok if it has no place for any.
func InlineRepresentatives(i dynamo.Item) (all dynamo.Item, ok bool) {
	return i.Map(AttrRepresentatives)
}

// isScattered tells whether some of an organization's representatives lie in items of their own.
func IsScattered(i dynamo.Item) bool {
	inline, _ := InlineRepresentatives(i)
	return i.Number(AttrRepresentativeCount) > int64(len(inline))
}

// errRestless says that an organization got other representatives each time that they were read.
var errRestless = errors.New("dynamo: the representatives changed while they were read")

// gathered adds to an organization as it was read the representatives that lie in items of their own, as they were at one moment: it
// returns the organization as it was then. One Query and one GetItem, where there are such.
func (s *Store) withRepresentatives(ctx context.Context, org string, read dynamo.Item) (dynamo.Item, error) {
	for try := 0; IsScattered(read); try++ {
		if try > 0 {
			if err := dynamo.Backoff(ctx, try, errRestless); err != nil {
				return nil, err
			}
		}
		inline, _ := InlineRepresentatives(read)
		all := maps.Clone(inline)
		if all == nil {
			all = dynamo.Item{}
		}
		prefix := keys.SegmentRepresentative + "#"
		if err := s.Query(keys.Parts(org, IDOf(read))).Prefix(prefix).Read(ctx, 0, func(i dynamo.Item) {
			all[strings.TrimPrefix(i.String("sk"), prefix)] = i[AttrRepresentative]
		}); err != nil {
			return nil, err
		}
		again, err := s.Get(ctx, read.Key())
		if err != nil {
			return nil, err
		}
		if again.Number(dynamo.AttrVersion) == read.Number(dynamo.AttrVersion) {
			again[AttrRepresentatives] = dynamo.Map(all)
			delete(again, AttrRepresentativeCount)
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
func (s *Store) addRepresentatives(ctx context.Context, org string, rows []contact.Record, scattered map[int]dynamo.Item) error {
	var size atomic.Int64
	for _, r := range rows {
		size.Add(int64(len(r.Doc)))
	}
	indexes := slices.Sorted(maps.Keys(scattered))
	return dynamo.EachParallel(ctx, len(indexes), func(ctx context.Context, i int) error {
		if size.Load() > maxAnswer {
			return nil
		}
		row := &rows[indexes[i]]
		item, err := s.withRepresentatives(ctx, org, scattered[indexes[i]])
		if err == nil {
			whole := RecordOf(item)
			size.Add(int64(len(whole.Doc) - len(row.Doc)))
			*row = whole
		}
		return err
	})
}

// represented writes the representative of an identity, which is next's; it goes, if that is nil.
func (tx *transaction) represented(org string, organization, individual, id contact.ID, stored, next dynamo.Item) {
	key, name := keys.Contact(org, organization), keys.RepresentativeName(individual, id)
	own := keys.Representative(org, organization, name)
	tx.touch(key)
	u := tx.Update(key)
	separate := stored.Bool(AttrSeparate)
	if stored == nil {
		if separate = tx.store.crowded.holds(key); separate {
			next[AttrSeparate] = dynamo.True
		}
		u.Add(AttrRepresentativeCount, 1)
		tx.Check(key, tx.store.canBeRepresented(key, separate)...)
	}
	switch {
	case next == nil && separate:
		tx.Delete(own)
	case next == nil:
		u.Remove(AttrRepresentatives + "." + name)
	case separate:
		item := own.Item()
		item[AttrRepresentative] = dynamo.String(RepresentativeText(next))
		tx.Put(item)
	default:
		u.Set(AttrRepresentatives+"."+name, dynamo.String(RepresentativeText(next)))
	}
	if next == nil {
		u.Add(AttrRepresentativeCount, -1)
	}
}

// canBeRepresented requires that an organization can have another representative, on its item or apart from it. Where it can't on its item the
// next try finds it crowded.
func (s *Store) canBeRepresented(key dynamo.Key, separate bool) []dynamo.Condition {
	missing := contact.RefuseAt(contact.Impossible, "/organization_contact", "it does not exist")
	conditions := []dynamo.Condition{
		dynamo.Exists(missing),
		dynamo.Require(dynamo.Or(dynamo.AttributeNotExists(AttrRepresentativeCount), dynamo.LessThan(AttrRepresentativeCount, maxRepresentatives)),
			contact.RefuseAt(contact.Impossible, "/organization_contact", "has %d representatives; it can have no more", maxRepresentatives)),
	}
	if !separate {
		conditions = append(conditions, dynamo.RequireFunc(dynamo.SizeLessThan(AttrRepresentatives, MaxInline), func(stored dynamo.Item) error {
			if stored == nil {
				return missing
			}
			s.crowded.add(key)
			return dynamo.ErrConflict
		}))
	}
	return conditions
}

// A keySet is a set of keys that a process remembers: the latest of them at least.
type keySet struct {
	mu      sync.Mutex
	keys    map[dynamo.Key]bool
	earlier map[dynamo.Key]bool
}

// maxKeys is how many keys a keySet holds twice, at most: some 100 bytes each.
const maxKeys = 1000

func (s *keySet) holds(key dynamo.Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key] || s.earlier[key]
}

func (s *keySet) add(key dynamo.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || len(s.keys) == maxKeys {
		s.keys, s.earlier = map[dynamo.Key]bool{}, s.keys
	}
	s.keys[key] = true
}
