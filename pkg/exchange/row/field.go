// Package row maps rows of CSV files to contacts, and contacts to rows.
//
// A column has a field: by the mapping of the import, or because its heading is known of Google, Outlook (in English and German), HubSpot,
// Salesforce or this platform's own export. A column without one is kept beside the contact and written again by an export.
package row

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"contacts/pkg/contact"
	"contacts/pkg/exchange"
)

// A field is what a column has: a part of the contact, or of its channel with a number, from 1.
type field struct {
	family string // email, phone, address, web_address, event or identity; "" for the contact itself
	number int    // 0 for the contact itself
	part   string
}

// String returns the name of the field, such as name or email.1.address; "" for none.
func (f field) String() string {
	if f.family == "" {
		return f.part
	}
	return fmt.Sprintf("%s.%d.%s", f.family, f.number, f.part)
}

// Parts of the contact itself. Those after tags have no field of the API: they make up the name, name an organization, or are kept.
var contactParts = []string{"kind", "external_id", "name", "date_of_birth", "anniversary", "founded", "tags",
	"name_prefix", "given_name", "middle_name", "family_name", "name_suffix", "nickname", "organization", "department", "job_title"}

// Parts of channels. The first is the one that makes the channel.
var channelParts = map[string][]string{
	"email": {"address", "type", "usage_context", "description"},
	"phone": {"number", "type", "usage_context", "usages", "description"},
	"address": {"full_address", "recipient_name", "care_of", "street_name", "street_number", "additional", "zip", "city", "region",
		"post_office_box", "country_code", "type", "usage_context", "usages", "description"},
	"web_address": {"url", "type", "usage_context", "description"},
}

// keptPart is the column of our own export that has the kept cells for which it has no columns, as JSON.
const keptPart = "kept"

// Parts of a professional identity, in files of our own alone.
var identityParts = []string{"id", "organization", "departments", "job_title", "emails", "phones", "addresses", "web_addresses"}

// maxNumber is the greatest number of a channel in a mapping.
const maxNumber = 100

// parseField returns the field that a mapping names.
func parseField(name string) (f field, known bool) {
	if slices.Contains(contactParts, name) {
		return field{part: name}, true
	}
	parts := strings.Split(name, ".")
	if len(parts) != 3 || !slices.Contains(channelParts[parts[0]], parts[2]) {
		return field{}, false
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil || number < 1 || number > maxNumber || parts[1] != strconv.Itoa(number) {
		return field{}, false
	}
	return field{parts[0], number, parts[2]}, true
}

// parseOwnField is parseField for a heading of our own export, which has professional identities and kept cells too.
func parseOwnField(heading string) (f field, known bool) {
	if f, known = parseField(heading); known || heading == keptPart {
		return field{f.family, f.number, cmp.Or(f.part, heading)}, true
	}
	rest, isIdentity := strings.CutPrefix(heading, "identity.")
	number, part, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if !isIdentity || err != nil || n < 1 || number != strconv.Itoa(n) || !slices.Contains(identityParts, part) {
		return field{}, false
	}
	return field{"identity", n, part}, true
}

// Fields returns the names of all fields that a mapping can name, with N for the number of a channel.
func Fields() []string {
	all := slices.Clone(contactParts)
	for _, family := range slices.Sorted(maps.Keys(channelParts)) {
		for _, part := range channelParts[family] {
			all = append(all, family+".N."+part)
		}
	}
	return all
}

// CheckMapping returns what is wrong with the mapping of an import, by heading: an unknown field, or one that two headings have.
func CheckMapping(mapping map[string]string) []contact.Fault {
	var faults []contact.Fault
	by := map[string]string{}
	for _, heading := range slices.Sorted(maps.Keys(mapping)) {
		name := mapping[heading]
		pointer := "/mapping/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(heading)
		if _, known := parseField(name); !known && name != "" {
			faults = append(faults, contact.Fault{Pointer: pointer,
				Detail: "is not a field: it is one of " + strings.Join(Fields(), ", ") + ", with N from 1 to 100; or empty, for a column that is kept"})
		} else if other, taken := by[name]; taken && name != "" {
			faults = append(faults, contact.Fault{Pointer: pointer, Detail: fmt.Sprintf("is the field of %q too", other)})
		}
		by[name] = heading
	}
	return faults
}

// warn returns a warning about the cell of a column.
func warn(heading, format string, args ...any) exchange.Problem {
	return exchange.Problem{Field: heading, Detail: fmt.Sprintf(format, args...)}
}
