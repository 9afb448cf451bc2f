package store

import (
	"strconv"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A row is an item as a list shows it: its sort key and record.
type row struct {
	sk string
	contact.Record
	// incomplete is the shown part of an organization's item whose representatives aren't all inline; nil for any other.
	incomplete dynamo.Item
}

// rowAttributes are the attributes that readRow reads.
var rowAttributes = []string{"sk", AttrDoc, AttrShape, dynamo.AttrVersion, AttrRepresentatives, AttrRepresentativeCount, AttrMemberCount}

// readRow decodes an item into what RecordOf returns, without an Item in between.
func readRow(d *dynamo.Decoder) (r row, err error) {
	var derived dynamo.Item
	var doc []byte
	var shape int64
	err = dynamo.EachMember(d, func(name string) error {
		switch name {
		case "sk":
			sk, err := dynamo.ReadScalar(d, "S")
			r.sk = string(sk)
			r.ID = keys.LastID(r.sk)
			return err
		case AttrDoc:
			doc, err = dynamo.ReadScalar(d, "S")
			return err
		case AttrShape:
			number, err := dynamo.ReadScalar(d, "N")
			shape, _ = strconv.ParseInt(string(number), 10, 64)
			return err
		case dynamo.AttrVersion:
			version, err := dynamo.ReadScalar(d, "N")
			r.Version, _ = strconv.ParseInt(string(version), 10, 64)
			return err
		}
		value, err := dynamo.ReadValue(d)
		if derived == nil {
			derived = dynamo.Item{}
		}
		derived[name] = value
		return err
	})
	if doc, unreadable := convert(r.sk, doc, shape); unreadable == nil && IsObject(doc) {
		r.Doc = doc
	}
	if derived != nil && r.Doc != nil {
		if HasSeparateRepresentatives(derived) {
			derived["sk"], derived[dynamo.AttrVersion] = dynamo.String(r.sk), dynamo.Number(r.Version)
			setDoc(derived, r.Doc)
			r.incomplete = derived
		}
		r.Doc = derive(derived, r.Doc)
	}
	return r, err
}
