package webhooks

import (
	"context"
	"testing"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/webhook"
	"contacts/tests/harness"
)

// store puts an item as it is.
func store(admin *harness.Tenant, item dynamo.Item) {
	admin.T.Helper()
	if err := harness.Platform.Database.Table.Put(context.Background(), item); err != nil {
		admin.T.Fatal(err)
	}
}

func idOf(admin *harness.Tenant, path string) contact.ID {
	admin.T.Helper()
	id, err := contact.ParseID(harness.LastSegment(path))
	if err != nil {
		admin.T.Fatal(err)
	}
	return id
}

func TestADeliveryThatCannotBeReadIsAProblemOfItsPage(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	at := time.Now()
	delivered(admin, path, webhook.Delivery{ID: 5, Change: "8-1", Contact: 8, Type: "individual.created", At: at.UnixMilli(), Status: 200, Try: 1})
	damaged := keys.WebhookDelivery(admin.Org, idOf(admin, path), 9).Item()
	damaged["try"], damaged["expires"] = dynamo.String("x"), dynamo.Number(at.Add(time.Hour).Unix())
	store(admin, damaged)
	page := admin.Get(path + "/deliveries").Page()
	if len(page.Items) != 1 || len(page.Problems) != 1 {
		t.Errorf("it has %v and the problems %v", page.Items, page.Problems)
	}
}

func TestAWebhookWhosePlaceCannotBeReadIsAProblemOfTheList(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path, other := created(admin), created(admin)
	damaged := keys.WebhookPlace(admin.Org, idOf(admin, path)).Item()
	damaged["fence"] = dynamo.Number(1)
	store(admin, damaged)
	page := admin.Get("/webhooks").Page()
	if len(page.Items) != 1 || len(page.Problems) != 1 || page.Items[0]["id"] != harness.LastSegment(other) {
		t.Errorf("it has %v and the problems %v", page.Items, page.Problems)
	}
	admin.Get(other).Want(200)
	admin.Do("DELETE", path, nil).Want(204)
}
