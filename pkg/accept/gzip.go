// Package accept reads what clients accept.
package accept

import (
	"strconv"
	"strings"
)

// Gzip reports whether an Accept-Encoding allows gzip (RFC 9110, section 12.5.3).
func Gzip(header string) bool {
	takes := false
	for coding := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(coding, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "gzip" && name != "x-gzip" && name != "*" {
			continue
		}
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameters)), "q="); ok {
			weight, _ = strconv.ParseFloat(strings.TrimSpace(q), 64)
		}
		takes = weight > 0
		if name != "*" {
			return takes // gzip by name takes precedence over *
		}
	}
	return takes
}
