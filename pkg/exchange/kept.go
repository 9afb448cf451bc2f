package exchange

// Kept is what a contact keeps of the records that it came from: what has no field, or no valid value, and what is needed to write the
// record again as it was. It is stored next to the contact as JSON. The contact wins where they contradict each other.
type Kept struct {
	Card *KeptCard `json:"card,omitempty"`
	Row  *KeptRow  `json:"row,omitempty"`
}

// KeptCard is a card: its properties in their order.
type KeptCard struct {
	Version    string         `json:"version"` // 2.1, 3.0 or 4.0
	Properties []KeptProperty `json:"properties"`
}

// KeptProperty is a property of a card.
type KeptProperty struct {
	Group  string      `json:"group,omitempty"`
	Name   string      `json:"name"`
	Params []KeptParam `json:"params,omitempty"`
	// Value is the decoded value; "" for one that the contact has (Field).
	Value string `json:"value,omitempty"`
	// Field names the field of the contact that has the value, and As the value that it had there when it was imported, in a form that
	// package card defines. An export writes the property with its group and parameters as long as the contact still has that value, and
	// leaves it out when it has not. "" for a property that no field has.
	Field string `json:"field,omitempty"`
	As    string `json:"as,omitempty"`
}

// KeptParam is a parameter of a property; Values has more than one for a list.
type KeptParam struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// KeptRow is the cells of a row that no field has, in the order of the file.
type KeptRow struct {
	Cells []KeptCell `json:"cells"`
}

// KeptCell is a cell with the heading of its column, as in the file; Number tells headings of one name apart, from 1.
type KeptCell struct {
	Heading string `json:"heading"`
	Number  int    `json:"number,omitempty"`
	Value   string `json:"value"`
}

// Empty reports whether nothing is kept.
func (k Kept) Empty() bool { return k.Card == nil && k.Row == nil }

// With returns what a contact keeps that kept k and was updated by a record with newer: all of newer, and what k has beyond it.
func (k Kept) With(newer Kept) Kept {
	if newer.Card == nil {
		newer.Card = k.Card
	}
	if newer.Row == nil {
		newer.Row = k.Row
	}
	return newer
}
