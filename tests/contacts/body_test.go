package contacts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func TestABodyIsReadStrictly(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	a256, a1024 := strings.Repeat("ä", 256), strings.Repeat("ä", 1024)
	for name, c := range map[string]struct {
		body   string
		faults []string
	}{
		"nothing":                   {``, []string{""}},
		"blanks":                    {"  \n", []string{""}},
		"no JSON":                   {`name=Erika`, []string{""}},
		"cut":                       {`{"name": "Eri`, nil},
		"cut after a comma":         {`{"name": "Erika",`, nil},
		"an array":                  {`[]`, []string{""}},
		"an array of one":           {`[{"name":"Erika"}]`, []string{""}},
		"a text":                    {`"Erika"`, []string{""}},
		"a number":                  {`5`, []string{""}},
		"null":                      {`null`, []string{""}},
		"trailing data":             {`{"name":"Erika"} {}`, []string{""}},
		"trailing brace":            {`{"name":"Erika"}}`, []string{""}},
		"a comma too many":          {`{"name":"Erika",}`, nil},
		"a comment":                 {`{"name":"Erika"/*x*/}`, nil},
		"not UTF-8":                 {"{\"name\":\"Erik\xff\"}", nil},
		"half a surrogate":          {`{"name":"Erik\ud800"}`, nil},
		"duplicate key":             {`{"name":"Erika","name":"Max"}`, []string{"/name"}},
		"duplicate key, escaped":    {`{"name":"Erika","n\u0061me":"Max"}`, []string{"/name"}},
		"duplicate of ignored":      {`{"name":"Erika","id":"1","id":"2"}`, []string{"/id"}},
		"duplicate inside ignored":  {`{"name":"Erika","id":{"a":[{"b":1,"b":2}]}}`, []string{"/id/a/0/b"}},
		"duplicates among others":   {`{"name":"Erika","name":5,"nick":{"a":1,"a":2},"anniversary":"x"}`, []string{"/name", "/nick", "/nick/a", "/anniversary"}},
		"unknown field":             {`{"name":"Erika","nick/~name":"E"}`, []string{"/nick~1~0name"}},
		"a field in other case":     {`{"Name":"Erika"}`, []string{"/Name", "/name"}},
		"missing":                   {`{}`, []string{"/name"}},
		"null field":                {`{"name":null}`, []string{"/name"}},
		"null optional field":       {`{"name":"Erika","external_id":null}`, []string{"/external_id"}},
		"number for a text":         {`{"name":5}`, []string{"/name"}},
		"object for a text":         {`{"name":{"a":[1,{}]}}`, []string{"/name"}},
		"array for a text":          {`{"name":["Erika"]}`, []string{"/name"}},
		"boolean for a text":        {`{"name":true}`, []string{"/name"}},
		"empty":                     {`{"name":""}`, nil},
		"blank":                     {`{"name":" \t\n\u00a0\u3000"}`, []string{"/name"}},
		"control character":         {`{"name":"Erika\u0007"}`, []string{"/name"}},
		"null character":            {`{"name":"Erika\u0000"}`, []string{"/name"}},
		"blank, invisible":          {`{"name":"\u200b\u2060\ufeff\u00ad"}`, []string{"/name"}},
		"31 combining marks":        {`{"name":"x` + strings.Repeat(`\u0301`, 31) + `"}`, []string{"/name"}},
		"enclosing marks too":       {`{"name":"x` + strings.Repeat(`\u0301\u20dd`, 16) + `"}`, []string{"/name"}},
		"a mebibyte of marks":       {`{"name":"` + strings.Repeat("\u0301", 500_000) + `"}`, []string{"/name"}},
		"external id invisible":     {`{"name":"Erika","external_id":" \u200b"}`, []string{"/external_id"}},
		"C1 control character":      {`{"name":"Erika\u0085"}`, []string{"/name"}},
		"delete character":          {`{"name":"Erika\u007f"}`, []string{"/name"}},
		"too long":                  {`{"name":"` + a1024 + `x"}`, []string{"/name"}},
		"external id empty":         {`{"name":"Erika","external_id":""}`, []string{"/external_id"}},
		"external id too long":      {`{"name":"Erika","external_id":"` + a256 + `x"}`, []string{"/external_id"}},
		"no calendar date":          {`{"name":"Erika","date_of_birth":"2025-02-29"}`, []string{"/date_of_birth"}},
		"a date of another form":    {`{"name":"Erika","date_of_birth":"25.03.2025"}`, []string{"/date_of_birth"}},
		"a date with time":          {`{"name":"Erika","anniversary":"2025-03-25T00:00:00Z"}`, []string{"/anniversary"}},
		"a date in the year 0":      {`{"name":"Erika","date_of_birth":"0000-12-31"}`, []string{"/date_of_birth"}},
		"an empty date":             {`{"name":"Erika","anniversary":""}`, []string{"/anniversary"}},
		"a number beyond all":       {`{"name":1e999}`, []string{"/name"}},
		"nested beyond reason":      {`{"name":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, nil},
		"unknown nested too deep":   {`{"x":` + strings.Repeat(`{"a":`, 20000) + `1` + strings.Repeat("}", 20000) + `}`, nil},
		"ignored nested too deep":   {`{"name":"Erika","id":` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `}`, nil},
		"all faults of one body":    {`{"name":" ","date_of_birth":"x","anniversary":5,"external_id":"","nick":1}`, []string{"/name", "/date_of_birth", "/anniversary", "/external_id", "/nick"}},
		"missing and unknown":       {`{"nick":"E"}`, []string{"/nick", "/name"}},
		"faults before a bad end":   {`{"nick":"E",`, nil},
		"a key with a control char": {`{"name":"Erika","a\u0001b":1}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range []struct{ method, path string }{{"POST", "/individual"}, {"PUT", path}} {
				a := harness.Send(t, r.method, x.Path(r.path), c.body, "Authorization", "Bearer "+x.Token)
				p := a.Problem(400)
				if c.faults != nil {
					a.Faults(400, c.faults...)
				}
				for _, f := range p.Errors {
					if strings.Contains(f.Detail, "json:") || strings.Contains(f.Detail, "jsontext") {
						t.Errorf("the library speaks: %q", f.Detail)
					}
				}
			}
		})
	}
	if got := x.Get("/individual").Page(); len(got.Items) != 1 || got.Items[0]["name"] != "Erika" {
		t.Errorf("refused bodies wrote: %v", got.Items)
	}
}

// A body full of faults costs no more than the body itself.
func TestABodyOfFaultsAloneIsRefused(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	body := `{"items":[` + strings.TrimSuffix(strings.Repeat("{},", 900_000), ",") + `]}`
	for path, method := range map[string]string{"/individual-id-mapping": "PUT", "/individual/batch": "POST", x.NewList() + "/items": "POST"} {
		t.Run(method+" "+path, func(t *testing.T) {
			if p := x.ForSubtest(t).Do(method, path, body).Problem(400); len(p.Errors) > 1001 {
				t.Errorf("%d faults are named", len(p.Errors))
			}
		})
	}
}

func TestLimitsOfABody(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for name, c := range map[string]struct{ body, field, want string }{
		"1024 characters":     {`{"name":"` + strings.Repeat("ä", 1024) + `"}`, "name", strings.Repeat("ä", 1024)},
		"256 characters":      {`{"name":"a","external_id":"` + strings.Repeat("ä", 256) + `"}`, "external_id", strings.Repeat("ä", 256)},
		"one brought to NFC":  {`{"name":"A\u0308rger"}`, "name", "Ärger"},
		"NFC before counting": {`{"name":"` + strings.Repeat(`a\u0308`, 1024) + `"}`, "name", strings.Repeat("ä", 1024)},
		"tab and newline":     {`{"name":"a\tb\nc"}`, "name", "a\tb\nc"},
		"CRLF and CR":         {`{"name":"a\r\nb\rc"}`, "name", "a\nb\nc"},
		"CRLF is one":         {`{"name":"` + strings.Repeat(`a\r\n`, 512) + `"}`, "name", strings.Repeat("a\n", 512)},
		"30 combining marks":  {`{"name":"e` + strings.Repeat(`\u0301`, 31) + `"}`, "name", "é" + strings.Repeat("\u0301", 30)},
		"invisible after":     {`{"name":"a\u200b"}`, "name", "a\u200b"},
		"a byte order mark":   {"\ufeff" + `{"name":"a"}`, "name", "a"},
		"surrounding blanks":  {`{"name":" a "}`, "name", " a "},
		"emoji":               {`{"name":"\ud83d\ude00"}`, "name", "😀"},
		"HTML":                {`{"name":"<b>&amp;"}`, "name", "<b>&amp;"},
		"line separators":     {`{"name":"a\u2028b"}`, "name", "a\u2028b"},
		"a leap day":          {`{"name":"a","date_of_birth":"2024-02-29"}`, "date_of_birth", "2024-02-29"},
		"ignored fields":      {`{"id":"7","deleted":"perhaps","name":"a"}`, "name", "a"},
		"ignored nested deep": {`{"id":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `,"name":"a"}`, "name", "a"},
		"ignored null":        {`{"id":null,"deleted":null,"name":"a"}`, "name", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			made := harness.Send(t, "POST", x.Path("/individual"), c.body, "Authorization", "Bearer "+x.Token).Want(201)
			if got := made.Text(c.field); got != c.want {
				t.Errorf("%s %q, want %q", c.field, got, c.want)
			}
			if o := made.Object(); o["deleted"] != false || o["id"] == "7" {
				t.Errorf("what only the platform sets was taken: %v", o)
			}
			read := harness.Send(t, "GET", made.Header.Get("Location"), nil, "Authorization", "Bearer "+x.Token).Want(200)
			if !bytes.Equal(read.Body, made.Body) {
				t.Errorf("GET %s, POST %s", read.Body, made.Body)
			}
		})
	}
}

// Clients send back what GET returned, also of another resource.
func TestFieldsThatThePlatformAloneSetsAreIgnoredInEveryResource(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	contact := x.CreateIndividual("Erika")
	for _, c := range []struct {
		method, path string
		body         object
		status       int
	}{
		{"POST", "/individual", object{"name": "Max"}, 201},
		{"PUT", contact, object{"name": "Max"}, 200},
		{"PUT", "/organization?external_id=crm-1", object{"name": "ACME"}, 201},
		{"POST", contact + "/addresses", harness.AddressSample, 201},
		{"POST", contact + "/tags", object{"name": "VIP"}, 201},
		{"PUT", contact + "/roles/customer", harness.CustomerMinimal, 200},
		{"POST", "/customer-lists", object{"name": "A"}, 201},
		{"PATCH", "/individual-id-mapping", object{"items": []any{}}, 200},
		{"PUT", "/configuration", harness.ConfigurationSample, 200},
		{"POST", "/individual/batch", object{"items": []any{}}, 200},
	} {
		ignored := harness.With(c.body, "id", []any{1}, "deleted", "yes", "representatives", 5, "debtor_account_id", object{}, "creditor_account_id", false, "added", nil,
			"member_count", "many")
		x.Do(c.method, c.path, ignored).Want(c.status)
		x.Do(c.method, c.path, harness.With(c.body, "members_count", 1)).Faults(400, "/members_count")
	}
	row := object{"items": []any{object{"name": "Max", "added": "x"}, object{"name": "Max", "member_count": 1}}}
	if p := x.Do("POST", "/individual/batch", row).Want(200).Page(); len(p.Items) != 2 || len(p.Problems) != 0 {
		t.Errorf("a batch of such rows: %v, %v", p.Items, p.Problems)
	}
	harness.Send(t, "POST", "/rest/accounts/contacts"+contact[len("/individual"):]+"/options", object{"typeId": 2, "subTypeId": 4, "value": "a@example.com", "deleted": false},
		"Authorization", "Bearer "+x.Token).Want(422)
}

func TestTheSameExternalIDInAnotherUnicodeFormIsTheSame(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.Do("POST", "/individual", `{"name":"a","external_id":"\u00e4"}`).Want(201)
	x.Do("POST", "/individual", `{"name":"a","external_id":"a\u0308"}`).Problem(409)
}

func TestIDsInABodyAreCanonicalAndBelow2To53(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.CreateIndividual("Erika") + "/personal-relationships"
	for _, id := range []string{`""`, `"0"`, `"01"`, `"-1"`, `"1.5"`, `"1e3"`, `"abc"`, `" 1"`, `"9007199254740992"`, `"9999999999999999"`, `"12345678901234567"`,
		`8124`, `"٣"`, `null`, `{}`, `true`} {
		x.Do("POST", list, `{"type":"SPOUSE","individual_contact":`+id+`}`).Faults(400, "/individual_contact")
	}
}

func TestEmailAddressesAreMailboxesInTheirOwnCase(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.CreateIndividual("Erika") + "/emails"
	for _, address := range []string{"a@b", "Erika.Mustermann+tag@Example.COM", `"erika m"@example.com`, "a@[127.0.0.1]", "a@[IPv6:::1]", strings.Repeat("a", 64) + "@example.com"} {
		if got := x.Do("POST", list, harness.With(harness.EmailSample, "address", address)).Want(201).Text("address"); got != address {
			t.Errorf("address %q, want %q", got, address)
		}
	}
	for _, address := range []string{"", "a", "@b", "a@", "a@b@c", ".a@b", "a.@b", "a..b@c", "a b@c", "a@b_c", "a@-b", "a@b-", "a@b..c", "a@[::1]", "a@[IPv6:1.2.3.4]",
		"ä@b", "a@bä.de", strings.Repeat("a", 65) + "@b", "a@" + strings.Repeat("b", 64), "a@" + strings.Repeat("b.", 130) + "c", "Erika <a@b>", "a@b,c@d"} {
		x.Do("POST", list, harness.With(harness.EmailSample, "address", address)).Faults(400, "/address")
	}
}

func TestWebAddressesAreAbsolute(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.CreateIndividual("Erika") + "/web-addresses"
	for _, url := range []string{"http://a", "HTTPS://Example.com/a%20b?c=d#e", "https://[::1]:8080/", "https://xn--kln-sna.de"} {
		if got := x.Do("POST", list, harness.With(harness.WebSample, "url", url)).Want(201).Text("url"); got != url {
			t.Errorf("url %q, want %q", got, url)
		}
	}
	for _, url := range []string{"", "example.com", "//example.com", "/a", "http:", "http://", "http:///a", "ftp://a", "javascript:alert(1)", "mailto:a@b", "http://a b", "http://köln.de", "http://a\"b", "https://:80", "http://]/", "http://a]", "http://[::1]]/", "http://[/"} {
		x.Do("POST", list, harness.With(harness.WebSample, "url", url)).Faults(400, "/url")
	}
}

func TestOnlyJSONIsRead(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	body := `{"name":"Erika"}`
	for _, media := range []string{"application/json", "Application/JSON", "application/json; charset=utf-8", `application/json;charset="UTF-8"`, "application/json; charset=utf8", "application/json;charset=UTF8"} {
		x.Do("POST", "/individual", body, "Content-Type", media).Want(201)
	}
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json; charset=iso-8859-1", "json", "multipart/form-data; boundary=x", "application/json/x"} {
		refused := x.Do("POST", "/individual", body, "Content-Type", media)
		if refused.Problem(415); refused.Header.Get("Accept") != "application/json" {
			t.Errorf("%s: Accept is %q", media, refused.Header.Get("Accept"))
		}
	}
	refused := x.Do("POST", "/individual", body, "Content-Encoding", "gzip")
	if refused.Problem(415); refused.Header.Get("Accept-Encoding") != "identity" {
		t.Errorf("Accept-Encoding is %q", refused.Header.Get("Accept-Encoding"))
	}
}

func TestABodyBeyondOneMebibyteIsTooLarge(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	pad := func(n int) string {
		body := `{"name":"Erika"}`
		return body + strings.Repeat(" ", n-len(body))
	}
	x.Do("POST", "/individual", pad(1<<20)).Want(201)
	x.Do("POST", "/individual", pad(1<<20+1)).Problem(413)
	x.Do("POST", "/individual", pad(5<<20)).Problem(413)
	if n := len(x.Get("/individual").Page().Items); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
}

func TestFaultsOfManyValuesAreAllNamed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	usages, want := []any{}, []string{}
	for i := range 50 {
		usages = append(usages, "NONE")
		want = append(want, fmt.Sprintf("/usages/%d", i))
	}
	x.Do("POST", x.CreateIndividual("Erika")+"/phones", harness.With(harness.PhoneSample, "usages", usages)).Faults(400, want...)
}

func TestUpToAThousandFaultsOfABodyAreNamed(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	body := func(n int) string {
		fields := make([]string, n)
		for i := range fields {
			fields[i] = fmt.Sprintf(`"f%d":1`, i)
		}
		return `{"name":"Erika",` + strings.Join(fields, ",") + "}"
	}
	for sent, told := range map[int]int{101: 101, 1000: 1000, 1500: 1001} {
		errs := x.Do("POST", "/individual", body(sent)).Problem(400).Errors
		if len(errs) != told {
			t.Errorf("of %d faults %d are named, want %d", sent, len(errs), told)
		}
		if more := errs[len(errs)-1].Detail; sent > 1000 && more != "and 500 more" {
			t.Errorf("the last of %d faults: %q", sent, more)
		}
	}
	row := x.Do("POST", "/individual/batch", `{"items":[`+body(150)+`]}`).Page().Problems[0]["errors"].([]any)
	if last := row[len(row)-1].(object); len(row) != 101 || last["pointer"] != "/items/0" || last["detail"] != "and 50 more" {
		t.Errorf("%d faults of a row, the last %v", len(row), last)
	}
}

func TestANameAsLongAsTheBodyIsNotRepeated(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	long := `"` + strings.Repeat("~", 400_000) + `":`
	for body, pointers := range map[string][]string{
		`{` + long + `1,"items":[]}`:     {""},
		`{"items":[],` + long + `{"a":?`: {"", ""},
		`{"items":[{` + long + `?`:       {"/items/0", "/items/0"},
	} {
		a := x.Do("POST", "/individual/batch", body)
		if a.Faults(400, pointers...); len(a.Body) > 10_000 {
			t.Errorf("an answer of %d bytes", len(a.Body))
		}
	}
	p := x.Do("POST", "/individual/batch", `{"items":[{"name":"Erika",`+long+`1}]}`).Page()
	if len(p.Problems) != 1 || p.Problems[0]["errors"].([]any)[0].(object)["pointer"] != "/items/0" {
		t.Errorf("%v", p.Problems)
	}
}

func TestAProblemIsValidJSONWhateverWasSent(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	a := x.Do("POST", "/individual", "{\"name\":\"a\",\"\\\"\\u2028</script>\":1}")
	a.Problem(400)
	if !json.Valid(a.Body) {
		t.Errorf("%s", a.Body)
	}
}

// A text without a visible character is empty: an optional field counts as left out.
func TestAnInvisibleTextIsEmpty(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika") + "/addresses"
	a := x.Do("POST", path, harness.With(harness.AddressSample, "city", "\u200b \u2060")).Want(201)
	if city, there := a.Object()["city"]; there && city != "" {
		t.Errorf("the city is %q", city)
	}
	for _, query := range []string{"tag=%E2%80%8B", "external_id=%20", "email=%EF%BB%BF"} {
		x.Get("/lookup?" + query).Problem(400)
	}
	x.Do("POST", "/individual", `{"name":"a","external_id":"a\r\nb"}`).Want(201)
	for _, query := range []string{"a%0D%0Ab", "a%0Db", "a%0Ab"} {
		if n := len(x.Get("/lookup?external_id=" + query).Page().Items); n != 1 {
			t.Errorf("external_id=%s finds %d", query, n)
		}
	}
	x.Get("/lookup?tag=x" + strings.Repeat("%CC%81", 31)).Problem(400)
}

// A fault's detail is for people, and within the length of its schema.
func TestDetailsOfFaultsAreShortAndPlain(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	faults := x.Do("POST", x.CreateIndividual("Erika")+"/addresses", harness.With(harness.AddressSample, "country_code", "XX")).Problem(400).Errors
	if len(faults) != 1 || len(faults[0].Detail) > 512 || !strings.Contains(faults[0].Detail, " values") {
		t.Errorf("faults %+v", faults)
	}
	image := x.Do("POST", x.CreateIndividual("Erika")+"/images/upload", `{"content_type":"image/png","content_length":99000000}`).Problem(400).Errors
	if len(image) != 1 || !strings.Contains(image[0].Detail, "12000000") {
		t.Errorf("faults %+v", image)
	}
}
