package store

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Attributes of a resource's item. The resource itself is one JSON text; next to it stands what conditions and look-ups need.
const (
	AttrDoc        = "doc"        // S: the resource as the enfore dialect shows it
	AttrCreated    = "created"    // N: Unix milliseconds
	AttrUpdated    = "updated"    // N: Unix milliseconds
	AttrDeleted    = "deleted"    // BOOL: set on a deleted contact
	AttrOwner      = "owner"      // N: the contact that a unique value, or the lookup entry of an option's id, leads to
	AttrUniques    = "uniques"    // SS: the unique values that the resource has, "SPACE#value"
	AttrLookups    = "lookups"    // SS: the lookup keys by which the part's contact is found, "SPACE#value"
	AttrReferences = "references" // SS: the targets that the resource refers to; ~ precedes those that may be deleted

	AttrDialectData       = "dialect"            // S: JSON that another dialect keeps; changes of doc leave it
	AttrDialectReferences = "dialect_references" // SS: the targets that the dialect data refers to

	// Counters, which change without a new version of the resource.
	AttrReferenceCount = "reference_count" // N: how many references restrict the item's deletion
	AttrChildren       = "children"        // N: counts changes under the item that its deletion has to see
	AttrLastID         = "last_id"         // N: of a contact's guard, the last id that was given to a part of it

	// Fields that other resources' writes derive: shown after those of doc, under the same names.
	AttrRepresentatives = "representatives" // M: those that are kept on the organization's item, by their RepresentativeName
	AttrMemberCount     = "member_count"    // N
)

// maxDoc keeps an item, with its keys and the record of its answer, below DynamoDB's 400 KB.
const maxDoc = 350_000

// IDOf returns the id of an item: the last 16 digits of its sort key.
func IDOf(i dynamo.Item) contact.ID { return keys.LastID(i.String("sk")) }

// RecordOf returns the resource of an item. A doc that is no JSON object, or an empty one, is left out, so that a list can report it.
func RecordOf(i dynamo.Item) contact.Record {
	r := contact.Record{ID: IDOf(i), Version: i.Number(dynamo.AttrVersion)}
	if doc := []byte(i.String(AttrDoc)); IsObject(doc) {
		r.Doc = derive(i, doc)
	}
	return r
}

// derive appends the derived fields to those of doc.
func derive(i dynamo.Item, doc []byte) []byte {
	if all, ok := InlineRepresentatives(i); ok {
		doc = extend(doc, AttrRepresentatives, showRepresentatives(all))
	}
	if i.IsNumber(AttrMemberCount) {
		doc = extend(doc, AttrMemberCount, contact.ID(i.Number(AttrMemberCount)).String())
	}
	return doc
}

// extend adds a field to a JSON object that has some.
func extend(doc []byte, name, value string) []byte {
	open := doc[:bytes.LastIndexByte(doc, '}')]
	return slices.Concat(open, []byte(`,"`+name+`":`+value+"}"))
}

// NewItem returns the item of a resource in its first version. Later versions keep its time of creation.
func NewItem(key dynamo.Key, doc []byte, now time.Time) dynamo.Item {
	return dynamo.Item{
		"pk": dynamo.String(key.PK), "sk": dynamo.String(key.SK),
		AttrDoc: dynamo.String(string(doc)), dynamo.AttrVersion: dynamo.Number(1),
		AttrCreated: dynamo.Number(now.UnixMilli()), AttrUpdated: dynamo.Number(now.UnixMilli()),
	}
}

// nextItem returns the item of a resource that replaces stored.
func nextItem(stored dynamo.Item, doc []byte, now time.Time) dynamo.Item {
	next := maps.Clone(stored)
	next[AttrDoc] = dynamo.String(string(doc))
	next[dynamo.AttrVersion] = dynamo.Number(stored.Number(dynamo.AttrVersion) + 1)
	next[AttrUpdated] = dynamo.Number(now.UnixMilli())
	return next
}

// encode returns the JSON of a resource. TooLarge if an item can't hold it.
func encode(resource any) ([]byte, error) {
	doc, err := json.Marshal(resource)
	if err != nil {
		return nil, err
	}
	if len(doc) > maxDoc {
		return nil, contact.Refuse(contact.TooLarge, "the resource is %d bytes of JSON; at most %d can be kept", len(doc), maxDoc)
	}
	return doc, nil
}

// Decode reads the JSON of a stored resource.
func Decode[T any](stored dynamo.Item) (T, error) {
	var resource T
	err := json.Unmarshal([]byte(stored.String(AttrDoc)), &resource)
	return resource, err
}

// IsObject reports whether doc is one JSON object that has fields, as all that is kept is.
func IsObject(doc []byte) bool {
	v := jsontext.Value(doc)
	if v.Kind() != '{' || !v.IsValid() {
		return false
	}
	_, fields, _ := bytes.Cut(doc, []byte{'{'})
	return bytes.TrimLeft(fields, " \t\r\n")[0] != '}'
}

// readable returns the item's record, or a fault if it can't be shown.
func readable(i dynamo.Item) (contact.Record, error) {
	r := RecordOf(i)
	if r.Doc == nil {
		return r, &unreadableError{i.String("sk")}
	}
	return r, nil
}

// An unreadableError is the fault of an item that has no resource.
type unreadableError struct{ sk string }

func (e *unreadableError) Error() string {
	return "store: the stored object " + e.sk + " can't be read"
}

// check requires what a precondition does of the stored version. contact.ErrStale if it is not so.
func check(p contact.Precondition, stored dynamo.Item) error {
	version := stored.Number(dynamo.AttrVersion)
	if p.IfMatch.Given && !p.IfMatch.Match(version) || p.IfNoneMatch.Given && (p.IfNoneMatch.Any && stored != nil || slices.Contains(p.IfNoneMatch.Versions, version)) {
		return contact.ErrStale
	}
	return nil
}

var errDeleted = contact.Refuse(contact.Impossible, "the contact is deleted and can't be changed")

func notFound(noun string) error { return contact.Refuse(contact.NotFound, "%s not found", noun) }
