package dynamo

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
)

// An Item is a stored item: the resource as one JSON text (doc), and beside it what conditions and look-ups need.
type Item map[string]types.AttributeValue

// Attribute names, other than pk and sk.
const (
	attrDoc     = "doc"     // S: the resource as the enfore dialect shows it
	attrVersion = "v"       // N: counts the writes of the resource; its ETag
	attrCreated = "created" // N: Unix milliseconds
	attrUpdated = "updated" // N: Unix milliseconds
	attrDeleted = "deleted" // BOOL: there, and true, when the contact is deleted
	attrOwner   = "owner"   // N: the contact that a claim, or the entry of an option's id, leads to
	attrClaims  = "claims"  // SS: the unique values that the resource holds, "SPACE#value"
	attrFinds   = "finds"   // SS: the values by which the look-up finds the part's contact, "SPACE#value"
	attrRefers  = "refers"  // SS: the targets that the resource refers to; behind ~ those that may go
	attrExpires = "expires" // N: Unix seconds, the table's TTL attribute
	attrAside   = "aside"   // S: JSON that another dialect keeps beside doc; changes of doc leave it
	attrUses    = "uses"    // SS: the targets that what stands aside refers to

	// Counters beside a resource, which change without a new version of it.
	attrReferrers = "referrers" // N: how many lasting references lead here
	attrChildren  = "children"  // N: how many resources were made under this one that its deletion has to let go
	attrLast      = "last"      // N: of a contact's guard, the last id that was given to a part of it

	// Fields that other resources' writes derive: shown behind those of doc, under the same names.
	attrRepresentatives = "representatives" // M: those that lie on the organization's item, by their representativeName
	attrMemberCount     = "member_count"    // N
)

// maxDoc keeps an item, with its keys and the record of its answer, below DynamoDB's 400 KB.
const maxDoc = 350_000

// A row is a resource as a list shows it: its sort key, and its record.
type row struct {
	sk string
	contact.Record
	// scattered is an organization of which some representatives lie in items of their own: its item, as far as it is shown.
	scattered Item
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
func strs(texts []string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: texts} }
func bin(b []byte) types.AttributeValue        { return &types.AttributeValueMemberB{Value: b} }

func (k Key) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": str(k.PK), "sk": str(k.SK)}
}

func (i Item) key() Key { return Key{i.text("pk"), i.text("sk")} }

// entry is an item that says all it has to say by its key.
func (k Key) entry() Item { return k.attributes() }

func (i Item) text(name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func (i Item) bytes(name string) []byte {
	if v, ok := i[name].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}

func (i Item) number(name string) int64 {
	if v, ok := i[name].(*types.AttributeValueMemberN); ok {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		return n
	}
	return 0
}

func (i Item) is(name string) bool {
	v, ok := i[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func (i Item) texts(name string) []string {
	if v, ok := i[name].(*types.AttributeValueMemberSS); ok {
		return v.Value
	}
	return nil
}

// setText keeps a text, unless it is empty.
func (i Item) setText(name, value string) {
	delete(i, name)
	if value != "" {
		i[name] = str(value)
	}
}

// setTexts keeps a set of texts; DynamoDB has no empty one.
func (i Item) setTexts(name string, values []string) {
	delete(i, name)
	if len(values) > 0 {
		i[name] = strs(values)
	}
}

// keepTexts is setTexts on an item that may be nil: of a resource that goes.
func (i Item) keepTexts(name string, values []string) {
	if i != nil {
		i.setTexts(name, values)
	}
}

// lastID is the last 16 digits of a sort key.
func lastID(sk string) contact.ID {
	n, _ := strconv.ParseInt(sk[max(0, len(sk)-idDigits):], 10, 64)
	return contact.ID(n)
}

func (i Item) id() contact.ID { return lastID(i.text("sk")) }

// record reads a resource. A doc that is no JSON object, or an empty one, is left out, so that a list can say so in its
// problems.
func (i Item) record() contact.Record {
	r := contact.Record{ID: i.id(), Version: i.number(attrVersion)}
	if doc := []byte(i.text(attrDoc)); isObject(doc) {
		r.Doc = i.derive(doc)
	}
	return r
}

// derive puts the derived fields behind those of doc.
func (i Item) derive(doc []byte) []byte {
	if all, ok := i.inline(); ok {
		doc = extend(doc, attrRepresentatives, showRepresentatives(all))
	}
	if n, ok := i[attrMemberCount].(*types.AttributeValueMemberN); ok {
		doc = extend(doc, attrMemberCount, n.Value)
	}
	return doc
}

// extend adds a field to a JSON object that has some.
func extend(doc []byte, name, value string) []byte {
	open := doc[:bytes.LastIndexByte(doc, '}')]
	return slices.Concat(open, []byte(`,"`+name+`":`+value+"}"))
}

// newItem is the item of a resource in its first version. Later versions keep its created.
func newItem(key Key, doc []byte, now time.Time) Item {
	return Item{
		"pk": str(key.PK), "sk": str(key.SK),
		attrDoc: str(string(doc)), attrVersion: num(1),
		attrCreated: num(now.UnixMilli()), attrUpdated: num(now.UnixMilli()),
	}
}

// nextItem is the item of a resource that replaces stored.
func nextItem(stored Item, doc []byte, now time.Time) Item {
	next := maps.Clone(stored)
	next[attrDoc] = str(string(doc))
	next[attrVersion] = num(stored.number(attrVersion) + 1)
	next[attrUpdated] = num(now.UnixMilli())
	return next
}

// encode returns the JSON of a resource.
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

// decode reads the JSON of a stored resource.
func decode[T any](stored Item) (T, error) {
	var resource T
	err := json.Unmarshal([]byte(stored.text(attrDoc)), &resource)
	return resource, err
}

var yes = &types.AttributeValueMemberBOOL{Value: true}

// values are those of an expression's placeholders.
type values = map[string]types.AttributeValue
