package customers

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

// newCustomers adds individuals, organizations and placeholder customers in turn and returns their ids.
func newCustomers(x *harness.Tenant, n int) []string {
	x.T.Helper()
	ids := make([]string, n)
	for i := range ids {
		if i%3 == 2 {
			ids[i] = newPlaceholders(x, 1)[0]
			continue
		}
		path := x.RoleOwner(roleOwners[i%3])
		ids[i] = harness.LastSegment(path)
		x.Do("PUT", path+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", ids[i])).Want(200)
	}
	return ids
}

// newPlaceholders adds placeholder customers and returns their ids.
func newPlaceholders(x *harness.Tenant, n int) []string {
	x.T.Helper()
	ids := make([]string, n)
	for i, a := range harness.Concurrently(x.T, n, func(i int) (*harness.Answer, error) {
		return x.TryDo("POST", "/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", fmt.Sprintf("%p-%d", ids, i)))
	}) {
		ids[i] = a.Want(201).Text("id")
	}
	return ids
}

// addCustomers adds customers to a list, and requires all of them in the answer.
func addCustomers(x *harness.Tenant, list string, ids ...string) {
	x.T.Helper()
	if p := x.Do("POST", list+"/items", harness.ListOf(ids...)).Page(); !slices.Equal(p.Texts("id"), ids) || len(p.Problems) != 0 {
		x.T.Fatalf("added %q with problems %v, want %q", p.Texts("id"), p.Problems, ids)
	}
}

// wantItems requires a list to have these customers, in this order.
func wantItems(x *harness.Tenant, list string, ids ...string) {
	x.T.Helper()
	if p := x.Get(list + "/items?limit=5000").Page(); !slices.Equal(p.Texts("id"), ids) || len(p.Problems) != 0 {
		x.T.Fatalf("%s has %q with problems %v, want %q", list, p.Texts("id"), p.Problems, ids)
	}
}

// storedEntries counts the stored items of a list's entries.
func storedEntries(x *harness.Tenant, list string) int {
	x.T.Helper()
	out, err := harness.Platform.Store.Query(context.Background(), &dynamodb.QueryInput{TableName: &harness.Platform.Name, ConsistentRead: aws.Bool(true),
		Select: types.SelectCount, KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: "T#" + x.Org + "#L#" + fmt.Sprintf("%016s", harness.LastSegment(list))}}})
	if err != nil {
		x.T.Fatal(err)
	}
	return int(out.Count)
}

func TestCustomerListsHaveTheirFiveOperations(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	if p := x.Get("/customer-lists").Page(); len(p.Items)+len(p.Problems) != 0 {
		t.Errorf("a new tenant has %v", p)
	}
	made := x.Do("POST", "/customer-lists", object{"name": "Regulars"}).Want(201)
	id := made.Text("id")
	path := "/customer-lists/" + id
	if got, want := made.Object(), (object{"id": id, "name": "Regulars"}); !reflect.DeepEqual(got, want) || made.Header.Get("Location") != x.Path(path) {
		t.Errorf("created %v at %q, want %v", got, made.Header.Get("Location"), want)
	}
	second := x.Do("POST", "/customer-lists", object{"name": "Regulars"}).Want(201).Text("id") // names need not differ
	if got := x.Get("/customer-lists").Page().Texts("id"); !slices.Equal(got, []string{id, second}) {
		t.Errorf("lists %q", got)
	}
	read := x.Get(path).Want(200)
	etag := read.Header.Get("ETag")
	if back := x.Do("PUT", path, read.Body, "If-Match", etag).Want(200); string(back.Body) != string(read.Body) || string(read.Body) != string(made.Body) {
		t.Errorf("POST %s, GET %s, PUT %s", made.Body, read.Body, back.Body)
	}
	x.Do("PUT", path, object{"name": "x"}, "If-Match", etag).Problem(412)
	x.Do("DELETE", path, nil, "If-Match", etag).Problem(412)
	if got := x.Do("PUT", path, object{"name": "VIP"}).Want(200).Text("name"); got != "VIP" {
		t.Errorf("name %q", got)
	}
	for body, fault := range map[string]string{`{}`: "/name", `{"name":" "}`: "/name", `{"name":5}`: "/name",
		`{"name":"` + strings.Repeat("a", 1025) + `"}`: "/name", `{"name":"a","items":[]}`: "/items"} {
		x.Do("POST", "/customer-lists", body).Faults(400, fault)
		x.Do("PUT", path, body).Faults(400, fault)
	}
	for _, missing := range []string{"/customer-lists/8127", "/customer-lists/abc", "/customer-lists/" + harness.LastSegment(x.RoleOwner("individual"))} {
		x.Get(missing).Problem(404)
		x.Do("PUT", missing, object{"name": "a"}).Problem(404)
		x.Do("DELETE", missing, nil).Problem(404)
	}
	other.Get(path).Problem(404)
	other.Get(path + "/items").Problem(404)
	other.Do("DELETE", path, nil).Problem(404)
	x.Do("DELETE", path, nil).Want(204)
	x.Do("DELETE", path, nil).Problem(404)
	x.Get(path).Problem(404)
	if got := x.Get("/customer-lists").Page().Texts("id"); !slices.Equal(got, []string{second}) {
		t.Errorf("lists %q", got)
	}
}

