package row

import (
	"encoding/json"
	"slices"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/csvfile"
	"contacts/pkg/exchange"
)

// A value is the text of a cell, not blank.
type value struct {
	text   string
	column int // its index
}

// reading is a row that becomes a draft.
type reading struct {
	table    *Table
	settings exchange.Settings
	orders   Orders
	values   map[field][]value // by field; some have several columns
	kept     map[int]string    // the cells to keep by column, with the heading to keep them under; "" for the column's own
	own      map[int]bool      // which of them describe professional identities of the importing organization
	cells    []string
	draft    exchange.Draft
}

// Draft returns the contact that a row describes. orders are those of the whole file (Survey).
func (t *Table) Draft(row csvfile.Row, orders Orders, settings exchange.Settings) exchange.Draft {
	r := &reading{table: t, settings: settings, orders: orders, values: map[field][]value{}, kept: map[int]string{}, own: map[int]bool{}, cells: row.Cells}
	if row.Problem != "" {
		r.draft.Kind = settings.Kind
		r.draft.Problems = []exchange.Problem{{Detail: row.Problem}}
		return r.draft
	}
	for i, c := range t.columns {
		if i >= len(row.Cells) || c.ignored {
			continue
		}
		text := t.cell(row.Cells[i])
		if !t.own {
			text = strings.TrimSpace(text)
		}
		switch {
		case text == "":
		case c.field == field{}:
			r.kept[i] = ""
		default:
			r.values[c.field] = append(r.values[c.field], value{text, i})
		}
	}
	r.kindAndName()
	r.externalID()
	r.draft.DateOfBirth = r.date("date_of_birth")
	r.draft.Anniversary = r.date("anniversary")
	r.draft.Founded = r.date("founded")
	r.tags()
	r.channels()
	r.identity()
	r.draft.Kept.Row = r.keptRow()
	return r.draft
}

// one returns the value of a part of the contact itself.
func (r *reading) one(part string) (value, bool) {
	if all := r.values[field{part: part}]; len(all) > 0 {
		return all[0], true
	}
	return value{}, false
}

// text returns the text of a part of the contact itself, "" for none.
func (r *reading) text(part string) string {
	v, _ := r.one(part)
	return v.text
}

// keep keeps a cell, and says why if that is not as it should be.
func (r *reading) keep(v value, why string) {
	r.kept[v.column] = ""
	if why != "" {
		r.warn(v, why)
	}
}

func (r *reading) warn(v value, why string) {
	r.draft.Warnings = append(r.draft.Warnings, exchange.Problem{Field: r.table.columns[v.column].heading, Detail: why})
}

// keepAs keeps a cell under the name of its field, by which an export knows it again.
func (r *reading) keepAs(part string) {
	if v, found := r.one(part); found {
		r.kept[v.column] = part
	}
}

// keptRow returns the cells to keep.
func (r *reading) keptRow() *exchange.KeptRow {
	row := &exchange.KeptRow{}
	for i, c := range r.table.columns {
		heading, kept := r.kept[i]
		if !kept {
			continue
		}
		cell := exchange.KeptCell{Heading: c.heading, Number: c.number, Value: r.table.cell(r.cells[i]), Own: r.own[i]}
		switch {
		case heading != "":
			cell.Heading, cell.Number = heading, 0
		case !r.table.own && slices.Contains(semanticParts, c.heading): // not the part that is kept under this name
			cell.Number = max(c.number, 1) + 1
		}
		row.Cells = append(row.Cells, cell)
	}
	if v, found := r.one(keptPart); found {
		var rest []exchange.KeptCell
		if err := json.Unmarshal([]byte(v.text), &rest); err != nil {
			r.warn(v, "is not as an export wrote it: leave the column as it is")
			rest = []exchange.KeptCell{{Heading: keptPart, Value: v.text}}
		}
		row.Cells = append(row.Cells, rest...)
	}
	if len(row.Cells) == 0 {
		return nil
	}
	return row
}

// salutations are no part of a name.
var salutations = []string{"herr", "frau", "hr", "fr", "herrn", "mr", "mrs", "ms", "miss", "mx", "monsieur", "madame", "divers", "firma"}

// nameParts are the parts that make up a name, in their order.
var nameParts = []string{"name_prefix", "given_name", "middle_name", "family_name", "name_suffix"}

// kindAndName sets both: they depend on each other. An individual's name is its name, else its parts, else its organization, nickname, or
// email address; a row that has an organization and no name of a person is an organization, unless the import says otherwise.
func (r *reading) kindAndName() {
	d := &r.draft
	parts := spelled(r.text)
	person := r.text("name") != "" || parts != ""
	d.Kind = r.settings.Kind
	if v, found := r.one("kind"); found && !r.settings.Forced {
		kind, known := kinds[headingKey(v.text)]
		if d.Kind = kind; !known {
			d.Kind = r.settings.Kind
			r.keep(v, "is no kind of contact: write INDIVIDUAL or ORGANIZATION")
		}
	} else if !r.settings.Forced && !person && r.text("organization") != "" {
		d.Kind = contact.Organization
	}
	sources := []string{"name", "", "organization", "nickname"}
	if d.Kind == contact.Organization {
		sources = []string{"name", "organization", "", "nickname"}
	}
	source := ""
	for _, part := range append(sources, "email") {
		text := r.text(part)
		switch part {
		case "":
			text = parts
		case "email":
			text = r.firstEmail()
		}
		if text != "" {
			source, d.Name = part, text
			break
		}
	}
	name, fault := exchange.Text(d.Name)
	if fault != "" {
		problem := exchange.Problem{Detail: "the name " + fault}
		if v, found := r.one(source); found {
			problem.Field = r.table.columns[v.column].heading
		}
		d.Name, d.Problems = "", append(d.Problems, problem)
		return
	}
	d.Name = name
	d.MadeUpName = source == "email" || source == "nickname" || source == "organization" && d.Kind == contact.Individual
	r.keepName(source)
}

