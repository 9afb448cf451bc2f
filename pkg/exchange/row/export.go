package row

import (
	"encoding/json"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/csvfile"
	"contacts/pkg/exchange"
)

// ownColumns are the columns that an export always has. A file that has them all is read as one of ours.
var ownColumns = []string{"kind", "external_id", "name", "date_of_birth", "anniversary", "founded", "tags"}

// semanticParts are the parts of a contact that are kept under the name of their field.
var semanticParts = contactParts[len(ownColumns):]

const (
	// maxChannels is the greatest number of channels of a kind in a row. A contact with more has further rows with its external id and
	// name, whose import adds them.
	maxChannels = 20
	// maxKept is the greatest number of columns for kept cells, and maxHeadings the greatest length of their headings together, in bytes: a
	// layout fits into an item of the table.
	maxKept     = 1000
	maxHeadings = 100_000
)

// channelFamilies are the kinds of channels, in the order of their columns.
var channelFamilies = []string{"email", "phone", "address", "web_address"}

// Layout is the columns of an export: those that its contacts need. It is complete when all of them were added.
type Layout struct {
	Numbers map[string]int  `json:"numbers"` // the number of channels of each kind, and of identities, in a row
	Parts   map[string]bool `json:"parts"`   // the parts that some contact has: given_name, email.description, …
	Kept    []KeptColumn    `json:"kept"`
}

// KeptColumn is a heading of kept cells, with the number of columns that it has.
type KeptColumn struct {
	Heading string `json:"heading"`
	Count   int    `json:"count"`
}

// Add makes room for a contact.
func (l *Layout) Add(c *exchange.Contact) {
	if l.Numbers == nil {
		l.Numbers, l.Parts = map[string]int{}, map[string]bool{}
	}
	for _, cells := range rowsOf(c) {
		for _, f := range cells.fields {
			if f.family == "" {
				l.Parts[f.part] = true
				continue
			}
			l.Numbers[f.family] = max(l.Numbers[f.family], f.number)
			l.Parts[f.family+"."+f.part] = true
		}
	}
	columns, length := 0, 0
	for _, column := range l.Kept {
		columns += column.Count
		length += len(column.Heading)
	}
	for _, cell := range keptCells(c) {
		at := slices.IndexFunc(l.Kept, func(k KeptColumn) bool { return k.Heading == cell.Heading })
		more := max(cell.Number, 1)
		if at >= 0 {
			more = max(0, more-l.Kept[at].Count)
		}
		switch {
		case columns+more > maxKept, at < 0 && length+len(cell.Heading) > maxHeadings:
			l.Parts[keptPart] = true
			continue
		case at < 0:
			l.Kept = append(l.Kept, KeptColumn{cell.Heading, more})
			length += len(cell.Heading)
		default:
			l.Kept[at].Count += more
		}
		columns += more
	}
}

// Headings returns the header.
func (l *Layout) Headings() []string {
	var all []string
	for _, f := range l.fields() {
		all = append(all, f.String())
	}
	for _, column := range l.Kept {
		for range column.Count {
			all = append(all, csvfile.Guard(keptHeading(column.Heading)))
		}
	}
	return all
}

// keptHeading returns the heading of a column of kept cells: marked, if the heading alone would be read as a field.
func keptHeading(heading string) string {
	if _, isField := parseOwnField(heading); isField || strings.HasPrefix(heading, keptPrefix) || strings.EqualFold(heading, ProblemHeading) {
		return keptPrefix + heading
	}
	return heading
}

// fields returns the fields of the columns in their order.
func (l *Layout) fields() []field {
	var all []field
	for _, part := range ownColumns {
		all = append(all, field{part: part})
	}
	for _, part := range semanticParts {
		if l.Parts[part] {
			all = append(all, field{part: part})
		}
	}
	for _, family := range append(slices.Clone(channelFamilies), "identity") {
		for n := 1; n <= l.Numbers[family]; n++ {
			for _, part := range partsOf(family) {
				if l.Parts[family+"."+part] {
					all = append(all, field{family, n, part})
				}
			}
		}
	}
	if l.Parts[keptPart] {
		all = append(all, field{part: keptPart})
	}
	return all
}