func TestACustomerIsOnAListOnce(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list, other := x.NewList(), x.NewList()
	ids := newCustomers(x, 4)
	wantItems(x, list)
	addCustomers(x, list, ids[2], ids[0])
	addCustomers(x, list, ids[0], ids[1]) // those that are there already stay where they are
	addCustomers(x, other, ids[1])
	if p := x.Do("POST", list+"/items", harness.ListOf(ids[3], ids[0], ids[3])).Page(); !slices.Equal(p.Texts("id"), []string{ids[3], ids[0]}) || len(p.Problems) != 0 {
		t.Errorf("one that is named twice: %v", p)
	}
	wantItems(x, list, ids[2], ids[0], ids[1], ids[3])
	wantItems(x, other, ids[1])
	// What GET returned can be sent back.
	x.Do("POST", list+"/items", x.Get(list+"/items").Body).Want(200)
	wantItems(x, list, ids[2], ids[0], ids[1], ids[3])

	x.Do("DELETE", list+"/items/"+ids[0], nil).Want(204)
	x.Do("DELETE", list+"/items/"+ids[0], nil).Problem(404)
	wantItems(x, list, ids[2], ids[1], ids[3])
	addCustomers(x, list, ids[0])
	wantItems(x, list, ids[2], ids[1], ids[3], ids[0])
	wantItems(x, other, ids[1])
	for _, missing := range []string{"8127", "abc", "0"} {
		x.Do("DELETE", list+"/items/"+missing, nil).Problem(404)
	}
	x.Do("DELETE", "/customer-lists/8127/items/"+ids[1], nil).Problem(404)
	x.Get("/customer-lists/8127/items").Problem(404)
	x.Do("POST", "/customer-lists/8127/items", harness.ListOf(ids[1])).Problem(404)
	x.Do("POST", "/customer-lists/8127/items", harness.ListOf()).Problem(404)
	x.Do("PUT", list+"/items", harness.ListOf()).Problem(405)
}

