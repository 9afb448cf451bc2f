package api

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/rest"
)

// Auth returns the groups that issue access tokens, one per dialect, and that of the health check. secret returns the secret from which signing keys are
// derived. check is password.Check: importing it here would link its hash functions into every function.
func Auth(c Config, secret func(context.Context) ([]byte, error), check func(password, hash string) (bool, error)) []rest.Group {
	signer := &signer{accounts: c.Accounts, now: c.Now, secret: secret}
	authorization := rest.Group{
		Name: "auth", Access: rest.ByCredentials,
		Routes: []rest.Route{
			rest.Get("authorize", "/auth/authorize/{org-id}", authorize(c, signer)),
		},
	}
	return append([]rest.Group{authorization, healthGroup(c)}, loginGroups(c, signer, check)...)
}

type authorizeInput struct {
	Path          rest.Path
	Authorization string `header:"Authorization" hidden:"true"`
	Scope         string `query:"scope" pattern:"^( *[!-~]+( +[!-~]+)* *)?$" patternDescription:"names of scopes with spaces between"`
}

// AccessToken is an access token for one organization.
type AccessToken struct {
	AccessToken string `json:"accessToken" maxLength:"4096"`
}

func authorize(c Config, s *signer) rest.Handler[authorizeInput, rest.NoStoreResponse] {
	return func(ctx context.Context, in *authorizeInput) (*rest.NoStoreResponse, error) {
		app, err := application(ctx, c.Accounts, in.Authorization)
		if err != nil {
			return nil, err
		}
		noAccess := contact.Refuse(contact.Forbidden, "the application has no access to this organization")
		if !slices.Contains(app.Organizations, in.Path.Org) {
			return nil, noAccess
		}
		org, err := c.Accounts.Organization(ctx, in.Path.Org)
		if contact.IsRefused(err, contact.NotFound) {
			return nil, noAccess
		}
		if err != nil {
			return nil, err
		}
		scopes, err := scopesOf(in.Scope, app.Scopes)
		if err != nil {
			return nil, err
		}
		token, err := s.sign(ctx, auth.Claims{
			Organization: org.ID, Subject: "app:" + app.Name, Scopes: scopes, Region: org.Region,
		}, auth.AuthorizeLifetime)
		if err != nil {
			return nil, err
		}
		return rest.NoStore(AccessToken{token})
	}
}

// application returns the application with these credentials, or Unauthorized.
func application(ctx context.Context, a *accounts.Accounts, authorization string) (accounts.Application, error) {
	wrong := contact.Refuse(contact.Unauthorized, "send an application's name and secret: Authorization: Basic …")
	name, secret, ok := basic(authorization)
	if !ok {
		return accounts.Application{}, wrong
	}
	app, err := a.Application(ctx, name)
	if contact.IsRefused(err, contact.NotFound) {
		return app, wrong
	}
	if err == nil && (app.Revoked || !auth.SecretMatches(secret, app.SecretHash)) {
		err = wrong
	}
	return app, err
}

// basic parses the credentials of RFC 7617. It refuses names that no application can have.
func basic(authorization string) (name, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", "", false
	}
	name, secret, ok = strings.Cut(string(decoded), ":")
	name, err = auth.ApplicationName(name)
	return name, secret, ok && err == nil
}

// scopesOf returns the scopes of a token: the requested ones, or all granted plain scopes if asked is empty. It returns
// Forbidden for scopes that were not granted, and for none.
func scopesOf(asked string, granted []string) ([]string, error) {
	if asked == "" {
		plain := auth.Both(auth.PlainScopes(), granted)
		if plain == nil {
			return nil, contact.Refuse(contact.Forbidden, "the application has only scopes that must be requested by scope: %s", strings.Join(granted, " "))
		}
		return plain, nil
	}
	names := strings.Fields(asked)
	for _, name := range names {
		if !slices.Contains(granted, name) { // unknown scopes too
			return nil, contact.Refuse(contact.Forbidden, "the application was not granted all of these scopes, but: %s", strings.Join(granted, " "))
		}
	}
	return auth.Both(auth.AllScopes(), names), nil
}
