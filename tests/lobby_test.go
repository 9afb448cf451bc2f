package tests

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/accounts"
	"contacts/pkg/api"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
	"contacts/pkg/wiring"
)

// A lobby is the log-in at one address, which is a new one, on a clock that stands unless it is moved; with a user.
type lobby struct {
	*tenant
	user, password string
	address        string
	clock          *atomic.Int64 // Unix nanoseconds
	table          *wiring.Database
	server         http.Handler
	wire           *accidentalWire
	compared       *atomic.Int64 // how many passwords were compared with a hash, which takes the same time for each (see the tests of pkg/auth/password)
}

var lobbies, users atomic.Int64

const rightPassword = "correct horse"

// rightHash is that of rightPassword: to make one takes as long as to compare one.
var rightHash = func() string {
	hash, err := password.Hash(rightPassword)
	if err != nil {
		panic(err)
	}
	return hash
}()

func newLobby(t testing.TB) *lobby {
	t.Helper()
	n := lobbies.Add(1)
	l := &lobby{tenant: newTenant(t), password: rightPassword, address: fmt.Sprintf("10.0.%d.%d", n/256, n%256), clock: new(atomic.Int64), wire: &accidentalWire{},
		compared: new(atomic.Int64)}
	l.clock.Store(time.Now().UnixNano())
	l.table = wiring.NewDatabase(dynamo.Open(dynamo.Options{Name: platform.name, Region: "us-east-1", Endpoint: *platform.store.Options().BaseEndpoint,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), HTTPClient: &http.Client{Transport: l.wire}}), l.now, contact.NewSequence(l.now))
	c := l.table.Config(l.now)
	c.Log = slog.New(slog.NewJSONHandler(&platform.log, nil))
	secret := func(context.Context) ([]byte, error) { return []byte(platform.secret), nil }
	l.server = rest.NewServer(c.Config, api.Auth(c, secret, func(given, hash string) (bool, error) {
		l.compared.Add(1)
		return password.Check(given, hash)
	})...)
	l.user = l.newUser()
	return l
}

// newUser adds a user with rightPassword and returns the name.
func (x *tenant) newUser() string {
	x.t.Helper()
	name := fmt.Sprint("user-", users.Add(1))
	x.addUser(name)
	return name
}

func (x *tenant) addUser(name string) {
	x.t.Helper()
	if err := platform.table.AddUser(context.Background(), accounts.User{Name: name, Organization: x.org, PasswordHash: rightHash, Scopes: auth.PlainScopes()}); err != nil {
		x.t.Fatal(err)
	}
}

func (l *lobby) now() time.Time { return time.Unix(0, l.clock.Load()) }

func (l *lobby) wait(d time.Duration) { l.clock.Add(int64(d)) }

// at is the same lobby at another address.
func (l *lobby) at(address string) *lobby {
	other := *l
	other.address = address
	return &other
}

// ask sends a request from the lobby's address.
func (l *lobby) ask(method, target, contentType, body string, headers ...string) *answer {
	request := httptest.NewRequestWithContext(l.wire.process(), method, target, bytes.NewReader([]byte(body)))
	request.RemoteAddr = l.address
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	request.Header.Set("X-Request-Id", rand.Text())
	recorded := httptest.NewRecorder()
	l.server.ServeHTTP(recorded, request)
	recorded.Header()["Apigw-Requestid"] = request.Header["X-Request-Id"]
	return &answer{t: l.t, what: method + " " + target, status: recorded.Code, header: recorded.Header(), body: recorded.Body.Bytes()}
}

func (l *lobby) login(name, password string) *answer {
	return l.ask("POST", "/rest/login", formType, url.Values{"username": {name}, "password": {password}}.Encode())
}

// enter logs the user in and returns the tokens.
func (l *lobby) enter() tokens {
	l.t.Helper()
	return l.login(l.user, l.password).tokens()
}

func (l *lobby) refresh(token string) *answer {
	return l.ask("POST", "/rest/login/refresh", formType, url.Values{"refresh_token": {token}}.Encode())
}

// logout ends the session of an access token.
func (l *lobby) logout(access string, headers ...string) *answer {
	return l.ask("POST", "/rest/logout", "", "", append(headers, "Authorization", "Bearer "+access)...)
}

