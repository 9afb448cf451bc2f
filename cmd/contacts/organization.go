package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"contacts/pkg/accounts"
	"contacts/pkg/contact"
	"contacts/pkg/history"
	"contacts/pkg/phone"
	"contacts/pkg/wiring"
)

func org(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var region string
	on := account{"organization", "org", organizationName}
	create := on.command(a, "create NAME", "Create an organization", func(ctx context.Context, t *wiring.Database, name string) error {
		if !phone.Known(region) {
			return fmt.Errorf("%q is no region with telephone numbers: give ISO 3166-1 alpha-2, such as DE", region)
		}
		if err := t.AddOrganization(ctx, accounts.Organization{ID: name, Region: region}); err != nil {
			return err
		}
		return a.show(map[string]string{"org": name, "region": region}, "organization %s created, region %s", name, region)
	})
	create.Flags().StringVar(&region, "region", "DE", "`region` of its telephone numbers without a country code, ISO 3166-1 alpha-2")
	return a.group("org", "Organizations: the tenants", create, a.setCommand(on), command("list", "List all organizations", noArgs, a.onTable(a.listOrganizations)),
		a.resyncCommand(on))
}

func (a *administration) setCommand(on account) *cobra.Command {
	days := -1
	set := on.command(a, "set NAME", "Change the settings of an organization", func(ctx context.Context, t *wiring.Database, name string) error {
		if days < 0 || days > history.MaxDays {
			return fmt.Errorf("say how many days the history of contacts is kept: --history-days, from 0 for none to %d", history.MaxDays)
		}
		if err := t.SetHistoryDays(ctx, name, days); err != nil {
			return err
		}
		return a.show(struct {
			Org         string `json:"org"`
			HistoryDays int    `json:"history_days"`
		}{name, days}, "organization %s keeps the history of its contacts for %d days, within a minute in all functions", name, days)
	})
	set.Flags().IntVar(&days, "history-days", days, "for how many `days` the history of contacts is kept, 0 for none")
	set.Long = `Change the settings of an organization.

--history-days: fewer days hide older entries at once; they are deleted when the time has passed for which they were written. With 0 no entry
is written, and those that there are will never be shown again. More days keep entries that are written from now on for longer.`
	return set
}

func (a *administration) resyncCommand(on account) *cobra.Command {
	all := false
	c := command("resync NAME... | --all", "Show all contacts again to those who read changes", cobra.ArbitraryArgs, func(ctx context.Context, names []string) error {
		if all == (len(names) > 0) {
			return errors.New("say which organizations: contacts org resync NAME..., or --all")
		}
		return a.onTable(func(ctx context.Context, t *wiring.Database) error { return a.resync(ctx, t, on, names) })(ctx, nil)
	})
	c.Long = `Show all contacts again to those who read the changes of organizations. Their tokens remain valid: the next request with one begins with every
contact, then goes on with changes. Needed after a point-in-time recovery of the table, because tokens may have been given for changes
that the table has no longer.`
	c.Example = "  contacts org resync acme --table $TABLE\n  contacts org resync --all --table $TABLE"
	c.Flags().BoolVar(&all, "all", false, "all organizations")
	return c
}

// resync begins another epoch of the changes of organizations, of all without names.
func (a *administration) resync(ctx context.Context, t *wiring.Database, on account, names []string) error {
	if len(names) == 0 {
		orgs, err := t.Organizations(ctx)
		if err != nil {
			return err
		}
		for _, o := range orgs {
			names = append(names, o.ID)
		}
	}
	for _, name := range names {
		_, err := on.parse(name)
		if err == nil {
			err = t.BeginEpoch(ctx, name)
		}
		if contact.IsRefused(err, contact.NotFound) {
			err = fmt.Errorf("there is no organization %s; contacts org list shows all", name)
		}
		if err != nil {
			return err
		}
		if err := a.show(map[string]string{"org": name, "changes": "resync"}, "readers of the changes of %s are shown all contacts again", name); err != nil {
			return err
		}
	}
	return nil
}

func (a *administration) listOrganizations(ctx context.Context, t *wiring.Database) error {
	orgs, err := t.Organizations(ctx)
	var rows [][]any
	for _, o := range orgs {
		rows = append(rows, []any{o.ID, o.Region, o.HistoryDays(), either(o.Restoring != "", "restoring", "active")})
	}
	return errors.Join(err, a.showList([]string{"org", "region", "history_days", "state"}, rows))
}

// organization returns the organization that --org names.
func organization(ctx context.Context, t *wiring.Database, name string) (accounts.Organization, error) {
	if name == "" {
		return accounts.Organization{}, errors.New("say which organization: --org NAME")
	}
	o, err := t.Organization(ctx, name)
	if contact.IsRefused(err, contact.NotFound) {
		err = fmt.Errorf("there is no organization %s; contacts org create creates it", name)
	}
	return o, err
}

// requireOrganizations returns an error unless all organizations of --org exist. It leaves each once.
func (a *administration) requireOrganizations(ctx context.Context, t *wiring.Database) error {
	if len(a.orgs) == 0 {
		a.orgs = []string{""}
	}
	slices.Sort(a.orgs)
	a.orgs = slices.Compact(a.orgs)
	for _, o := range a.orgs {
		if _, err := organization(ctx, t, o); err != nil {
			return err
		}
	}
	return nil
}

// organizationName returns a name that an organization can have.
func organizationName(name string) (string, error) {
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`).MatchString(name) {
		return "", fmt.Errorf("%q can't be an organization: 1 to 64 letters, digits, _ and -", name)
	}
	return name, nil
}
