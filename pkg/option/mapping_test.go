package option_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"contacts/pkg/contact"
	"contacts/pkg/option"
)

// The pair of each type of record in each usage context: ORGANIZATION, PERSONAL, PROFESSIONAL, in their order.
const (
	phonePairs = `
		NOT_QUALIFIED    1.1 1.4 1.1
		DIRECT_EXTENSION 1.1 1.4 1.1
		DIRECT_FAX       3.1 3.4 3.1
		DIRECT_LINE      1.1 1.4 1.1
		FAX_LINE         3.1 3.4 3.1
		FIXED_LINE       1.1 1.4 1.1
		HOME_FAX         3.4 3.4 3.4
		HOME_PHONE       1.4 1.4 1.4
		HOTLINE          1.1 1.4 1.1
		MAIN             1.1 1.4 1.1
		MAIN_FAX         3.1 3.4 3.1
		MOBILE           1.3 1.2 1.3
		PAGER            1.1 1.4 1.1
		PERSONAL_MOBILE  1.2 1.2 1.2
		SAT              1.1 1.4 1.1
		VIRTUAL_LINE     1.1 1.4 1.1
		VOIP_LINE        1.1 1.4 1.1
		WORK_MOBILE      1.3 1.3 1.3`
	emailPairs = `
		NOT_QUALIFIED  2.1 2.4 2.1
		EMAIL_ALIAS    2.1 2.4 2.1
		MAILING_LIST   2.1 2.4 2.1
		PERSONAL_EMAIL 2.4 2.4 2.4
		WORK_EMAIL     2.1 2.4 2.1`
	webPairs = `
		NOT_QUALIFIED            4.1 4.4 4.1
		BLOG                     4.1 4.4 4.1
		FACEBOOK_PAGE_OR_PROFILE 4.1 4.4 4.1
		GOOGLE_PLUS_PROFILE      4.1 4.4 4.1
		HOMEPAGE_OR_WEBSITE      4.1 4.4 4.1
		LINKEDIN_PROFILE         4.1 4.4 4.1
		ONLINE_STORE             4.1 4.4 4.1
		ORGANIZATION_BLOG        4.1 4.4 4.1
		ORGANIZATION_PROFILE     4.1 4.4 4.1
		ORGANIZATION_WEBSITE     4.1 4.4 4.1
		OTHER                    4.1 4.4 4.1
		PERSONAL_BLOG            4.4 4.4 4.4
		PERSONAL_PROFILE         4.4 4.4 4.4
		PERSONAL_WEBSITE         4.4 4.4 4.4
		PROFESSIONAL_BLOG        4.1 4.4 4.1
		PROFESSIONAL_PROFILE     4.1 4.4 4.1
		PROFESSIONAL_WEBSITE     4.1 4.4 4.1
		TWITTER_PROFILE          4.1 4.4 4.1
		TWITTER_STREAM           4.1 4.4 4.1
		XING_PROFILE             4.1 4.4 4.1
		YELP_IMAGE               4.1 4.4 4.1
		INSTAGRAM_PROFILE        4.1 4.4 4.1
		YOUTUBE                  4.1 4.4 4.1`
)

// expressed are the record types of the pairs that a record can express.
var expressed = map[option.Pair]string{
	{Type: 1, SubType: 1}: "NOT_QUALIFIED", {Type: 1, SubType: 2}: "PERSONAL_MOBILE", {Type: 1, SubType: 3}: "WORK_MOBILE", {Type: 1, SubType: 4}: "HOME_PHONE",
	{Type: 3, SubType: 1}: "FAX_LINE", {Type: 3, SubType: 4}: "HOME_FAX",
	{Type: 2, SubType: 1}: "WORK_EMAIL", {Type: 2, SubType: 4}: "PERSONAL_EMAIL",
	{Type: 4, SubType: 1}: "PROFESSIONAL_WEBSITE", {Type: 4, SubType: 4}: "PERSONAL_WEBSITE",
}

var contexts = contact.UsageContext("").Values()

// A kind of record: how one is made, and what it says of itself.
type kind struct {
	pairs string
	types []string
	make  func(recordType, context, value string) contact.OptionRecord
}

