// Package webhooks builds the functions that derive the secrets of webhooks.
package webhooks

import (
	"context"
	"sync"

	"contacts/pkg/api"
	"contacts/pkg/rest"
	"contacts/pkg/webhook/address"
	"contacts/pkg/wiring/secret"
)

// Groups returns the group of the webhooks.
func Groups(c api.Config, getenv func(string) string) []rest.Group {
	return []rest.Group{api.Webhooks(c, Key(getenv), Rule(getenv).CheckURL)}
}

// Key returns the key of the webhooks' secrets, of the secret WEBHOOK_SECRET. It is read once.
func Key(getenv func(string) string) func(context.Context) ([]byte, error) {
	source := secret.Source(getenv, "WEBHOOK_SECRET")
	var mu sync.Mutex
	var key []byte
	return func(ctx context.Context) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		if key != nil {
			return key, nil
		}
		var err error
		key, err = source(ctx)
		return key, err
	}
}

// Rule returns the rule of the webhooks' addresses: with WEBHOOKS_ALLOW_LOCAL, which only a developer's machine has, that of a local run.
func Rule(getenv func(string) string) address.Rule {
	return address.Rule{Local: getenv("WEBHOOKS_ALLOW_LOCAL") == "true"}
}