func TestCustomersThatCannotBeAddedAreProblems(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	list := x.NewList()
	ids := newCustomers(x, 3)
	gone := newCustomers(x, 3)
	for i, path := range []string{"/individual/", "/organization/", "/placeholder-customers/"} {
		x.Do("DELETE", path+gone[i], nil).Want(204)
	}
	plain := x.RoleOwner("individual")
	supplier := x.RoleOwner("organization")
	x.Do("PUT", supplier+"/roles/supplier", harness.SupplierMinimal).Want(200)
	email := x.Do("POST", plain+"/emails", harness.EmailSample).Want(201).Text("id")
	foreign := newCustomers(other, 1)[0]

	type row struct {
		item   any
		status float64 // 0 for one that is added
		fault  string  // where, in the item
	}
	rows := []row{
		{object{"id": ids[0]}, 0, ""}, {object{"id": "abc"}, 400, "/id"}, {object{"id": 8123}, 400, "/id"}, {object{"id": "0"}, 400, "/id"},
		{object{}, 400, "/id"}, {5, 400, ""}, {nil, 400, ""}, {[]any{}, 400, ""}, {object{"id": "9999999999999999"}, 400, "/id"},
		{object{"id": ids[1], "name": "A"}, 400, "/name"}, {object{"id": ids[1]}, 0, ""},
	}
	for _, id := range []string{"8124", "8125", "8126", "8127", harness.LastSegment(plain), harness.LastSegment(supplier), email, foreign, gone[0], gone[1], gone[2], harness.LastSegment(list)} {
		rows = append(rows, row{object{"id": id}, 422, "/id"})
	}
	rows = append(rows, row{object{"id": ids[2]}, 0, ""})
	body := []any{}
	for _, r := range rows {
		body = append(body, r.item)
	}
	p := x.Do("POST", list+"/items", object{"items": body}).Page()
	if !slices.Equal(p.Texts("id"), ids) {
		t.Errorf("added %q, want %q", p.Texts("id"), ids)
	}
	wantItems(x, list, ids...)
	problems := map[int]object{}
	for _, problem := range p.Problems {
		index, ok := problem["index"].(float64)
		if !ok || problem["title"] == "" || problem["detail"] == "" {
			t.Fatalf("problem %v", problem)
		}
		problems[int(index)] = problem
	}
	for i, r := range rows {
		problem := problems[i]
		if r.status == 0 {
			if problem != nil {
				t.Errorf("item %d, %v: %v", i, r.item, problem)
			}
			continue
		}
		faults, _ := problem["errors"].([]any)
		if problem["status"] != r.status || len(faults) != 1 {
			t.Errorf("item %d, %v: %v, want status %v", i, r.item, problem, r.status)
			continue
		}
		if at, want := faults[0].(object)["pointer"], fmt.Sprintf("/items/%d%s", i, r.fault); at != want {
			t.Errorf("item %d, %v: the fault is at %q, want %q", i, r.item, at, want)
		}
	}
	for body, fault := range map[string]string{`{}`: "/items", `{"items":5}`: "/items", `{"items":[],"x":1}`: "/x", `[]`: "", `{"items":null}`: "/items"} {
		x.Do("POST", list+"/items", body).Faults(400, fault)
	}
	x.Do("POST", list+"/items", harness.ListOf(slices.Repeat([]string{ids[0]}, 5001)...)).Faults(400, "/items")
	if p := x.Do("POST", list+"/items", `{"items":[],"problems":[{"title":"ignored"}],"next":"ignored"}`).Page(); len(p.Items)+len(p.Problems) != 0 {
		t.Errorf("nothing is added as %v", p)
	}
	wantItems(x, list, ids...)
}

func TestCustomersAreNotAddedIfTheirProblemsAreTooLargeForAnAnswer(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.NewList()
	id := newPlaceholders(x, 1)[0]
	body := func(n int) string {
		return `{"items":[{"id":"` + id + `"}` + strings.Repeat(","+harness.RowWithLongProblem(), n) + `]}`
	}
	x.Do("POST", list+"/items", body(499)).Problem(413)
	wantItems(x, list)
	if p := x.Do("POST", list+"/items", body(100)).Page(); len(p.Items) != 1 || len(p.Problems) != 100 {
		t.Errorf("%d added and %d problems", len(p.Items), len(p.Problems))
	}
	wantItems(x, list, id)
}

