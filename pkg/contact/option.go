package contact

import "strings"

// Option is a contact option that is no phone, email or web address, such as a marketplace account or an identification number. Only
// the plentymarkets dialect shows it.
type Option struct {
	ID        ID     `json:"id"`
	TypeID    int64  `json:"type_id"`
	SubTypeID int64  `json:"sub_type_id"`
	Value     string `json:"value"`
}

// Normalize sets the id.
func (o *Option) Normalize(_ *Option, given Assigned) { o.ID = given.ID }

// Validate has no rules to check.
func (o *Option) Validate(*Option) error { return nil }

// Links finds the option by its id.
func (o *Option) Links(owner Owner) Links { return Links{Lookups: lookupByOptionID(o.ID, owner)} }

// An OptionRecord is the record of a contact option: an *Email, *Phone, *WebAddress or *Option.
type OptionRecord interface{ Links(Owner) Links }

// OptionType is a type or a sub-type of options that a tenant defined.
type OptionType struct {
	ID          int64        `json:"id" minimum:"1" maximum:"9007199254740991" readOnly:"true"`
	Position    *int64       `json:"position,omitempty" minimum:"0" maximum:"2147483647"`
	NonErasable int64        `json:"nonErasable" required:"false" minimum:"0" maximum:"1"`
	Names       []OptionName `json:"names" minItems:"1" maxItems:"50"`
	// SubTypes are shown if the request asks for them.
	SubTypes []OptionType `json:"subTypes,omitempty" readOnly:"true"`

	keepsPosition bool // Position is that of the stored type
}

// OptionName is the name of a type in one language.
type OptionName struct {
	Lang string `json:"lang" pattern:"^[a-z]{2}$"`
	Name string `json:"name" maxLength:"256"`
	// The vendor's API shows these fields too. They are ignored in requests.
	ID        int64 `json:"id,omitzero" required:"false" readOnly:"true"`
	TypeID    int64 `json:"typeId,omitzero" required:"false" readOnly:"true"`
	SubTypeID int64 `json:"subTypeId,omitzero" required:"false" readOnly:"true"`
}

// Normalize sets the id, and keeps the position unless t has one.
func (t *OptionType) Normalize(before *OptionType, given Assigned) {
	t.ID = int64(given.ID)
	if t.keepsPosition = t.keepsPosition || t.Position == nil; t.keepsPosition && before != nil {
		t.Position = before.Position
	}
}

// Validate returns a Malformed error for two names in one language.
func (t *OptionType) Validate(*OptionType) error {
	seen := map[string]bool{}
	for _, n := range t.Names {
		if seen[n.Lang] {
			return RefuseAt(Malformed, "/names", "must have one name for each language, but has two for %s", n.Lang)
		}
		seen[n.Lang] = true
	}
	return nil
}

// CheckDeletion returns an Impossible error for a type that is marked as not erasable.
func (t *OptionType) CheckDeletion() error {
	if t.NonErasable == 1 {
		return Refuse(Impossible, "it is marked as not erasable")
	}
	return nil
}

// Links returns none.
func (t *OptionType) Links(Owner) Links { return Links{} }

// CheckNumber returns what is wrong with a telephone number of the plentymarkets dialect, or "". It accepts digits and the usual
// separators. (The enfore dialect accepts any text.)
func CheckNumber(s string) string {
	digits := 0
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case !strings.ContainsRune(" +-/().,;*#x\u00a0\u2011", r):
			return "must be a telephone number: digits, and spaces, + - / ( ) . between them"
		}
	}
	if digits < 2 || digits > 32 {
		return "must be a telephone number of 2 to 32 digits"
	}
	return ""
}
