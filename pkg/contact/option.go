package contact

import "strings"

// Option is a way to reach or to know a contact that is no phone, email or web address: a name in a marketplace, a number
// that identifies. The plentymarkets dialect alone shows it.
type Option struct {
	ID        ID     `json:"id"`
	TypeID    int64  `json:"type_id"`
	SubTypeID int64  `json:"sub_type_id"`
	Value     string `json:"value"`
}

// SetID sets the id.
func (o *Option) SetID(id ID) { o.ID = id }

// Normalize has nothing to do.
func (o *Option) Normalize() {}

// OptionType is a type or a sub-type of options that a tenant has made.
type OptionType struct {
	ID          int64        `json:"id" minimum:"1" maximum:"9007199254740991" readOnly:"true" doc:"Assigned by the platform."`
	Position    *int64       `json:"position,omitempty" minimum:"0" maximum:"2147483647" doc:"Where it stands among the others; behind them if it is not said."`
	NonErasable int64        `json:"nonErasable" required:"false" minimum:"0" maximum:"1" doc:"1 if it can't be deleted; false and true are taken for 0 and 1."`
	Names       []OptionName `json:"names" minItems:"1" maxItems:"50" doc:"One for each language."`
	// SubTypes are shown where a type is asked for together with them.
	SubTypes []OptionType `json:"subTypes,omitempty" readOnly:"true" doc:"All sub-types, if with=subTypes asks for them."`
}

// OptionName is what a type is called in a language.
type OptionName struct {
	Lang string `json:"lang" pattern:"^[a-z]{2}$" doc:"ISO 639-1." example:"en"`
	Name string `json:"name" maxLength:"256" example:"Telephone"`
	// What the vendor's API shows beside them is left alone when it is sent back.
	ID        int64 `json:"id,omitzero" required:"false" readOnly:"true"`
	TypeID    int64 `json:"typeId,omitzero" required:"false" readOnly:"true"`
	SubTypeID int64 `json:"subTypeId,omitzero" required:"false" readOnly:"true"`
}

// SetID sets the id.
func (t *OptionType) SetID(id ID) { t.ID = int64(id) }

// Normalize has nothing to do.
func (t *OptionType) Normalize() {}

// Check refuses two names in one language.
func (t *OptionType) Check() error {
	seen := map[string]bool{}
	for _, n := range t.Names {
		if seen[n.Lang] {
			return RefuseAt(Malformed, "/names", "must have one name for each language, and has two for %s", n.Lang)
		}
		seen[n.Lang] = true
	}
	return nil
}

// CheckNumber returns what is wrong with a telephone number, or "": it has digits, and else only what is written between
// and around them. (The enfore dialect takes any text as a number.)
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
