package externalids

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"contacts/tests/harness"
)

func upsertPath(kind, external string) string {
	return kind + "?" + url.Values{"external_id": {external}}.Encode()
}

func TestAnUpsertCreatesAContactAndThenReplacesIt(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		queries := append(slices.Clone(awkwardExternalIDs), "a=b=c", "a#b/c%d+e f", "a=b&external_id=c", "%", "%zz", "+", "é\u0301")
		for i, external := range queries {
			made := x.Do("PUT", upsertPath(kind, external), object{"name": "Erika"}).Want(201)
			id := made.Text("id")
			if got, want := made.Header.Get("Location"), x.Path(kind+"/"+id); got != want {
				t.Errorf("%q: Location %q, want %q", external, got, want)
			}
			want := object{"id": id, "external_id": external, "name": "Erika", "deleted": false}
			if got := harness.WithDefaults(made.Object()); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: created %v, want %v", external, got, want)
			}
			read := x.Get(kind + "/" + id).Want(200)
			if string(read.Body) != string(made.Body) || read.Header.Get("ETag") != made.Header.Get("ETag") {
				t.Errorf("%q: GET shows %s %s, PUT answered %s %s", external, read.Header.Get("ETag"), read.Body, made.Header.Get("ETag"), made.Body)
			}
			replaced := x.Do("PUT", upsertPath(kind, external), object{"name": "Max", "external_id": external}).Want(200)
			if got, want := replaced.Object(), harness.With(made.Object(), "name", "Max"); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: replaced %v, want %v", external, got, want)
			}
			if got := replaced.Header.Get("Location"); got != "" {
				t.Errorf("%q: Location %q of what is not new", external, got)
			}
			if got := x.Lookup("external_id", external).Texts("id"); !slices.Equal(got, []string{id}) {
				t.Errorf("%q: found %q, want %q", external, got, id)
			}
			if n := len(x.Get(kind).Page().Items); n != i+1 {
				t.Fatalf("%q: %d contacts, want %d", external, n, i+1)
			}
		}
	})
}

func TestAnUpsertReplacesTheWholeContact(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	full := object{"name": "Erika", "date_of_birth": "1990-01-02", "anniversary": "2020-01-02"}
	id := x.Do("PUT", upsertPath("/individual", "crm-1"), full).Want(201).Text("id")
	email := "/individual/" + id + "/emails/" + x.Do("POST", "/individual/"+id+"/emails", harness.EmailSample).Want(201).Text("id")
	got := x.Do("PUT", upsertPath("/individual", "crm-1"), object{"name": "Max"}).Want(200).Object()
	if want := (object{"id": id, "external_id": "crm-1", "name": "Max", "deleted": false}); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}
	x.Get(email).Want(200) // what is under it stays
	// What GET returned can be sent back.
	read := x.Get("/individual/" + id)
	if back := x.Do("PUT", upsertPath("/individual", "crm-1"), read.Body).Want(200); string(back.Body) != string(read.Body) {
		t.Errorf("PUT of %s made %s", read.Body, back.Body)
	}
}

