package api

import (
	"context"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/rest"
)

// login has the handlers of the plentymarkets dialect's login.
type login struct {
	Config
	signer *signer
	check  func(password, hash string) (bool, error)
	// comparisons limits concurrent password comparisons to the number of processors: more would only use memory.
	comparisons chan struct{}
}

func loginGroups(c Config, s *signer, check func(password, hash string) (bool, error)) []rest.Group {
	l := login{c, s, check, make(chan struct{}, runtime.GOMAXPROCS(0))}
	return []rest.Group{{
		Name: "login", Access: rest.ByCredentials,
		Routes: []rest.Route{
			issuesTokens(rest.Post("login", "/rest/login", l.login)),
			issuesTokens(rest.Post("refreshLogin", "/rest/login/refresh", l.refresh)),
		},
	}, {
		Name: "logout", Access: rest.ByTokenAlone,
		Routes: []rest.Route{
			rest.Post("logout", "/rest/logout", l.logout).
				WithStatus(200).WithoutScope(),
		},
	}}
}

// userSubject precedes the name in the subject of a user's token.
const userSubject = "user:"

// maxCredentials is the maximum size of a body with credentials, in bytes.
const maxCredentials = 64 << 10

func issuesTokens(r rest.Route) rest.Route {
	return r.WithStatus(200).WithMaxBody(maxCredentials)
}

// UserTokens are the tokens of a login, in the two spellings that clients know.
type UserTokens struct {
	TokenType         string `json:"token_type" enum:"Bearer"`
	ExpiresIn         int    `json:"expires_in"`
	AccessToken       string `json:"access_token" maxLength:"4096"`
	RefreshToken      string `json:"refresh_token" maxLength:"1024"`
	CamelTokenType    string `json:"tokenType" enum:"Bearer"`
	CamelExpiresIn    int    `json:"expiresIn"`
	CamelAccessToken  string `json:"accessToken" maxLength:"4096"`
	CamelRefreshToken string `json:"refreshToken" maxLength:"1024"`
	UserID            int64  `json:"user_id"`
	Sessions          int64  `json:"concurrent_sessions"`
	MaxSessions       int64  `json:"max_current_sessions"`
}

func (l login) login(ctx context.Context, in *rest.Credentials) (*rest.NoStoreResponse, error) {
	wrong := &rest.OAuthError{Code: "invalid_credentials", Message: "The user credentials were incorrect."}
	name, err := auth.UserName(in.Get("username"))
	secret := in.Get("password")
	if err != nil || secret == "" {
		return nil, wrong // no user has these: no attempt to count
	}
	try, err := l.Accounts.Login(ctx, name, network(in.Source))
	if err != nil {
		return nil, err
	}
	defer try.End()
	matches, err := l.matches(ctx, secret, try.User)
	if err != nil {
		return nil, err
	}
	if !matches {
		if err := try.Fail(ctx); err != nil {
			return nil, err
		}
		return nil, wrong
	}
	session := auth.NewSession()
	refresh, stored := l.newRefreshToken(name, session)
	if err := try.Succeed(ctx, stored); contact.IsRefused(err, contact.Unauthorized) {
		return nil, wrong
	} else if err != nil {
		return nil, err
	}
	access, err := l.accessToken(ctx, try.User, session)
	if err != nil {
		return nil, err
	}
	return answerTokens(try.User, access, refresh)
}

// matches compares the password with the user's hash. Without a user it takes as long.
func (l login) matches(ctx context.Context, secret string, u accounts.User) (bool, error) {
	select {
	case l.comparisons <- struct{}{}:
		defer func() { <-l.comparisons }()
	case <-ctx.Done():
		return false, &contact.Error{Reason: contact.Unavailable, Detail: "too many passwords are compared at the moment; try again", Cause: ctx.Err()}
	}
	hash := ""
	if u.Name != "" && !u.Disabled {
		hash = u.PasswordHash
	}
	return l.check(secret, hash)
}

func (l login) refresh(ctx context.Context, in *rest.Credentials) (*rest.NoStoreResponse, error) {
	wrong := &rest.OAuthError{Code: "invalid_request", Message: "The refresh token is invalid."}
	sent := in.Get("refresh_token", "refreshToken")
	name, id, ok := auth.ParseRefreshToken(sent)
	if !ok {
		return nil, wrong
	}
	session, err := l.Accounts.Session(ctx, name, accounts.RefreshToken{Session: id, Hash: auth.HashSecret(sent)})
	if contact.IsRefused(err, contact.Unauthorized) {
		return nil, wrong
	}
	if err != nil {
		return nil, err
	}
	access, err := l.accessToken(ctx, session.User, id) // first: if it fails, the refresh token remains valid
	if err != nil {
		return nil, err
	}
	refresh, stored := l.newRefreshToken(name, id)
	if err := session.Renew(ctx, stored); contact.IsRefused(err, contact.Unauthorized) {
		return nil, wrong
	} else if err != nil {
		return nil, err
	}
	return answerTokens(session.User, access, refresh)
}

// logout ends the caller's session. Applications have none.
func (l login) logout(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return rest.Done(ctx, contact.Precondition{}, func(idempotency.Write) error {
		caller := rest.Caller(ctx)
		if caller.Session == "" {
			return nil
		}
		return l.Accounts.EndSession(ctx, strings.TrimPrefix(caller.Subject, userSubject), caller.Session)
	})
}

func (l login) accessToken(ctx context.Context, u accounts.User, session string) (string, error) {
	org, err := l.Accounts.Organization(ctx, u.Organization)
	if err != nil {
		return "", err
	}
	return l.signer.sign(ctx, auth.Claims{
		Organization: org.ID, Subject: userSubject + u.Name, User: u.Number, Scopes: auth.Both(auth.AllScopes(), u.Scopes), Region: org.Region, Session: session,
	}, auth.LoginLifetime)
}

func (l login) newRefreshToken(user, session string) (token string, stored accounts.RefreshToken) {
	token, hash := auth.NewRefreshToken(user, session)
	return token, accounts.RefreshToken{Session: session, Hash: hash, Expires: l.Now().Add(auth.RefreshLifetime)}
}

func answerTokens(u accounts.User, access, refresh string) (*rest.NoStoreResponse, error) {
	const bearer, lifetime = "Bearer", int(auth.LoginLifetime / time.Second)
	return rest.NoStore(UserTokens{bearer, lifetime, access, refresh, bearer, lifetime, access, refresh, u.Number, 1, math.MaxInt32})
}

// network returns the network to throttle: an IPv4 address, or the /64 of an IPv6 address, which is one customer's.
func network(source string) string {
	address, err := netip.ParseAddr(source)
	if err != nil {
		return source
	}
	if address = address.Unmap(); address.Is6() {
		return netip.PrefixFrom(address.WithZone(""), 64).Masked().String()
	}
	return address.String()
}
