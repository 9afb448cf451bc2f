package deliverer

import (
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
	"contacts/pkg/webhook"
)

// accepts reports whether the published verifier of Standard Webhooks accepts a post with the secret of a generation.
func (w *world) accepts(p post, hook webhook.Webhook, generation int) bool {
	w.Helper()
	secret, err := webhook.DeriveSecret(platformKey, w.org, hook.ID, generation)
	if err != nil {
		w.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(secret.Reveal())
	if err != nil {
		w.Fatal(err)
	}
	return verifier.VerifyIgnoringTimestamp(p.body, p.headers) == nil
}

func TestThePublishedVerifierAcceptsEveryDelivery(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.change(id(0), id(1), id(0))
	if _, err := w.Webhooks.RequestTest(w.ctx, w.org, hook.ID, idempotency.Write{}, func(string) ([]byte, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	got := w.posts()
	for _, p := range got {
		if !w.accepts(p, hook, 1) {
			t.Errorf("%v of %s is not accepted", p.headers, p.id)
		}
		if w.accepts(p, hook, 2) || w.accepts(p, webhook.Webhook{ID: contact.ID(1)}, 1) {
			t.Errorf("%s is accepted with another secret", p.id)
		}
		changed := p
		changed.body = append([]byte(" "), p.body...)
		if w.accepts(changed, hook, 1) {
			t.Errorf("%s is accepted with another body", p.id)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d posts", len(got))
	}
}

func TestBothSecretsSignFor24HoursAfterARotation(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	if _, err := w.Webhooks.Rotate(w.ctx, w.org, hook.ID, idempotency.Write{}, show); err != nil {
		t.Fatal(err)
	}
	for _, former := range []bool{true, false} {
		w.change(id(0))
		w.deliver()
		for _, p := range w.posts() {
			if !w.accepts(p, hook, 2) || w.accepts(p, hook, 1) != former {
				t.Errorf("former secret %v: %v", former, p.headers)
			}
		}
		w.sleep(24 * time.Hour)
	}
}