// fail lets tries of a user fail at an address, as fast as they are looked at, and returns how many did.
func (l *lobby) fail(name, address string, n int) (failed int) {
	l.t.Helper()
	for range n {
		try, err := l.table.Login(context.Background(), name, address)
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
	formType = "application/x-www-form-urlencoded"
)

// tokens are those of a log-in.
type tokens struct{ access, refresh string }

// tokens holds an answer to be those of a log-in, whole, in both spellings.
func (a *answer) tokens() tokens {
	a.t.Helper()
	a.want(200)
	var snake, camel struct {
		TokenType    string
		ExpiresIn    int
		AccessToken  string
		RefreshToken string
	}
	o := a.object()
	for name, into := range map[string]any{
		"token_type": &snake.TokenType, "expires_in": &snake.ExpiresIn, "access_token": &snake.AccessToken, "refresh_token": &snake.RefreshToken,
		"tokenType": &camel.TokenType, "expiresIn": &camel.ExpiresIn, "accessToken": &camel.AccessToken, "refreshToken": &camel.RefreshToken,
	} {
		text, err := json.Marshal(o[name])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			a.t.Fatalf("%s: %s is %v", a.what, name, o[name])
		}
	}
	for _, name := range []string{"user_id", "concurrent_sessions", "max_current_sessions"} {
		if n, ok := o[name].(float64); !ok || n < 1 || n > math.MaxInt32 || n != math.Trunc(n) {
			a.t.Fatalf("%s: %s is %v, want a whole number from 1 up", a.what, name, o[name])
		}
	}
	if snake != camel || snake.TokenType != "Bearer" || snake.ExpiresIn != 86400 || len(o) != 11 || a.header.Get("Cache-Control") != "no-store" {
		a.t.Fatalf("%s = %s with Cache-Control %q", a.what, a.body, a.header.Get("Cache-Control"))
	}
	return tokens{snake.AccessToken, snake.RefreshToken}
}

const (
	incorrect      = `{"error":"invalid_credentials","message":"The user credentials were incorrect."}`
	invalidRefresh = `{"error":"invalid_request","message":"The refresh token is invalid."}`
)

// denied holds an answer to say that credentials are wrong.
func (a *answer) denied(body string) {
	a.t.Helper()
	a.want(401)
	if got := strings.TrimSpace(string(a.body)); got != body {
		a.t.Errorf("%s = %s, want %s", a.what, got, body)
	}
	for name, want := range map[string]string{"Content-Type": jsonType, "Cache-Control": "no-store", "WWW-Authenticate": `Bearer realm="contacts"`} {
		if got := a.header.Values(name); len(got) != 1 || got[0] != want {
			a.t.Errorf("%s: %s %q, want %q", a.what, name, got, want)
		}
	}
}

// slowed holds an answer to say that no try is looked at, and returns for how long.
func (a *answer) slowed() time.Duration {
	a.t.Helper()
	a.envelope(429)
	var seconds int
	if _, err := fmt.Sscan(a.header.Get("Retry-After"), &seconds); err != nil || seconds < 1 || seconds > 900 {
		a.t.Fatalf("%s: Retry-After %q", a.what, a.header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second
}

// claims are what an access token says.
func (k tokens) claims(t testing.TB) (c struct {
	Org, Region, Sub, Scope string
	Iat, Exp                int64
}) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(k.access, ".")[1])
	if err = cmp.Or(err, json.Unmarshal(text, &c)); err != nil {
		t.Fatal(err)
	}
	return c
}

// platformItems are the items of the platform whose partition begins so.
func platformItems(t testing.TB, prefix string) []map[string]types.AttributeValue {
	t.Helper()
	var items []map[string]types.AttributeValue
	for pages := dynamodb.NewScanPaginator(platform.store, &dynamodb.ScanInput{TableName: &platform.name}); pages.HasMorePages(); {
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

// userKey is the key of a user's item.
func userKey(name string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "P#USER"}, "sk": &types.AttributeValueMemberS{Value: name}}
}

// delete removes the user from the table, as no command does.
func (l *lobby) delete() {
	l.t.Helper()
	if _, err := platform.store.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: &platform.name, Key: userKey(l.user)}); err != nil {
		l.t.Fatal(err)
	}
}
