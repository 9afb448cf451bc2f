package tests

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func upsertPath(kind, external string) string {
	return kind + "?" + url.Values{"external_id": {external}}.Encode()
}

func TestAnUpsertMakesAContactAndThenReplacesIt(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		queries := append(slices.Clone(awkward), "a=b=c", "a#b/c%d+e f", "a=b&external_id=c", "%", "%zz", "+", "é\u0301")
		for i, external := range queries {
			made := x.do("PUT", upsertPath(kind, external), object{"name": "Erika"}).want(201)
			id := made.text("id")
			if got, want := made.header.Get("Location"), x.path(kind+"/"+id); got != want {
				t.Errorf("%q: Location %q, want %q", external, got, want)
			}
			want := object{"id": id, "external_id": external, "name": "Erika", "deleted": false}
			if got := shown(made.object()); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: created %v, want %v", external, got, want)
			}
			read := x.get(kind + "/" + id).want(200)
			if string(read.body) != string(made.body) || read.header.Get("ETag") != made.header.Get("ETag") {
				t.Errorf("%q: GET shows %s %s, PUT answered %s %s", external, read.header.Get("ETag"), read.body, made.header.Get("ETag"), made.body)
			}
			replaced := x.do("PUT", upsertPath(kind, external), object{"name": "Max", "external_id": external}).want(200)
			if got, want := replaced.object(), with(made.object(), "name", "Max"); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: replaced %v, want %v", external, got, want)
			}
			if got := replaced.header.Get("Location"); got != "" {
				t.Errorf("%q: Location %q of what is not new", external, got)
			}
			if got := x.found("external_id", external).texts("id"); !slices.Equal(got, []string{id}) {
				t.Errorf("%q: found %q, want %q", external, got, id)
			}
			if n := len(x.get(kind).page().Items); n != i+1 {
				t.Fatalf("%q: %d contacts, want %d", external, n, i+1)
			}
		}
	})
}

// shown is a contact without the empty list of representatives that an organization has.
func shown(contact object) object {
	if list, ok := contact["representatives"].([]any); ok && len(list) == 0 {
		return with(contact, "representatives", nil)
	}
	return contact
}

func TestAnUpsertReplacesTheWholeContact(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	full := object{"name": "Erika", "date_of_birth": "1990-01-02", "anniversary": "2020-01-02"}
	id := x.do("PUT", upsertPath("/individual", "crm-1"), full).want(201).text("id")
	email := "/individual/" + id + "/emails/" + x.do("POST", "/individual/"+id+"/emails", emailSample).want(201).text("id")
	got := x.do("PUT", upsertPath("/individual", "crm-1"), object{"name": "Max"}).want(200).object()
	if want := (object{"id": id, "external_id": "crm-1", "name": "Max", "deleted": false}); !reflect.DeepEqual(got, want) {
		t.Errorf("replaced %v, want %v", got, want)
	}
	x.get(email).want(200) // what is under it stays
	// What GET returned can be sent back.
	read := x.get("/individual/" + id)
	if back := x.do("PUT", upsertPath("/individual", "crm-1"), read.body).want(200); string(back.body) != string(read.body) {
		t.Errorf("PUT of %s made %s", read.body, back.body)
	}
}

