package access

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

func advance(l *harness.LoginService, d time.Duration) { l.Clock.Add(int64(d)) }

// fromAddress returns the same login from another client address.
func fromAddress(l *harness.LoginService, address string) *harness.LoginService {
	other := *l
	other.Address = address
	return &other
}

// failLogins fails up to n logins of a user from an address, until one is throttled, and returns how many failed.
func failLogins(l *harness.LoginService, name, address string, n int) (failed int) {
	l.T.Helper()
	for range n {
		try, err := l.Database.Login(context.Background(), name, address)
		if err == nil {
			err = try.Fail(context.Background())
		}
		if err != nil {
			return failed
		}
		failed++
	}
	return failed
}

const (
	jsonType = "application/json"
)

const (
	incorrect      = `{"error":"invalid_credentials","message":"The user credentials were incorrect."}`
	invalidRefresh = `{"error":"invalid_request","message":"The refresh token is invalid."}`
)

// wantDenied requires an answer that credentials are wrong.
func wantDenied(a *harness.Answer, body string) {
	a.T.Helper()
	a.Want(401)
	if got := strings.TrimSpace(string(a.Body)); got != body {
		a.T.Errorf("%s = %s, want %s", a.What, got, body)
	}
	for name, want := range map[string]string{"Content-Type": jsonType, "Cache-Control": "no-store", "WWW-Authenticate": `Bearer realm="contacts"`} {
		if got := a.Header.Values(name); len(got) != 1 || got[0] != want {
			a.T.Errorf("%s: %s %q, want %q", a.What, name, got, want)
		}
	}
}

// wantThrottled requires an answer that no login is tried, and returns for how long.
func wantThrottled(a *harness.Answer) time.Duration {
	a.T.Helper()
	a.Envelope(429)
	var seconds int
	if _, err := fmt.Sscan(a.Header.Get("Retry-After"), &seconds); err != nil || seconds < 1 || seconds > 900 {
		a.T.Fatalf("%s: Retry-After %q", a.What, a.Header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second
}

// claimsOf returns the claims of an access token.
func claimsOf(t testing.TB, k harness.Tokens) (c struct {
	Org, Region, Sub, Scope string
	Iat, Exp                int64
}) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(k.Access, ".")[1])
	if err = cmp.Or(err, json.Unmarshal(text, &c)); err != nil {
		t.Fatal(err)
	}
	return c
}

// platformItems returns the items of the platform whose partition key has a prefix.
func platformItems(t testing.TB, prefix string) []map[string]types.AttributeValue {
	t.Helper()
	var items []map[string]types.AttributeValue
	for pages := dynamodb.NewScanPaginator(harness.Platform.Store, &dynamodb.ScanInput{TableName: &harness.Platform.Name}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Items {
			if pk, ok := i["pk"].(*types.AttributeValueMemberS); ok && strings.HasPrefix(pk.Value, prefix) {
				items = append(items, i)
			}
		}
	}
	return items
}