func partsOf(family string) []string {
	if family == "identity" {
		return identityParts
	}
	return channelParts[family]
}

// Rows returns the rows of a contact that was added: one, unless it has more channels of a kind than a row.
func (l *Layout) Rows(c *exchange.Contact) [][]string {
	fields := l.fields()
	var rows [][]string
	for i, cells := range rowsOf(c) {
		kept := make([][]string, len(l.Kept))
		for k, column := range l.Kept {
			kept[k] = make([]string, column.Count)
		}
		if i == 0 {
			cells.set(field{part: keptPart}, l.place(keptCells(c), kept))
		}
		row := make([]string, 0, len(fields))
		for _, f := range fields {
			row = append(row, cells.get(f))
		}
		row = slices.Concat(append([][]string{row}, kept...)...)
		for j := range row {
			row[j] = csvfile.Guard(row[j])
		}
		rows = append(rows, row)
	}
	return rows
}

// place puts kept cells in their columns, and returns those that have none as JSON, "" for none.
func (l *Layout) place(cells []exchange.KeptCell, columns [][]string) string {
	var rest []exchange.KeptCell
	for _, cell := range cells {
		k := slices.IndexFunc(l.Kept, func(column KeptColumn) bool { return column.Heading == cell.Heading })
		if n := max(cell.Number, 1) - 1; k >= 0 && n < len(columns[k]) {
			columns[k][n] = cell.Value
		} else {
			rest = append(rest, cell)
		}
	}
	if rest == nil {
		return ""
	}
	text, _ := json.Marshal(rest) // texts and numbers alone
	return string(text)
}

// cells are the values of a row by their fields.
type cells struct {
	fields []field
	texts  []string
}

func (c *cells) set(f field, text string) {
	if text != "" {
		c.fields, c.texts = append(c.fields, f), append(c.texts, text)
	}
}

func (c *cells) get(f field) string {
	if i := slices.Index(c.fields, f); i >= 0 {
		return c.texts[i]
	}
	return ""
}

// rowsOf returns the rows of a contact, without kept cells.
func rowsOf(c *exchange.Contact) []cells {
	first := cells{}
	first.set(field{part: "kind"}, c.ID().Kind().String())
	first.set(field{part: "external_id"}, c.UID())
	first.set(field{part: "name"}, c.Name())
	if c.Individual != nil {
		first.set(field{part: "date_of_birth"}, string(c.Individual.DateOfBirth))
		first.set(field{part: "anniversary"}, string(c.Individual.Anniversary))
	} else {
		first.set(field{part: "founded"}, string(c.Organization.Founded))
	}
	first.set(field{part: "tags"}, joinList(c.Tags))
	for _, part := range semanticParts {
		first.set(field{part: part}, keptText(c, part))
	}
	for i, identity := range c.Identities {
		if i < maxChannels {
			first.identity(c.Org, i+1, identity)
		}
	}
	rows := []cells{first}
	more := func(i int) (row *cells, number int) {
		for len(rows) <= i/maxChannels {
			next := cells{}
			for _, part := range []string{"kind", "external_id", "name"} {
				next.set(field{part: part}, first.get(field{part: part}))
			}
			rows = append(rows, next)
		}
		return &rows[i/maxChannels], i%maxChannels + 1
	}
	for i, e := range c.Emails {
		row, n := more(i)
		row.channel("email", n, string(e.Address), string(e.Type), e.UsageContext, e.Description)
	}
	for i, p := range c.Phones {
		row, n := more(i)
		row.channel("phone", n, p.Number, string(p.Type), p.UsageContext, p.Description)
		row.set(field{"phone", n, "usages"}, joinUsages(p.Usages))
	}
	for i, a := range c.Addresses {
		row, n := more(i)
		row.channel("address", n, a.FullAddress, string(a.Type), a.UsageContext, a.Description)
		for part, text := range map[string]string{"recipient_name": a.RecipientName, "care_of": a.CareOf, "street_name": a.StreetName,
			"street_number": a.StreetNumber, "additional": a.Additional, "zip": a.Zip, "city": a.City, "country_code": string(a.CountryCode),
			"usages": joinUsages(a.Usages)} {
			row.set(field{"address", n, part}, text)
		}
	}
	for i, w := range c.WebAddresses {
		row, n := more(i)
		row.channel("web_address", n, string(w.URL), string(w.Type), w.UsageContext, w.Description)
	}
	return rows
}