func TestAnUpsertAsksForOneExternalIDInTheQuery(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		kept := x.contactOf(kind, object{"external_id": "crm-1"})
		etag := x.get(kept).header.Get("ETag")
		for _, query := range []string{
			"", "?", "?external_id", "?external_id=", "?external_id=crm-1&external_id=crm-1", "?external_id=crm-1&external_id=",
			"?external-id=crm-1", "?External_id=crm-1", "?external_id=a%00b", "?external_id=%07", "?external_id=%FF",
			"?external_id=a%3Fb", "?external_id=?", "?external_id=" + strings.Repeat("x", 257), "?external_id=" + strings.Repeat("%F0%9F%98%80", 257),
		} {
			for _, f := range x.do("PUT", kind+query, object{"name": "Max"}).problem(400).Errors {
				if f.Parameter != "external_id" && !strings.HasPrefix(query[1:], f.Parameter+"=") {
					t.Errorf("%s: fault %+v", query, f)
				}
			}
		}
		x.do("PUT", kind+"?external_id=", object{"name": "Max"}).faults(400, "?external_id")
		x.do("PUT", kind+"?external_id=%zz", object{"name": "Max"}).problem(400)
		x.do("PUT", kind+"?external_id=crm-1", object{"name": "Max", "external_id": "crm-2"}).faults(422, "/external_id")
		x.do("PUT", kind+"?external_id=crm-2", object{"name": "Max", "external_id": "crm-1"}).faults(422, "/external_id")
		x.do("PUT", kind+"?external_id=crm-1", object{"name": "Max", "external_id": "CRM-1"}).faults(422, "/external_id")
		x.do("PUT", kind+"?external_id=crm-1", object{"name": "Max", "external_id": ""}).problem(400)
		x.do("PUT", kind+"?external_id=crm-1", object{"name": " ", "nick": "M"}).faults(400, "/name", "/nick")
		x.do("PUT", kind+"?external_id=crm-1", `{"name":"Max"`).problem(400)
		x.do("PUT", kind+"?external_id=crm-1", object{"name": "Max"}, "Content-Type", "text/plain").problem(415)
		if got := x.get(kept).header.Get("ETag"); got != etag || len(x.get(kind).page().Items) != 1 {
			t.Errorf("a refused upsert wrote: ETag %s, before %s", got, etag)
		}
		// The same text in another Unicode form is the same external id.
		id := x.do("PUT", upsertPath(kind, "\u00e4"), object{"name": "Max", "external_id": "a\u0308"}).want(201).text("id")
		if got := x.do("PUT", upsertPath(kind, "a\u0308"), object{"name": "Max"}).want(200).text("id"); got != id {
			t.Errorf("replaced %s, want %s", got, id)
		}
	})
}

func TestAnExternalIDIsMeasuredInFormCWhereverItStands(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	// 512 characters that are 256 in form C, and 256 that are 768.
	shrinks, grows := strings.Repeat("a\u0308", 256), strings.Repeat("\U0001D160", 256)
	path := x.contactOf("/individual", object{"external_id": shrinks})
	id := tail(path)
	for name, request := range map[string]func(x *tenant){
		"a body": func(x *tenant) {
			x.do("POST", "/individual", object{"name": "Erika", "external_id": grows}).faults(400, "/external_id")
		},
		"a mapping": func(x *tenant) {
			x.do("PATCH", "/individual-id-mapping", mapping(path, grows)).faults(400, "/items/0/external")
		},
		"a path": func(x *tenant) { x.get(externalPath("/individual", shrinks)).want(200) },
		"a query that is too long": func(x *tenant) {
			x.do("PUT", upsertPath("/individual", grows), object{"name": "Erika"}).faults(400, "?external_id")
		},
		"a query that is not": func(x *tenant) {
			if got := x.do("PUT", upsertPath("/individual", shrinks), object{"name": "Erika"}).want(200).text("id"); got != id {
				x.t.Errorf("replaced %s, want %s", got, id)
			}
		},
		"a look-up": func(x *tenant) {
			if got := x.found("external_id", shrinks).texts("id"); !slices.Equal(got, []string{id}) {
				x.t.Errorf("found %q, want %q", got, id)
			}
		},
	} {
		t.Run(name, func(t *testing.T) { request(x.in(t)) })
	}
	x.holdMapping("/individual", path, strings.Repeat("ä", 256))
}

