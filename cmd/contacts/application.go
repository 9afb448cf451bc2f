package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/wiring"
)

func app(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	on := account{"application", "app", auth.ApplicationName}
	create := on.command(a, "create NAME --org ORG", "Create an application, and print its secret", a.createApplication)
	grant := on.command(a, "grant NAME --org ORG", "Give an application access to one more organization", a.grantApplication)
	revoke := on.command(a, "revoke NAME [--org ORG]", "Give an application no more tokens, or none for an organization", a.revokeApplication)
	scope := on.command(a, "scope NAME --scope SCOPE", "Replace the scopes that an application may request", a.setApplicationScopes)
	for _, c := range []*cobra.Command{create, grant} {
		c.Flags().StringArrayVar(&a.orgs, "org", nil, "`organization` that it may use; can be repeated")
	}
	revoke.Flags().StringArrayVar(&a.orgs, "org", nil,
		"`organization` that it may no longer use; can be repeated (default all, and those that are granted later)")
	a.scopeFlag(create, defaultScopes)
	a.scopeFlag(scope, "")
	return a.group("app", "Applications, which request tokens", create, command("list", "List all applications", noArgs, a.onTable(a.listApplications)),
		grant, revoke, scope, on.command(a, "rotate NAME", "Give an application another secret; a revoked application works again", a.rotateSecret),
		a.yesFlag(on.command(a, "delete NAME [--yes]", "Delete an application: it gets no more tokens", a.deleteApplication)))
}

func (a *administration) createApplication(ctx context.Context, t *wiring.Database, name string) error {
	granted, err := scopesOrDefault(a.scopes)
	if err != nil {
		return err
	}
	if err := a.requireOrganizations(ctx, t); err != nil {
		return err
	}
	secret, hash := auth.NewSecret()
	err = t.AddApplication(ctx, accounts.Application{Name: name, SecretHash: hash, Organizations: a.orgs, Scopes: granted})
	if contact.IsRefused(err, contact.Taken) {
		err = fmt.Errorf("%w; contacts app rotate gives it another secret, contacts app grant one more organization", err)
	}
	if err != nil {
		return err
	}
	return a.showSecret(name, secret)
}

func (a *administration) listApplications(ctx context.Context, t *wiring.Database) error {
	apps, err := t.Applications(ctx)
	var rows [][]any
	for _, p := range apps {
		rows = append(rows, []any{p.Name, either(p.Revoked, "revoked", "active"), p.Organizations, scopesIn(p.Scopes)})
	}
	return errors.Join(err, a.showList([]string{"app", "state", "orgs", "scopes"}, rows))
}

func (a *administration) grantApplication(ctx context.Context, t *wiring.Database, name string) error {
	if err := a.requireOrganizations(ctx, t); err != nil {
		return err
	}
	for _, o := range a.orgs {
		if err := t.GrantApplication(ctx, name, o); err != nil {
			return err
		}
	}
	return a.show(map[string]any{"app": name, "granted": a.orgs}, "%s may use %s", name, strings.Join(a.orgs, ", "))
}

func (a *administration) setApplicationScopes(ctx context.Context, t *wiring.Database, name string) error {
	granted, err := requiredScopes(a.scopes)
	if err != nil {
		return err
	}
	if err := t.SetApplicationScopes(ctx, name, granted); err != nil {
		return err
	}
	return a.show(map[string]any{"app": name, "scopes": granted},
		"%s may request %s; tokens issued before expire within an hour", name, strings.Join(granted, ", "))
}

func (a *administration) revokeApplication(ctx context.Context, t *wiring.Database, name string) error {
	if len(a.orgs) > 0 {
		if err := t.RevokeGrants(ctx, name, a.orgs...); err != nil {
			return err
		}
		return a.show(map[string]any{"app": name, "ungranted": a.orgs},
			"%s gets no more tokens for %s; those it has expire within an hour", name, strings.Join(a.orgs, ", "))
	}
	if err := t.RevokeApplication(ctx, name); err != nil {
		return err
	}
	return a.show(map[string]string{"app": name, "state": "revoked"}, "%s gets no more tokens; those it has expire within an hour", name)
}

func (a *administration) rotateSecret(ctx context.Context, t *wiring.Database, name string) error {
	secret, hash := auth.NewSecret()
	if err := t.SetApplicationSecret(ctx, name, hash); err != nil {
		return err
	}
	return a.showSecret(name, secret)
}

func (a *administration) deleteApplication(ctx context.Context, t *wiring.Database, name string) error {
	p, err := t.Application(ctx, name)
	if err != nil {
		return err
	}
	orgs := either(p.Organizations == nil, "no organization", strings.Join(p.Organizations, ", "))
	if err := confirm(ctx, a.yes, fmt.Sprintf("Delete application %s, which may use %s?", name, orgs)); err != nil {
		return err
	}
	if err := t.DeleteApplication(ctx, name); err != nil {
		return err
	}
	return a.show(map[string]string{"app": name, "state": "deleted"}, "application %s is deleted; tokens issued before expire within an hour", name)
}

func (a *administration) showSecret(name, secret string) error {
	return a.show(map[string]string{"app": name, "secret": secret},
		"application %s\nsecret      %s\n\nThe secret is shown this once; what is stored is its hash.", name, secret)
}
