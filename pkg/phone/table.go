package phone

import _ "embed"

// codes has a line for every calling code: the code and the key in table of the
// plan it is read by, that of its main region.
//
//go:embed codes.txt
var codes string

// table has a line for every region, and for every calling code without one:
// key; calling code; international prefix; trunk prefix; what replaces the trunk
// prefix; lengths of a national number; lengths that are local only; pattern of a
// national number. Prefixes and patterns are regular expressions; lengths are
// hexadecimal, bit n for n digits.
//
//go:embed plans.txt
var table string