// spelled returns the name that its parts make up. A salutation is none of them.
func spelled(text func(part string) string) string {
	var words []string
	for _, part := range nameParts {
		if part == "name_prefix" && slices.Contains(salutations, headingKey(text(part))) {
			continue
		}
		words = append(words, strings.Fields(text(part))...)
	}
	return strings.Join(words, " ")
}

// keepName keeps what the name alone does not say: its parts, unless the last word is the family name and the others are given ones, and what
// else names the contact.
func (r *reading) keepName(source string) {
	words := strings.Fields(r.draft.Name)
	plain := len(words) > 0 && r.text("family_name") == words[len(words)-1] && r.text("given_name") == strings.Join(words[:len(words)-1], " ") &&
		r.text("name_prefix") == "" && r.text("middle_name") == "" && r.text("name_suffix") == ""
	if !plain || r.draft.Kind == contact.Organization {
		for _, part := range nameParts {
			r.keepAs(part)
		}
	}
	for _, part := range []string{"organization", "department", "job_title", "nickname"} {
		if source != part || part == "organization" && r.draft.Kind == contact.Individual {
			r.keepAs(part)
		}
	}
}

var kinds = map[string]contact.Kind{"individual": contact.Individual, "person": contact.Individual, "contact": contact.Individual,
	"organization": contact.Organization, "organisation": contact.Organization, "company": contact.Organization, "firma": contact.Organization}

// firstEmail returns the first email address of the row, "" for none.
func (r *reading) firstEmail() string {
	for i, c := range r.table.columns {
		if c.field.family == "email" && c.field.part == "address" && i < len(r.cells) {
			if text := strings.TrimSpace(r.table.cell(r.cells[i])); text != "" {
				return text
			}
		}
	}
	return ""
}

func (r *reading) externalID() {
	v, found := r.one("external_id")
	if !found {
		return
	}
	d := &r.draft
	if d.Self = exchange.SelfID(strings.TrimSpace(v.text), r.settings.Org); d.Self != 0 {
		return
	}
	if isShortened(v.text) {
		d.BadExternalID = shortenedNumber
	} else {
		id, fault := exchange.Formatted("external-id", v.text)
		d.ExternalID, d.BadExternalID = contact.ExternalID(id), fault
	}
	if d.BadExternalID != "" {
		d.ExternalID = ""
		r.keep(v, d.BadExternalID)
	}
}

func (r *reading) date(part string) contact.Date {
	v, found := r.one(part)
	if !found {
		return ""
	}
	order := r.orders[v.column+1].Order
	if order == Undecided {
		order = defaultOrder(r.settings.Region)
	}
	date, fault := parseDate(strings.TrimSpace(v.text), order)
	switch {
	case fault != "":
		r.keep(v, fault)
	case date == "":
	case part == "founded" && r.draft.Kind != contact.Organization, part != "founded" && r.draft.Kind == contact.Organization:
		r.keep(v, "") // this kind of contact has no such date
		return ""
	}
	return date
}

// tags sets the tags. Google separates them by " ::: ", others by semicolons or commas.
func (r *reading) tags() {
	v, found := r.one("tags")
	if !found {
		return
	}
	var names []string
	switch {
	case r.table.own:
		names = splitList(v.text)
	case strings.Contains(v.text, googleSeparator), strings.HasPrefix(v.text, googleSystem):
		names = strings.Split(v.text, googleSeparator)
	case strings.ContainsAny(v.text, ";\n"):
		names = splitList(strings.ReplaceAll(v.text, "\n", ";"))
	default:
		names = strings.Split(v.text, ",")
	}
	seen := map[string]bool{}
	for _, name := range names {
		if !r.table.own {
			name = strings.TrimPrefix(strings.TrimSpace(name), googleSystem)
			if strings.EqualFold(name, "myContacts") {
				continue
			}
		}
		tag, fault := exchange.TagName(name)
		switch folded := contact.Fold(tag); {
		case fault != "":
			r.keep(v, "a tag "+fault)
		case tag != "" && !seen[folded]:
			seen[folded] = true
			r.draft.Tags = append(r.draft.Tags, tag)
		}
	}
}

const (
	googleSeparator = " ::: "
	googleSystem    = "* " // a group or label of Google's own; or the preferred one
)

// identity sets what the row says of a professional identity. The columns of our own export describe identities that the contact of the same
// organization has already.
func (r *reading) identity() {
	d := &r.draft
	d.Organization, d.JobTitle = valid(r.text("organization")), valid(r.text("job_title"))
	if department := valid(r.text("department")); department != "" {
		d.Departments = []string{department}
	}
	if d.Kind == contact.Organization {
		d.Organization, d.JobTitle, d.Departments = "", "", nil
	}
	for i, c := range r.table.columns {
		values := r.values[c.field]
		if c.field.family != "identity" || len(values) == 0 {
			continue
		}
		ids := r.values[field{"identity", c.field.number, "id"}]
		r.kept[i] = ""
		r.own[i] = len(ids) > 0 && strings.HasPrefix(ids[0].text, r.settings.Org+":")
		if c.field.number > 1 || d.Kind == contact.Organization {
			continue
		}
		switch c.field.part {
		case "organization":
			d.Organization = valid(values[0].text)
		case "job_title":
			d.JobTitle = valid(values[0].text)
		case "departments":
			d.Departments = splitList(values[0].text)
		}
	}
}

// valid returns a text in its stored form; "" if it can't be one.
func valid(s string) string {
	text, fault := exchange.Text(s)
	if fault != "" {
		return ""
	}
	return text
}
