package webhook

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"contacts/pkg/changes"
	"contacts/pkg/contact"
)

var aKey = []byte(strings.Repeat("k", 32))

func TestASecretIsThatOfItsWebhookAndGenerationAlone(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, org := range []string{"a", "a1", "b"} {
		for _, id := range []contact.ID{1, 11, 12} {
			for _, generation := range []int{1, 2, 21} {
				name := fmt.Sprint(org, " ", id, " ", generation)
				secret, err := DeriveSecret(aKey, org, id, generation)
				if err != nil {
					t.Fatal(err)
				}
				again, err := DeriveSecret(aKey, org, id, generation)
				if err != nil || again.Reveal() != secret.Reveal() {
					t.Errorf("%s: the secret is another at the second time, %v", name, err)
				}
				if other := seen[secret.Reveal()]; other != "" {
					t.Errorf("%s has the secret of %s", name, other)
				}
				seen[secret.Reveal()] = name
			}
		}
	}
}

func TestASecretHasTheFormOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	secret, err := DeriveSecret(aKey, "a", 1, 1)
	text, prefixed := strings.CutPrefix(secret.Reveal(), "whsec_")
	key, malformed := base64.StdEncoding.DecodeString(text)
	if err != nil || !prefixed || malformed != nil || len(key) < 24 || len(key) > 64 || !slices.Equal(key, secret.Key()) {
		t.Errorf("%q: %v, %v", secret.Reveal(), err, malformed)
	}
}

func TestAKeyThatIsTooShortDerivesNothing(t *testing.T) {
	t.Parallel()
	if _, err := DeriveSecret(aKey[:31], "a", 1, 1); err == nil {
		t.Error("31 bytes are taken")
	}
}

func TestASecretIsNotFormatted(t *testing.T) {
	t.Parallel()
	secret, err := DeriveSecret(aKey, "a", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	key := secret.Key()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, secret) + fmt.Sprintf(verb, struct{ Secret Secret }{secret})
		for _, shown := range []string{secret.Reveal(), string(key), fmt.Sprintf("%x", key), fmt.Sprintf("%v", key)} {
			if strings.Contains(text, shown) {
				t.Errorf("%s shows the secret: %s", verb, text)
			}
		}
	}
}

func TestAFormerSecretSignsUntilItsTime(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_800_000_000_000)
	w := Webhook{Generation: 4, Former: []Former{{1, now.UnixMilli()}, {2, now.UnixMilli() + 1}, {3, now.UnixMilli() + 5}}}
	if got := w.Generations(now); !slices.Equal(got, []int{4, 3, 2}) {
		t.Errorf("%v", got)
	}
}

func TestAWebhookWantsWhatItsEventsSelect(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := Webhook{Events: rapid.SliceOf(rapid.SampledFrom(EventNames())).Draw(t, "events")}
		kind, change := rapid.SampledFrom([]contact.Kind{contact.Individual, contact.Organization, contact.Placeholder}).Draw(t, "kind"), rapid.SampledFrom(changes.AllTypes).Draw(t, "type")
		name := EventName(kind, change)
		family, _, _ := strings.Cut(name, ".")
		want := len(w.Events) == 0 && w.Events == nil || slices.Contains(w.Events, name) || slices.Contains(w.Events, family+".*")
		if got := w.Matches(kind, change); got != want {
			t.Errorf("%v, %s: %t", w.Events, name, got)
		}
	})
}

func TestAnItemIsTheWebhook(t *testing.T) {
	t.Parallel()
	want := Webhook{Org: "a", ID: 7, Version: 3, URL: "https://example.com/", Events: []string{"individual.*"}, Description: "d", Disabled: true,
		Activation: 2, Since: 5, Replays: 1, Generation: 2, Former: []Former{{1, 9}}, Created: 1, Updated: 2}
	item, err := want.item()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Of(item)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
