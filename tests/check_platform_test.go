package tests

import (
	"context"
	"testing"
	"time"

	"contacts/pkg/accounts"
	"contacts/pkg/auth"
)

// What the platform itself has is checked with all organizations: records that lack what they are read for, and names of
// organizations that are not there.
func TestACheckOfAllSeesTheRecordsOfThePlatform(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	ctx := context.Background()
	for _, err := range []error{
		h.table.AddOrganization(ctx, accounts.Organization{ID: h.org, Region: "DE"}),
		h.table.AddApplication(ctx, accounts.Application{Name: "shop", SecretHash: auth.HashSecret("secret"), Organizations: []string{h.org}}),
		h.table.AddUser(ctx, accounts.User{Name: "erika", Organization: h.org, PasswordHash: "hash"}),
		h.table.PublishKey(ctx, accounts.SigningKey{ID: "k", Generation: 1, Public: []byte("p"), Cursor: []byte("c")}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	finds(t, "at first", checked(t, h.table, time.Now, "", nil), nil)

	h.change("P#KEY", "0000000001", "cursor", nil)
	h.change("P#APP", "shop", "secret", nil)
	h.change("P#APP", "shop", "orgs", setOf(h.org, "gone"))
	h.change("P#USER", "erika", "org", asText("gone"))
	h.put("P#SESSION#"+digest, "SESSION", "org", h.org)
	h.change("P#ORG", h.org, "region", nil)
	want := []string{"platform: its cursor is not there", "platform: its secret is not there", "platform: names organization gone",
		"platform: names organization gone", "platform: its region is not there"}
	found := checked(t, h.table, time.Now, "", nil)
	finds(t, "then", found, append(want, "platform: never expires"))
	repair(t, found)
	finds(t, "behind the repair", checked(t, h.table, time.Now, "", nil), want)

	h.drop("P#ORG", h.org)
	finds(t, "without the organization", checked(t, h.table, time.Now, "", nil), append(want[:4:4], "platform: names organization "+h.org,
		"platform: there are records of the organization, and it is not there"))
}
