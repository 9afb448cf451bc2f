package contact

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFormatsThatAreKnown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"date", "email", "uri"} {
		if FormatCheck(name) == nil {
			t.Errorf("there is no format %q", name)
		}
	}
	for _, name := range []string{"", "date-time", "Email"} {
		if FormatCheck(name) != nil {
			t.Errorf("there is a format %q", name)
		}
	}
}

func TestEveryCalendarDayIsADate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(rapid.IntRange(1, 9999).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 364).Draw(t, "day"))
		text := day.Format(time.DateOnly)
		if detail := checkDate(text); detail != "" {
			t.Fatalf("%s: %s", text, detail)
		}
		for _, bad := range []string{text + " ", text + "T00:00:00Z", strings.ReplaceAll(text, "-", "/"), text[1:], text[:8] + "32", text[:5] + "13" + text[7:]} {
			if checkDate(bad) == "" {
				t.Fatalf("%q counts as a date", bad)
			}
		}
	})
	for text, good := range map[string]bool{"2024-02-29": true, "2025-02-29": false, "2000-02-29": true, "1900-02-29": false, "2025-04-31": false, "2025-00-01": false, "2025-01-00": false, "": false,
		"0001-01-01": true, "9999-12-31": true, "0000-01-01": false, "0000-12-31": false, "-001-01-01": false, "10000-01-01": false} {
		if got := checkDate(text) == ""; got != good {
			t.Errorf("checkDate(%q) is %v", text, got)
		}
	}
}

func TestMailboxesByConstruction(t *testing.T) {
	t.Parallel()
	atom := rapid.StringMatching("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,15}")
	label := rapid.StringMatching("[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?")
	rapid.Check(t, func(t *rapid.T) {
		local := strings.Join(rapid.SliceOfN(atom, 1, 4).Draw(t, "local"), ".")
		domain := strings.Join(rapid.SliceOfN(label, 1, 5).Draw(t, "domain"), ".")
		if detail := checkEmail(local + "@" + domain); detail != "" {
			t.Fatalf("%s@%s: %s", local, domain, detail)
		}
		for _, bad := range []string{local, "@" + domain, local + "@", "." + local + "@" + domain, local + ".@" + domain, local + "@." + domain, local + "@" + domain + ".",
			local + " @" + domain, local + "@" + domain + "\n", local + "@-" + domain, strings.Repeat("a", 65) + "@" + domain, local + "@" + strings.Repeat("a.", 127) + "b"} {
			if checkEmail(bad) == "" {
				t.Fatalf("%q counts as a mailbox", bad)
			}
		}
	})
}

func FuzzCheckEmail(f *testing.F) {
	for _, s := range []string{"", "a@b", "user@example.com", `"a b"@c`, `"\"@c`, `"a\`, "a@[127.0.0.1]", "a@[IPv6:::1]", "a@[IPv6:::ffff:1.2.3.4]", "a@[fe80::1%eth0]", "@", "a@b@c", "ä@b", "a@b\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if checkEmail(s) != "" {
			return
		}
		at := strings.LastIndexByte(s, '@')
		if at < 1 || at > 64 || at == len(s)-1 || len(s) > 254 {
			t.Fatalf("%q is taken", s)
		}
		for i := range len(s) {
			if s[i] < ' ' || s[i] > '~' {
				t.Fatalf("%q is taken, with byte %#x", s, s[i])
			}
		}
		if s[0] != '"' && strings.ContainsAny(s[:at], ` "(),:;<>@[\]`) || strings.ContainsAny(s[at+1:], " @\"") {
			t.Fatalf("%q is taken", s)
		}
		if CheckText(s) != "" || NormalizeText(s) != s {
			t.Fatalf("%q is taken, but is no text as it is kept", s)
		}
	})
}

func TestAWebURLIsOneByRFC3986(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"http://a", "HTTPS://Example.com:443/", "http://a:", "http://a:65535", "http://a.b./", "http://192.0.2.1:80/x", "http://[2001:db8::1]:8080/a?b#c",
		"http://u:p@a", "http://a/@:!$&'()*+,;=-._~%5B%5d", "http://a?b?/c:@", "http://a#b?/c", "http://a_b.c"} {
		if detail := checkWebURL(good); detail != "" {
			t.Errorf("%s: %s", good, detail)
		}
	}
	for _, bad := range []string{"http://a#b#c", "http://a/#b#", "http://a/[b]", "http://a/]", "http://a?[b", "http://a#]", "http://[u]@a", "http://u@v@a", "http://a[::1]", "http://[::1]a",
		"http://[::1", "http://[a]", "http://a:65536", "http://a:99999999999999999999", "http://a:-1", "http://a:x", "http://a..b", "http://.a", "http://.", "http://a..", "http://:80", "http://?a",
		"http://a?%", "http://a?%4", "http://a?%4g", "http://a#%zz", "http://a/%zz", "http:/a", "http:a", "//a", "http:///a",
		"http://]/", "http://]", "http://[/", "http://[", "http://a]/", "http://a[/", "http://a[]/", "http://[]/", "http://[]", "http://[::1]]/", "http://[[::1]/", "http://[::1][::2]/", "http://u@]/", "http://[::1]b:8"} {
		if checkWebURL(bad) == "" {
			t.Errorf("%s is taken", bad)
		}
	}
}

func FuzzCheckWebURL(f *testing.F) {
	for _, s := range []string{"", "http://a", "https://example.com/a?b#c", "http://", "http://:80", "http://[::1]:8", "HTTP://A", "http:a", "ftp://a", "http://a b", "http://u:p@a", "http://%zz", "http://a#b#c", "http://a/[", "http://a:65536", "http://a..b", "http://]/", "http://[::1]]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if checkWebURL(s) != "" {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" || !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https") {
			t.Fatalf("%q is taken", s)
		}
		if strings.ContainsAny(s, " <>\"\\^`{|}\t\r\n") || !utf8.ValidString(s) {
			t.Fatalf("%q is taken", s)
		}
		if rest := strings.Replace(s, u.Host, "", 1); strings.ContainsAny(rest, "[]") || strings.Count(rest, "#") > 1 {
			t.Fatalf("%q is taken", s)
		}
		if inner := strings.TrimPrefix(u.Host, "["); strings.ContainsAny(inner, "[") || strings.Count(inner, "]") != len(u.Host)-len(inner) {
			t.Fatalf("%q is taken, with the host %q", s, u.Host)
		}
	})
}

func TestEnumerationsNameNothingTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []string
		n      int
	}{
		"AddressType": {AddressType("").Values(), 16}, "AddressUsage": {AddressUsage("").Values(), 4}, "EmailType": {EmailType("").Values(), 5},
		"PhoneType": {PhoneType("").Values(), 18}, "PhoneUsage": {PhoneUsage("").Values(), 4}, "WebAddressType": {WebAddressType("").Values(), 23},
		"UsageContext": {UsageContext("").Values(), 3}, "CountryCode": {CountryCode("").Values(), 0}, "RelationshipType": {RelationshipType("").Values(), 10},
	} {
		seen := map[string]bool{}
		for _, v := range c.values {
			if seen[v] {
				t.Errorf("%s has %s twice", name, v)
			}
			seen[v] = true
			if name == "CountryCode" && len(v) != 2 {
				t.Errorf("country %q", v)
			}
		}
		if c.n != 0 && len(c.values) != c.n {
			t.Errorf("%s has %d values, want %d", name, len(c.values), c.n)
		}
	}
}
