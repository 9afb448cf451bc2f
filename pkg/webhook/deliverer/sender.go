package deliverer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"contacts/pkg/webhook"
	"contacts/pkg/webhook/address"
)

const (
	patience     = 15 * time.Second // for one try in all
	maxAnswer    = 64 << 10         // bytes of an answer's header, and of its body, that are read
	readPatience = time.Second      // for the body, whose content doesn't count
)

// A Sender sends messages over HTTPS to public addresses. It follows no redirect and uses no proxy.
type Sender struct {
	client   *http.Client
	patience time.Duration
	rule     address.Rule
}

// NewSender returns a Sender to the addresses that a rule allows.
//
// The address is checked when it is dialled, after its name was resolved: a name can lead to another address at each try. Lambda's own
// interface is at a loopback address, and those that give credentials are at link-local ones.
func NewSender(rule address.Rule) *Sender {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %w", errNotPublic, err)
		}
		if err := rule.CheckIP(to.Addr()); err != nil {
			return fmt.Errorf("%w: %w", errNotPublic, err)
		}
		return nil
	}}
	return &Sender{patience: patience, rule: rule, client: &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConns:           256,
			MaxIdleConnsPerHost:    maxLanes,
			IdleConnTimeout:        10 * time.Second,
			MaxResponseHeaderBytes: maxAnswer,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// CloseIdle closes the connections that are idle.
func (s *Sender) CloseIdle() { s.client.CloseIdleConnections() }

var errNotPublic = errors.New("the address is not public")

// An outcome is the result of a try.
type outcome struct {
	status     int    // of the answer, 0 for none
	reason     string // why the try failed, "" if it did not
	retryAfter time.Duration
	duration   time.Duration
}

// gone reports whether the receiver wants no more events.
func (o outcome) gone() bool { return o.status == http.StatusGone }

// send tries to deliver a message once. now is the time for a Retry-After that is a date.
func (s *Sender) send(ctx context.Context, url string, header http.Header, body []byte, now time.Time) (o outcome) {
	began := time.Now()
	defer func() { o.duration = time.Since(began) }()
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return outcome{reason: "the address can't be used"}
	}
	if r.URL.Scheme != "https" && !s.rule.Local {
		return outcome{reason: "the address is not https"}
	}
	r.Header = header
	response, err := s.client.Do(r)
	if err != nil {
		return outcome{reason: reasonOf(err, s.patience)}
	}
	defer func() { _ = response.Body.Close() }()
	o = outcome{status: response.StatusCode, retryAfter: webhook.RetryAfter(response.Header.Get("Retry-After"), now)}
	switch {
	case o.status >= 300 && o.status < 400:
		o.reason = fmt.Sprintf("answered %d: redirects are not followed", o.status)
	case o.status < 200 || o.status > 299:
		o.reason = fmt.Sprintf("answered %d", o.status)
	}
	// A connection is used again if its answer was read.
	ending := time.AfterFunc(readPatience, cancel)
	defer ending.Stop()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	return o
}

// reasonOf says why there is no answer, in words that show nothing of the platform's network.
func reasonOf(err error, patience time.Duration) string {
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.Is(err, errNotPublic):
		return "the address is not public"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Sprintf("no answer within %v", patience)
	case errors.As(err, &dns):
		return "the host name can't be resolved"
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)):
		return "the certificate is not valid"
	case errors.As(err, new(tls.RecordHeaderError)), errors.As(err, new(tls.AlertError)):
		return "no TLS connection"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	}
	return "the connection broke off"
}
