package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
	"contacts/pkg/option"
	"contacts/pkg/store"
)

type (
	// A PlentyContact is an individual contact in the plentymarkets dialect.
	PlentyContact struct {
		ID         int64  `json:"id" readOnly:"true"`
		ExternalID string `json:"externalId,omitempty" maxLength:"256"`
		Number     string `json:"number" readOnly:"true"`
		FirstName  string `json:"firstName,omitempty"`
		LastName   string `json:"lastName,omitempty"`
		FullName   string `json:"fullName,omitempty"`
		BirthdayAt string `json:"birthdayAt,omitempty" nullable:"true"`
		CreatedAt  string `json:"createdAt" readOnly:"true" format:"date-time"`
		UpdatedAt  string `json:"updatedAt" readOnly:"true" format:"date-time"`

		BookAccount   string `json:"bookAccount" readOnly:"true"`
		Email         string `json:"email" readOnly:"true"`
		PrivatePhone  string `json:"privatePhone" readOnly:"true"`
		PrivateFax    string `json:"privateFax" readOnly:"true"`
		PrivateMobile string `json:"privateMobile" readOnly:"true"`

		KeptFields
		Options []ContactOption `json:"options,omitempty" maxItems:"100"`
	}
	// KeptFields are fields of the vendor's contact without a meaning here. They are stored and shown; empty text clears
	// them. Names and types are those of the vendor's description of 2025.
	KeptFields struct {
		TypeID                       int64   `json:"typeId,omitempty" nullable:"true"`
		SecondaryEmail               string  `json:"secondaryEmail,omitempty"`
		Gender                       string  `json:"gender,omitempty"`
		Title                        string  `json:"title,omitempty"`
		FormOfAddress                string  `json:"formOfAddress,omitempty"`
		NewsletterAllowanceAt        string  `json:"newsletterAllowanceAt,omitempty"`
		ClassID                      int64   `json:"classId,omitempty" nullable:"true"`
		Blocked                      int64   `json:"blocked,omitempty" nullable:"true"`
		Rating                       int64   `json:"rating,omitempty" nullable:"true"`
		Lang                         string  `json:"lang,omitempty"`
		ReferrerID                   float64 `json:"referrerId,omitempty" nullable:"true"`
		PlentyID                     int64   `json:"plentyId,omitempty" nullable:"true"`
		UserID                       int64   `json:"userId,omitempty" nullable:"true"`
		LastLoginAt                  string  `json:"lastLoginAt,omitempty"`
		LastLoginAtTimestamp         string  `json:"lastLoginAtTimestamp,omitempty"`
		LastOrderAt                  string  `json:"lastOrderAt,omitempty"`
		EbayName                     string  `json:"ebayName,omitempty"`
		PaypalEmail                  string  `json:"paypalEmail,omitempty"`
		PaypalPayerID                string  `json:"paypalPayerId,omitempty"`
		KlarnaPersonalID             string  `json:"klarnaPersonalId,omitempty"`
		DHLPostIdent                 string  `json:"dhlPostIdent,omitempty"`
		ForumUsername                string  `json:"forumUsername,omitempty"`
		ForumGroupID                 string  `json:"forumGroupId,omitempty"`
		SingleAccess                 string  `json:"singleAccess,omitempty" format:"flag"`
		ContactPerson                string  `json:"contactPerson,omitempty"`
		MarketplacePartner           string  `json:"marketplacePartner,omitempty"`
		Valuta                       int64   `json:"valuta,omitempty" nullable:"true"`
		DiscountDays                 int64   `json:"discountDays,omitempty" nullable:"true"`
		DiscountPercent              float64 `json:"discountPercent,omitempty" nullable:"true"`
		TimeForPaymentAllowedDays    int64   `json:"timeForPaymentAllowedDays,omitempty" nullable:"true"`
		SalesRepresentativeContactID int64   `json:"salesRepresentativeContactId,omitempty" nullable:"true"`
		AnonymizeAt                  string  `json:"anonymizeAt,omitempty"`
		IsLead                       bool    `json:"isLead,omitempty" nullable:"true"`
		LeadStatusKey                string  `json:"leadStatusKey,omitempty"`
		InLeadStatusSince            int64   `json:"inLeadStatusSince,omitempty" nullable:"true"`
		LeadStatusUpdateAt           string  `json:"leadStatusUpdateAt,omitempty"`
		LeadStatusUpdatedAt          string  `json:"leadStatusUpdatedAt,omitempty"`
		PositionID                   int64   `json:"position_id,omitempty" nullable:"true"`
	}
)

// ownFields are the fields of the contact itself. All others are dialect data.
var ownFields = []string{"externalId", "fullName", "birthdayAt", "options"}

// dialectData returns the contact's dialect data. Malformed data counts as none.
func dialectData(p store.Person) fields {
	f := fields{}
	if p.DialectData != nil && json.Unmarshal(p.DialectData, &f) != nil {
		return fields{}
	}
	return f
}

// text returns the value of a string field, "" if absent.
func (f namedFields) text(name string) (s string) {
	if f.fields[name] != nil {
		_ = json.Unmarshal(f.fields[name], &s) // the schema ensures that it is a string
	}
	return s
}

type namedFields struct{ fields }

