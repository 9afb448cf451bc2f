package store

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Attributes of a resource's item: the resource is one JSON text; the others are what conditions and lookups need.
const (
	AttrDoc        = "doc"        // S: the resource as the enfore dialect shows it
	AttrCreated    = "created"    // N: Unix milliseconds
	AttrUpdated    = "updated"    // N: Unix milliseconds
	AttrDeleted    = "deleted"    // BOOL: set on a deleted contact
	AttrOwner      = "owner"      // N: the contact that a unique value, or the lookup entry of an option's id, names
	AttrUniques    = "uniques"    // SS: the unique values that the resource has, "SPACE#value"
	AttrLookups    = "lookups"    // SS: the lookup keys that find the resource's contact, "SPACE#value"
	AttrReferences = "references" // SS: the targets that the resource refers to; ~ precedes those that may be deleted

	AttrDialectData       = "dialect"            // S: JSON that another dialect stores; changes of doc leave it
	AttrDialectReferences = "dialect_references" // SS: the targets that the dialect data refers to

	// Counters, which change without a new version of the resource.
	AttrReferenceCount = "reference_count" // N: how many references restrict the item's deletion
	AttrChildren       = "children"        // N: counts the changes of the item's children, so that a deletion can tell whether it has read them all
	AttrLastID         = "last_id"         // N: of a contact's guard, the greatest id of its parts
	AttrUnkept         = "unkept"          // N: of a contact's guard, the time of its last change without a before-image, Unix microseconds
	AttrCounted        = "counted"         // N: of a location, the time of the last change that AttrMemberCount has, Unix microseconds

	// Fields derived from other resources, shown after those of doc under the same names.
	AttrRepresentatives = "representatives" // M: the inline ones, by their RepresentativeName
	AttrMemberCount     = "member_count"    // N
)

// maxDoc is the largest doc, in bytes: the item, and the idempotency record with its answer, stay below DynamoDB's 400 KB.
const maxDoc = 350_000

// IDOf returns the id of an item: the last 16 digits of its sort key.
func IDOf(i dynamo.Item) contact.ID { return keys.LastID(i.String("sk")) }

// RecordOf returns the resource of an item. Its Doc is nil if the stored one isn't a JSON object with fields, so that a list can report it.
func RecordOf(i dynamo.Item) contact.Record {
	r := contact.Record{ID: IDOf(i), Version: i.Number(dynamo.AttrVersion)}
	if doc, err := Document(i); err == nil && IsObject(doc) {
		r.Doc = derive(i, doc)
	}
	return r
}

// derive returns doc with the derived fields.
func derive(i dynamo.Item, doc []byte) []byte {
	if all, ok := InlineRepresentatives(i); ok {
		doc = extend(doc, AttrRepresentatives, showRepresentatives(all))
	}
	if i.IsNumber(AttrMemberCount) {
		doc = extend(doc, AttrMemberCount, contact.ID(i.Number(AttrMemberCount)).String())
	}
	return doc
}

// extend adds a field to a JSON object that isn't empty.
func extend(doc []byte, name, value string) []byte {
	open := doc[:bytes.LastIndexByte(doc, '}')]
	return slices.Concat(open, []byte(`,"`+name+`":`+value+"}"))
}

// NewItem returns the item of a resource in version 1, created now.
func NewItem(key dynamo.Key, doc []byte, now time.Time) dynamo.Item {
	item := key.Item()
	setDoc(item, doc)
	item[dynamo.AttrVersion] = dynamo.Number(1)
	item[AttrCreated], item[AttrUpdated] = dynamo.Number(now.UnixMilli()), dynamo.Number(now.UnixMilli())
	return item
}

// nextItem returns stored in its next version, with another doc.
func nextItem(stored dynamo.Item, doc []byte, now time.Time) dynamo.Item {
	next := touched(stored, now)
	setDoc(next, doc)
	return next
}

// touched returns stored in its next version, with the same doc.
func touched(stored dynamo.Item, now time.Time) dynamo.Item {
	next := maps.Clone(stored)
	next[dynamo.AttrVersion] = dynamo.Number(stored.Number(dynamo.AttrVersion) + 1)
	next[AttrUpdated] = dynamo.Number(now.UnixMilli())
	return next
}

// encode returns the JSON of a resource. The error is TooLarge if it exceeds maxDoc.
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

// Decode returns the resource of an item, without derived fields. The error is that of Document, or that it is not a T.
func Decode[T any](stored dynamo.Item) (resource T, err error) {
	doc, err := Document(stored)
	if err != nil {
		return resource, err
	}
	if jsontext.Value(doc).Kind() != '{' { // null would be decoded as a nil pointer
		return resource, &unreadableError{stored.String("sk")}
	}
	return resource, json.Unmarshal(doc, &resource)
}

// IsObject reports whether doc is one JSON object with at least one field, as every stored document is.
func IsObject(doc []byte) bool {
	v := jsontext.Value(doc)
	if v.Kind() != '{' || !v.IsValid() {
		return false
	}
	_, fields, _ := bytes.Cut(doc, []byte{'{'})
	return bytes.TrimLeft(fields, " \t\r\n")[0] != '}'
}

// readable returns the record of an item, or an unreadableError.
func readable(i dynamo.Item) (contact.Record, error) {
	r := RecordOf(i)
	if r.Doc == nil {
		return r, &unreadableError{i.String("sk")}
	}
	return r, nil
}

// An unreadableError reports an item without a readable document.
type unreadableError struct{ sk string }

func (e *unreadableError) Error() string {
	return "store: the stored object " + e.sk + " can't be read"
}

// IsUnreadable reports whether err says that a stored object can't be read.
func IsUnreadable(err error) bool { return errors.As(err, new(*unreadableError)) }

// check returns Stale unless the stored item, nil for none, satisfies a precondition.
func check(p contact.Precondition, stored dynamo.Item) error {
	return p.Check(stored.Number(dynamo.AttrVersion), stored != nil)
}

var errDeleted = contact.Refuse(contact.Impossible, "the contact is deleted and can't be changed")

func notFound(noun string) error { return contact.Refuse(contact.NotFound, "%s not found", noun) }
