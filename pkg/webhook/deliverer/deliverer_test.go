package deliverer

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"contacts/pkg/idempotency"
	"contacts/pkg/webhook"
)

func TestEveryChangeAfterItsCreationIsSentToAWebhookOnce(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.change(id(0))
	w.sleep(time.Second)
	w.hook(webhook.Input{})
	want := slices.Concat(w.change(id(0), id(1), id(2), id(0)), w.change(id(1)))
	w.deliver()
	got := w.posts()
	w.expectInOrder(got, want)
	w.wait(5*time.Minute, time.Minute)
	if again := w.posts(); len(got) != len(want) || len(again) > 0 {
		t.Errorf("%d posts, then %v", len(got), idsOf(again))
	}
}

func TestAWebhookIsSentTheEventsItSelects(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{Events: []string{"individual.created"}})
	want := w.change(id(0))
	w.change(id(0), id(0))
	w.deliver()
	w.expectInOrder(w.posts(), want)
}

func TestAReceiverThatWasDeadFor9DaysGetsAllInOrder(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(always(503))
	for range 9 * 4 {
		w.change(id(0), id(1), id(2), id(3), id(0))
		w.wait(6*time.Hour, time.Hour)
	}
	if place := w.place(hook); !place.Probing() || w.read(hook.ID).Disabled {
		t.Fatalf("%+v", place.Receiver)
	}
	w.posts()
	w.answers(nil)
	w.wait(13*time.Hour, time.Hour)
	w.expectInOrder(w.posts(), w.made)
	if place := w.place(hook); place.Failing() || place.Lanes != 0 || place.Lease != 0 {
		t.Errorf("%+v", place)
	}
}

func TestAReceiverThatWasDeadFor11DaysGetsAllOnceItsWebhookIsEnabled(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(always(500))
	for day := range 11 {
		w.change(id(0), id(1), id(2), id(1), id(day))
		w.wait(24*time.Hour, 2*time.Hour)
	}
	if !w.read(hook.ID).Disabled {
		t.Fatal("the webhook is not disabled")
	}
	w.posts()
	w.answers(nil)
	w.change(id(2))
	w.wait(13*time.Hour, time.Hour)
	if got := w.posts(); len(got) > 0 {
		t.Errorf("a disabled webhook was sent %v", idsOf(got))
	}
	if _, err := w.Webhooks.Replace(w.ctx, w.org, hook.ID, idempotency.Write{}, webhook.Input{URL: w.url, Status: webhook.Active}, show); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.expectInOrder(w.posts(), w.made)
}

func TestADeadReceiverIsTriedOnTheSchedule(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	w.answers(always(500))
	w.change(id(0), id(1), id(2), id(3))
	w.deliver()
	if got := w.posts(); len(got) != 4 {
		t.Fatalf("%d posts at first", len(got))
	}
	for n, want := range []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 12 * time.Hour, 12 * time.Hour} {
		w.sleep(want - time.Second)
		w.change(id(n))
		w.deliver()
		if got := w.posts(); len(got) > 0 {
			t.Errorf("try %d came before %v", n+2, want)
		}
		w.sleep(time.Second)
		w.deliver()
		if got := w.posts(); len(got) != 1 {
			t.Errorf("after %v %d posts, want one that probes for all", want, len(got))
		}
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	w.answers(func(post) (int, string) { return 429, "600" })
	w.change(id(0))
	w.deliver()
	w.answers(nil)
	w.wait(9*time.Minute, time.Minute)
	if got := w.posts(); len(got) != 1 {
		t.Errorf("before 10 minutes: %d posts", len(got))
	}
	w.wait(time.Minute, time.Minute)
	w.expectInOrder(w.posts(), w.made)
}

func TestAGoneReceiverDisablesItsWebhook(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(always(410))
	w.change(id(0))
	w.deliver()
	w.posts()
	w.answers(nil)
	w.change(id(1))
	w.wait(time.Hour, 10*time.Minute)
	if got := w.posts(); len(got) > 0 || !w.read(hook.ID).Disabled {
		t.Errorf("sent %v", idsOf(got))
	}
	if _, err := w.Webhooks.Replace(w.ctx, w.org, hook.ID, idempotency.Write{}, webhook.Input{URL: w.url, Status: webhook.Active}, show); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.expectInOrder(w.posts(), w.made)
}

