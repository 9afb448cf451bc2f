package accounts

import (
	"context"
	"slices"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// Application is a program that may request tokens.
type Application struct {
	Name          string   `dynamodbav:"sk"`
	SecretHash    []byte   `dynamodbav:"secret"` // SHA-256
	Organizations []string `dynamodbav:"orgs,stringset,omitempty"`
	Scopes        []string `dynamodbav:"scopes,stringset,omitempty"` // that its tokens may have
	Revoked       bool     `dynamodbav:"revoked,omitempty"`
}

// AddApplication adds an application. Taken if there is one of that name.
func (a *Accounts) AddApplication(ctx context.Context, app Application) error {
	return a.add(ctx, keys.Application(app.Name), app, "application "+app.Name)
}

// Applications returns all applications, by name. Their organizations are sorted.
func (a *Accounts) Applications(ctx context.Context) ([]Application, error) {
	all, err := list[Application](ctx, a, keys.Applications())
	for _, app := range all {
		slices.Sort(app.Organizations)
	}
	return all, err
}

// Application returns an application. NotFound if there is none of that name.
func (a *Accounts) Application(ctx context.Context, name string) (Application, error) {
	app, err := get[Application](ctx, a, keys.Application(name), "application")
	slices.Sort(app.Organizations)
	return app, err
}

// RevokeApplication revokes an application: it gets no more tokens.
func (a *Accounts) RevokeApplication(ctx context.Context, name string) error {
	return a.updateApplication(ctx, name, func(u *dynamo.Update) { u.Set("revoked", dynamo.True) })
}

// DeleteApplication deletes an application: it gets no more tokens. NotFound if there is none of that name.
func (a *Accounts) DeleteApplication(ctx context.Context, name string) error {
	tx := a.table.Begin()
	tx.Delete(keys.Application(name), dynamo.Exists(notFound("application")))
	return tx.Commit(ctx)
}

// SetApplicationSecret gives an application another secret. A revoked one works again.
func (a *Accounts) SetApplicationSecret(ctx context.Context, name string, hash []byte) error {
	return a.updateApplication(ctx, name, func(u *dynamo.Update) { u.Set("secret", dynamo.Binary(hash)); u.Remove("revoked") })
}

// SetApplicationScopes sets the scopes that an application's tokens may have.
func (a *Accounts) SetApplicationScopes(ctx context.Context, name string, scopes []string) error {
	return a.updateApplication(ctx, name, func(u *dynamo.Update) { u.SetStrings("scopes", scopes) })
}

// GrantApplication gives an application access to an organization.
func (a *Accounts) GrantApplication(ctx context.Context, name, org string) error {
	return a.updateApplication(ctx, name, func(u *dynamo.Update) { u.AddStrings("orgs", org) })
}

// RevokeGrants revokes an application's access to organizations, to all of them or none. NotFound if there is no such application,
// Impossible if it has no access to one of them.
func (a *Accounts) RevokeGrants(ctx context.Context, name string, orgs ...string) error {
	key := keys.Application(name)
	tx := a.table.Begin()
	tx.Check(key, dynamo.Exists(notFound("application")))
	for _, org := range orgs {
		tx.Check(key, dynamo.Require(dynamo.Contains("orgs", org),
			contact.Refuse(contact.Impossible, "application %s has no access to organization %s", name, org)))
	}
	tx.Update(key).DeleteStrings("orgs", orgs...)
	return tx.Commit(ctx)
}

func (a *Accounts) updateApplication(ctx context.Context, name string, change func(*dynamo.Update)) error {
	return a.update(ctx, keys.Application(name), "application", change)
}
