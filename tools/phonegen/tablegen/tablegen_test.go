package tablegen

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"google.golang.org/protobuf/proto"
)

// plausible returns metadata that the table can hold.
func plausible() *phonenumbers.PhoneMetadata {
	return &phonenumbers.PhoneMetadata{
		Id:                          proto.String("XX"),
		CountryCode:                 proto.Int32(999),
		InternationalPrefix:         proto.String("00"),
		NationalPrefixForParsing:    proto.String(`0|([5-9]\d{3})$`),
		NationalPrefixTransformRule: proto.String("12$1"),
		GeneralDesc: &phonenumbers.PhoneNumberDesc{
			NationalNumberPattern:   proto.String(`[1-9]\d{5}`),
			PossibleLength:          []int32{6},
			PossibleLengthLocalOnly: []int32{4, 5},
		},
	}
}

func TestARowHoldsTheWholePlan(t *testing.T) {
	t.Parallel()
	const want = `999;00;0|([5-9]\d{3})$;12$1;40;30;[1-9]\d{5}`
	if got, err := row(plausible()); got != want || err != nil {
		t.Errorf("row = %q, %v; want %q", got, err, want)
	}
}

func TestMetadataTheTableCannotHoldIsAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		spoil func(*phonenumbers.PhoneMetadata)
		want  string
	}{
		{"separator", func(m *phonenumbers.PhoneMetadata) { m.InternationalPrefix = proto.String("0;0") }, "breaks the table"},
		{"line feed", func(m *phonenumbers.PhoneMetadata) { m.NationalPrefixForParsing = proto.String("0\n") }, "breaks the table"},
		{"length", func(m *phonenumbers.PhoneMetadata) { m.GeneralDesc.PossibleLength = []int32{32} }, "length of 32"},
		{"no type", func(m *phonenumbers.PhoneMetadata) { m.GeneralDesc.PossibleLengthLocalOnly = []int32{-1} }, "length of -1"},
		{"overlap", func(m *phonenumbers.PhoneMetadata) { m.GeneralDesc.PossibleLengthLocalOnly = []int32{6} }, "length 6"},
		{"no lengths", func(m *phonenumbers.PhoneMetadata) { m.GeneralDesc.PossibleLength = nil }, "no numbers"},
		{"no pattern", func(m *phonenumbers.PhoneMetadata) { m.GeneralDesc.NationalNumberPattern = nil }, "no numbers"},
		{"pattern", func(m *phonenumbers.PhoneMetadata) { m.GeneralDesc.NationalNumberPattern = proto.String("(") }, "missing closing"},
		{"trunk", func(m *phonenumbers.PhoneMetadata) { m.NationalPrefixForParsing = proto.String("[") }, "missing closing"},
		{"group", func(m *phonenumbers.PhoneMetadata) { m.NationalPrefixTransformRule = proto.String("$2") }, "rewriting rule"},
		{"rule", func(m *phonenumbers.PhoneMetadata) { m.NationalPrefixTransformRule = proto.String("$1x") }, "rewriting rule"},
	} {
		m := plausible()
		c.spoil(m)
		if got, err := row(m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: row = %q, %v; want an error about %q", c.why, got, err, c.want)
		}
	}
}

func TestTheTablesAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	codes, plans, err := Tables()
	if err != nil {
		t.Fatal(err)
	}
	if again, alike, err := Tables(); err != nil || again != codes || alike != plans {
		t.Errorf("two runs of the generator differ: %v", err)
	}
}
