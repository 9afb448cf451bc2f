package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"contacts/pkg/auth"
	"contacts/pkg/wiring"
)

func key(out io.Writer) *cobra.Command {
	a := &administration{out: out}
	return a.group("key", "The keys that sign tokens",
		command("list", "List the keys of tokens, without their secrets", noArgs, a.onTable(a.listKeys)),
		command("rotate", "Sign with a new key; the former one is valid for a day more", noArgs, a.onTable(a.rotateKey)))
}

func (a *administration) listKeys(ctx context.Context, t *wiring.Database) error {
	keys, err := t.SigningKeys(ctx)
	now := time.Now()
	var rows [][]any
	for _, k := range keys {
		row := []any{k.ID, "signing", k.Published, nil}
		if !k.NotAfter.IsZero() {
			row[1], row[3] = either(now.After(k.NotAfter), "expired", "valid"), k.NotAfter
		}
		rows = append(rows, row)
	}
	return errors.Join(err, a.showList([]string{"kid", "state", "created", "valid_until"}, rows))
}

func (a *administration) rotateKey(ctx context.Context, t *wiring.Database) error {
	// Tokens signed before the next key is in use expire slightly later than a lifetime from now.
	end := time.Now().Add(auth.LoginLifetime + time.Minute)
	if err := t.RetireKeys(ctx, end); err != nil {
		return err
	}
	return a.show(map[string]string{"former_key_ends": timestamp(end)},
		"tokens are signed with a new key within half a minute; the former one is valid until %s", timestamp(end))
}