func TestThreeHundredCustomersAreAddedAndDeletedWithTheirList(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.NewList()
	ids := newPlaceholders(x, 300)
	if p := x.Do("POST", list+"/items", harness.ListOf(ids...)).Page(); !slices.Equal(p.Texts("id"), ids) || len(p.Problems) != 0 {
		t.Fatalf("%d added, %d problems", len(p.Items), len(p.Problems))
	}
	wantItems(x, list, ids...)
	first := x.Get(list + "/items")
	if rest := x.Get(x.Next(first)).Page(); !slices.Equal(append(first.Page().Texts("id"), rest.Texts("id")...), ids) || len(rest.Items) != 100 {
		t.Errorf("pages of %d and %d", len(first.Page().Items), len(rest.Items))
	}
	if n := storedEntries(x, list); n == 0 {
		t.Error("the entries are stored elsewhere: what is left of them can't be seen")
	}
	x.Do("DELETE", list, nil).Want(204)
	for _, path := range []string{list, list + "/items"} {
		x.Get(path).Problem(404)
	}
	x.Do("POST", list+"/items", harness.ListOf(ids[0])).Problem(404)
	x.Do("DELETE", list+"/items/"+ids[0], nil).Problem(404)
	if n := storedEntries(x, list); n != 0 {
		t.Errorf("%d entries of a deleted list are left", n)
	}
	x.Get("/placeholder-customers/" + ids[0]).Want(200) // its customers are still there
}

func TestAKeyRepeatsTheAnswerToAnAdditionAndChangesNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.NewList()
	ids := newCustomers(x, 3)
	body := harness.ListOf(ids[0], "8124", ids[1])
	first := x.Do("POST", list+"/items", body, "Idempotency-Key", "k").Want(200)
	x.Do("DELETE", list+"/items/"+ids[0], nil).Want(204)
	addCustomers(x, list, ids[2])
	again := x.Do("POST", list+"/items", body, "Idempotency-Key", "k").Want(200)
	if again.Header.Get("Idempotent-Replayed") != "true" || string(again.Body) != string(first.Body) {
		t.Errorf("a repeat is answered %s, the first was %s", again.Body, first.Body)
	}
	wantItems(x, list, ids[1], ids[2])
	x.Do("POST", list+"/items", harness.ListOf(ids[0]), "Idempotency-Key", "k").Problem(422)
}

func TestItemsOfAListArePaged(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.NewList()
	ids := newCustomers(x, 7)
	addCustomers(x, list, ids...)
	for _, c := range []struct {
		query    string
		from, to int
	}{
		{"?limit=3", 0, 3}, {"?limit=3&offset=3", 3, 6}, {"?limit=3&offset=6", 6, 7}, {"?limit=1&offset=5", 5, 6}, {"?limit=7", 0, 7},
		{"?offset=7", 7, 7}, {"?offset=1000000", 7, 7},
	} {
		a := x.Get(list + "/items" + c.query)
		if got := a.Page().Texts("id"); !slices.Equal(got, ids[c.from:c.to]) {
			t.Errorf("%s: %q, want %q", c.query, got, ids[c.from:c.to])
		}
		if more := c.to < 7; more != (x.Next(a) != "") {
			t.Errorf("%s: Link %q", c.query, a.Header.Get("Link"))
		}
	}
	for query, parameter := range map[string]string{"?limit=0": "?limit", "?limit=5001": "?limit", "?offset=-1": "?offset", "?cursor=x": "?cursor"} {
		x.Get(list+"/items"+query).Faults(400, parameter)
	}
	// A cursor belongs to one list.
	other := x.NewList()
	addCustomers(x, other, ids...)
	next := x.Next(x.Get(list + "/items?limit=1"))
	x.Get(strings.Replace(next, list, other, 1)).Faults(400, "?cursor")
}

func TestACursorOfAListIsStableWhileItemsAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := newCustomers(x, 20)
	news := newCustomers(x, 8)
	for _, offset := range []int{0, 1, 4, 9} {
		list := x.NewList()
		addCustomers(x, list, ids...)
		gone := map[string]bool{}
		remove := func(i int) {
			if i < len(ids) && !gone[ids[i]] {
				x.Do("DELETE", list+"/items/"+ids[i], nil).Want(204)
				gone[ids[i]] = true
			}
		}
		var seen []string
		shown := map[string]bool{}
		next := fmt.Sprintf("%s/items?limit=3&offset=%d", list, offset)
		for page := 0; next != ""; page++ {
			if page > 20 {
				t.Fatal("the pages don't end")
			}
			a := x.Get(next)
			for _, id := range a.Page().Texts("id") {
				seen, shown[id] = append(seen, id), true
			}
			if next = x.Next(a); page < 3 {
				remove(offset + 3*page + 2) // the one that the cursor stands on
				remove(page)                // one that was shown, or passed over
				remove(offset + 3*page + 4) // one that is to come
				addCustomers(x, list, news[page])
			}
		}
		var want []string
		for _, id := range ids[offset:] {
			if !gone[id] || shown[id] {
				want = append(want, id)
			}
		}
		if want = append(want, news[:3]...); !slices.Equal(seen, want) {
			t.Errorf("from %d on: %q, want %q", offset, seen, want)
		}
	}
}

func TestConcurrentlyAddedCustomersAreOnTheListOnce(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	list := x.NewList()
	ids := newCustomers(x, 4)
	for i, a := range harness.Concurrently(t, 24, func(i int) (*harness.Answer, error) {
		return x.TryDo("POST", list+"/items", harness.ListOf(ids[i%4], ids[(i+1)%4]))
	}) {
		if p := a.Page(); len(p.Items) != 2 || len(p.Problems) != 0 {
			t.Errorf("request %d is answered %s", i, a.Body)
		}
	}
	got := x.Get(list + "/items").Page().Texts("id")
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(ids))) {
		t.Errorf("the list has %q, want each of %q once", got, ids)
	}
	removals := harness.Concurrently(t, 8, func(int) (*harness.Answer, error) { return x.TryDo("DELETE", list+"/items/"+ids[0], nil) })
	if got := harness.CountStatuses(removals); !maps.Equal(got, map[int]int{204: 1, 404: 7}) {
		t.Errorf("removals are answered %v", got)
	}
	for _, a := range harness.Concurrently(t, 16, func(i int) (*harness.Answer, error) {
		if i%2 == 0 {
			return x.TryDo("DELETE", list+"/items/"+ids[1], nil)
		}
		return x.TryDo("POST", list+"/items", harness.ListOf(ids[1]))
	}) {
		if a.Status != 200 && a.Status != 204 {
			a.Problem(404)
		}
	}
	addCustomers(x, list, ids[1]) // whatever came last, it is on the list once, and can be taken off once
	if n := strings.Count(strings.Join(x.Get(list+"/items").Page().Texts("id"), " "), ids[1]); n != 1 {
		t.Errorf("it is on the list %d times", n)
	}
	x.Do("DELETE", list+"/items/"+ids[1], nil).Want(204)
	x.Do("DELETE", list+"/items/"+ids[1], nil).Problem(404)
}

func TestNothingIsLeftOfAListThatIsDeletedDuringAdditions(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := newPlaceholders(x, 60)
	for range 3 {
		list := x.NewList()
		addCustomers(x, list, ids[:30]...)
		for i, a := range harness.Concurrently(t, 8, func(i int) (*harness.Answer, error) {
			if i == 0 {
				return x.TryDo("DELETE", list, nil)
			}
			return x.TryDo("POST", list+"/items", harness.ListOf(ids[i*7:i*7+4]...))
		}) {
			if i == 0 {
				a.Want(204)
			} else if a.Status != 200 && a.Status != 404 {
				t.Errorf("an addition is answered %d %s", a.Status, a.Body)
			}
		}
		x.Get(list).Problem(404)
		if n := storedEntries(x, list); n != 0 {
			t.Errorf("%d entries are left", n)
		}
	}
}