func TestAnUpsertIsOfOneKindInOneTenant(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	ids := map[string]bool{}
	for _, y := range []*tenant{x, other} {
		for _, kind := range contactKinds {
			ids[y.do("PUT", upsertPath(kind, "crm-1"), object{"name": "Erika"}).want(201).text("id")] = true
		}
	}
	if len(ids) != 4 {
		t.Errorf("%d contacts, want 4", len(ids))
	}
}

func TestAnUpsertReachesTheContactThatHasTheExternalIDNow(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		upsert := func(status int) string {
			return kind + "/" + x.do("PUT", upsertPath(kind, "crm-1"), object{"name": "Max"}).want(status).text("id")
		}
		first := upsert(201)
		x.do("DELETE", first, nil).want(204)
		second := upsert(201)
		if c := x.get(first).object(); second == first || c["deleted"] != true || c["name"] != "Max" || c["external_id"] != "crm-1" {
			t.Errorf("the deleted contact is %v, the new one %s", c, second)
		}
		x.do("DELETE", internalPath(second), nil).want(204)
		third := upsert(201)
		x.do("PUT", kind+"-id-mapping", mapping(second, "crm-1")).want(200)
		if got := upsert(200); got != second {
			t.Errorf("replaced %s, want %s, who has it now", got, second)
		}
		x.do("PUT", second, object{"name": "Erika", "external_id": "crm-2"}).want(200)
		if fourth := upsert(201); fourth == first || fourth == second || fourth == third {
			t.Errorf("replaced %s, who has it no more", fourth)
		}
	})
}

func TestIfMatchHoldsAnUpsertToWhatWasRead(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		path, body := upsertPath(kind, "crm-1"), object{"name": "Max"}
		for _, match := range []string{`"1"`, "*", `"abc"`} {
			x.do("PUT", path, body, "If-Match", match).problem(412)
		}
		x.do("PUT", path, body, "If-Match", "1").faults(400, "?If-Match")
		if n := len(x.get(kind).page().Items); n != 0 {
			t.Fatalf("%d contacts, want none", n)
		}
		first := x.do("PUT", path, body).want(201).header.Get("ETag")
		second := x.do("PUT", path, body, "If-Match", first).want(200).header.Get("ETag")
		for _, stale := range []string{first, "W/" + second, `"99"`} {
			x.do("PUT", path, body, "If-Match", stale).problem(412)
		}
		x.do("PUT", path, body, "If-Match", second).want(200)
		x.do("PUT", path, body, "If-Match", "*").want(200)
	})
}

func TestARepeatedUpsertIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		path, key := upsertPath(kind, "crm/1"), func(k string) []string { return []string{"Idempotency-Key", k} }
		made := x.do("PUT", path, object{"name": "Erika"}, key("a")...).want(201)
		replaced := x.do("PUT", path, object{"name": "Max"}, key("b")...).want(200)
		same(t, made, x.do("PUT", path, object{"name": "Erika"}, key("a")...))
		same(t, replaced, x.do("PUT", path, object{"name": "Max"}, key("b")...))
		item := kind + "/" + made.text("id")
		if got := x.get(item); string(got.body) != string(replaced.body) || got.header.Get("ETag") != replaced.header.Get("ETag") {
			t.Errorf("a replay wrote: %s", got.body)
		}
		for _, other := range []string{upsertPath(kind, "crm/2"), item} {
			x.do("PUT", other, object{"name": "Erika"}, key("a")...).faults(422, "?Idempotency-Key")
		}
		x.do("DELETE", item, nil).want(204)
		same(t, made, x.do("PUT", path, object{"name": "Erika"}, key("a")...))
		if n := len(x.get(kind).page().Items); n != 1 {
			t.Errorf("%d contacts, want 1", n)
		}
	})
}