var kinds = map[string]kind{
	"phone": {phonePairs, contact.PhoneType("").Values(), func(recordType, context, value string) contact.OptionRecord {
		return &contact.Phone{Type: contact.PhoneType(recordType), UsageContext: contact.UsageContext(context), Number: value}
	}},
	"email": {emailPairs, contact.EmailType("").Values(), func(recordType, context, value string) contact.OptionRecord {
		return &contact.Email{Type: contact.EmailType(recordType), UsageContext: contact.UsageContext(context), Address: contact.EmailAddress(value)}
	}},
	"web address": {webPairs, contact.WebAddressType("").Values(), func(recordType, context, value string) contact.OptionRecord {
		return &contact.WebAddress{Type: contact.WebAddressType(recordType), UsageContext: contact.UsageContext(context), URL: contact.WebURL(value)}
	}},
}

// kindOf is the kind of record that options of a type are, "" for options alone.
func kindOf(typeID int64) string {
	return map[int64]string{1: "phone", 2: "email", 3: "phone", 4: "web address"}[typeID]
}

func TestEveryRecordHasItsPair(t *testing.T) {
	t.Parallel()
	if fmt.Sprint(contexts) != "[ORGANIZATION PERSONAL PROFESSIONAL]" {
		t.Fatalf("the contexts are %q: the tables have others", contexts)
	}
	for name, k := range kinds {
		rows := map[string][]string{}
		for line := range strings.Lines(strings.TrimSpace(k.pairs)) {
			fields := strings.Fields(line)
			rows[fields[0]] = fields[1:]
		}
		if len(rows) != len(k.types) {
			t.Errorf("%s: %d rows for %d types", name, len(rows), len(k.types))
		}
		for _, recordType := range k.types {
			for i, context := range contexts {
				pair, value := option.FromRecord(k.make(recordType, context, "v"), option.DialectData{Priority: 7})
				if got := fmt.Sprintf("%d.%d", pair.Type, pair.SubType); len(rows[recordType]) != 3 || got != rows[recordType][i] || value != "v" {
					t.Errorf("%s %s, %s: %s=%s, want %v", name, recordType, context, got, value, rows[recordType])
				}
			}
		}
	}
}

// All default types and sub-types, and own ones.
var (
	someTypes    = []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 4711}
	someSubTypes = []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 4712}
)

func TestEveryPairHasItsRecord(t *testing.T) {
	t.Parallel()
	for _, typeID := range someTypes {
		for _, subTypeID := range someSubTypes {
			pair := option.Pair{Type: typeID, SubType: subTypeID}
			var want contact.OptionRecord = &contact.Option{TypeID: typeID, SubTypeID: subTypeID, Value: "v"}
			data := option.DialectData{Priority: 7}
			if name := kindOf(typeID); name != "" {
				context := "PROFESSIONAL"
				if subTypeID == 2 || subTypeID == 4 {
					context = "PERSONAL"
				}
				recordType, ok := expressed[pair]
				if !ok {
					recordType, data.Type, data.SubType = "NOT_QUALIFIED", typeID, subTypeID
				}
				want = kinds[name].make(recordType, context, "v")
			}
			got, stored := option.ToRecord(nil, option.DialectData{Priority: 7}, pair, "v")
			if !reflect.DeepEqual(got, want) || stored != data {
				t.Errorf("%v: %+v and %+v, want %+v and %+v", pair, got, stored, want, data)
			}
			if shown, value := option.FromRecord(got, stored); shown != pair || value != "v" {
				t.Errorf("%v: shown as %v=%s", pair, shown, value)
			}
			if option.IsShared(typeID) != (kindOf(typeID) != "") {
				t.Errorf("%d: shared %v", typeID, option.IsShared(typeID))
			}
		}
	}
}

// The other dialect changes a record under a stored pair.
func TestARememberedPairHoldsAsLongAsTheRecordSaysNothing(t *testing.T) {
	t.Parallel()
	for name, k := range kinds {
		typeID := map[string]int64{"phone": 3, "email": 2, "web address": 4}[name]
		_, data := option.ToRecord(nil, option.DialectData{}, option.Pair{Type: typeID, SubType: 12}, "v")
		for _, recordType := range k.types {
			for _, context := range contexts {
				said, _ := option.FromRecord(k.make(recordType, context, "w"), option.DialectData{})
				got, value := option.FromRecord(k.make(recordType, context, "w"), data)
				if recordType == "NOT_QUALIFIED" {
					said = option.Pair{Type: typeID, SubType: 12}
				}
				if got != said || value != "w" {
					t.Errorf("%s %s, %s: %v=%s, want %v=w", name, recordType, context, got, value, said)
				}
			}
		}
	}
}
