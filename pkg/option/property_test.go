package option_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"contacts/pkg/contact"
	"contacts/pkg/option"
)

// anyRecord is a record of any kind with all that it can say, or none.
func anyRecord(t *rapid.T) contact.OptionRecord {
	description, context := rapid.String().Draw(t, "description"), contact.UsageContext(rapid.SampledFrom(contexts).Draw(t, "context"))
	value, id := rapid.String().Draw(t, "was"), contact.ID(rapid.Int64Range(1, 1<<53-1).Draw(t, "id"))
	oneOf := func(values []string) string { return rapid.SampledFrom(values).Draw(t, "type") }
	switch rapid.SampledFrom([]string{"none", "phone", "email", "web address", "option"}).Draw(t, "kind") {
	case "phone":
		var usages []contact.PhoneUsage
		for _, u := range rapid.SliceOfDistinct(rapid.SampledFrom(contact.PhoneUsage("").Values()), rapid.ID).Draw(t, "usages") {
			usages = append(usages, contact.PhoneUsage(u))
		}
		return &contact.Phone{ID: id, Type: contact.PhoneType(oneOf(contact.PhoneType("").Values())), Number: value,
			Description: description, Usages: usages, UsageContext: context}
	case "email":
		return &contact.Email{ID: id, Type: contact.EmailType(oneOf(contact.EmailType("").Values())), Address: contact.EmailAddress(value),
			Description: description, UsageContext: context}
	case "web address":
		return &contact.WebAddress{ID: id, Type: contact.WebAddressType(oneOf(contact.WebAddressType("").Values())), URL: contact.WebURL(value),
			Description: description, UsageContext: context}
	case "option":
		return &contact.Option{ID: id, TypeID: rapid.SampledFrom(someTypes[4:]).Draw(t, "plain"), SubTypeID: anySubType(t, "sub-type"), Value: value}
	}
	return nil
}

func anySubType(t *rapid.T, name string) int64 { return rapid.SampledFrom(someSubTypes).Draw(t, name) }

// anyDialectData is any dialect data of a record: a priority, and perhaps a pair of its kind.
func anyDialectData(t *rapid.T, r contact.OptionRecord) option.DialectData {
	m := option.DialectData{Priority: rapid.Int64Range(-5, 5).Draw(t, "priority")}
	types := map[reflect.Type][]int64{reflect.TypeFor[*contact.Phone](): {1, 3}, reflect.TypeFor[*contact.Email](): {2}, reflect.TypeFor[*contact.WebAddress](): {4}}
	if own := types[reflect.TypeOf(r)]; own != nil && rapid.Bool().Draw(t, "remembers") {
		m.Type, m.SubType = rapid.SampledFrom(own).Draw(t, "stored type"), anySubType(t, "stored sub-type")
	}
	return m
}

func anyPair(t *rapid.T) option.Pair {
	return option.Pair{Type: rapid.SampledFrom(someTypes).Draw(t, "to type"), SubType: anySubType(t, "to sub-type")}
}

func TestAnOptionIsWhatItWasSetTo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord(t)
		m, p, v := anyDialectData(t, r), anyPair(t), rapid.String().Draw(t, "value")
		next, data := option.ToRecord(r, m, p, v)
		if got, value := option.FromRecord(next, data); got != p || value != v {
			t.Fatalf("shown as %v=%q, want %v=%q", got, value, p, v)
		}
		if data.Priority != m.Priority {
			t.Fatalf("the priority %d became %d", m.Priority, data.Priority)
		}
		if reflect.TypeOf(next) != reflect.TypeOf(contact.OptionRecord(&contact.Option{})) != option.IsShared(p.Type) {
			t.Fatalf("%v is kept as %T", p, next)
		}
		again, stored := option.ToRecord(next, data, p, v)
		if !reflect.DeepEqual(again, next) || stored != data {
			t.Fatalf("set again it is %+v %+v, was %+v %+v", again, stored, next, data)
		}
	})
}

func TestUnderItsPairARecordChangesItsValueAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord(t)
		if r == nil {
			return
		}
		m := anyDialectData(t, r)
		pair, was := option.FromRecord(r, m)
		next, data := option.ToRecord(r, m, pair, rapid.String().Draw(t, "value"))
		if back, _ := option.ToRecord(next, data, pair, was); !reflect.DeepEqual(back, r) {
			t.Fatalf("%+v became %+v", r, back)
		}
		if next == r {
			t.Fatal("the record itself was changed")
		}
	})
}

// What a change of the pair leaves: under the same kind of record all that an option doesn't say, else the description.
func TestAnotherPairKeepsWhatTheOptionDoesNotSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord(t)
		m, p := anyDialectData(t, r), anyPair(t)
		next, _ := option.ToRecord(r, m, p, "v")
		if was, ok := r.(*contact.Phone); ok {
			if is, same := next.(*contact.Phone); same && !reflect.DeepEqual(is.Usages, was.Usages) {
				t.Fatalf("usages %q became %q", was.Usages, is.Usages)
			}
		}
		if _, plain := next.(*contact.Option); !plain && described(next) != described(r) {
			t.Fatalf("the description %q became %q", described(r), described(next))
		}
	})
}

func described(r contact.OptionRecord) string {
	if r == nil {
		return ""
	}
	if field := reflect.ValueOf(r).Elem().FieldByName("Description"); field.IsValid() {
		return field.String()
	}
	return ""
}
