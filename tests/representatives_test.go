package tests

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// represented gives a firm n representatives past the platform: what is measured doesn't ask for their identities.
func (x *tenant) represented(firm string, n int) {
	x.t.Helper()
	inline, own := map[string]types.AttributeValue{}, []types.WriteRequest{}
	for i := range n {
		name, text := fmt.Sprintf("%016d#%016d", 4*i+7, 4*i+4), asText("true 1732828866000 1732828867000")
		if i < 40 {
			inline[name] = text
			continue
		}
		item := keyOf("T#"+x.org+"#C#"+sixteen(tail(firm)), "rep#"+name)
		item["representative"] = text
		own = append(own, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	for batch := range slices.Chunk(own, 25) {
		if _, err := platform.store.BatchWriteItem(x.t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{platform.name: batch}}); err != nil {
			x.t.Fatal(err)
		}
	}
	if _, err := platform.store.UpdateItem(x.t.Context(), &dynamodb.UpdateItemInput{TableName: &platform.name, Key: keyOf("T#"+x.org+"#O", sixteen(tail(firm))),
		UpdateExpression: aws.String("SET representatives = :all, represented = :n ADD v :one"), ExpressionAttributeValues: map[string]types.AttributeValue{
			":all": &types.AttributeValueMemberM{Value: inline}, ":n": asNumber(int64(n)), ":one": asNumber(1)}}); err != nil {
		x.t.Fatal(err)
	}
}

func TestAnIdentityCostsNoMoreAmongTenThousandRepresentatives(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 30, 1500, 9999} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			x := newBulkTenant(t)
			firm, person := x.firm("ACME"), x.individual("Erika")
			x.represented(firm, n)
			cheap := func(a *answer) {
				t.Helper()
				if units := a.log().WriteUnits; units == 0 || units > 20 {
					t.Errorf("%s takes %v write units", a.what, units)
				}
			}
			body := object{"organization_contact": tail(firm), "is_active": true}
			made := x.do("POST", person+"/professional-identities", body).want(201)
			cheap(made)
			identity := person + "/professional-identities/" + made.text("id")
			tag := x.get(firm).want(200).header.Get("ETag")
			for _, active := range []bool{false, true} {
				cheap(x.do("PUT", identity, with(body, "is_active", active)).want(200))
				ids, entries := x.representatives(firm)
				if len(ids) != n+1 || ids[n] != tail(identity) || entries[tail(identity)]["is_active"] != active {
					t.Errorf("%d representatives, the last %v", len(ids), entries[tail(identity)])
				}
				changed := x.get(firm).header.Get("ETag")
				if changed == tag {
					t.Errorf("the firm's ETag stays %s where its representatives change", tag)
				}
				tag = changed
			}
			if n == 9999 {
				x.do("POST", person+"/professional-identities", body).faults(422, "/organization_contact")
			}
			for _, path := range []string{firm + "/full", "/organization"} {
				if a := x.get(path).want(200); len(a.body) < 180*n {
					t.Errorf("%s shows %d bytes for %d representatives", path, len(a.body), n+1)
				}
			}
			changed := x.do("PUT", firm, object{"name": "ACME AG"}, "Idempotency-Key", "k").want(200)
			if got := changed.object()["representatives"].([]any); len(got) != n+1 {
				t.Errorf("the answer to a change shows %d representatives, want %d", len(got), n+1)
			}
			cheap(x.do("DELETE", identity, nil).want(204))
			if ids, _ := x.representatives(firm); len(ids) != n {
				t.Errorf("%d representatives are left, want %d", len(ids), n)
			}
			x.do("DELETE", firm, nil).want(204)
			if ids, _ := x.representatives(firm); len(ids) != n {
				t.Errorf("a deleted firm shows %d representatives, want %d", len(ids), n)
			}
		})
	}
}

// Those that come in at once take the last places on the organization's item, and others lie apart: none is lost, and all are shown in
// the order in which they were made.
func TestManyIdentitiesAtOnceAreAllShown(t *testing.T) {
	t.Parallel()
	s := newStage(t, newTenant(t), stageOptions{})
	firm := s.firm("ACME")
	people := make([]string, 60)
	for i := range people {
		people[i] = s.individual(fmt.Sprint(i))
	}
	paths := make([]string, len(people))
	var all sync.WaitGroup
	for i, person := range people {
		all.Go(func() { paths[i] = s.identity(person, firm) })
	}
	all.Wait()
	ids, _ := s.representatives(firm)
	if len(ids) != 60 || !slices.IsSortedFunc(ids, func(a, b string) int { return numberOf(t, a) - numberOf(t, b) }) {
		t.Errorf("%d representatives %q", len(ids), ids)
	}
	s.isSound()
	for i, path := range paths {
		all.Go(func() {
			if i%2 == 0 {
				s.do("DELETE", path, nil).want(204)
			} else {
				s.do("DELETE", people[i], nil).want(204)
			}
		})
	}
	all.Wait()
	ids, entries := s.representatives(firm)
	if len(ids) != 30 {
		t.Errorf("%d representatives, want the 30 of deleted individuals", len(ids))
	}
	for id, entry := range entries {
		if entry["is_active"] != false {
			t.Errorf("%s is active: %v", id, entry)
		}
	}
	s.isSound()
}

// While two identities take turns at being active, a reader never sees both or none: as no moment was.
func TestAReaderSeesRepresentativesAsTheyWereAtOneMoment(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	firm, person := x.firm("ACME"), x.individual("Erika")
	x.represented(firm, 300)
	first, second := x.identity(person, firm), x.identity(person, firm, "is_active", false)
	body := object{"organization_contact": tail(firm)}
	var done atomic.Bool
	var writer sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	writer.Go(func() {
		defer done.Store(true)
		for i := 0; i < 30 && ctx.Err() == nil; i++ { // one more, then one less
			one, other := first, second
			if i%2 == 1 {
				one, other = second, first
			}
			for path, active := range map[string]bool{one: true, other: true} {
				if a := x.do("PUT", path, with(body, "is_active", active)); a.status != http.StatusOK {
					t.Errorf("%s = %d", a.what, a.status)
				}
			}
			if a := x.do("PUT", one, with(body, "is_active", false)); a.status != http.StatusOK {
				t.Errorf("%s = %d", a.what, a.status)
			}
		}
	})
	for !done.Load() {
		a := x.get(firm)
		if a.status == http.StatusServiceUnavailable {
			continue
		}
		active := 0
		for _, r := range a.want(200).object()["representatives"].([]any) {
			id := r.(object)["professional_identity"].(object)["professional_identity_id"]
			if (id == tail(first) || id == tail(second)) && r.(object)["is_active"] == true {
				active++
			}
		}
		if active == 0 {
			t.Error("no one is active, and at each moment one was")
		}
	}
	writer.Wait()
}
