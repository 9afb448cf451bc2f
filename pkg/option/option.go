// Package option is the plentymarkets view of a contact: each of its phones, emails and web addresses is an option there,
// with a pair of type and sub-type and a value. Nothing is kept twice: an option is read off its record, and a change of
// the option is a change of the record. All of it is pure.
package option

import (
	"strings"

	"contacts/pkg/contact"
)

// A Pair says what an option is: the ids of its type and sub-type.
type Pair struct{ Type, SubType int64 }

// The types that stand for records of the other dialect. All other types are options alone.
const (
	Telephone = 1
	Email     = 2
	Telefax   = 3
	WebPage   = 4
)

// The sub-types that records of the other dialect tell apart.
const (
	Work          = 1
	MobilePrivate = 2
	MobileWork    = 3
	Private       = 4
)

// A Memory is what an option says that its record can't: kept beside it, it survives changes by the other dialect.
type Memory struct {
	Priority int64 `json:"priority,omitzero"`
	// Type and SubType are the pair of a record that could only be NOT_QUALIFIED for it; else 0.
	Type    int64 `json:"type,omitzero"`
	SubType int64 `json:"sub_type,omitzero"`
}

// A Record is what an option is read off: a *contact.Phone, *contact.Email, *contact.WebAddress or *contact.Option.
type Record any

// notQualified is the type of a record of which nothing more is known.
const notQualified = "NOT_QUALIFIED"

// Show returns an option's pair and value, as its record and what is remembered beside it say.
func Show(r Record, m Memory) (p Pair, value string) {
	switch r := r.(type) {
	case *contact.Phone:
		return m.or(string(r.Type), Pair{phoneType(r.Type), phoneSubType(r)}), r.Number
	case *contact.Email:
		return m.or(string(r.Type), Pair{Email, subType(r.Type == "PERSONAL_EMAIL", r.UsageContext)}), string(r.Address)
	case *contact.WebAddress:
		return m.or(string(r.Type), Pair{WebPage, subType(strings.HasPrefix(string(r.Type), "PERSONAL_"), r.UsageContext)}), string(r.URL)
	case *contact.Option:
		return Pair{r.TypeID, r.SubTypeID}, r.Value
	}
	panic("option: a record of another kind")
}

// or is the pair that is remembered, as long as the record says nothing more; else the one that it says.
func (m Memory) or(recordType string, said Pair) Pair {
	if m.Type != 0 && recordType == notQualified {
		return Pair{m.Type, m.SubType}
	}
	return said
}

func phoneType(t contact.PhoneType) int64 {
	switch t {
	case "DIRECT_FAX", "FAX_LINE", "HOME_FAX", "MAIN_FAX":
		return Telefax
	}
	return Telephone
}

func phoneSubType(p *contact.Phone) int64 {
	switch p.Type {
	case "WORK_MOBILE":
		return MobileWork
	case "PERSONAL_MOBILE":
		return MobilePrivate
	case "MOBILE":
		if p.UsageContext == personal {
			return MobilePrivate
		}
		return MobileWork
	}
	return subType(p.Type == "HOME_PHONE" || p.Type == "HOME_FAX", p.UsageContext)
}

func subType(private bool, u contact.UsageContext) int64 {
	if private || u == personal {
		return Private
	}
	return Work
}

const (
	personal     contact.UsageContext = "PERSONAL"
	professional contact.UsageContext = "PROFESSIONAL"
)

// recordTypes are those of the pairs that a record can express.
var recordTypes = map[Pair]string{
	{Telephone, Work}: notQualified, {Telephone, MobilePrivate}: "PERSONAL_MOBILE", {Telephone, MobileWork}: "WORK_MOBILE", {Telephone, Private}: "HOME_PHONE",
	{Telefax, Work}: "FAX_LINE", {Telefax, Private}: "HOME_FAX",
	{Email, Work}: "WORK_EMAIL", {Email, Private}: "PERSONAL_EMAIL",
	{WebPage, Work}: "PROFESSIONAL_WEBSITE", {WebPage, Private}: "PERSONAL_WEBSITE",
}

// Set returns the record of an option that gets this pair and value, and what is remembered beside it. r is its record
// until now, nil for a new one. Under another pair of the same kind of record, and under the same pair all the more, the
// record keeps what the option doesn't say; a pair of another kind makes another record, with its description at least.
func Set(r Record, m Memory, p Pair, value string) (Record, Memory) {
	if r != nil {
		if now, _ := Show(r, m); now == p {
			if remembered := (Pair{m.Type, m.SubType}); remembered != p {
				m.Type, m.SubType = 0, 0 // the record says by now what it is
			}
			return withValue(r, value), m
		}
	}
	recordType, expressed := recordTypes[p]
	m.Type, m.SubType = 0, 0
	if !expressed && IsShared(p.Type) {
		recordType, m.Type, m.SubType = notQualified, p.Type, p.SubType
	}
	use := professional
	if p.SubType == MobilePrivate || p.SubType == Private {
		use = personal
	}
	switch p.Type {
	case Telephone, Telefax:
		next := contact.Phone{Description: description(r)}
		if same, ok := r.(*contact.Phone); ok {
			next = *same
		}
		next.Type, next.UsageContext = contact.PhoneType(recordType), use
		return withValue(&next, value), m
	case Email:
		next := contact.Email{Description: description(r)}
		if same, ok := r.(*contact.Email); ok {
			next = *same
		}
		next.Type, next.UsageContext = contact.EmailType(recordType), use
		return withValue(&next, value), m
	case WebPage:
		next := contact.WebAddress{Description: description(r)}
		if same, ok := r.(*contact.WebAddress); ok {
			next = *same
		}
		next.Type, next.UsageContext = contact.WebAddressType(recordType), use
		return withValue(&next, value), m
	}
	return &contact.Option{TypeID: p.Type, SubTypeID: p.SubType, Value: value}, m
}

// IsShared tells whether options of a type are records of the other dialect.
func IsShared(typeID int64) bool { return Telephone <= typeID && typeID <= WebPage }

// withValue is a copy of a record with another value.
func withValue(r Record, value string) Record {
	switch r := r.(type) {
	case *contact.Phone:
		next := *r
		next.Number = value
		return &next
	case *contact.Email:
		next := *r
		next.Address = contact.EmailAddress(value)
		return &next
	case *contact.WebAddress:
		next := *r
		next.URL = contact.WebURL(value)
		return &next
	case *contact.Option:
		next := *r
		next.Value = value
		return &next
	}
	panic("option: a record of another kind")
}

func description(r Record) string {
	switch r := r.(type) {
	case *contact.Phone:
		return r.Description
	case *contact.Email:
		return r.Description
	case *contact.WebAddress:
		return r.Description
	}
	return ""
}

// CheckValue returns what is wrong with the value of an option of a type, or "".
func CheckValue(typeID int64, value string) string {
	switch typeID {
	case Telephone, Telefax:
		return contact.CheckNumber(value)
	case Email:
		return contact.FormatCheck("email")(value)
	case WebPage:
		return contact.FormatCheck("uri")(value)
	}
	return ""
}
