package access

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"contacts/pkg/accounts"
	"contacts/tests/harness"
)

// A rawConnection writes requests as they are, without net/http's changes to their paths.
type rawConnection struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func (l *rawConnection) send(method, target string, body any, headers ...string) *harness.Answer {
	l.t.Helper()
	if l.conn == nil {
		conn, err := net.Dial("tcp", strings.TrimPrefix(harness.Platform.URL, "http://"))
		if err != nil {
			l.t.Fatal(err)
		}
		l.conn, l.in = conn, bufio.NewReader(conn)
		l.t.Cleanup(func() { conn.Close() })
	}
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			l.t.Fatal(err)
		}
	}
	request := method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for i := 0; i < len(headers); i += 2 {
		request += headers[i] + ": " + headers[i+1] + "\r\n"
	}
	if _, err := fmt.Fprintf(l.conn, "%sContent-Length: %d\r\n\r\n%s", request, len(content), content); err != nil {
		l.t.Fatal(err)
	}
	response, err := http.ReadResponse(l.in, &http.Request{Method: method})
	if err != nil {
		l.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer response.Body.Close()
	a := &harness.Answer{T: l.t, What: method + " " + target, Status: response.StatusCode, Header: response.Header}
	if a.Body, err = io.ReadAll(response.Body); err != nil {
		l.t.Fatal(err)
	}
	if response.Close {
		l.conn = nil
	}
	return a
}

// disguises are spellings of a path to another organization's records ({base}, {other}, {rest}) that a proxy, the gateway, the router or the
// table might take for a path to {own}.
var disguises = map[string]string{
	"as it is":                      "{base}{other}{rest}",
	"encoded letters":               "{base}{other encoded}{rest}",
	"encoded letters, twice":        "{base}{other encoded twice}{rest}",
	"upper case":                    "{base}{OTHER}{rest}",
	"a path in upper case":          "{BASE}{other}{rest}",
	"full-width letters":            "{base}{other wide}{rest}",
	"a letter that is not seen":     "{base}{other}%E2%80%8B{rest}",
	"a mark above the last letter":  "{base}{other}%CC%81{rest}",
	"dots":                          "{base}{own}/../{other}{rest}",
	"encoded dots":                  "{base}{own}/%2e%2e/{other}{rest}",
	"half encoded dots":             "{base}{own}/.%2E/{other}{rest}",
	"dots encoded twice":            "{base}{own}/%252e%252e/{other}{rest}",
	"encoded slashes":               "{base}{own}%2F..%2f{other}{rest}",
	"slashes encoded twice":         "{base}{own}%252F..%252F{other}{rest}",
	"slashes of too many bytes":     "{base}{own}%c0%af..%c0%af{other}{rest}",
	"full-width slashes":            "{base}{own}%EF%BC%8F..%EF%BC%8F{other}{rest}",
	"backslashes":                   `{base}{own}\..\{other}{rest}`,
	"encoded backslashes":           "{base}{own}%5c..%5C{other}{rest}",
	"dots after a collection":       "{base}{own}/individual/../../{other}{rest}",
	"slashes after a collection":    "{base}{own}/individual/..%2F..%2F{other}{rest}",
	"dots in an external id":        "{base}{own}/individual-id-mapping/external/../../../../{other}{rest}",
	"slashes in an external id":     "{base}{own}/individual-id-mapping/external/..%2F..%2F..%2F..%2F{other}{rest}",
	"dots in front":                 "/x/..{base}{other}{rest}",
	"a dot in front":                "/.{base}{other}{rest}",
	"a dot before it":               "{base}./{other}{rest}",
	"a dot after it":                "{base}{other}/.{rest}",
	"by way of the other dialect":   "/rest/accounts/contacts/../../..{base}{other}{rest}",
	"by way of tokens":              "/auth/authorize/{own}/../../..{base}{other}{rest}",
	"two slashes before it":         "{base}/{other}{rest}",
	"two slashes after it":          "{base}{other}/{rest}",
	"two slashes in front":          "/{base}{other}{rest}",
	"two slashes in the middle":     "{base, two slashes}{other}{rest}",
	"a slash at the end":            "{base}{other}{rest}/",
	"an encoded slash at the end":   "{base}{other}{rest}%2F",
	"two slashes at the end":        "{base}{other}{rest}//",
	"nothing":                       "{base}{rest}",
	"nothing, nor a slash":          "{base, no slash}{rest}",
	"a blank":                       "{base}%20{rest}",
	"a blank after it":              "{base}{other}%20{rest}",
	"a plus after it":               "{base}{other}+{rest}",
	"a zero after it":               "{base}{other}%00{rest}",
	"a zero before it":              "{base}%00{other}{rest}",
	"a zero after one's own":        "{base}{own}%00{other}{rest}",
	"a zero after one's own, twice": "{base}{own}%2500/../{other}{rest}",
	"a line break after it":         "{base}{other}%0d%0a{rest}",
	"no UTF-8 after it":             "{base}{other}%ff{rest}",
	"a parameter of it":             "{base}{other};org={own}{rest}",
	"a parameter of one's own":      "{base}{own};org={other}{rest}",
	"a parameter before it":         "{base, no slash};org={own}/{other}{rest}",
	"a parameter of the rest":       "{base}{other}{rest};org={own}",
	"both":                          "{base}{own},{other}{rest}",
	"both, it first":                "{base}{other},{own}{rest}",
	"a segment of the table's keys": "{base}{own}%23I%23{other}{rest}",
	"a key of the table":            "{base}T%23{other}{rest}",
	"a fragment":                    "{base}{other}{rest}#{own}",
	"an encoded fragment":           "{base}{other}%23{own}{rest}",
	"a query":                       "{base}{other}{rest}?org-id={own}&org={own}",
	"an encoded query":              "{base}{other}{rest}%3Forg-id={own}",
	"an encoded query after it":     "{base}{other}%3F/../{own}{rest}",
	"the name of the parameter":     "{base}%7Borg-id%7D{rest}",
	"an absolute form":              "http://localhost{base}{other}{rest}",
	"an absolute form of one's own": "http://{own}{base}{other}{rest}",
}

