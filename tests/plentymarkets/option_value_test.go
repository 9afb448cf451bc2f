package plentymarkets

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestValuesAreValidatedByTheirType(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	long := strings.Repeat("ä", 1024)
	for typeID, values := range map[int]struct{ good, bad []string }{
		1: {[]string{"110", "+49 (0)30 / 90-18.20", "030 901820;1,#*x2", "\u00a0030\u20111"},
			[]string{"x", "1", "", " ", "string", "030 a1", strings.Repeat("1", 33), "030\u00071"}},
		2: {[]string{"Erika@Example.com", "a@b"}, []string{"erika", "a@b@c", "", "a b@c", "ä@b"}},
		3: {[]string{"030 1"}, []string{"fax"}},
		4: {[]string{"https://example.com/a?b#c", "HTTP://a"}, []string{"example.com", "ftp://a", "http://a b", ""}},
		5: {[]string{"any text", "ä\t\n", long, "1"}, []string{"", " \t", "a\u0007", long + "x"}},
	} {
		person := x.CreateIndividual("Erika")
		for i, value := range values.good {
			if got := x.NewOptions(person, harness.OptionBody(typeID, i+1, value))[0]["value"]; got != value {
				t.Errorf("%q became %q", value, got)
			}
		}
		one := listOptions(x, person)[0]
		for _, value := range values.bad {
			x.Rest("POST", harness.OptionsPath(person), harness.OptionBody(typeID, 15, value)).Envelope(422, "value")
			x.Rest("PUT", harness.OptionPath(one), harness.With(one, "value", value)).Envelope(422, "value")
		}
		if got := len(listOptions(x, person)); got != len(values.good) {
			t.Errorf("type %d: %d options", typeID, got)
		}
	}
	if got := x.NewOptions(x.CreateIndividual("Erika"), harness.OptionBody(5, 1, "a\u0308"))[0]["value"]; got != "ä" {
		t.Errorf("the value is %q, want it in Unicode form C", got)
	}
}

func TestOptionsFromGETCanBeSentBack(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	for _, c := range []string{"phones", "emails", "web-addresses"} {
		x.Create(erika+"/"+c, harness.ChannelOf(c).Sample) // the number is "string"
		x.Create(erika+"/"+c, harness.ChannelOf(c).Sample)
	}
	x.NewOptions(erika, harness.OptionBody(5, 6, "erika", "priority", -2147483648), harness.OptionBody(3, 9, "030 1", "priority", 2147483647))
	before, details := x.Rest("GET", harness.OptionsPath(erika), nil).Want(200), x.Get(erika+"/full").Want(200)
	back := x.Rest("PUT", harness.OptionsPath(erika), before.Body).Want(200)
	if string(back.Body) != string(before.Body) {
		t.Errorf("%s became %s", before.Body, back.Body)
	}
	for _, o := range before.Array() {
		one := x.Rest("GET", harness.OptionPath(o), nil).Want(200)
		for _, path := range []string{harness.OptionPath(o), harness.OptionsPath(erika)} {
			back := x.Rest("PUT", path, one.Body).Want(200)
			if got := strings.Trim(string(back.Body), "[]"); got != string(one.Body) {
				t.Errorf("%s became %s", one.Body, back.Body)
			}
		}
		x.Rest("PUT", harness.OptionPath(o), harness.With(o, "createdAt", 5, "updatedAt", nil, "contactId", "x", "id", 5)).Want(200) // the platform's own are not looked at
	}
	if after := x.Get(erika + "/full").Want(200); string(after.Body) != string(details.Body) {
		t.Errorf("details\n%s became\n%s", details.Body, after.Body)
	}
	// A number that was never checked stays as it is. With another type it is checked.
	phone := listOptions(x, erika)[1]
	x.Rest("PUT", harness.OptionPath(phone), harness.With(phone, "priority", 5)).Want(200)
	x.Rest("PUT", harness.OptionPath(phone), harness.With(phone, "subTypeId", 5)).Want(200)
	x.Rest("PUT", harness.OptionPath(phone), harness.With(phone, "typeId", 3, "subTypeId", 5)).Envelope(422, "value")
}

