package tests

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestValuesAreHeldToTheirType(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	long := strings.Repeat("ä", 1024)
	for typeID, values := range map[int]struct{ good, bad []string }{
		1: {[]string{"110", "+49 (0)30 / 90-18.20", "030 901820;1,#*x2", "\u00a0030\u20111"},
			[]string{"x", "1", "", " ", "string", "030 a1", strings.Repeat("1", 33), "030\u00071"}},
		2: {[]string{"Erika@Example.com", "a@b"}, []string{"erika", "a@b@c", "", "a b@c", "ä@b"}},
		3: {[]string{"030 1"}, []string{"fax"}},
		4: {[]string{"https://example.com/a?b#c", "HTTP://a"}, []string{"example.com", "ftp://a", "http://a b", ""}},
		5: {[]string{"any text", "ä\t\n", long, "1"}, []string{"", " \t", "a\u0007", long + "x"}},
	} {
		person := x.individual("Erika")
		for i, value := range values.good {
			if got := x.newOptions(person, anOption(typeID, i+1, value))[0]["value"]; got != value {
				t.Errorf("%q became %q", value, got)
			}
		}
		one := x.options(person)[0]
		for _, value := range values.bad {
			x.rest("POST", optionsOf(person), anOption(typeID, 15, value)).envelope(422, "value")
			x.rest("PUT", optionAt(one), with(one, "value", value)).envelope(422, "value")
		}
		if got := len(x.options(person)); got != len(values.good) {
			t.Errorf("type %d: %d options", typeID, got)
		}
	}
	if got := x.newOptions(x.individual("Erika"), anOption(5, 1, "a\u0308"))[0]["value"]; got != "ä" {
		t.Errorf("the value is %q, want it in Unicode form C", got)
	}
}

func TestWhatGETReturnedCanBeSentBack(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	for _, c := range []string{"phones", "emails", "web-addresses"} {
		x.create(erika+"/"+c, channelOf(c).sample) // the number is "string"
		x.create(erika+"/"+c, channelOf(c).sample)
	}
	x.newOptions(erika, anOption(5, 6, "erika", "priority", -2147483648), anOption(3, 9, "030 1", "priority", 2147483647))
	before, details := x.rest("GET", optionsOf(erika), nil).want(200), x.get(erika+"/full").want(200)
	back := x.rest("PUT", optionsOf(erika), before.body).want(200)
	if string(back.body) != string(before.body) {
		t.Errorf("%s became %s", before.body, back.body)
	}
	for _, o := range before.array() {
		one := x.rest("GET", optionAt(o), nil).want(200)
		for _, path := range []string{optionAt(o), optionsOf(erika)} {
			back := x.rest("PUT", path, one.body).want(200)
			if got := strings.Trim(string(back.body), "[]"); got != string(one.body) {
				t.Errorf("%s became %s", one.body, back.body)
			}
		}
		x.rest("PUT", optionAt(o), with(o, "createdAt", 5, "updatedAt", nil, "contactId", "x", "id", 5)).want(200) // the platform's own are not looked at
	}
	if after := x.get(erika + "/full").want(200); string(after.body) != string(details.body) {
		t.Errorf("details\n%s became\n%s", details.body, after.body)
	}
	// A number that was never checked stays as it is; under another type it is a new one.
	phone := x.options(erika)[1]
	x.rest("PUT", optionAt(phone), with(phone, "priority", 5)).want(200)
	x.rest("PUT", optionAt(phone), with(phone, "subTypeId", 5)).want(200)
	x.rest("PUT", optionAt(phone), with(phone, "typeId", 3, "subTypeId", 5)).envelope(422, "value")
}

func TestOptionsAreListedByPriorityThenID(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	x.newOptions(erika, anOption(5, 1, "a", "priority", 10), anOption(1, 1, "030 1"), anOption(2, 1, "b@c", "priority", -1),
		anOption(4, 1, "http://d", "priority", 9), anOption(1, 2, "030 2", "priority", -1), anOption(3, 1, "030 3", "priority", 0), anOption(13, 15, "e", "priority", 10))
	x.create(erika+"/emails", address("f@g"))
	want := []string{"2.1=b@c", "1.2=030 2", "1.1=030 1", "3.1=030 3", "2.1=f@g", "4.1=http://d", "5.1=a", "13.15=e"}
	x.has(erika, want...)
	for query, want := range map[string][]string{
		"?typeId=1": {"1.2=030 2", "1.1=030 1"}, "?subTypeId=1": slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.Contains(s, ".1=") }),
		"?typeId=2&subTypeId=1": {"2.1=b@c", "2.1=f@g"}, "?typeId=2&subTypeId=2": {}, "?typeId=4711": {}, "?typeId=5&nothing=1": {"5.1=a"},
	} {
		if got := pairs(x.rest("GET", optionsOf(erika)+query, nil).want(200).array()); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"?typeId=x", "?typeId=-1", "?typeId=", "?typeId=1&typeId=2", "?typeId=1.5"} {
		x.rest("GET", optionsOf(erika)+query, nil).envelope(422, "typeId")
	}
	x.rest("GET", optionsOf(erika)+"?subTypeId=-1", nil).envelope(422, "subTypeId")
}

