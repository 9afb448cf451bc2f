// Package option maps contact options of the plentymarkets dialect to records of the enfore dialect and back. A phone, email or web
// address is an option there, with a type, a sub-type and a value. Nothing is stored twice: an option is derived from its record,
// and changing the option changes the record.
package option

import (
	"strings"

	"contacts/pkg/contact"
)

// A Pair is the ids of an option's type and sub-type.
type Pair struct{ Type, SubType int64 }

// The types whose options are phones, emails or web addresses. Options of all other types are a contact.Option.
const (
	Telephone = 1
	Email     = 2
	Telefax   = 3
	WebPage   = 4
)

// The sub-types that a record can express.
const (
	Work          = 1
	MobilePrivate = 2
	MobileWork    = 3
	Private       = 4
)

// DialectData is what an option has and its record can't express. It is stored with the record and survives changes through the
// enfore dialect.
type DialectData struct {
	Priority int64 `json:"priority,omitzero"`
	// Type and SubType are the pair if no type of record expresses it, so that the record is NOT_QUALIFIED; else 0.
	Type    int64 `json:"type,omitzero"`
	SubType int64 `json:"sub_type,omitzero"`
}

// notQualified is the type of a record without a known type.
const notQualified = "NOT_QUALIFIED"

// FromRecord returns the pair and the value of a record's option.
func FromRecord(r contact.OptionRecord, data DialectData) (p Pair, value string) {
	switch r := r.(type) {
	case *contact.Phone:
		return data.or(string(r.Type), Pair{phoneType(r.Type), phoneSubType(r)}), r.Number
	case *contact.Email:
		return data.or(string(r.Type), Pair{Email, subType(r.Type == "PERSONAL_EMAIL", r.UsageContext)}), string(r.Address)
	case *contact.WebAddress:
		return data.or(string(r.Type), Pair{WebPage, subType(strings.HasPrefix(string(r.Type), "PERSONAL_"), r.UsageContext)}), string(r.URL)
	case *contact.Option:
		return Pair{r.TypeID, r.SubTypeID}, r.Value
	}
	panic("option: unknown kind of record")
}

// or returns the stored pair if the record is still not qualified, else the one that follows from the record.
func (d DialectData) or(recordType string, derived Pair) Pair {
	if d.Type != 0 && recordType == notQualified {
		return Pair{d.Type, d.SubType}
	}
	return derived
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

// recordTypes maps the pairs that a record can express to its type.
var recordTypes = map[Pair]string{
	{Telephone, Work}: notQualified, {Telephone, MobilePrivate}: "PERSONAL_MOBILE", {Telephone, MobileWork}: "WORK_MOBILE", {Telephone, Private}: "HOME_PHONE",
	{Telefax, Work}: "FAX_LINE", {Telefax, Private}: "HOME_FAX",
	{Email, Work}: "WORK_EMAIL", {Email, Private}: "PERSONAL_EMAIL",
	{WebPage, Work}: "PROFESSIONAL_WEBSITE", {WebPage, Private}: "PERSONAL_WEBSITE",
}

// ToRecord returns the record and the dialect data of an option that is set to a pair and a value. r is its present record, nil for
// a new option. The record keeps the fields that an option doesn't have; if the pair needs another kind of record, only the
// description is kept.
func ToRecord(r contact.OptionRecord, data DialectData, p Pair, value string) (contact.OptionRecord, DialectData) {
	if r != nil {
		if now, _ := FromRecord(r, data); now == p {
			if stored := (Pair{data.Type, data.SubType}); stored != p {
				data.Type, data.SubType = 0, 0 // the record expresses the pair by now
			}
			return withValue(r, value), data
		}
	}
	recordType, expressed := recordTypes[p]
	data.Type, data.SubType = 0, 0
	if !expressed && IsShared(p.Type) {
		recordType, data.Type, data.SubType = notQualified, p.Type, p.SubType
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
		return withValue(&next, value), data
	case Email:
		next := contact.Email{Description: description(r)}
		if same, ok := r.(*contact.Email); ok {
			next = *same
		}
		next.Type, next.UsageContext = contact.EmailType(recordType), use
		return withValue(&next, value), data
	case WebPage:
		next := contact.WebAddress{Description: description(r)}
		if same, ok := r.(*contact.WebAddress); ok {
			next = *same
		}
		next.Type, next.UsageContext = contact.WebAddressType(recordType), use
		return withValue(&next, value), data
	}
	return &contact.Option{TypeID: p.Type, SubTypeID: p.SubType, Value: value}, data
}

// IsShared reports whether options of a type are records of the enfore dialect too.
func IsShared(typeID int64) bool { return Telephone <= typeID && typeID <= WebPage }

// withValue returns a copy of a record with another value.
func withValue(r contact.OptionRecord, value string) contact.OptionRecord {
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
	panic("option: unknown kind of record")
}

func description(r contact.OptionRecord) string {
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