// applyFields applies a body to a contact, and returns the faults. Empty text clears a field.
func applyFields(p *store.Person, sent fields) (faults []contact.Fault) {
	body, data := namedFields{sent}, dialectData(*p)
	first, last := namesOf(*p, data)
	faults = append(faults, applyName(p, body, first, last, data)...)
	if sent["externalId"] != nil {
		id := body.text("externalId")
		if detail := contact.CheckExternalID(id); detail != "" {
			faults = append(faults, contact.Fault{Pointer: "/externalId", Detail: detail})
		}
		p.Value.SetExternal(id)
	}
	if sent["birthdayAt"] != nil {
		day := body.text("birthdayAt")
		day = day[:min(len(day), 10)]
		if day != "" && contact.FormatCheck("date")(day) != "" {
			faults = append(faults, contact.Fault{Pointer: "/birthdayAt", Detail: "must begin with a date, as in 1971-11-11"})
		}
		p.Value.DateOfBirth = contact.Date(day)
	}
	for name, value := range sent {
		switch {
		case slices.Contains(ownFields, name):
		case string(value) == `""` || value.Kind() == 'n':
			delete(data, name)
		default:
			data[name] = value
		}
	}
	p.DialectData = nil
	if len(data) > 0 {
		p.DialectData, _ = json.Marshal(data, json.Deterministic(true)) // JSON values, each read before
	}
	return faults
}

// applyName sets the contact's name. If one of first and last name is absent, it keeps its value.
func applyName(p *store.Person, body namedFields, first, last string, data fields) []contact.Fault {
	switch {
	case body.fields["firstName"] == nil && body.fields["lastName"] == nil && body.fields["fullName"] == nil:
		if p.Value.Name != "" {
			return nil
		}
	case body.fields["firstName"] != nil || body.fields["lastName"] != nil:
		shownFirst, shownLast := first, last
		if body.fields["firstName"] != nil {
			first = body.text("firstName")
		}
		if body.fields["lastName"] != nil {
			last = body.text("lastName")
		}
		if first == shownFirst && last == shownLast && p.Value.Name != "" {
			return nil // unchanged names keep their blanks
		}
		p.Value.Name = joinNames(first, last)
		data["firstName"], data["lastName"] = quoted(first), quoted(last)
		if p.Value.Name == "" {
			p.Value.Name = strings.TrimSpace(body.text("fullName"))
		}
	default:
		p.Value.Name = strings.TrimSpace(body.text("fullName"))
	}
	switch {
	case p.Value.Name == "":
		return []contact.Fault{{Pointer: "/fullName", Detail: "is required, unless firstName or lastName is there"}}
	case utf8.RuneCountInString(p.Value.Name) > contact.MaxText:
		return []contact.Fault{{Pointer: "/fullName", Detail: fmt.Sprintf("must have at most %d characters, firstName and lastName together too", contact.MaxText)}}
	}
	return nil
}

func quoted(s string) jsontext.Value {
	value, _ := json.Marshal(s) // can't fail: decoded text
	return value
}

// joinNames returns the full name.
func joinNames(first, last string) string {
	return strings.TrimSpace(strings.TrimSpace(first) + " " + strings.TrimSpace(last))
}

// namesOf returns first and last name as they were sent, if they still make up the full name; else the last word is the last
// name.
func namesOf(p store.Person, data fields) (first, last string) {
	b := namedFields{data}
	first, last = b.text("firstName"), b.text("lastName")
	if joinNames(first, last) == p.Value.Name {
		return first, last
	}
	name := strings.TrimSpace(p.Value.Name)
	blank := max(0, strings.LastIndexFunc(name, unicode.IsSpace)) // including no-break spaces
	return strings.TrimSpace(name[:blank]), strings.TrimSpace(name[blank:])
}

// showPerson returns the JSON of a contact, optionally with its options.
func showPerson(p store.Person, withOptions bool) ([]byte, error) {
	data := dialectData(p)
	options := showAll(contact.Owner{Contact: p.ID}, p.Options)
	firstOf := func(pair option.Pair) string {
		for _, o := range options {
			if o.pair() == pair {
				return o.Value
			}
		}
		return ""
	}
	moment := func(milliseconds int64) string {
		return time.UnixMilli(milliseconds).UTC().Format("2006-01-02T15:04:05+00:00")
	}
	first, last := namesOf(p, data)
	shown := map[string]any{
		"id": int64(p.ID), "externalId": p.Value.External(), "number": p.CustomerNumber, "firstName": first, "lastName": last, "fullName": p.Value.Name,
		"createdAt": moment(p.Created), "updatedAt": moment(p.Updated), "bookAccount": p.DebtorAccount, "birthdayAt": nil,
		"email":         firstOf(option.Pair{Type: option.Email, SubType: option.Private}),
		"privatePhone":  firstOf(option.Pair{Type: option.Telephone, SubType: option.Private}),
		"privateFax":    firstOf(option.Pair{Type: option.Telefax, SubType: option.Private}),
		"privateMobile": firstOf(option.Pair{Type: option.Telephone, SubType: option.MobilePrivate}),
	}
	if p.Value.DateOfBirth != "" {
		shown["birthdayAt"] = string(p.Value.DateOfBirth) + "T00:00:00+00:00"
	}
	if withOptions {
		shown["options"] = options
	}
	all := maps.Clone(shown)
	for name, value := range data {
		if _, own := shown[name]; !own {
			all[name] = value
		}
	}
	return json.Marshal(all, json.Deterministic(true))
}