func TestAHundredUpsertsAtOnceLeaveOneContact(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		answers := together(t, 100, func(i int) (*answer, error) {
			return x.tryAs("PUT", upsertPath(kind, "crm-1"), object{"name": fmt.Sprint(i)})
		})
		if got := statuses(answers); !maps.Equal(got, map[int]int{201: 1, 200: 99}) {
			t.Fatalf("statuses %v, want one 201 and 99 times 200", got)
		}
		left := x.get(kind).page()
		if len(left.Items) != 1 {
			t.Fatalf("%d contacts, want 1", len(left.Items))
		}
		etags := map[string]bool{}
		for _, a := range answers {
			etags[a.header.Get("ETag")] = true
			if a.text("id") != left.Items[0]["id"] {
				t.Errorf("%d %s, want contact %s", a.status, a.body, left.Items[0]["id"])
			}
		}
		if len(etags) != 100 {
			t.Errorf("%d versions, want 100", len(etags))
		}
	})
}

func TestUpsertsAtOnceWithTheDeletionOfTheHolderLeaveOneThatLives(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for range 5 {
		path := "/individual/" + x.do("PUT", upsertPath("/individual", "crm-1"), object{"name": "Erika"}).text("id")
		answers := together(t, 20, func(i int) (*answer, error) {
			if i == 10 {
				return x.tryAs("DELETE", path, nil)
			}
			return x.tryAs("PUT", upsertPath("/individual", "crm-1"), object{"name": fmt.Sprint(i)})
		})
		counts := statuses(answers)
		if counts[204] != 1 || counts[200]+counts[201] != 19 || counts[201] > 1 {
			t.Errorf("statuses %v, want one 204, and of the others one 201 at most", counts)
		}
		if got := x.get(path).object()["deleted"]; got != true {
			t.Errorf("deleted is %v", got)
		}
		living := x.get("/individual?deleted=false").page()
		if len(living.Items) != counts[201] || len(x.found("external_id", "crm-1").Items) != counts[201] {
			t.Errorf("%d living contacts, %d were made", len(living.Items), counts[201])
		}
	}
}

func TestBatchesAtOnceShareTheirExternalIDs(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		var rows []any
		for i := range 20 {
			rows = append(rows, upserted(fmt.Sprint("crm-", i), fmt.Sprint(i)))
		}
		answers := together(t, 6, func(i int) (*answer, error) {
			sent := slices.Clone(rows)
			if i%2 == 1 {
				slices.Reverse(sent)
			}
			return x.tryAs("POST", kind+"/batch", rowsOf(sent...))
		})
		ids := map[string]string{}
		for _, c := range x.get(kind).page().Items {
			ids[c["name"].(string)] = c["id"].(string)
		}
		for _, a := range answers {
			got := map[string]string{}
			for _, c := range a.page().Items {
				got[c["name"].(string)] = c["id"].(string)
			}
			if len(a.page().Problems) != 0 || !maps.Equal(got, ids) {
				t.Errorf("answered %s, the contacts are %v", a.body, ids)
			}
		}
		if n := len(x.get(kind).page().Items); n != 20 {
			t.Errorf("%d contacts, want 20", n)
		}
	})
}

func TestOfRowsWithOneExternalIDTheLastIsLeft(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, x *tenant, kind string) {
		var rows []any
		var names []string
		for i := range 60 {
			rows, names = append(rows, upserted([]string{"a", "b", "\u00e4", "a\u0308"}[i%4], fmt.Sprint(i))), append(names, fmt.Sprint(i))
		}
		rows[20] = object{"external_id": "a"} // one that fails is no hindrance
		p := x.do("POST", kind+"/batch", rowsOf(rows...)).page()
		if got := p.texts("name"); !slices.Equal(got, slices.Delete(names, 20, 21)) || len(p.Problems) != 1 {
			t.Errorf("answered %q and %v", got, p.Problems)
		}
		if got := slices.Sorted(slices.Values(x.get(kind).page().texts("name"))); !slices.Equal(got, []string{"56", "57", "59"}) {
			t.Errorf("left %q, want the last of each external id", got)
		}
	})
}