// disguised returns a path in one of these spellings.
func disguised(disguise, base, own, other, rest string) string {
	path := strings.NewReplacer("{base}", base, "{own}", own, "{other}", other, "{rest}", rest, "{OTHER}", strings.ToUpper(other), "{BASE}",
		strings.ToUpper(base),
		"{other encoded}", percent(other, "%"), "{other encoded twice}", percent(other, "%25"), "{other wide}", fullWidth(other),
		"{base, no slash}", strings.TrimSuffix(base, "/"), "{base, two slashes}", "/"+strings.Replace(base[1:], "/", "//", 1)).Replace(disguise)
	if strings.Contains(path, "{") {
		panic(path + ": what is in braces is not known")
	}
	return path
}

// percent escapes each letter.
func percent(s, escape string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%s%02x", escape, s[i])
	}
	return b.String()
}

// fullWidth replaces each letter by its full-width form, which NFKC maps back.
func fullWidth(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteString(percent(string(rune(s[i])+0xfee0), "%"))
	}
	return b.String()
}

func TestNoSpellingOfAPathLeadsToAnotherOrganization(t *testing.T) {
	t.Parallel()
	x, y := newSampleOrganization(t), harness.NewTenant(t)
	before := x.readAll(x.Token)
	var cases atomic.Int64
	t.Run("spelled", func(t *testing.T) {
		for name, disguise := range disguises {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w, l := *x, rawConnection{t: t}
				w.Tenant = x.ForSubtest(t)
				for _, op := range w.operations {
					if op.isRest() {
						continue // no organization in the path: the token's own is all there is
					}
					const base = "/contacts/org/"
					rest := strings.TrimPrefix(w.fill(op.path, w.ids), base+w.Org)
					a := l.send(op.method, disguised(disguise, base, y.Org, w.Org, rest), w.body(op), "Authorization", "Bearer "+y.Token)
					cases.Add(1)
					if !slices.Contains([]int{400, 403, 404, 405}, a.Status) {
						t.Errorf("%s = %d %s", a.What, a.Status, a.Body)
					}
					if secret := w.leaked(op, a); secret != "" {
						t.Errorf("%s reveals %q: %s", a.What, secret, a.Body)
					}
				}
				// Nor do they get a token.
				a := l.send("GET", disguised(disguise, "/auth/authorize/", y.Org, w.Org, ""), nil, "Authorization", harness.BasicAuth(y.App, y.Secret))
				if cases.Add(1); !slices.Contains([]int{400, 401, 403, 404}, a.Status) {
					t.Errorf("%s = %d %s", a.What, a.Status, a.Body)
				}
			})
		}
	})
	t.Logf("%d requests in %d spellings", cases.Load(), len(disguises))
	x.wantUnchanged(before, x.Token)
	if n := len(y.Get("/individual").Page().Items); n != 0 {
		t.Errorf("%d contacts were made in one's own organization", n)
	}
}

