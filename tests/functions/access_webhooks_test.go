package functions

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/local"
	"contacts/tests/harness"
)

// deliverToWebhooks lets the deliverer do all that it can do: deliver, retry, be woken while it delivers, test, walk over contacts, disable.
func deliverToWebhooks(x *harness.Tenant, handlers map[string]local.Handler) {
	x.T.Helper()
	call := func(event string) {
		if _, err := handlers["webhookdeliverer"].Invoke(x.T.Context(), []byte(event)); err != nil {
			x.T.Error(err)
		}
	}
	wake := fmt.Sprintf(`{"Records": [{"dynamodb": {"Keys": {"pk": {"S": "%s"}, "sk": {"S": "1767323045000000#0000000000008192"}}}}]}`, keys.Changes(x.Org, keys.ChangeShard(8192)))
	var status, received atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if received.Add(1) == 1 {
			call(wake) // while the lease is held
		}
		w.WriteHeader(int(status.Load()))
	}))
	x.T.Cleanup(receiver.Close)
	admin := x.Admin()
	hook := admin.Do("POST", "/webhooks", object{"url": receiver.URL}).Want(201)
	path := "/webhooks/" + hook.Text("id")
	deliver := func(answer int, event string) {
		status.Store(int64(answer))
		call(event)
	}
	person := x.CreateIndividual("Erika")
	deliver(500, wake)
	x.Create(person+"/emails", harness.EmailSample) // waits behind the event that failed
	deliver(200, wake)
	admin.Do("POST", path+"/test", nil).Want(202)
	admin.Do("POST", path+"/replay", object{"since": "2026-01-01T00:00:00Z"}).Want(202)
	deliver(200, `{"source": "aws.events"}`)
	epoch := harness.Platform.Database.Table.Begin() // as a restore does: all contacts are shown again
	epoch.Update(keys.Organization(x.Org)).Set("epoch", dynamo.String("another"))
	if err := epoch.Commit(x.T.Context()); err != nil {
		x.T.Fatal(err)
	}
	deliver(200, wake)
	x.CreateOrganization("Muster AG")
	deliver(410, wake)
	if got := admin.Get(path).Text("status"); got != "DISABLED" {
		x.T.Errorf("a webhook whose receiver is gone is %s", got)
	}
}
