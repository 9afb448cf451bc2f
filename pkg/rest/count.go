package rest

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// A Count is a number of things of which no more than MaxCount are counted. JSON has more of them as the text "10000+".
type Count int

// MaxCount is the greatest Count that is exact.
const MaxCount = 10_000

const beyondMaxCount = "10000+"

// MarshalJSON returns the number, or the text.
func (n Count) MarshalJSON() ([]byte, error) {
	if n > MaxCount {
		return []byte(`"` + beyondMaxCount + `"`), nil
	}
	return strconv.AppendInt(nil, int64(n), 10), nil
}

// Schema is a number or the text.
func (Count) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeInteger, Minimum: ptr(0.0), Maximum: ptr(float64(MaxCount))},
		{Type: huma.TypeString, Enum: []any{beyondMaxCount}},
	}}
}
