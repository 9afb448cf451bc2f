package harness

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"contacts/pkg/accounts"
	"contacts/pkg/api"
	"contacts/pkg/auth"
	"contacts/pkg/auth/password"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/rest"
	"contacts/pkg/wiring"
)

// A LoginService is the login for one client address, with a user and a clock that only moves when the test moves it.
type LoginService struct {
	*Tenant
	User, Password string
	Address        string
	Clock          *atomic.Int64 // Unix nanoseconds
	Database       *wiring.Database
	server         http.Handler
	Transport      *FaultyTransport
	Compared       *atomic.Int64 // how many passwords were compared with a hash, which takes the same time for each (see the tests of pkg/auth/password)
}

var LoginServices, users atomic.Int64

const RightPassword = "correct horse"

// RightHash is the hash of rightPassword, made once because it is slow.
var RightHash = func() string {
	hash, err := password.Hash(RightPassword)
	if err != nil {
		panic(err)
	}
	return hash
}()

func NewLoginService(t testing.TB) *LoginService {
	t.Helper()
	n := LoginServices.Add(1)
	l := &LoginService{Tenant: NewTenant(t), Password: RightPassword, Address: fmt.Sprintf("10.0.%d.%d", n/256, n%256), Clock: new(atomic.Int64), Transport: &FaultyTransport{},
		Compared: new(atomic.Int64)}
	l.Clock.Store(time.Now().UnixNano())
	l.Database = wiring.NewDatabase(dynamo.Open(dynamo.Options{Name: Platform.Name, Region: "us-east-1", Endpoint: *Platform.Store.Options().BaseEndpoint,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), HTTPClient: &http.Client{Transport: l.Transport}}), l.Now, contact.NewSequence(l.Now))
	c := l.Database.Config(l.Now)
	c.Log = slog.New(slog.NewJSONHandler(&Platform.Log, nil))
	secret := func(context.Context) ([]byte, error) { return []byte(Platform.Secret), nil }
	l.server = rest.NewServer(c.Config, api.Auth(c, secret, func(given, hash string) (bool, error) {
		l.Compared.Add(1)
		return password.Check(given, hash)
	})...)
	l.User = l.NewUser()
	return l
}

// NewUser adds a user with RightPassword and returns the name.
func (x *Tenant) NewUser() string {
	x.T.Helper()
	name := fmt.Sprint("user-", users.Add(1))
	x.AddUser(name)
	return name
}

func (x *Tenant) AddUser(name string) {
	x.T.Helper()
	if err := Platform.Database.AddUser(context.Background(), accounts.User{Name: name, Organization: x.Org, PasswordHash: RightHash, Scopes: auth.PlainScopes()}); err != nil {
		x.T.Fatal(err)
	}
}

func (l *LoginService) Now() time.Time { return time.Unix(0, l.Clock.Load()) }

// Ask sends a request from the client address.
func (l *LoginService) Ask(method, target, contentType, body string, headers ...string) *Answer {
	request := httptest.NewRequestWithContext(l.Transport.process(), method, target, bytes.NewReader([]byte(body)))
	request.RemoteAddr = l.Address
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	request.Header.Set("Apigw-Requestid", rand.Text())
	recorded := httptest.NewRecorder()
	l.server.ServeHTTP(recorded, request)
	recorded.Header()["Apigw-Requestid"] = request.Header["Apigw-Requestid"]
	return &Answer{T: l.T, What: method + " " + target, Status: recorded.Code, Header: recorded.Header(), Body: recorded.Body.Bytes()}
}

func (l *LoginService) Login(name, password string) *Answer {
	return l.Ask("POST", "/rest/login", FormType, url.Values{"username": {name}, "password": {password}}.Encode())
}

// LogIn logs the user in and returns the tokens.
func (l *LoginService) LogIn() Tokens {
	l.T.Helper()
	return l.Login(l.User, l.Password).Tokens()
}

func (l *LoginService) Refresh(token string) *Answer {
	return l.Ask("POST", "/rest/login/refresh", FormType, url.Values{"refresh_token": {token}}.Encode())
}

// Logout ends the session of an access token.
func (l *LoginService) Logout(access string, headers ...string) *Answer {
	return l.Ask("POST", "/rest/logout", "", "", append(headers, "Authorization", "Bearer "+access)...)
}

const FormType = "application/x-www-form-urlencoded"

// Tokens are the tokens of a login.
type Tokens struct{ Access, Refresh string }

// Tokens requires a complete answer to a login, in both spellings, and returns the tokens.
func (a *Answer) Tokens() Tokens {
	a.T.Helper()
	a.Want(200)
	var snake, camel struct {
		TokenType    string
		ExpiresIn    int
		AccessToken  string
		RefreshToken string
	}
	o := a.Object()
	for name, into := range map[string]any{
		"token_type": &snake.TokenType, "expires_in": &snake.ExpiresIn, "access_token": &snake.AccessToken, "refresh_token": &snake.RefreshToken,
		"tokenType": &camel.TokenType, "expiresIn": &camel.ExpiresIn, "accessToken": &camel.AccessToken, "refreshToken": &camel.RefreshToken,
	} {
		text, err := json.Marshal(o[name])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			a.T.Fatalf("%s: %s is %v", a.What, name, o[name])
		}
	}
	for _, name := range []string{"user_id", "concurrent_sessions", "max_current_sessions"} {
		if n, ok := o[name].(float64); !ok || n < 1 || n > math.MaxInt32 || n != math.Trunc(n) {
			a.T.Fatalf("%s: %s is %v, want a whole number from 1 up", a.What, name, o[name])
		}
	}
	if snake != camel || snake.TokenType != "Bearer" || snake.ExpiresIn != 86400 || len(o) != 11 || a.Header.Get("Cache-Control") != "no-store" {
		a.T.Fatalf("%s = %s with Cache-Control %q", a.What, a.Body, a.Header.Get("Cache-Control"))
	}
	return Tokens{snake.AccessToken, snake.RefreshToken}
}

// Delete deletes the user.
func (l *LoginService) Delete() {
	l.T.Helper()
	if err := Platform.Database.DeleteUser(context.Background(), l.User); err != nil {
		l.T.Fatal(err)
	}
}