func TestAnUpsertRequiresOneExternalIDInTheQuery(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		kept := x.CreateContact(kind, object{"external_id": "crm-1"})
		etag := x.Get(kept).Header.Get("ETag")
		for _, query := range []string{
			"", "?", "?external_id", "?external_id=", "?external_id=crm-1&external_id=crm-1", "?external_id=crm-1&external_id=",
			"?external-id=crm-1", "?External_id=crm-1", "?external_id=a%00b", "?external_id=%07", "?external_id=%FF",
			"?external_id=a%3Fb", "?external_id=?", "?external_id=" + strings.Repeat("x", 257), "?external_id=" + strings.Repeat("%F0%9F%98%80", 257),
		} {
			for _, f := range x.Do("PUT", kind+query, object{"name": "Max"}).Problem(400).Errors {
				if f.Parameter != "external_id" && !strings.HasPrefix(query[1:], f.Parameter+"=") {
					t.Errorf("%s: fault %+v", query, f)
				}
			}
		}
		x.Do("PUT", kind+"?external_id=", object{"name": "Max"}).Faults(400, "?external_id")
		x.Do("PUT", kind+"?external_id=%zz", object{"name": "Max"}).Problem(400)
		x.Do("PUT", kind+"?external_id=crm-1", object{"name": "Max", "external_id": "crm-2"}).Faults(422, "/external_id")
		x.Do("PUT", kind+"?external_id=crm-2", object{"name": "Max", "external_id": "crm-1"}).Faults(422, "/external_id")
		x.Do("PUT", kind+"?external_id=crm-1", object{"name": "Max", "external_id": "CRM-1"}).Faults(422, "/external_id")
		x.Do("PUT", kind+"?external_id=crm-1", object{"name": "Max", "external_id": ""}).Problem(400)
		x.Do("PUT", kind+"?external_id=crm-1", object{"name": " ", "nick": "M"}).Faults(400, "/name", "/nick")
		x.Do("PUT", kind+"?external_id=crm-1", `{"name":"Max"`).Problem(400)
		x.Do("PUT", kind+"?external_id=crm-1", object{"name": "Max"}, "Content-Type", "text/plain").Problem(415)
		if got := x.Get(kept).Header.Get("ETag"); got != etag || len(x.Get(kind).Page().Items) != 1 {
			t.Errorf("a refused upsert wrote: ETag %s, before %s", got, etag)
		}
		// The same text in another Unicode form is the same external id.
		id := x.Do("PUT", upsertPath(kind, "\u00e4"), object{"name": "Max", "external_id": "a\u0308"}).Want(201).Text("id")
		if got := x.Do("PUT", upsertPath(kind, "a\u0308"), object{"name": "Max"}).Want(200).Text("id"); got != id {
			t.Errorf("replaced %s, want %s", got, id)
		}
	})
}

func TestTheLengthOfAnExternalIDIsThatOfItsNormalForm(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	// 512 characters that are 256 in form C, and 256 that are 768.
	shrinks, grows := strings.Repeat("a\u0308", 256), strings.Repeat("\U0001D160", 256)
	path := x.CreateContact("/individual", object{"external_id": shrinks})
	id := harness.LastSegment(path)
	for name, request := range map[string]func(x *harness.Tenant){
		"a body": func(x *harness.Tenant) {
			x.Do("POST", "/individual", object{"name": "Erika", "external_id": grows}).Faults(400, "/external_id")
		},
		"a mapping": func(x *harness.Tenant) {
			x.Do("PATCH", "/individual-id-mapping", harness.Mapping(path, grows)).Faults(400, "/items/0/external")
		},
		"a path": func(x *harness.Tenant) { x.Get(externalPath("/individual", shrinks)).Want(200) },
		"a query that is too long": func(x *harness.Tenant) {
			x.Do("PUT", upsertPath("/individual", grows), object{"name": "Erika"}).Faults(400, "?external_id")
		},
		"a query that is not": func(x *harness.Tenant) {
			if got := x.Do("PUT", upsertPath("/individual", shrinks), object{"name": "Erika"}).Want(200).Text("id"); got != id {
				x.T.Errorf("replaced %s, want %s", got, id)
			}
		},
		"a look-up": func(x *harness.Tenant) {
			if got := x.Lookup("external_id", shrinks).Texts("id"); !slices.Equal(got, []string{id}) {
				x.T.Errorf("found %q, want %q", got, id)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { request(x.ForSubtest(t)) })
	}
	wantMapping(x, "/individual", path, strings.Repeat("ä", 256))
}

func TestAnUpsertIsOfOneKindInOneTenant(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	ids := map[string]bool{}
	for _, y := range []*harness.Tenant{x, other} {
		for _, kind := range harness.ContactKinds {
			ids[y.Do("PUT", upsertPath(kind, "crm-1"), object{"name": "Erika"}).Want(201).Text("id")] = true
		}
	}
	if len(ids) != 4 {
		t.Errorf("%d contacts, want 4", len(ids))
	}
}

func TestAnUpsertReachesTheContactThatHasTheExternalIDNow(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		upsert := func(status int) string {
			return kind + "/" + x.Do("PUT", upsertPath(kind, "crm-1"), object{"name": "Max"}).Want(status).Text("id")
		}
		first := upsert(201)
		x.Do("DELETE", first, nil).Want(204)
		second := upsert(201)
		if c := x.Get(first).Object(); second == first || c["deleted"] != true || c["name"] != "Max" || c["external_id"] != "crm-1" {
			t.Errorf("the deleted contact is %v, the new one %s", c, second)
		}
		x.Do("DELETE", harness.InternalPath(second), nil).Want(204)
		third := upsert(201)
		x.Do("PUT", kind+"-id-mapping", harness.Mapping(second, "crm-1")).Want(200)
		if got := upsert(200); got != second {
			t.Errorf("replaced %s, want %s, who has it now", got, second)
		}
		x.Do("PUT", second, object{"name": "Erika", "external_id": "crm-2"}).Want(200)
		if fourth := upsert(201); fourth == first || fourth == second || fourth == third {
			t.Errorf("replaced %s, who has it no more", fourth)
		}
	})
}

func TestIfMatchRestrictsAnUpsertToTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path, body := upsertPath(kind, "crm-1"), object{"name": "Max"}
		for _, match := range []string{`"1"`, "*", `"abc"`} {
			x.Do("PUT", path, body, "If-Match", match).Problem(412)
		}
		x.Do("PUT", path, body, "If-Match", "1").Faults(400, "?If-Match")
		if n := len(x.Get(kind).Page().Items); n != 0 {
			t.Fatalf("%d contacts, want none", n)
		}
		first := x.Do("PUT", path, body).Want(201).Header.Get("ETag")
		second := x.Do("PUT", path, body, "If-Match", first).Want(200).Header.Get("ETag")
		for _, stale := range []string{first, "W/" + second, `"99"`} {
			x.Do("PUT", path, body, "If-Match", stale).Problem(412)
		}
		x.Do("PUT", path, body, "If-Match", second).Want(200)
		x.Do("PUT", path, body, "If-Match", "*").Want(200)
	})
}

func TestARepeatedUpsertIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		path, key := upsertPath(kind, "crm/1"), func(k string) []string { return []string{"Idempotency-Key", k} }
		made := x.Do("PUT", path, object{"name": "Erika"}, key("a")...).Want(201)
		replaced := x.Do("PUT", path, object{"name": "Max"}, key("b")...).Want(200)
		harness.SameAnswer(t, made, x.Do("PUT", path, object{"name": "Erika"}, key("a")...))
		harness.SameAnswer(t, replaced, x.Do("PUT", path, object{"name": "Max"}, key("b")...))
		item := kind + "/" + made.Text("id")
		if got := x.Get(item); string(got.Body) != string(replaced.Body) || got.Header.Get("ETag") != replaced.Header.Get("ETag") {
			t.Errorf("a replay wrote: %s", got.Body)
		}
		for _, other := range []string{upsertPath(kind, "crm/2"), item} {
			x.Do("PUT", other, object{"name": "Erika"}, key("a")...).Faults(422, "?Idempotency-Key")
		}
		x.Do("DELETE", item, nil).Want(204)
		harness.SameAnswer(t, made, x.Do("PUT", path, object{"name": "Erika"}, key("a")...))
		if n := len(x.Get(kind).Page().Items); n != 1 {
			t.Errorf("%d contacts, want 1", n)
		}
	})
}

