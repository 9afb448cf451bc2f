package contacts

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"contacts/tests/harness"
)

// Every answer is one of the contract: never a failure of the platform, and each refusal a problem.
func TestNoRequestMakesThePlatformFail(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	email := path + "/emails/" + x.Do("POST", path+"/emails", harness.EmailSample).Want(201).Text("id")
	paths := rapid.SampledFrom([]string{"/individual", path, path + "/full", path + "/emails", email, path + "/addresses", path + "/phones", path + "/web-addresses",
		path + "/personal-relationships", "/individual/abc", "/individual/9007199254740991", path + "/emails/0"})
	methods := rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
	values := rapid.SampledFrom([]string{`"Erika"`, `""`, `null`, `5`, `1e400`, `-0`, `{}`, `[]`, `["EVERYTHING"]`, `[null]`, `{"a":[{"b":1}]}`, `"\u0000"`, `"\ud800"`,
		`"PERSONAL"`, `"OFFICE"`, `"WORK_EMAIL"`, `"BLOG"`, `"a@b"`, `"http://a"`, `"2024-02-30"`, `"8124"`, `"9999999999999999"`, "\"\xff\"", `tru`, `true`})
	names := rapid.SampledFrom([]string{"name", "external_id", "date_of_birth", "id", "deleted", "type", "address", "number", "url", "full_address", "usages", "usage_context",
		"individual_contact", "country_code", "x", "", "~/"})
	body := rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 9).Draw(t, "shape") == 0 {
			return rapid.String().Draw(t, "text")
		}
		var b strings.Builder
		b.WriteString("{")
		for i := range rapid.IntRange(0, 5).Draw(t, "fields") {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(`"` + names.Draw(t, "name") + `":` + values.Draw(t, "value"))
		}
		return b.String() + rapid.SampledFrom([]string{"}", "}", "}", "", "}}"}).Draw(t, "end")
	})
	queries := rapid.SampledFrom([]string{"", "", "", "?limit=2", "?limit=x", "?offset=1&cursor=1", "?limit=%zz", "?%00=%ff", "?a;b", "?limit=1&limit=1", "?deleted=false"})
	headers := map[string]*rapid.Generator[string]{
		"If-Match":        rapid.SampledFrom([]string{"", `"1"`, `W/"1"`, "*", `"`, `"-1"`, "é"}),
		"If-None-Match":   rapid.SampledFrom([]string{"", `"1"`, "*", `"`}),
		"Accept":          rapid.SampledFrom([]string{"", "*/*", "text/html", ";;", "application/json;q=x"}),
		"Accept-Encoding": rapid.SampledFrom([]string{"", "gzip", ";", "gzip;q=-1", "*"}),
		"Content-Type":    rapid.SampledFrom([]string{"application/json", "application/json; charset", "text/plain", "/"}),
		"Idempotency-Key": rapid.SampledFrom([]string{"", "", "k", "l", "é", "a b"}),
	}
	rapid.Check(t, func(r *rapid.T) {
		sent := []string{"Authorization", "Bearer " + x.Token}
		for name, generator := range headers {
			if value := generator.Draw(r, name); value != "" {
				sent = append(sent, name, value)
			}
		}
		method := methods.Draw(r, "method")
		a, err := harness.Try(method, x.Path(paths.Draw(r, "path"))+queries.Draw(r, "query"), body.Draw(r, "body"), sent...)
		if err != nil {
			r.Fatal(err)
		}
		switch {
		case a.Status >= 500:
			r.Fatalf("%s = %d %s", a.What, a.Status, a.Body)
		case a.Status >= 400 && a.Header.Get("Content-Type") != "application/problem+json":
			r.Fatalf("%s = %d as %q", a.What, a.Status, a.Header.Get("Content-Type"))
		}
	})
}
