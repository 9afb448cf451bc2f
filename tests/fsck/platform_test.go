package fsck

import (
	"context"
	"strings"
	"testing"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
	"contacts/pkg/keys"
	"contacts/tests/harness"
)

// A check of all organizations includes the platform's own records: incomplete ones, and those of organizations that do not exist.
func TestACheckOfAllOrganizationsIncludesThePlatformsRecords(t *testing.T) {
	t.Parallel()
	h := newFixture(t)
	ctx := context.Background()
	for _, err := range []error{
		h.Database.AddApplication(ctx, accounts.Application{Name: "shop", SecretHash: auth.HashSecret("secret"), Organizations: []string{h.Org}}),
		h.Database.AddUser(ctx, accounts.User{Name: "erika", Organization: h.Org, PasswordHash: "hash"}),
		h.Database.PublishKey(ctx, accounts.SigningKey{ID: "k", Generation: 1, Public: []byte("p"), Cursor: []byte("c")}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantFindings(t, "at first", harness.CheckFindings(t, h.Database, time.Now, "", nil), nil)

	h.change("P#KEY", "0000000001", "cursor", nil)
	h.change("P#APP", "shop", "secret", nil)
	h.change("P#APP", "shop", "orgs", setOf(h.Org, "gone"))
	h.change("P#USER", "erika", "org", harness.TextAttribute("gone"))
	sessions := keys.Sessions("erika")
	h.put(sessions, digest, "org", h.Org)
	h.put(sessions, strings.ToLower(digest), "org", h.Org, "expires", inHours(1))
	h.put(keys.Sessions("nobody"), digest, "org", h.Org, "expires", inHours(1))
	h.put(keys.FailedLogins("nobody"), digest, "clear_at", 1)
	h.change("P#USERNAME", "0000000001", "username", harness.TextAttribute("nobody"))
	h.put("P#USERNAME", "0000000007", "username", "erika")
	h.change("P#ORG", h.Org, "region", nil)
	want := []string{"platform: its cursor is missing or invalid", "platform: its secret is missing or invalid", "platform: names organization gone",
		"platform: names organization gone", "platform: its region is missing or invalid"}
	found := harness.CheckFindings(t, h.Database, time.Now, "", nil)
	wantFindings(t, "then", found, append(want, "platform: never expires", "platform: never expires", "orphan: user does not exist",
		"orphan: user does not exist", "orphan: user does not exist", "platform: its number does not lead to it"))
	harness.Repair(t, found)
	wantFindings(t, "after the repair", harness.CheckFindings(t, h.Database, time.Now, "", nil), want)

	h.drop("P#ORG", h.Org)
	wantFindings(t, "without the organization", harness.CheckFindings(t, h.Database, time.Now, "", nil), append(want[:4:4], "platform: names organization "+h.Org,
		"platform: the organization has records but does not exist"))
}
