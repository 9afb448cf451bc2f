package exchange

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"contacts/pkg/vcard"
)

// Kept is what a contact keeps of the records that it came from: what has no field, or no valid value, and what is needed to write the
// record again as it was. It is stored next to the contact as JSON. The contact wins where they contradict each other.
type Kept struct {
	Card *KeptCard `json:"card,omitempty"`
	Row  *KeptRow  `json:"row,omitempty"`
}

// KeptCard is the properties of a card in their order, in the forms of version 3.0 whatever the card's version was. Those that an export
// writes in the same way without them are not kept: none at all, if that goes for all.
type KeptCard struct {
	Properties []KeptProperty `json:"properties"`
}

// KeptProperty is a property of a card.
type KeptProperty struct {
	Group  string      `json:"group,omitempty"`
	Name   string      `json:"name"`
	Params []KeptParam `json:"params,omitempty"`
	// Value is the decoded value; "" for one that the contact has (Field), written in the usual way.
	Value string `json:"value,omitempty"`
	// Field names the field of the contact that has the value, "" if none has, and As is a digest of the value that the field had when the
	// card was imported. An export writes the property as long as the contact still has that value.
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

// KeptCell is a cell with the heading of its column, as in the file.
type KeptCell struct {
	Heading string `json:"heading"`
	Number  int    `json:"number,omitzero"` // tells headings of one name apart, from 2; 0 for the first
	Value   string `json:"value"`
	// Own says that the cell describes a professional identity of the organization that imported it: what an export of its own contact
	// has. A contact that exists has the identity itself.
	Own bool `json:"own,omitzero"`
}

// Empty reports whether nothing is kept.
func (k Kept) Empty() bool { return k.Card == nil && k.Row == nil }

// FieldIdentity is the Field of a property of a professional identity that the importing organization itself exported.
const FieldIdentity = "identity"

// With returns what a contact keeps that kept k and was updated by a record with newer: all of newer, and what k has beyond it. Newer's
// properties of professional identities are not kept: an update leaves the contact's identities as they are.
func (k Kept) With(newer Kept) Kept {
	if newer.Card != nil {
		newer.Card = newer.Card.withoutIdentities()
	}
	newer.Card = k.Card.with(newer.Card)
	newer.Row = k.Row.with(newer.Row)
	return newer
}

func (c *KeptCard) withoutIdentities() *KeptCard {
	rest := slices.DeleteFunc(slices.Clone(c.Properties), func(p KeptProperty) bool { return p.Field == FieldIdentity })
	if len(rest) == 0 {
		return nil
	}
	return &KeptCard{rest}
}

// with returns the properties of newer, and those of c that it does not have. Either may be nil. It is c itself if newer has no more: a card
// that went out and comes back changes nothing, in whatever version and order it does.
func (c *KeptCard) with(newer *KeptCard) *KeptCard {
	if c == nil || newer == nil {
		return cmp.Or(newer, c)
	}
	older := map[string][]int{} // indexes of the properties of c by what they are
	for i, p := range c.Properties {
		older[p.identity()] = append(older[p.identity()], i)
	}
	var all []KeptProperty
	found, replaced, singles, groups := 0, map[int]bool{}, map[string]bool{}, map[string]string{}
	for _, p := range newer.Properties {
		same := older[p.identity()]
		at := slices.IndexFunc(same, func(i int) bool { return !replaced[i] && c.Properties[i].says(p) })
		if at >= 0 {
			replaced[same[at]] = true
			group := p.Group
			p = c.Properties[same[at]]
			p.Group = group
			found++
		}
		if single := p.single(); single != "" {
			singles[single] = true
		}
		groups[strings.ToLower(p.Group)] = p.Group
		all = append(all, p)
	}
	if found == len(newer.Properties) {
		return c
	}
	renamed := map[string]string{}
	for i, p := range c.Properties {
		if replaced[i] || singles[p.single()] {
			continue
		}
		if group := strings.ToLower(p.Group); group != "" && groups[group] != "" { // another group of the same name
			if renamed[group] == "" {
				renamed[group] = FreeGroup(groups)
			}
			p.Group = renamed[group]
		}
		all = append(all, p)
	}
	return &KeptCard{all}
}

// single returns the name of a property that a card has once, and "" for any other.
func (p KeptProperty) single() string {
	name := strings.ToUpper(p.Name)
	switch name {
	case "N", "FN", "UID", "KIND", "BDAY", "REV", "PRODID", "SORT-STRING", "X-ABSHOWAS":
		return name
	case "PHOTO":
		if p.Field != "" {
			return name
		}
	}
	return ""
}

// identity returns what is the same in properties that may say the same: all but the group, and the value of a field.
func (p KeptProperty) identity() string {
	c := p.canonical()
	if p.Field != "" {
		c.Value = ""
	}
	text, _ := json.Marshal([]any{c, p.Field, p.As}) // strings alone
	return string(text)
}

// says reports whether a property with the same identity has the same value. The field has that of a property without one.
func (p KeptProperty) says(other KeptProperty) bool {
	return p.Value == "" || other.Value == "" || p.Value == other.Value || p.canonical().Value == other.canonical().Value
}

func (p KeptProperty) canonical() vcard.Property { return p.Property().Canonical() }

// Property returns the property as one of a card.
func (p KeptProperty) Property() vcard.Property {
	all := vcard.Property{Group: p.Group, Name: p.Name, Value: p.Value}
	for _, param := range p.Params {
		all.Params = append(all.Params, vcard.Param(param))
	}
	return all
}

// FreeGroup returns the name of a group that is not in use, and marks it as such.
func FreeGroup(groups map[string]string) string {
	for i := 1; ; i++ {
		if name := "item" + strconv.Itoa(i); groups[name] == "" {
			groups[name] = name
			return name
		}
	}
}

// with returns the cells of both rows: those of k in their order, with the values of newer, then the others of newer. Cells about
// professional identities of the organization itself are left out: the contact has them.
func (k *KeptRow) with(newer *KeptRow) *KeptRow {
	if newer == nil {
		return k
	}
	both := &KeptRow{}
	if k != nil {
		both.Cells = slices.Clone(k.Cells)
	}
	for _, cell := range newer.Cells {
		same := slices.IndexFunc(both.Cells, func(c KeptCell) bool { return c.Heading == cell.Heading && c.Number == cell.Number })
		switch {
		case cell.Own:
		case same >= 0:
			both.Cells[same].Value = cell.Value
		default:
			both.Cells = append(both.Cells, cell)
		}
	}
	if len(both.Cells) == 0 {
		return k
	}
	return both
}