func TestAnEventThatFailsAloneIsSetAsideWithThoseBehindIt(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(func(p post) (int, string) {
		if contactOf(p.id) == id(0).String() {
			return 422, ""
		}
		return 200, ""
	})
	var others []string
	for range 12 {
		w.change(id(0))
		others = append(others, w.change(id(1), id(2))...)
		w.deliver()
		w.sleep(5 * time.Second)
		w.deliver()
		w.wait(15*time.Minute, 5*time.Minute)
	}
	got := w.posts()
	w.expectInOrder(slices.DeleteFunc(slices.Clone(got), func(p post) bool { return p.status != 200 }), others)
	failed := slices.DeleteFunc(got, func(p post) bool { return p.status == 200 })
	if len(failed) != 5 || len(contactsOf(idsOf(failed))) != 1 || failed[0].id != failed[4].id {
		t.Fatalf("%v failed, want the first event 5 times", idsOf(failed))
	}
	deliveries, _, err := w.Webhooks.Deliveries(w.ctx, hook, 0, 100, webhook.DeliveryFilter{Outcome: "failed"})
	if err != nil || len(deliveries) != 5 || !deliveries[0].SetAside || deliveries[1].SetAside || deliveries[0].Try != 5 || deliveries[0].Status != 422 {
		t.Errorf("%+v, %v", deliveries, err)
	}
	w.wait(11*time.Hour, time.Hour)
	if again := w.posts(); len(again) != 0 {
		t.Errorf("within 11 hours %v", idsOf(again))
	}
	w.answers(nil)
	w.wait(time.Hour, time.Hour)
	w.expectInOrder(append(w.posts(), postsOf(others)...), w.made)
	if place := w.place(hook); place.Lanes != 0 {
		t.Errorf("%d lanes are left", place.Lanes)
	}
}

func postsOf(ids []string) (all []post) {
	for _, id := range ids {
		all = append(all, post{id: id, status: 200})
	}
	return all
}

func TestOneContactWhoseEventsAloneFailDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	w.answers(func(p post) (int, string) {
		if contactOf(p.id) == id(0).String() {
			return 500, ""
		}
		return 200, ""
	})
	w.change(id(0)) // it fails for hours, and nothing else changes
	w.deliver()
	w.wait(6*time.Hour, 5*time.Minute)
	w.posts()
	other := w.change(id(1))
	w.deliver()
	w.expectInOrder(w.posts(), other)
}

func TestAReceiverThatTakesOneContactsEventsAloneGetsThem(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	w.answers(func(p post) (int, string) {
		if contactOf(p.id) == id(7).String() {
			return 200, ""
		}
		return 500, ""
	})
	var want []string
	for range 6 {
		for n := range 10 {
			made := w.change(id(n))
			if n == 7 {
				want = append(want, made...)
			}
		}
		w.deliver()
		w.wait(12*time.Hour, time.Hour)
	}
	w.wait(24*time.Hour, time.Hour)
	w.expectInOrder(w.posts(), want)
	w.answers(nil)
	w.wait(24*time.Hour, time.Hour)
	w.expectInOrder(append(postsOf(want), w.posts()...), w.made)
}

func TestADelivererThatIsKilledAfterAPostRepeatsIt(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	made := w.change(id(0))
	killed, kill := context.WithCancel(w.ctx)
	w.then = kill // neither is the answer read nor the place written
	if err := w.Deliver(killed, w.ctx, []string{w.org}); err == nil {
		t.Fatal("a killed deliverer returned")
	}
	w.mu.Lock()
	w.then = nil
	w.mu.Unlock()
	before := w.posts()
	w.deliver()
	if got := w.posts(); len(got) > 0 {
		t.Errorf("another deliverer sent %v while the lease was held", idsOf(got))
	}
	w.sleep(leaseTime)
	w.deliver()
	again := w.posts()
	if !slices.Equal(idsOf(before), made) || !slices.Equal(idsOf(again), made) {
		t.Errorf("%v was sent before the kill, %v after it, want %v", idsOf(before), idsOf(again), made)
	}
}

func TestTwoDeliverersAtOnceSendEachChangeOnce(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	w.hook(webhook.Input{})
	var together sync.WaitGroup
	for n := range 40 {
		w.change(id(n%5), id(n%7+5))
		together.Go(w.deliver)
		if n%3 == 0 {
			together.Go(w.deliver) // a schedule that fires twice
		}
	}
	together.Wait()
	got := w.posts()
	w.expectInOrder(got, w.made)
	if len(got) != len(w.made) {
		t.Errorf("%d posts of %d changes", len(got), len(w.made))
	}
}

func TestADelivererWhoseLeaseIsOverWritesNoMore(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.change(id(0))
	arrived, goOn := make(chan struct{}), make(chan struct{})
	w.answers(func(post) (int, string) {
		close(arrived)
		<-goOn
		return 500, ""
	})
	var slow sync.WaitGroup
	slow.Go(w.deliver)
	<-arrived
	w.answers(nil)
	w.sleep(time.Hour) // the first one sleeps, as a machine that was suspended does
	w.change(id(0), id(1))
	w.deliver()
	place := w.place(hook)
	close(goOn)
	slow.Wait()
	after := w.place(hook)
	if after.Fence != place.Fence || after.Token.Settled() != place.Token.Settled() || after.Lanes != 0 || after.Failures != 0 {
		t.Errorf("the place was %+v, is %+v", place, after)
	}
	w.wait(time.Hour, 10*time.Minute)
	w.expectInOrder(w.posts(), w.made)
}