func TestOptionsAreListedByPriorityThenID(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	x.NewOptions(erika, harness.OptionBody(5, 1, "a", "priority", 10), harness.OptionBody(1, 1, "030 1"), harness.OptionBody(2, 1, "b@c", "priority", -1),
		harness.OptionBody(4, 1, "http://d", "priority", 9), harness.OptionBody(1, 2, "030 2", "priority", -1), harness.OptionBody(3, 1, "030 3", "priority", 0), harness.OptionBody(13, 15, "e", "priority", 10))
	x.Create(erika+"/emails", harness.EmailWithAddress("f@g"))
	want := []string{"2.1=b@c", "1.2=030 2", "1.1=030 1", "3.1=030 3", "2.1=f@g", "4.1=http://d", "5.1=a", "13.15=e"}
	wantOptions(x, erika, want...)
	for query, want := range map[string][]string{
		"?typeId=1": {"1.2=030 2", "1.1=030 1"}, "?subTypeId=1": slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.Contains(s, ".1=") }),
		"?typeId=2&subTypeId=1": {"2.1=b@c", "2.1=f@g"}, "?typeId=2&subTypeId=2": {}, "?typeId=4711": {}, "?typeId=5&nothing=1": {"5.1=a"},
	} {
		if got := pairs(x.Rest("GET", harness.OptionsPath(erika)+query, nil).Want(200).Array()); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"?typeId=x", "?typeId=-1", "?typeId=", "?typeId=1&typeId=2", "?typeId=1.5"} {
		x.Rest("GET", harness.OptionsPath(erika)+query, nil).Envelope(422, "typeId")
	}
	x.Rest("GET", harness.OptionsPath(erika)+"?subTypeId=-1", nil).Envelope(422, "subTypeId")
}

func TestValidateReportsWhetherAnOptionIsPossible(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	x.NewOptions(erika, harness.OptionBody(1, 4, "030 1"), harness.OptionBody(5, 6, "erika"))
	x.Create(erika+"/emails", harness.With(harness.EmailSample, "address", "a@b"))
	x.Create(erika+"/emails", harness.With(harness.EmailSample, "address", "c@d"))
	validate := func(contact string, typeID, subTypeID int, value string) *harness.Answer {
		t.Helper()
		query := url.Values{"typeId": {fmt.Sprint(typeID)}, "subTypeId": {fmt.Sprint(subTypeID)}, "value": {value}}
		return x.Rest("GET", harness.OptionsPath(contact)+"/validate?"+query.Encode(), nil)
	}
	used := "the same combination of IDs cannot be used twice"
	for _, c := range []struct {
		typeID, subTypeID int
		value, reason     string
	}{
		{1, 1, "030 1", ""}, {1, 4, "030 1", ""}, {1, 4, "030 2", used},
		{1, 1, "string", "telephone number"}, {3, 1, "1", "telephone number"}, {1, 4, "x", "telephone number"},
		{2, 4, "erika@example.com", ""}, {2, 4, "erika", "email address"}, {2, 1, "a@b", used}, {2, 1, "e@f", used}, // two have that pair, one another value
		{4, 1, "https://example.com", ""}, {4, 1, "example.com", "URI"},
		{5, 6, "erika", ""}, {5, 6, "max", used}, {5, 7, "ä & = ?", ""}, {13, 15, strings.Repeat("ä", 1024), ""},
		{5, 7, " \t", "blanks"}, {2, 4, "", "blanks"}, {5, 7, strings.Repeat("a", 1025), "1024 characters"}, {5, 7, strings.Repeat("a\u0308", 1024), ""},
		{1, 1, "030\x071", "control characters"},
	} {
		shown := validate(erika, c.typeID, c.subTypeID, c.value).Want(200).Object()
		content, _ := shown["content"].(string)
		var verdict struct {
			Valid  *bool
			Reason string
		}
		if err := json.Unmarshal([]byte(content), &verdict); err != nil || verdict.Valid == nil {
			t.Fatalf("%+v: %v", c, shown)
		}
		if *verdict.Valid != (c.reason == "") || !strings.Contains(verdict.Reason, c.reason) || c.reason == "" && content != `{"valid":true}` {
			t.Errorf("%+v: %s", c, content)
		}
		if len(shown) != 3 || shown["contentType"] != "application/json" || shown["contentLength"] != float64(len(content)) {
			t.Errorf("%+v: %v", c, shown)
		}
		// It answers as a POST of the option would.
		if there := c.typeID == 1 && c.subTypeID == 4 || c.typeID == 5 && c.subTypeID == 6; !there {
			contact := x.CreateIndividual("Max")
			if c.reason == used {
				contact = erika
			}
			want := map[bool]int{true: 200, false: 422}[*verdict.Valid]
			x.Rest("POST", harness.OptionsPath(contact), harness.OptionBody(c.typeID, c.subTypeID, c.value)).Want(want)
		}
	}
	wantOptions(x, erika, "1.4=030 1", "5.6=erika", "2.1=a@b", "2.1=c@d")
	path := harness.OptionsPath(erika) + "/validate"
	x.Rest("GET", path, nil).Envelope(422, "typeId", "subTypeId", "value")
	x.Rest("GET", path+"?typeId=5&subTypeId=1", nil).Envelope(422, "value")
	x.Rest("GET", path+"?typeId=x&subTypeId=0&value=a", nil).Envelope(422, "typeId", "subTypeId")
	x.Rest("GET", path+"?typeId=1&subTypeId=1&value=a&value=b", nil).Envelope(422, "value")
	validate(erika, 99, 14, "a").Envelope(422, "typeId", "subTypeId")
	validate("/individual/8124", 1, 1, "030 1").Envelope(404)
}

