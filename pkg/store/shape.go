package store

import (
	"fmt"

	"contacts/pkg/dynamo"
)

// AttrShape, N, is the version of the shape of doc; absent for version 1.
const AttrShape = "shape"

// A conversion converts documents from one version of their shape to the next. convert gets every document of the older version, with the
// sort key of its item, which tells the type of the resource; it returns those of other types unchanged.
type conversion struct {
	name    string
	convert func(sk string, doc []byte) ([]byte, error)
}

// conversions lead to the versions 2, 3 and so on. A change of a stored type that can't decode older documents appends one. Documents are
// converted when they are read, and stored in the latest shape when their resource changes.
var conversions []conversion

func latestShape() int64 { return int64(len(conversions)) + 1 }

// convert returns a document of a version of the shape, 0 for an absent attribute, in the latest one. The error is that of a conversion, or
// that the document is of a later version of the program.
func convert(sk string, doc []byte, shape int64) ([]byte, error) {
	shape = max(shape, 1)
	if shape > latestShape() {
		return nil, fmt.Errorf("store: the document has shape %d; the latest known is %d", shape, latestShape())
	}
	for _, c := range conversions[shape-1:] {
		var err error
		if doc, err = c.convert(sk, doc); err != nil {
			return nil, fmt.Errorf("store: %s: %w", c.name, err)
		}
	}
	return doc, nil
}

// Document returns the document of an item in the latest shape. The errors are those of convert.
func Document(i dynamo.Item) ([]byte, error) {
	return convert(i.String("sk"), []byte(i.String(AttrDoc)), i.Number(AttrShape))
}

// setDoc sets the document of an item, in the latest shape.
func setDoc(i dynamo.Item, doc []byte) {
	i[AttrDoc] = dynamo.String(string(doc))
	delete(i, AttrShape)
	if latest := latestShape(); latest > 1 {
		i[AttrShape] = dynamo.Number(latest)
	}
}
