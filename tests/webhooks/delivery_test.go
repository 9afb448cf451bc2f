package webhooks

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"contacts/pkg/contact"
	"contacts/pkg/webhook"
	"contacts/tests/harness"
)

// delivered adds tries of a webhook's deliveries, as the deliverer does. Their ids grow.
func delivered(admin *harness.Tenant, path string, tries ...webhook.Delivery) {
	admin.T.Helper()
	hook, err := contact.ParseID(harness.LastSegment(path))
	if err != nil {
		admin.T.Fatal(err)
	}
	for _, d := range tries {
		item, err := d.Item(admin.Org, hook)
		if err == nil {
			err = harness.Platform.Database.Table.Put(context.Background(), item)
		}
		if err != nil {
			admin.T.Fatal(err)
		}
	}
}

func TestDeliveriesAreShownTheNewestFirst(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path, other := created(admin), created(admin)
	at := time.Now()
	delivered(admin, path,
		webhook.Delivery{ID: 5, Change: "8-1", Contact: 8, Type: "individual.created", At: at.UnixMilli(), Status: 503, Reason: "answered 503", Duration: 12, Try: 1, SetAside: true},
		webhook.Delivery{ID: 9, Change: "test-7", Type: "webhook.test", At: at.UnixMilli(), Status: 204, Duration: 3, Try: 1},
		webhook.Delivery{ID: 1, Change: "8-1", Type: "individual.created", At: at.Add(-31 * 24 * time.Hour).UnixMilli(), Try: 1}) // which has expired
	delivered(admin, other, webhook.Delivery{ID: 6, Change: "8-2", Contact: 8, Type: "individual.changed", At: at.UnixMilli(), Reason: "no answer", Try: 2})
	shown := at.UTC().Format("2006-01-02T15:04:05.000Z")
	want := []object{
		{"id": "9", "change_id": "test-7", "type": "webhook.test", "at": shown, "status": 204., "duration_ms": 3., "try": 1., "set_aside": false},
		{"id": "5", "change_id": "8-1", "contact_id": "8", "type": "individual.created", "at": shown, "status": 503., "reason": "answered 503", "duration_ms": 12., "try": 1., "set_aside": true},
	}
	if diff := cmp.Diff(want, admin.Get(path+"/deliveries").Page().Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for status, ids := range map[string][]string{"delivered": {"9"}, "failed": {"5"}, "503": {"5"}, "204": {"9"}, "500": {}, "none": {}} {
		if got := admin.Get(path + "/deliveries?status=" + status).Page().Texts("id"); !slices.Equal(got, ids) {
			t.Errorf("?status=%s shows %v, want %v", status, got, ids)
		}
	}
	if got := admin.Get(other + "/deliveries?status=none").Page().Texts("id"); !slices.Equal(got, []string{"6"}) {
		t.Errorf("?status=none shows %v", got)
	}
	for _, query := range []string{"status=2xx", "status=600", "offset=1", "limit=0", "limit=5001", "cursor=x", "since=1"} {
		if a := admin.Get(path + "/deliveries?" + query); a.Status != 400 {
			t.Errorf("?%s is answered %d", query, a.Status)
		}
	}
	admin.Get("/webhooks/1/deliveries").Problem(404)
}

func TestPagesOfDeliveriesNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	add := func(from, to int) (ids []string) {
		for id := from; id <= to; id++ {
			d := webhook.Delivery{ID: contact.ID(id), Change: "8-1", Contact: 8, Type: "individual.created", At: time.Now().UnixMilli(), Status: 200, Try: 1}
			if id%2 == 0 {
				d.Status, d.Reason = 500, "answered 500"
			}
			delivered(admin, path, d)
			ids = append([]string{fmt.Sprint(id)}, ids...)
		}
		return ids
	}
	all := add(1, 25)
	failed := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return (id[len(id)-1]-'0')%2 != 0 })
	for query, want := range map[string][]string{"limit=4": all, "limit=3&status=failed": failed, "limit=25": all, "limit=12&status=failed": failed} {
		var got []string
		for at := path + "/deliveries?" + query; at != ""; {
			page := admin.Get(at).Page()
			got = append(got, page.Texts("id")...)
			if at = ""; page.Next != nil {
				at = path + "/deliveries?" + query + "&cursor=" + *page.Next
				add(26, 26) // is not in what is paged over
			}
		}
		got = slices.DeleteFunc(got, func(id string) bool { return id == "26" })
		if !slices.Equal(got, want) {
			t.Errorf("?%s: %v, want %v", query, got, want)
		}
	}
	foreign := admin.Get(path + "/deliveries?limit=1").Page()
	admin.Get(created(admin) + "/deliveries?cursor=" + *foreign.Next).Problem(400)
}
