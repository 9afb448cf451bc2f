package rest

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheTypeOfAProblemIsOnTheHostOfTheRequest(t *testing.T) {
	t.Parallel()
	for origin, forwarded := range map[string]string{"https://contacts.example.com": "https", "http://127.0.0.1:3000": "http"} {
		r := httptest.NewRequest("GET", "/nowhere", nil)
		_, r.Host, _ = strings.Cut(origin, "://")
		r.Header.Set("X-Forwarded-Proto", forwarded)
		answer := httptest.NewRecorder()
		newTestServer().ServeHTTP(answer, r)
		if want := `{"type":"` + origin + `/docs/errors#not-found"`; !strings.HasPrefix(answer.Body.String(), want) {
			t.Errorf("%s, want %s", answer.Body, want)
		}
	}
}

// Ids that clients give to requests are logged, unless they could be something else.
func TestOnlyIDsOfClientsAreLogged(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"": true, "8c4e0c0e-3f3c-4a43-9df8-1f8a4a5d2c1b": true, "01JDXYZ_a.b:c": true, strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false, "erika@example.com": false, "Erika Muster": false, "a\nb": false, "\u00e4": false, `"}{`: false,
	} {
		if got := clientRequestID(id); got != "" && got != id || (got == id) != want {
			t.Errorf("%q is logged as %q", id, got)
		}
	}
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for header, want := range map[string]string{
		"00-" + trace + "-" + parent + "-01": trace, "01-" + trace + "-" + parent + "-01-later": trace,
		"": "", "-": "", "00-" + trace + "-" + parent: "", "00-" + trace + "-" + parent + "-01-x": "", "ff-" + trace + "-" + parent + "-01": "",
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01": "", "00-" + trace + "-" + strings.Repeat("0", 16) + "-01": "",
		"00-" + strings.ToUpper(trace) + "-" + parent + "-01": "", "00-" + trace[1:] + "-" + parent + "-01": "", "00-" + trace + "-" + parent + "-0g": "",
	} {
		if got := traceID(header); got != want {
			t.Errorf("%q has the trace %q, want %q", header, got, want)
		}
	}
}
