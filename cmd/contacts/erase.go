package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"contacts/pkg/contact"
)

func erase(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	var org string
	c := command("erase ID --org ORG", "Remove all values of a contact, deleted or not, for good", oneArg("a contact, its id"), func(ctx context.Context, words []string) error {
		return a.erase(ctx, org, words[0])
	})
	c.Long = `Remove all values of a contact, deleted or not, for good: its fields, account numbers and unique values, addresses, channels, roles,
identities, tags and options, its lookup entries, and its images, with all versions of their objects.

Its id stays, shown as deleted and erased, with the name "erased", and so do the references of others to it. Only a backup can bring the
values back. Run the same command again to continue an interrupted erasure.

What remains elsewhere for a while: stored answers of Idempotency-Keys for 24 hours, point-in-time recovery for 35 days, backups, logs.`
	c.Example = "  contacts erase 752257927212316 --org acme --table $TABLE --bucket $BUCKET\n  contacts erase 752257927212316 --org demo --data .data"
	c.Flags().StringVar(&org, "org", "", "the `organization`")
	a.tableFlags(c.Flags())
	a.bucketFlags(c.Flags())
	return c
}

func (a *administration) erase(ctx context.Context, org, word string) error {
	id, err := contact.ParseID(word)
	if err != nil {
		return fmt.Errorf("%q is no id of a contact: give the number that the API shows as its id", word)
	}
	t, objects, err := a.openBoth(ctx)
	if err != nil {
		return err
	}
	if _, err := organization(ctx, t, org); err != nil {
		return err
	}
	if err := objects.Ping(ctx); err != nil {
		return err
	}
	done, err := t.Store.Erase(ctx, org, id, func(ctx context.Context) (int, error) { return objects.ClearContact(ctx, org, id) })
	if contact.IsRefused(err, contact.NotFound) {
		return fmt.Errorf("organization %s has no contact %s", org, id)
	}
	if err != nil {
		return unfinished(ctx, "the contact is not erased yet", err)
	}
	return a.show(struct {
		Org     string     `json:"org"`
		ID      contact.ID `json:"id"`
		Records int        `json:"records"`
		Objects int        `json:"objects"`
	}{org, id, done.Records, done.Objects}, "contact %s of %s is erased: %d records, %d objects", id, org, done.Records, done.Objects)
}
