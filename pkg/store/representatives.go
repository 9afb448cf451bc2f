package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// An organization shows its present and former representatives: one for each professional identity that names it. Up to MaxInline are inline,
// on its own item, so that a list shows them without another read. Each further one is separate: an item in the partition of the
// organization's parts, so that a change never costs more than among MaxInline. The identity records where its representative is, which
// never changes; a new one learns from a failed condition that the organization is full. Each change increments the version of the
// organization, so that a read of separate representatives can tell whether they changed meanwhile.

const (
	// MaxInline is the most inline representatives, of some 60 bytes each. docs/benchmarks.md compares other limits.
	MaxInline = 40
	// maxRepresentatives is the most representatives of an organization.
	maxRepresentatives = 10_000
)

const (
	AttrRepresentativeCount = "represented"    // N: of an organization: the number of its representatives, inline and separate
	AttrSeparate            = "separate"       // BOOL: of a professional identity: its representative is separate
	AttrRepresentative      = "representative" // S: of a separate representative: RepresentativeText
)

// RepresentativeText returns the stored form of an identity's representative: whether it is active, and when it became active and
// inactive, in Unix milliseconds, 0 for never.
func RepresentativeText(i dynamo.Item) string {
	return fmt.Sprintf("%t %d %d", i.Bool(AttrActive), i.Number(AttrActivated), i.Number(AttrDeactivated))
}

// AppendRepresentative appends the JSON of a representative to an array without its end. It omits one that is damaged.
func AppendRepresentative(doc []byte, name, text string) []byte {
	identity, ok := keys.ParseRepresentativeName(name)
	fields := strings.Fields(text)
	if !ok || len(fields) != 3 {
		return doc
	}
	active, notBool := strconv.ParseBool(fields[0])
	activated, notNumber := strconv.ParseInt(fields[1], 10, 64)
	deactivated, notNumber2 := strconv.ParseInt(fields[2], 10, 64)
	if errors.Join(notBool, notNumber, notNumber2) != nil {
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

// showRepresentatives returns the JSON of representatives, in the order of their names. It omits damaged ones, which would make the whole
// document invalid.
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

// InlineRepresentatives returns an organization's inline representatives; ok is false if the item has no attribute for them.
func InlineRepresentatives(i dynamo.Item) (all dynamo.Item, ok bool) {
	return i.Map(AttrRepresentatives)
}

// HasSeparateRepresentatives reports whether an organization has more representatives than the inline ones.
func HasSeparateRepresentatives(i dynamo.Item) bool {
	inline, _ := InlineRepresentatives(i)
	return i.Number(AttrRepresentativeCount) > int64(len(inline))
}

// errRepresentativesChange says that an organization's representatives changed during each read.
var errRepresentativesChange = errors.New("store: the representatives changed while they were read")

// withRepresentatives returns an organization that was read, with its separate representatives inline: a consistent snapshot, which may be
// newer than the one read. It takes a Query and a GetItem if there are any.
func (s *Store) withRepresentatives(ctx context.Context, org string, read dynamo.Item) (dynamo.Item, error) {
	for try := 0; HasSeparateRepresentatives(read); try++ {
		if try > 0 {
			if err := dynamo.Backoff(ctx, try, errRepresentativesChange); err != nil {
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

// addRepresentatives adds the separate representatives to the incomplete rows of a page. It stops once the page exceeds the largest answer.
func (s *Store) addRepresentatives(ctx context.Context, org string, rows []contact.Record, incomplete map[int]dynamo.Item) error {
	var size atomic.Int64
	for _, r := range rows {
		size.Add(int64(len(r.Doc)))
	}
	indexes := slices.Sorted(maps.Keys(incomplete))
	return dynamo.EachParallel(ctx, len(indexes), func(ctx context.Context, i int) error {
		if size.Load() > maxAnswer {
			return nil
		}
		row := &rows[indexes[i]]
		item, err := s.withRepresentatives(ctx, org, incomplete[indexes[i]])
		if err == nil {
			whole := RecordOf(item)
			size.Add(int64(len(whole.Doc) - len(row.Doc)))
			*row = whole
		}
		return err
	})
}

// writeRepresentative writes the representative of an identity that changes from stored to next, or deletes it if next is nil.
func (tx *transaction) writeRepresentative(org string, organization, individual, id contact.ID, stored, next dynamo.Item) {
	key, name := keys.Contact(org, organization), keys.RepresentativeName(individual, id)
	own := keys.Representative(org, organization, name)
	tx.touch(key)
	u := tx.Update(key)
	separate := stored.Bool(AttrSeparate)
	if stored == nil {
		if separate = tx.store.fullOrganizations.has(key); separate {
			next[AttrSeparate] = dynamo.True
		}
		u.Add(AttrRepresentativeCount, 1)
		tx.Check(key, tx.store.hasRoom(key, separate)...)
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

// hasRoom requires that an organization can have another representative, inline or separate. If it has no room inline, the next try adds a
// separate one.
func (s *Store) hasRoom(key dynamo.Key, separate bool) []dynamo.Condition {
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
			s.fullOrganizations.add(key)
			return dynamo.ErrConflict
		}))
	}
	return conditions
}

// A keySet is a set that remembers at least the latest maxKeys keys. It is safe for concurrent use.
type keySet struct {
	mu      sync.Mutex
	keys    map[dynamo.Key]bool
	oldKeys map[dynamo.Key]bool
}

// maxKeys is half the most keys of a keySet, of some 100 bytes each.
const maxKeys = 1000

func (s *keySet) has(key dynamo.Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key] || s.oldKeys[key]
}

func (s *keySet) add(key dynamo.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || len(s.keys) == maxKeys {
		s.keys, s.oldKeys = map[dynamo.Key]bool{}, s.keys
	}
	s.keys[key] = true
}