// channel sets what all channels have.
func (c *cells) channel(family string, number int, value, kind string, context contact.UsageContext, description string) {
	c.set(field{family, number, channelParts[family][0]}, value)
	c.set(field{family, number, "type"}, kind)
	c.set(field{family, number, "usage_context"}, string(context))
	c.set(field{family, number, "description"}, description)
}

func joinUsages[T ~string](usages []T) string {
	texts := make([]string, len(usages))
	for i, usage := range usages {
		texts[i] = string(usage)
	}
	return strings.Join(texts, ", ")
}

// identity sets what describes a professional identity. Its channels are shown; an import does not read them.
func (c *cells) identity(org string, number int, identity exchange.Identity) {
	emails, phones, addresses, pages := []string{}, []string{}, []string{}, []string{}
	for _, e := range identity.Emails {
		emails = append(emails, string(e.Address))
	}
	for _, p := range identity.Phones {
		phones = append(phones, p.Number)
	}
	for _, a := range identity.Addresses {
		addresses = append(addresses, a.FullAddress)
	}
	for _, w := range identity.WebAddresses {
		pages = append(pages, string(w.URL))
	}
	for part, text := range map[string]string{"id": org + ":" + identity.ID.String(), "organization": identity.Organization,
		"departments": joinList(identity.Departments), "job_title": identity.JobTitle, "emails": joinList(emails), "phones": joinList(phones),
		"addresses": joinList(addresses), "web_addresses": joinList(pages)} {
		c.set(field{"identity", number, part}, text)
	}
}

// keptText returns the kept value of a part of the contact, "" for none, or for one that the contact contradicts: parts of another name, or an
// organization where the contact has identities of its own.
func keptText(c *exchange.Contact, part string) string {
	if c.Kept.Row == nil {
		return ""
	}
	get := func(part string) string {
		at := slices.IndexFunc(c.Kept.Row.Cells, func(cell exchange.KeptCell) bool { return cell.Heading == part && cell.Number == 0 })
		if at < 0 {
			return ""
		}
		return c.Kept.Row.Cells[at].Value
	}
	switch part {
	case "organization", "department", "job_title":
		if len(c.Identities) > 0 {
			return ""
		}
	case "nickname":
	default:
		if c.Individual != nil && !slices.Equal(nameWords(spelled(get)), nameWords(c.Name())) {
			return ""
		}
	}
	return get(part)
}

// nameWords returns the words of a name, folded and sorted.
func nameWords(name string) []string {
	words := strings.FieldsFunc(contact.Fold(name), func(r rune) bool { return r == ',' || strings.ContainsRune(" \t\n\u00a0", r) })
	slices.Sort(words)
	return words
}

// keptCells returns the cells that an export writes under their own headings.
func keptCells(c *exchange.Contact) []exchange.KeptCell {
	if c.Kept.Row == nil {
		return nil
	}
	var all []exchange.KeptCell
	for _, cell := range c.Kept.Row.Cells {
		if slices.Contains(semanticParts, cell.Heading) && cell.Number == 0 || cell.Own && len(c.Identities) > 0 {
			continue
		}
		all = append(all, cell)
	}
	return all
}