// The path alone selects the organization, and the method alone the operation. Parameters that would are refused.
func TestHeadersAndParametersDoNotSelectAnotherOrganization(t *testing.T) {
	t.Parallel()
	x, y := newSampleOrganization(t), harness.NewTenant(t)
	before := x.readAll(x.Token)
	own := y.CreateIndividual("Erika")
	there := x.fill("/contacts/org/{}/individual/{}", x.ids)
	for _, headers := range [][]string{
		{"X-Original-URL", there}, {"X-Rewrite-URL", there}, {"X-Forwarded-Prefix", "/contacts/org/" + x.Org}, {"X-Forwarded-Path", there},
		{"X-Forwarded-Host", x.Org}, {"Forwarded", "host=" + x.Org}, {"X-Org-Id", x.Org}, {"Org-Id", x.Org}, {"Cookie",
			"org-id=" + x.Org + "; org=" + x.Org},
		{"X-HTTP-Method-Override", "DELETE"}, {"X-Method-Override", "DELETE"}, {"X-GoLambdaProxy-ApiGw-Context",
			`{"pathParameters":{"org":"` + x.Org + `"}}`},
	} {
		l := rawConnection{t: t}
		headers = append([]string{"Authorization", "Bearer " + y.Token}, headers...)
		if a := l.send("GET", y.Path(own), nil, headers...).Want(200); a.Text("id") != harness.LastSegment(own) {
			t.Errorf("%v: %s leads to %s", headers, a.What, a.Body)
		}
		l.send("GET", y.Path(own)+"?org-id="+x.Org+"&org="+x.Org+"&_method=DELETE", nil, headers...).Faults(400, "?org-id", "?org", "?_method")
	}
	y.Get(own).Want(200)
	x.wantUnchanged(before, x.Token)
}

func TestOrganizationsWithSimilarNamesAreIsolated(t *testing.T) {
	t.Parallel()
	base := fmt.Sprintf("Alike-%d", harness.Platform.Orgs.Add(1))
	m := newTokenSigner(t)
	var all []*harness.Tenant
	for _, org := range []string{base, strings.ToUpper(base), strings.ToLower(base), base + "0", base + "-", base + "_", base + "-C",
		base + "I", "-" + base,
		"T-" + base, base + strings.Repeat("-", 64-len(base)), base + strings.Repeat("-", 63-len(base))} {
		if err := harness.Platform.Database.AddOrganization(context.Background(), accounts.Organization{ID: org, Region: "DE"}); err != nil {
			t.Fatal(err)
		}
		all = append(all, &harness.Tenant{T: t, Org: org, Token: m.validToken(org)})
	}
	var paths []string
	for _, x := range all {
		paths = append(paths, x.Create("/individual", object{"name": x.Org, "external_id": "crm-1"})) // no one's external id is another's
		x.AddTag(paths[len(paths)-1], "VIP")
	}
	for i, x := range all {
		if got := x.Get("/individual").Page().Texts("name"); !slices.Equal(got, []string{x.Org}) {
			t.Errorf("%s lists %q", x.Org, got)
		}
		for _, by := range []string{"external_id=crm-1", "tag=vip"} {
			if got := x.Get("/lookup?" + by).Page().Texts("name"); !slices.Equal(got, []string{x.Org}) {
				t.Errorf("%s finds %q by %s", x.Org, got, by)
			}
		}
		for j, other := range all {
			if i == j {
				continue
			}
			x.Get(paths[j]).Problem(404)
			harness.Send(t, "GET", other.Path(paths[j]), nil, "Authorization", "Bearer "+x.Token).Problem(403)
			harness.Send(t, "DELETE", other.Path(paths[j]), nil, "Authorization", "Bearer "+x.Token).Problem(403)
		}
	}
	for i, x := range all {
		x.Get(paths[i]).Want(200)
	}
}