func TestAHundredConcurrentUpsertsCreateOneContact(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		answers := harness.Concurrently(t, 100, func(i int) (a *harness.Answer, err error) {
			for a == nil || err == nil && a.Status == http.StatusServiceUnavailable { // as clients do, where the machine is too busy
				a, err = x.TryDo("PUT", upsertPath(kind, "crm-1"), object{"name": fmt.Sprint(i)})
			}
			return a, err
		})
		if got := harness.CountStatuses(answers); !maps.Equal(got, map[int]int{201: 1, 200: 99}) {
			t.Fatalf("statuses %v, want one 201 and 99 times 200", got)
		}
		left := x.Get(kind).Page()
		if len(left.Items) != 1 {
			t.Fatalf("%d contacts, want 1", len(left.Items))
		}
		etags := map[string]bool{}
		for _, a := range answers {
			etags[a.Header.Get("ETag")] = true
			if a.Text("id") != left.Items[0]["id"] {
				t.Errorf("%d %s, want contact %s", a.Status, a.Body, left.Items[0]["id"])
			}
		}
		if len(etags) != 100 {
			t.Errorf("%d versions, want 100", len(etags))
		}
	})
}

func TestConcurrentUpsertsDuringADeletionLeaveOneLivingContact(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for range 5 {
		path := "/individual/" + x.Do("PUT", upsertPath("/individual", "crm-1"), object{"name": "Erika"}).Text("id")
		answers := harness.Concurrently(t, 20, func(i int) (*harness.Answer, error) {
			if i == 10 {
				return x.TryDo("DELETE", path, nil)
			}
			return x.TryDo("PUT", upsertPath("/individual", "crm-1"), object{"name": fmt.Sprint(i)})
		})
		counts := harness.CountStatuses(answers)
		if counts[204] != 1 || counts[200]+counts[201] != 19 || counts[201] > 1 {
			t.Errorf("statuses %v, want one 204, and of the others one 201 at most", counts)
		}
		if got := x.Get(path).Object()["deleted"]; got != true {
			t.Errorf("deleted is %v", got)
		}
		living := x.Get("/individual?deleted=false").Page()
		if len(living.Items) != counts[201] || len(x.Lookup("external_id", "crm-1").Items) != counts[201] {
			t.Errorf("%d living contacts, %d were made", len(living.Items), counts[201])
		}
	}
}

func TestConcurrentBatchesShareTheirExternalIDs(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		var rows []any
		for i := range 20 {
			rows = append(rows, harness.BatchRow(fmt.Sprint("crm-", i), fmt.Sprint(i)))
		}
		answers := harness.Concurrently(t, 6, func(i int) (*harness.Answer, error) {
			sent := slices.Clone(rows)
			if i%2 == 1 {
				slices.Reverse(sent)
			}
			return x.TryDo("POST", kind+"/batch", harness.BatchBody(sent...))
		})
		ids := map[string]string{}
		for _, c := range x.Get(kind).Page().Items {
			ids[c["name"].(string)] = c["id"].(string)
		}
		for _, a := range answers {
			got := map[string]string{}
			for _, c := range a.Page().Items {
				got[c["name"].(string)] = c["id"].(string)
			}
			if len(a.Page().Problems) != 0 || !maps.Equal(got, ids) {
				t.Errorf("answered %s, the contacts are %v", a.Body, ids)
			}
		}
		if n := len(x.Get(kind).Page().Items); n != 20 {
			t.Errorf("%d contacts, want 20", n)
		}
	})
}

func TestTheLastRowWithAnExternalIDIsLeft(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		var rows []any
		var names []string
		for i := range 60 {
			rows, names = append(rows, harness.BatchRow([]string{"a", "b", "\u00e4", "a\u0308"}[i%4], fmt.Sprint(i))), append(names, fmt.Sprint(i))
		}
		rows[20] = object{"external_id": "a"} // one that fails is no hindrance
		p := x.Do("POST", kind+"/batch", harness.BatchBody(rows...)).Page()
		if got := p.Texts("name"); !slices.Equal(got, slices.Delete(names, 20, 21)) || len(p.Problems) != 1 {
			t.Errorf("answered %q and %v", got, p.Problems)
		}
		if got := slices.Sorted(slices.Values(x.Get(kind).Page().Texts("name"))); !slices.Equal(got, []string{"56", "57", "59"}) {
			t.Errorf("left %q, want the last of each external id", got)
		}
	})
}
