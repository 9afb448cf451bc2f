package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
)

func feed(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var org string
	var since time.Duration
	var follow bool
	c := command("changes --org ORG [--since DURATION] [--follow]", "Print the changes of an organization's contacts", noArgs, func(ctx context.Context, _ []string) error {
		return a.changes(ctx, org, since, follow)
	})
	c.Long = `Print the changes of an organization's contacts, as the API's feed has them: those of the last 24 hours, of another duration with
--since, at most 90 days. --follow goes on with the changes that are made, until it is interrupted.`
	c.Example = "  contacts changes --org acme --since 1h --table $TABLE\n  contacts changes --org demo --follow --data .data"
	c.Flags().StringVar(&org, "org", "", "the `organization`")
	c.Flags().DurationVar(&since, "since", 24*time.Hour, "how long ago the first of them were made, such as 90m")
	c.Flags().BoolVar(&follow, "follow", false, "go on with the changes that are made")
	a.tableFlags(c.Flags())
	return c
}

// followEvery is how often the feed is read that is followed.
const followEvery = time.Second

func (a *administration) changes(ctx context.Context, org string, since time.Duration, follow bool) error {
	if since < 0 || since > changes.Retention {
		return errors.New("--since is from 0s to 2160h, 90 days")
	}
	t, err := a.open(ctx)
	if err != nil {
		return err
	}
	o, err := organization(ctx, t, org)
	if err != nil {
		return err
	}
	f, token := changes.NewFeed(t.Table, time.Now), changes.Since(o.Epoch, time.Now().Add(-since))
	for {
		page, err := f.Read(ctx, org, o.Epoch, nil, token, 1000)
		if err == nil {
			err = a.showChanges(page.Changes)
		}
		switch interrupted := follow && ctx.Err() != nil; {
		case interrupted: // as it has to be
			return nil
		case err != nil:
			return err
		}
		if token = page.Next; page.More {
			continue
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

// shownChange is a change as JSON.
type shownChange struct {
	ID        string         `json:"id"`
	ContactID contact.ID     `json:"contact_id"`
	Kind      string         `json:"kind"`
	Type      changes.Type   `json:"type"`
	Parts     []changes.Part `json:"parts"`
	ChangedAt time.Time      `json:"changed_at"`
	By        string         `json:"by,omitempty"`
	Operation string         `json:"operation,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
}

func (a *administration) showChanges(all []changes.Change) error {
	for _, c := range all {
		shown := shownChange{c.ID(), c.Contact, c.Contact.Kind().String(), c.Type, c.Parts, time.UnixMicro(c.At).UTC(), c.By, c.Operation, c.Request}
		if err := a.show(shown, "%s  %-8s %-20s %s %v %s %s %s", shown.ChangedAt.Format("2006-01-02T15:04:05.000000Z"), c.Type, strings.ToLower(shown.Kind),
			c.Contact, c.Parts, cmp.Or(c.By, "-"), cmp.Or(c.Operation, "-"), cmp.Or(c.Request, "-")); err != nil {
			return err
		}
	}
	return nil
}
