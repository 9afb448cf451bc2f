package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/contact"
	"contacts/pkg/phone"
	"contacts/pkg/wiring"
)

func org(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var region string
	add := command("add NAME", "add an organization", oneArg("an organization"), func(ctx context.Context, words []string) error {
		name := words[0]
		if !validOrganization(name) {
			return fmt.Errorf("%q can't be an organization: 1 to 64 letters, digits, _ and -", name)
		}
		if !phone.Known(region) {
			return fmt.Errorf("%q is no region with telephone numbers: give ISO 3166-1 alpha-2, such as DE", region)
		}
		t, err := a.open(ctx)
		if err != nil {
			return err
		}
		if err := t.AddOrganization(ctx, accounts.Organization{ID: name, Region: region}); err != nil {
			return err
		}
		return a.show(map[string]string{"org": name, "region": region}, "organization %s added, region %s", name, region)
	})
	add.Flags().StringVar(&region, "region", "DE", "where its telephone numbers are dialled, ISO 3166-1 alpha-2")
	list := command("list", "list all organizations", noArgs, func(ctx context.Context, _ []string) error {
		t, err := a.open(ctx)
		if err != nil {
			return err
		}
		orgs, err := t.Organizations(ctx)
		for _, o := range orgs {
			row, words := map[string]any{"org": o.ID, "region": o.Region}, o.ID+"\t"+o.Region
			if o.Restoring != "" {
				row["restoring"], words = true, words+"\thalf restored"
			}
			err = errors.Join(err, a.show(row, "%s", words))
		}
		return err
	})
	c := group("org", "Organizations: the tenants", add, list)
	a.tableFlags(c.PersistentFlags())
	return c
}

// organization returns an organization.
func organization(ctx context.Context, t *wiring.Database, name string) (accounts.Organization, error) {
	o, err := t.Organization(ctx, name)
	if contact.IsRefused(err, contact.NotFound) {
		err = fmt.Errorf("there is no organization %s; contacts org add makes it", name)
	}
	return o, err
}

func app(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var orgs, scopes []string
	named := oneArg("an application")
	create := command("create NAME --org ORG", "let a new application in, and print its secret", named, func(ctx context.Context, words []string) error {
		name, err := auth.ApplicationName(words[0])
		if err != nil {
			return err
		}
		t, err := a.open(ctx)
		if err != nil {
			return err
		}
		granted, err := scopesOrDefault(scopes)
		if err != nil {
			return err
		}
		if err := requireOrganizations(ctx, t, orgs...); err != nil {
			return err
		}
		secret, hash := auth.NewSecret()
		err = t.AddApplication(ctx, accounts.Application{Name: name, SecretHash: hash, Organizations: orgs, Scopes: granted})
		if contact.IsRefused(err, contact.Taken) {
			err = fmt.Errorf("%w; contacts app rotate gives it another secret, contacts app grant one more organization", err)
		}
		if err != nil {
			return err
		}
		return a.showSecret(name, secret)
	})
	rotate := command("rotate NAME", "give an application another secret; a revoked one works again", named,
		a.onNamed("application", auth.ApplicationName, func(ctx context.Context, t *wiring.Database, name string) error {
			secret, hash := auth.NewSecret()
			if err := t.SetApplicationSecret(ctx, name, hash); err != nil {
				return err
			}
			return a.showSecret(name, secret)
		}))
	grant := command("grant NAME --org ORG", "let an application into one more organization", named,
		a.onNamed("application", auth.ApplicationName, func(ctx context.Context, t *wiring.Database, name string) error {
			if err := requireOrganizations(ctx, t, orgs...); err != nil {
				return err
			}
			for _, o := range orgs {
				if err := t.GrantApplication(ctx, name, o); err != nil {
					return err
				}
			}
			return a.show(map[string]any{"app": name, "granted": orgs}, "%s may use %s", name, strings.Join(orgs, ", "))
		}))
	scope := command("scope NAME --scope SCOPE", "let the tokens of an application carry other scopes than before", named,
		a.onNamed("application", auth.ApplicationName, func(ctx context.Context, t *wiring.Database, name string) error {
			granted, err := requiredScopes(scopes)
			if err != nil {
				return err
			}
			if err := t.SetApplicationScopes(ctx, name, granted); err != nil {
				return err
			}
			return a.show(map[string]any{"app": name, "scopes": granted}, "%s may ask for %s; tokens given out before end within an hour", name, strings.Join(granted, ", "))
		}))
	for _, c := range []*cobra.Command{create, grant} {
		c.Flags().StringArrayVar(&orgs, "org", nil, "organization that it may use; can be repeated")
	}
	scopeFlag(create.Flags(), &scopes, defaultScopes)
	scopeFlag(scope.Flags(), &scopes, "")
	revoke := command("revoke NAME [--org ORG]", "give an application no more tokens, or none for an organization", named,
		a.onNamed("application", auth.ApplicationName, func(ctx context.Context, t *wiring.Database, name string) error {
			if len(orgs) > 0 {
				if err := t.RevokeGrants(ctx, name, orgs...); err != nil {
					return err
				}
				return a.show(map[string]any{"app": name, "ungranted": orgs}, "%s gets no more tokens for %s; those it has end within an hour", name, strings.Join(orgs, ", "))
			}
			if err := t.RevokeApplication(ctx, name); err != nil {
				return err
			}
			return a.show(map[string]string{"app": name, "state": "revoked"}, "%s gets no more tokens; those it has end within an hour", name)
		}))
	revoke.Flags().StringArrayVar(&orgs, "org", nil, "organization that it may use no more; can be repeated (default all, and none that is granted later)")
	c := group("app", "Applications that may ask for tokens",
		create, command("list", "list all applications", noArgs, a.listApplications), revoke, rotate, grant, scope)
	a.tableFlags(c.PersistentFlags())
	return c
}

func (a *administration) listApplications(ctx context.Context, _ []string) error {
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	apps, err := t.Applications(ctx)
	for _, p := range apps {
		state := "active"
		if p.Revoked {
			state = "revoked"
		}
		err = errors.Join(err, a.show(map[string]any{"app": p.Name, "orgs": p.Organizations, "state": state, "scopes": scopesIn(p.Scopes)},
			"%s\t%s\t%s\t%s", p.Name, state, strings.Join(p.Organizations, " "), strings.Join(scopesIn(p.Scopes), " ")))
	}
	return err
}

func (a *administration) showSecret(name, secret string) error {
	return a.show(map[string]string{"app": name, "secret": secret}, "application %s\nsecret      %s\n\nThe secret is shown this once; what is stored is its hash.", name, secret)
}

func key(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	c := group("key", "The keys that sign tokens", command("rotate", "sign with a new key; the former one is valid for a day more", noArgs,
		func(ctx context.Context, _ []string) error {
			t, err := a.open(ctx)
			if err != nil {
				return err
			}
			// Tokens signed before the next key is in use expire slightly later than a lifetime from now.
			end := time.Now().Add(auth.LoginLifetime + time.Minute)
			if err := t.RetireKeys(ctx, end); err != nil {
				return err
			}
			return a.show(map[string]string{"former_key_ends": end.UTC().Format(time.RFC3339)},
				"tokens are signed with a new key within half a minute; the former one is valid until %s", end.UTC().Format(time.RFC3339))
		}))
	a.tableFlags(c.PersistentFlags())
	return c
}