func TestFieldsOfAnOptionAreReadStrictly(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	erika := x.CreateIndividual("Erika")
	one := x.NewOptions(erika, harness.PhoneOptionBody("030 1"))[0]
	for _, c := range []struct {
		body   object
		faults []string
	}{
		{object{}, []string{"typeId", "subTypeId", "value"}},
		{harness.With(one, "typeId", nil), []string{"typeId"}},
		{harness.With(one, "subTypeId", nil), []string{"subTypeId"}},
		{harness.With(one, "value", nil), []string{"value"}},
		{harness.With(one, "typeId", "one"), []string{"typeId"}},
		{harness.With(one, "typeId", 1.5), []string{"typeId"}},
		{harness.With(one, "typeId", 0), []string{"typeId"}},
		{harness.With(one, "typeId", 12), []string{"typeId"}},
		{harness.With(one, "typeId", 14), []string{"typeId"}},
		{harness.With(one, "subTypeId", 14), []string{"subTypeId"}},
		{harness.With(one, "subTypeId", 16, "value", "x"), []string{"subTypeId", "value"}},
		{harness.With(one, "subTypeId", -1), []string{"subTypeId"}},
		{harness.With(one, "subTypeId", json.Number("9007199254740993")), []string{"subTypeId"}},
		{harness.With(one, "subTypeId", json.Number("1e300")), []string{"subTypeId"}},
		{harness.With(one, "value", 5), []string{"value"}},
		{harness.With(one, "value", []any{}), []string{"value"}},
		{harness.With(one, "value", json.RawMessage("null")), []string{"value"}},
		{harness.With(one, "priority", "01"), []string{"priority"}},
		{harness.With(one, "priority", 2147483648), []string{"priority"}},
		{harness.With(one, "priority", 0.5), []string{"priority"}},
		{harness.With(one, "comment", "x"), []string{"comment"}},
		{harness.With(one, "TypeId", 1), []string{"TypeId"}},
		{harness.With(one, "id", true), []string{"id"}},
		{harness.With(one, "id", "5x"), []string{"id"}},
	} {
		x.Rest("PUT", harness.OptionPath(one), c.body).Envelope(422, c.faults...)
		x.Rest("PUT", harness.OptionsPath(erika), c.body).Envelope(422, c.faults...)
		second := []string{}
		for _, f := range c.faults {
			second = append(second, "1."+f)
		}
		x.Rest("POST", harness.OptionsPath(erika), []object{harness.OptionBody(5, 1, "a"), c.body}).Envelope(422, second...)
	}
	for _, body := range []string{`"a"`, `5`, `null`, `[[]]`, `[1]`, `true`} {
		field := "request"
		if strings.HasPrefix(body, "[") {
			field = "0"
		}
		x.Rest("POST", harness.OptionsPath(erika), body).Envelope(422, field)
	}
	for _, number := range []json.Number{"1.0", "1e0"} { // spellings of an integer, by JSON Schema
		x.Rest("PUT", harness.OptionPath(one), harness.With(one, "typeId", number)).Want(200)
	}
	x.Rest("PUT", harness.OptionPath(one), []object{one}).Envelope(422, "request")
	x.Rest("PUT", harness.OptionsPath(erika), []object{}).Envelope(422, "request")
	wantOptions(x, erika, "1.4=030 1")
}
