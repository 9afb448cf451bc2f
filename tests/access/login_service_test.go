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

func wait(l *harness.LoginService, d time.Duration) { l.Clock.Add(int64(d)) }

// at is the same lobby at another address.
func at(l *harness.LoginService, address string) *harness.LoginService {
	other := *l
	other.Address = address
	return &other
}

// fail lets tries of a user fail at an address, as fast as they are looked at, and returns how many did.
func fail(l *harness.LoginService, name, address string, n int) (failed int) {
	l.T.Helper()
	for range n {
		try, err := l.Table.Login(context.Background(), name, address)
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

// denied holds an answer to say that credentials are wrong.
func denied(a *harness.Answer, body string) {
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

// slowed holds an answer to say that no try is looked at, and returns for how long.
func slowed(a *harness.Answer) time.Duration {
	a.T.Helper()
	a.Envelope(429)
	var seconds int
	if _, err := fmt.Sscan(a.Header.Get("Retry-After"), &seconds); err != nil || seconds < 1 || seconds > 900 {
		a.T.Fatalf("%s: Retry-After %q", a.What, a.Header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second
}

// claims are what an access token says.
func claims(k harness.Tokens, t testing.TB) (c struct {
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

// platformItems are the items of the platform whose partition begins so.
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

// hours is a span of time.
func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