func TestATestIsSentWhileAWebhookIsDisabled(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{Status: webhook.Disabled})
	w.change(id(0))
	test, err := w.Webhooks.RequestTest(w.ctx, w.org, hook.ID, idempotency.Write{}, func(test string) ([]byte, error) { return []byte(test), nil })
	if err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.deliver()
	if got := w.posts(); len(got) != 1 || got[0].id != string(test) {
		t.Errorf("sent %v, want %s", idsOf(got), test)
	}
	deliveries, _, err := w.Webhooks.Deliveries(w.ctx, hook, 0, 10, webhook.DeliveryFilter{})
	if err != nil || len(deliveries) != 1 || deliveries[0].Change != string(test) || deliveries[0].Type != webhook.TestEvent || deliveries[0].Status != 200 {
		t.Errorf("%+v, %v", deliveries, err)
	}
}

func TestProgressSaysHowManyChangesAWebhookIsBehind(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{Events: []string{"individual.*"}})
	expect := func(behind int, failing bool) {
		t.Helper()
		p, err := w.Webhooks.Progress(w.ctx, w.org, []webhook.Webhook{w.read(hook.ID)})
		if err != nil || p[0].Behind != behind || (p[0].Oldest != 0) != (behind > 0) || (p[0].FailingSince != 0) != failing {
			t.Errorf("%+v, want %d behind, failing %v; %v", p, behind, failing, err)
		}
	}
	expect(0, false)
	w.change(id(0), id(1), id(2), id(0))
	expect(4, false)
	w.answers(always(500))
	w.deliver()
	expect(4, true)
	w.answers(nil)
	w.sleep(5 * time.Second)
	w.deliver()
	expect(0, false)
}

func TestADeletedWebhookIsSentNothing(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.answers(always(500))
	w.change(id(0))
	w.deliver()
	w.posts()
	w.answers(nil)
	if err := w.Webhooks.Delete(w.ctx, w.org, hook.ID, idempotency.Write{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Webhooks.Clear(w.ctx, w.org, hook.ID); err != nil {
		t.Fatal(err)
	}
	w.change(id(1))
	w.wait(time.Hour, 10*time.Minute)
	if got := w.posts(); len(got) > 0 || w.place(hook) != nil {
		t.Errorf("sent %v", idsOf(got))
	}
}

func TestAWebhookThatWasDisabledForAYearIsShownEveryContactThatChanged(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	hook := w.hook(webhook.Input{})
	w.change(id(0), id(1), id(2))
	w.deliver()
	w.posts()
	set := func(status webhook.Status) {
		t.Helper()
		if _, err := w.Webhooks.Replace(w.ctx, w.org, hook.ID, idempotency.Write{}, webhook.Input{URL: w.url, Status: status}, show); err != nil {
			t.Fatal(err)
		}
	}
	set(webhook.Disabled)
	w.sleep(24 * time.Hour)
	w.change(id(1), id(3))
	w.sleep(365 * 24 * time.Hour)
	set(webhook.Active)
	last := w.change(id(2))
	w.deliver()
	got := accepted(w.posts())
	for _, want := range []string{"w-" + id(1).String(), "w-" + id(3).String()} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %v", want, got)
		}
	}
	if !slices.Contains(got, last[0]) && !slices.Contains(got, "w-"+id(2).String()) || slices.Contains(got, "w-"+id(0).String()) {
		t.Errorf("%v was sent", got)
	}
	w.wait(5*time.Minute, time.Minute)
	if again := w.posts(); len(again) > 0 {
		t.Errorf("then %v", idsOf(again))
	}
}

func TestAChangeThatIsMadeWhileADelivererEndsIsSentByIt(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 500} {
		w := testWorld(t)
		hook := w.hook(webhook.Input{})
		w.answers(always(status))
		made := w.change(id(0))
		var once sync.Once
		w.then = func() {
			once.Do(func() {
				made = append(made, w.change(id(1))...)
				test := func(id string) ([]byte, error) {
					made = append(made, id)
					return nil, nil
				}
				if _, err := w.Webhooks.RequestTest(w.ctx, w.org, hook.ID, idempotency.Write{}, test); err != nil {
					t.Error(err)
				}
				w.deliver() // by another process: it finds the lease held
			})
		}
		w.deliver()
		got := idsOf(w.posts())
		for _, want := range made {
			if !slices.Contains(got, want) {
				t.Errorf("answered %d: sent %v, want %v", status, got, made)
			}
		}
	}
}
