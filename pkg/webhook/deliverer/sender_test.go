package deliverer

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"contacts/pkg/webhook/address"
)

// send tries a message once at a local receiver, with two seconds for the answer.
func send(t *testing.T, url string) outcome {
	t.Helper()
	s := NewSender(address.Rule{Local: true})
	s.patience = 2 * time.Second
	t.Cleanup(s.CloseIdle)
	m := message{"1-2", []byte(`{}`)}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return s.send(t.Context(), url, m.header(now, [][]byte{[]byte("key")}), m.body, now)
}

func receiver(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnAnswerOf2xxIsASuccess(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 202, 204, 299} {
		if o := send(t, receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })); o.reason != "" || o.status != status {
			t.Errorf("%d: %+v", status, o)
		}
	}
	for _, status := range []int{302, 400, 410, 429, 500} {
		if o := send(t, receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })); o.reason == "" || o.status != status || o.gone() != (status == 410) {
			t.Errorf("%d: %+v", status, o)
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	followed := atomic.Bool{}
	target := receiver(t, func(http.ResponseWriter, *http.Request) { followed.Store(true) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		o := send(t, receiver(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) }))
		if o.status != status || !strings.Contains(o.reason, "redirects are not followed") {
			t.Errorf("%+v", o)
		}
	}
	if followed.Load() {
		t.Error("a redirect was followed")
	}
}

func TestABodyThatNeverEndsEndsTheTry(t *testing.T) {
	t.Parallel()
	ended := make(chan int, 1)
	address := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for chunk := make([]byte, 32<<10); ; {
			written, err := w.Write(chunk)
			if n += written; err != nil {
				ended <- n
				return
			}
		}
	})
	if o := send(t, address); o.reason != "" || o.status != 200 {
		t.Errorf("%+v", o)
	}
	<-ended // the connection was closed while the receiver was writing
}

func TestABodyThatComesSlowlyEndsTheTry(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	address := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices the end of the connection only then
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(ended)
	})
	if o := send(t, address); o.reason != "" || o.duration > 10*time.Second {
		t.Errorf("%+v", o)
	}
	<-ended
}

func TestAReceiverThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	o := send(t, receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	if o.status != 0 || o.reason != "no answer within 2s" {
		t.Errorf("%+v", o)
	}
}

func TestAnAnswerThatIsNoHTTPIsAFailure(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"nothing":             "",
		"no HTTP":             "hello\r\n\r\n",
		"an endless header":   "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20),
		"endless 1xx answers": strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100_000),
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					_, _ = c.Read(make([]byte, 4096))
					_, _ = io.WriteString(c, answer)
					_ = c.Close()
				}()
			}
		}()
		if o := send(t, "http://"+listener.Addr().String()); o.reason != "the connection broke off" || o.status != 0 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestADeadReceiverIsNamed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	if o := send(t, server.URL); o.reason != "the connection was refused" {
		t.Errorf("%+v", o)
	}
	secure := httptest.NewTLSServer(nil)
	t.Cleanup(secure.Close)
	if o := send(t, secure.URL); o.reason != "the certificate is not valid" {
		t.Errorf("%+v", o)
	}
	if o := send(t, strings.Replace(receiver(t, nil), "http:", "https:", 1)); o.reason != "the connection broke off" {
		t.Errorf("%+v", o)
	}
}

func TestNoPrivateAddressIsDialled(t *testing.T) {
	t.Parallel()
	s := NewSender(address.Rule{})
	for _, host := range []string{"127.0.0.1:9001", "127.8.8.8:443", "10.0.0.1:443", "172.16.0.1:443", "192.168.1.1:443", "169.254.169.254:80",
		"169.254.170.2:80", "100.64.0.1:443", "0.0.0.0:443", "224.0.0.1:443", "255.255.255.255:443"} {
		o := s.send(t.Context(), "https://"+host, http.Header{}, nil, time.Now())
		if o.reason != "the address is not public" {
			t.Errorf("%s: %+v", host, o)
		}
	}
	for _, host := range []string{"[::1]:443", "[fe80::1]:443", "[fd00:ec2::254]:80", "[::ffff:127.0.0.1]:443", "[64:ff9b::7f00:1]:443", "[::]:443", "[2002:7f00:1::]:443"} {
		if o := s.send(t.Context(), "https://"+host, http.Header{}, nil, time.Now()); o.reason != "the address is not public" {
			t.Errorf("%s: %+v", host, o)
		}
	}
	if o := s.send(t.Context(), "http://203.0.114.1", http.Header{}, nil, time.Now()); o.reason != "the address is not https" {
		t.Errorf("%+v", o)
	}
}

func TestANameThatComesToResolveToAPrivateAddressFailsThatTry(t *testing.T) {
	t.Parallel()
	// "localhost" stands for a name whose address was public when the webhook was created: what counts is the address that is dialled.
	answered := atomic.Bool{}
	url := receiver(t, func(http.ResponseWriter, *http.Request) { answered.Store(true) })
	port := netip.MustParseAddrPort(strings.TrimPrefix(url, "http://")).Port()
	s := NewSender(address.Rule{})
	o := s.send(context.Background(), "https://"+net.JoinHostPort("localhost", strconv.Itoa(int(port))), http.Header{}, nil, time.Now())
	if o.reason != "the address is not public" || answered.Load() {
		t.Errorf("%+v", o)
	}
}

func TestRetryAfterIsReadAsSecondsAndAsADate(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"120": 2 * time.Minute, " 7 ": 7 * time.Second, "0": 0, "": 0, "-5": 0, "soon": 0, "1e3": 0, "99999999999999": 24 * time.Hour, "18446744073709551616": 24 * time.Hour,
		"Fri, 02 Jan 2026 03:14:05 GMT": 10 * time.Minute, "Fri, 02 Jan 2026 03:00:00 GMT": 0, "Sat, 02 Jan 2027 03:14:05 GMT": 24 * time.Hour,
	} {
		o := send(t, receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(503)
		}))
		if o.retryAfter != want {
			t.Errorf("%q: %v, want %v", value, o.retryAfter, want)
		}
	}
}

func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) {
	used := atomic.Bool{}
	proxy := receiver(t, func(http.ResponseWriter, *http.Request) { used.Store(true) })
	t.Setenv("HTTPS_PROXY", proxy)
	t.Setenv("HTTP_PROXY", proxy)
	if o := NewSender(address.Rule{}).send(t.Context(), "https://127.0.0.1:1", http.Header{}, nil, time.Now()); used.Load() || o.reason != "the address is not public" {
		t.Errorf("%+v", o)
	}
}
