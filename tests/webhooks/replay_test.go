package webhooks

import (
	"testing"
	"time"

	"contacts/tests/harness"
)

func TestAReplayBeginsInThePast(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	admin.CreateIndividual("Erika")
	path := created(admin)
	before := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339Nano)
	if behind := admin.Do("POST", path+"/replay", object{"since": before}).Want(202).Object()["behind"].(object); behind["changes"] != 1. {
		t.Errorf("behind by %v", behind)
	}
	for _, body := range []object{{}, {"since": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, {"since": "yesterday"}, {"since": "2026-01-01"}, {"since": 1}, {"since": nil}} {
		admin.Do("POST", path+"/replay", body).Faults(400, "/since")
	}
	admin.Do("POST", "/webhooks/1/replay", object{"since": before}).Problem(404)
}

func TestAReplayThatIsRepeatedIsOne(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	replay := func() *harness.Answer {
		return admin.Do("POST", path+"/replay", object{"since": "2026-01-01T00:00:00.5+01:00"}, "Idempotency-Key", "replay")
	}
	first := replay().Want(202)
	etag := admin.Get(path).Header.Get("ETag")
	harness.SameAnswer(t, first, replay())
	if again := admin.Get(path).Header.Get("ETag"); again != etag {
		t.Errorf("the webhook has changed from %s to %s", etag, again)
	}
}

func TestATestThatIsRepeatedIsOne(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	path := created(admin)
	test := func(key string) *harness.Answer { return admin.Do("POST", path+"/test", nil, "Idempotency-Key", key) }
	first := test("1").Want(202)
	harness.SameAnswer(t, first, test("1"))
	if other := test("2").Want(202); other.Text("id") == first.Text("id") {
		t.Errorf("two tests have the id %s", other.Text("id"))
	}
	admin.Do("POST", "/webhooks/1/test", nil).Problem(404)
}
