// Package address says which addresses webhooks may send to. Only functions that need it link it: the library that knows the reserved networks
// parses them at the start of a process.
package address

import (
	"net/netip"
	"net/url"
	"strings"

	"code.dny.dev/ssrf"

	"contacts/pkg/contact"
)

// A Rule says where webhooks may send to: to the internet, and on a developer's machine to that machine, too.
type Rule struct {
	// Local takes addresses of this machine, and http.
	Local bool
}

var (
	guardian      = ssrf.New(ssrf.WithAnyPort())
	localGuardian = ssrf.New(ssrf.WithAnyPort(),
		ssrf.WithAllowedV4Prefixes(netip.MustParsePrefix("127.0.0.0/8")), ssrf.WithAllowedV6Prefixes(netip.MustParsePrefix("::1/128")))
)

// CheckIP returns an error for an address that webhooks must not send to: loopback, private, link-local, multicast, and all others that are
// reserved. IPv4-mapped IPv6 addresses count as the IPv4 address.
func (r Rule) CheckIP(ip netip.Addr) error {
	if r.Local {
		return localGuardian.SafeAddr(ip.Unmap())
	}
	return guardian.SafeAddr(ip.Unmap())
}

// privateDomains are domains that no public DNS has (RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of internal).
var privateDomains = []string{"localhost", "local", "internal", "home.arpa"}

// CheckURL returns what is wrong with the address of a webhook, or "". Whether a name leads to a public address is known only when it is
// resolved.
func (r Rule) CheckURL(text string) string {
	if detail := contact.FormatCheck("uri")(text); detail != "" {
		return detail
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "must be an absolute https URI"
	case u.Scheme != "https" && !r.Local:
		return "must begin with https://"
	case u.User != nil:
		return "must not have a user or password: it is shown to all who may see webhooks"
	case u.Fragment != "" || strings.Contains(text, "#"):
		return "must not have a fragment: it would never be sent"
	case u.Port() == "0":
		return "must have a port from 1 to 65535, or none"
	}
	return r.checkHost(u)
}

func (r Rule) checkHost(u *url.URL) string {
	const private = "must lead to a public address"
	authority := u.Host
	if u.Port() != "" {
		authority = strings.TrimSuffix(authority, ":"+u.Port())
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	labels := strings.Split(host, ".")
	ip, err := netip.ParseAddr(host)
	switch {
	case strings.Contains(host, "%") || strings.HasPrefix(authority, "[") && ip.Zone() != "":
		return "must not have a zone or percent signs in its host"
	case strings.ContainsFunc(host, func(c rune) bool { return c > '~' }):
		return "must have its host in ASCII: xn--… for other letters"
	case err == nil && r.CheckIP(ip) != nil:
		return private
	case err == nil:
		return ""
	case isNumeric(labels[len(labels)-1]):
		return "must have an IPv4 address as four decimal numbers without leading zeros"
	case r.Local && (host == "localhost" || strings.HasSuffix(host, ".localhost")):
		return ""
	case len(labels) == 1:
		return private + ": its host has no domain"
	case !isDomainName(labels):
		return "must have a host name of letters, digits and hyphens"
	}
	for _, domain := range privateDomains {
		if strings.HasSuffix(host, "."+domain) {
			return private + ": no public name ends in ." + domain
		}
	}
	return ""
}

// isNumeric reports whether the last label of a host makes it an IPv4 address to some resolver: decimal, octal, or hexadecimal digits.
//
// https://url.spec.whatwg.org/#ends-in-a-number-checker
func isNumeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// isDomainName reports whether labels make a name of the DNS (RFC 1123, section 2.1); underscores are in use, too.
func isDomainName(labels []string) bool {
	length := -1
	for _, label := range labels {
		length += len(label) + 1
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return length <= 253
}
