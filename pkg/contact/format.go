package contact

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Strings with a format. FormatCheck returns the check by the name of the format in the OpenAPI schema.
type (
	// Date is a real calendar date, YYYY-MM-DD, from the year 0001 on.
	Date string
	// EmailAddress is a mailbox according to RFC 5321, section 4.1.2, in the case in which it was sent.
	EmailAddress string
	// WebURL is an absolute http or https URI.
	WebURL string
)

// FormatCheck returns the check of a JSON Schema format, nil for an unknown one. The check returns what is wrong with s, or "".
func FormatCheck(name string) (check func(s string) string) {
	switch name {
	case "date":
		return checkDate
	case "email":
		return checkEmail
	case "uri":
		return checkWebURL
	case "external-id":
		return CheckExternalID
	}
	return nil
}

func checkDate(s string) string {
	if day, err := time.Parse(time.DateOnly, s); err != nil || day.Year() == 0 { // no calendar has a year 0
		return "must be a calendar date, YYYY-MM-DD"
	}
	return ""
}

// checkWebURL requires a scheme and a host, in the characters of RFC 3986.
func checkWebURL(s string) string {
	const fault = "must be an absolute http or https URI"
	for _, r := range s {
		if r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) {
			return fault + " without spaces; other characters percent-encoded"
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !isURISyntax(s) || !isServer(u) {
		return fault
	}
	return ""
}

// isURISyntax checks what url.Parse is lenient about: each percent sign begins an octet, one # begins the fragment, one @ ends the
// user information, and brackets enclose only an IPv6 address, which is the whole host (RFC 3986, sections 2.1, 3 and 3.2.2).
func isURISyntax(s string) bool {
	for _, rest, found := strings.Cut(s, "%"); found; _, rest, found = strings.Cut(rest, "%") {
		if len(rest) < 2 || !isHex(rest[0]) || !isHex(rest[1]) {
			return false
		}
	}
	_, s, _ = strings.Cut(s, "//")
	authority, rest := s, ""
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		authority, rest = s[:end], s[end:]
	}
	user, host := "", authority
	if at := strings.LastIndexByte(authority, '@') + 1; at > 0 {
		user, host = authority[:at], authority[at:]
	}
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed { // url.Parse has read the address in it
		_, host, _ = strings.Cut(inner, "]")
	}
	return !strings.ContainsAny(user+host+rest, "[]") && strings.Count(user, "@") <= 1 && strings.Count(rest, "#") <= 1
}

// isServer reports whether the host is an address or a name without empty labels (RFC 3986, section 3.2.2), and the port one of TCP.
func isServer(u *url.URL) bool {
	for label := range strings.SplitSeq(strings.TrimSuffix(u.Hostname(), "."), ".") {
		if label == "" {
			return false
		}
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil || u.Port() == ""
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// checkEmail checks a Mailbox of RFC 5321: dot-string or quoted-string, "@", domain or address literal, within the limits of
// section 4.5.3.1 (64 octets before the at sign, 254 in all).
func checkEmail(s string) string {
	const fault = "must be an email address according to RFC 5321"
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 {
		return fault
	}
	if local, domain := s[:at], s[at+1:]; !(isDotString(local) || isQuotedString(local)) || !(isDomain(domain) || isAddressLiteral(domain)) {
		return fault
	}
	return ""
}

func isDotString(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if !isLetterOrDigit(atom[i]) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", atom[i]) < 0 {
				return false
			}
		}
	}
	return true
}

func isQuotedString(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	for i, inner := 0, s[1:len(s)-1]; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\':
			if i++; i == len(inner) || inner[i] < ' ' || inner[i] > '~' {
				return false
			}
		case c < ' ' || c > '~' || c == '"':
			return false
		}
	}
	return true
}

func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isLetterOrDigit(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

func isAddressLiteral(s string) bool {
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	s = s[1 : len(s)-1]
	const tag = "IPv6:" // in any case, as all literals of RFC 5321 (section 2.4)
	tagged := len(s) >= len(tag) && strings.EqualFold(s[:len(tag)], tag)
	if tagged {
		s = s[len(tag):]
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Zone() == "" && addr.Is4() != tagged
}

func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
