package accept_test

import (
	"testing"

	"contacts/pkg/accept"
)

func TestGzipIsTakenAsRFC9110HasIt(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br, gzip": true, "*": true, "gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=0.001": true,
		"*;q=0": false, "gzip;q=0, *": false, "*, gzip;q=0": false, "identity": false, "br": false, "gzip;q=x": false, "*;q=0, gzip": true,
	} {
		if got := accept.Gzip(header); got != want {
			t.Errorf("Gzip(%q) is %v", header, got)
		}
	}
}