func TestValidateSaysWhetherAnOptionCouldBe(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	x.newOptions(erika, anOption(1, 4, "030 1"), anOption(5, 6, "erika"))
	x.create(erika+"/emails", with(emailSample, "address", "a@b"))
	x.create(erika+"/emails", with(emailSample, "address", "c@d"))
	validate := func(contact string, typeID, subTypeID int, value string) *answer {
		t.Helper()
		query := url.Values{"typeId": {fmt.Sprint(typeID)}, "subTypeId": {fmt.Sprint(subTypeID)}, "value": {value}}
		return x.rest("GET", optionsOf(contact)+"/validate?"+query.Encode(), nil)
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
		shown := validate(erika, c.typeID, c.subTypeID, c.value).want(200).object()
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
		// What it says is what a POST of an option says, but that one which is there already can't be there twice.
		if there := c.typeID == 1 && c.subTypeID == 4 || c.typeID == 5 && c.subTypeID == 6; !there {
			contact := x.individual("Max")
			if c.reason == used {
				contact = erika
			}
			want := map[bool]int{true: 200, false: 422}[*verdict.Valid]
			x.rest("POST", optionsOf(contact), anOption(c.typeID, c.subTypeID, c.value)).want(want)
		}
	}
	x.has(erika, "1.4=030 1", "5.6=erika", "2.1=a@b", "2.1=c@d")
	path := optionsOf(erika) + "/validate"
	x.rest("GET", path, nil).envelope(422, "typeId", "subTypeId", "value")
	x.rest("GET", path+"?typeId=5&subTypeId=1", nil).envelope(422, "value")
	x.rest("GET", path+"?typeId=x&subTypeId=0&value=a", nil).envelope(422, "typeId", "subTypeId")
	x.rest("GET", path+"?typeId=1&subTypeId=1&value=a&value=b", nil).envelope(422, "value")
	validate(erika, 99, 14, "a").envelope(422, "typeId", "subTypeId")
	validate("/individual/8124", 1, 1, "030 1").envelope(404)
}

func TestFieldsOfAnOptionAreReadStrictly(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	erika := x.individual("Erika")
	one := x.newOptions(erika, phoneOption("030 1"))[0]
	for _, c := range []struct {
		body   object
		faults []string
	}{
		{object{}, []string{"typeId", "subTypeId", "value"}},
		{with(one, "typeId", nil), []string{"typeId"}},
		{with(one, "subTypeId", nil), []string{"subTypeId"}},
		{with(one, "value", nil), []string{"value"}},
		{with(one, "typeId", "one"), []string{"typeId"}},
		{with(one, "typeId", 1.5), []string{"typeId"}},
		{with(one, "typeId", 0), []string{"typeId"}},
		{with(one, "typeId", 12), []string{"typeId"}},
		{with(one, "typeId", 14), []string{"typeId"}},
		{with(one, "subTypeId", 14), []string{"subTypeId"}},
		{with(one, "subTypeId", 16, "value", "x"), []string{"subTypeId", "value"}},
		{with(one, "subTypeId", -1), []string{"subTypeId"}},
		{with(one, "subTypeId", json.Number("9007199254740993")), []string{"subTypeId"}},
		{with(one, "subTypeId", json.Number("1e300")), []string{"subTypeId"}},
		{with(one, "value", 5), []string{"value"}},
		{with(one, "value", []any{}), []string{"value"}},
		{with(one, "value", json.RawMessage("null")), []string{"value"}},
		{with(one, "priority", "01"), []string{"priority"}},
		{with(one, "priority", 2147483648), []string{"priority"}},
		{with(one, "priority", 0.5), []string{"priority"}},
		{with(one, "comment", "x"), []string{"comment"}},
		{with(one, "TypeId", 1), []string{"TypeId"}},
		{with(one, "id", true), []string{"id"}},
		{with(one, "id", "5x"), []string{"id"}},
	} {
		x.rest("PUT", optionAt(one), c.body).envelope(422, c.faults...)
		x.rest("PUT", optionsOf(erika), c.body).envelope(422, c.faults...)
		second := []string{}
		for _, f := range c.faults {
			second = append(second, "1."+f)
		}
		x.rest("POST", optionsOf(erika), []object{anOption(5, 1, "a"), c.body}).envelope(422, second...)
	}
	for _, body := range []string{`"a"`, `5`, `null`, `[[]]`, `[1]`, `true`} {
		field := "request"
		if strings.HasPrefix(body, "[") {
			field = "0"
		}
		x.rest("POST", optionsOf(erika), body).envelope(422, field)
	}
	for _, number := range []json.Number{"1.0", "1e0"} { // spellings of an integer, by JSON Schema
		x.rest("PUT", optionAt(one), with(one, "typeId", number)).want(200)
	}
	x.rest("PUT", optionAt(one), []object{one}).envelope(422, "request")
	x.rest("PUT", optionsOf(erika), []object{}).envelope(422, "request")
	x.has(erika, "1.4=030 1")
}
