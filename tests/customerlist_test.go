package tests

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
)

// newList adds a customer list and returns its path.
func (x *tenant) newList() string {
	x.t.Helper()
	return "/customer-lists/" + x.do("POST", "/customer-lists", object{"name": "List"}).want(201).text("id")
}

// newCustomers adds customers and returns their ids: individuals, organizations and placeholder customers by turns.
func (x *tenant) newCustomers(n int) []string {
	x.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		if i%3 == 2 {
			ids[i] = x.newPlaceholders(1)[0]
			continue
		}
		path := x.roleOwner(roleOwners[i%3])
		ids[i] = lastSegment(path)
		x.do("PUT", path+"/roles/customer", with(customerMinimal, "customer_id", ids[i])).want(200)
	}
	return ids
}

// newPlaceholders adds placeholder customers and returns their ids.
func (x *tenant) newPlaceholders(n int) []string {
	x.t.Helper()
	ids := make([]string, n)
	for i, a := range together(x.t, n, func(i int) (*answer, error) {
		return x.tryAs("POST", "/placeholder-customers", with(placeholderMinimal, "customer_id", fmt.Sprintf("%p-%d", ids, i)))
	}) {
		ids[i] = a.want(201).text("id")
	}
	return ids
}

// listOf is a body that names customers.
func listOf(ids ...string) object {
	items := make([]any, len(ids))
	for i, id := range ids {
		items[i] = object{"id": id}
	}
	return object{"items": items}
}

// add adds customers to a list, and holds all of them to be in the answer.
func (x *tenant) add(list string, ids ...string) {
	x.t.Helper()
	if p := x.do("POST", list+"/items", listOf(ids...)).page(); !slices.Equal(p.texts("id"), ids) || len(p.Problems) != 0 {
		x.t.Fatalf("added %q with problems %v, want %q", p.texts("id"), p.Problems, ids)
	}
}

// holds holds a list to have these customers, in their order.
func (x *tenant) holds(list string, ids ...string) {
	x.t.Helper()
	if p := x.get(list + "/items?limit=5000").page(); !slices.Equal(p.texts("id"), ids) || len(p.Problems) != 0 {
		x.t.Fatalf("%s has %q with problems %v, want %q", list, p.texts("id"), p.Problems, ids)
	}
}

// leftovers counts what is stored of a list's entries.
func (x *tenant) leftovers(list string) int {
	x.t.Helper()
	out, err := platform.store.Query(context.Background(), &dynamodb.QueryInput{TableName: &platform.name, ConsistentRead: aws.Bool(true),
		Select: types.SelectCount, KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: "T#" + x.org + "#L#" + fmt.Sprintf("%016s", lastSegment(list))}}})
	if err != nil {
		x.t.Fatal(err)
	}
	return int(out.Count)
}

func TestCustomerListsHaveTheirFiveOperations(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	if p := x.get("/customer-lists").page(); len(p.Items)+len(p.Problems) != 0 {
		t.Errorf("a new tenant has %v", p)
	}
	made := x.do("POST", "/customer-lists", object{"name": "Regulars"}).want(201)
	id := made.text("id")
	path := "/customer-lists/" + id
	if got, want := made.object(), (object{"id": id, "name": "Regulars"}); !reflect.DeepEqual(got, want) || made.header.Get("Location") != x.path(path) {
		t.Errorf("created %v at %q, want %v", got, made.header.Get("Location"), want)
	}
	second := x.do("POST", "/customer-lists", object{"name": "Regulars"}).want(201).text("id") // names need not differ
	if got := x.get("/customer-lists").page().texts("id"); !slices.Equal(got, []string{id, second}) {
		t.Errorf("lists %q", got)
	}
	read := x.get(path).want(200)
	etag := read.header.Get("ETag")
	if back := x.do("PUT", path, read.body, "If-Match", etag).want(200); string(back.body) != string(read.body) || string(read.body) != string(made.body) {
		t.Errorf("POST %s, GET %s, PUT %s", made.body, read.body, back.body)
	}
	x.do("PUT", path, object{"name": "x"}, "If-Match", etag).problem(412)
	x.do("DELETE", path, nil, "If-Match", etag).problem(412)
	if got := x.do("PUT", path, object{"name": "VIP"}).want(200).text("name"); got != "VIP" {
		t.Errorf("name %q", got)
	}
	for body, fault := range map[string]string{`{}`: "/name", `{"name":" "}`: "/name", `{"name":5}`: "/name",
		`{"name":"` + strings.Repeat("a", 1025) + `"}`: "/name", `{"name":"a","items":[]}`: "/items"} {
		x.do("POST", "/customer-lists", body).faults(400, fault)
		x.do("PUT", path, body).faults(400, fault)
	}
	for _, missing := range []string{"/customer-lists/8127", "/customer-lists/abc", "/customer-lists/" + lastSegment(x.roleOwner("individual"))} {
		x.get(missing).problem(404)
		x.do("PUT", missing, object{"name": "a"}).problem(404)
		x.do("DELETE", missing, nil).problem(404)
	}
	other.get(path).problem(404)
	other.get(path + "/items").problem(404)
	other.do("DELETE", path, nil).problem(404)
	x.do("DELETE", path, nil).want(204)
	x.do("DELETE", path, nil).problem(404)
	x.get(path).problem(404)
	if got := x.get("/customer-lists").page().texts("id"); !slices.Equal(got, []string{second}) {
		t.Errorf("lists %q", got)
	}
}

func TestACustomerIsOnAListOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list, other := x.newList(), x.newList()
	ids := x.newCustomers(4)
	x.holds(list)
	x.add(list, ids[2], ids[0])
	x.add(list, ids[0], ids[1]) // those that are there already stay where they are
	x.add(other, ids[1])
	if p := x.do("POST", list+"/items", listOf(ids[3], ids[0], ids[3])).page(); !slices.Equal(p.texts("id"), []string{ids[3], ids[0]}) || len(p.Problems) != 0 {
		t.Errorf("one that is named twice: %v", p)
	}
	x.holds(list, ids[2], ids[0], ids[1], ids[3])
	x.holds(other, ids[1])
	// What GET returned can be sent back.
	x.do("POST", list+"/items", x.get(list+"/items").body).want(200)
	x.holds(list, ids[2], ids[0], ids[1], ids[3])

	x.do("DELETE", list+"/items/"+ids[0], nil).want(204)
	x.do("DELETE", list+"/items/"+ids[0], nil).problem(404)
	x.holds(list, ids[2], ids[1], ids[3])
	x.add(list, ids[0])
	x.holds(list, ids[2], ids[1], ids[3], ids[0])
	x.holds(other, ids[1])
	for _, missing := range []string{"8127", "abc", "0"} {
		x.do("DELETE", list+"/items/"+missing, nil).problem(404)
	}
	x.do("DELETE", "/customer-lists/8127/items/"+ids[1], nil).problem(404)
	x.get("/customer-lists/8127/items").problem(404)
	x.do("POST", "/customer-lists/8127/items", listOf(ids[1])).problem(404)
	x.do("POST", "/customer-lists/8127/items", listOf()).problem(404)
	x.do("PUT", list+"/items", listOf()).problem(405)
}

func TestWhatCanNotBeAddedComesBackInProblems(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	list := x.newList()
	ids := x.newCustomers(3)
	gone := x.newCustomers(3)
	for i, path := range []string{"/individual/", "/organization/", "/placeholder-customers/"} {
		x.do("DELETE", path+gone[i], nil).want(204)
	}
	plain := x.roleOwner("individual")
	supplier := x.roleOwner("organization")
	x.do("PUT", supplier+"/roles/supplier", supplierMinimal).want(200)
	email := x.do("POST", plain+"/emails", emailSample).want(201).text("id")
	foreign := other.newCustomers(1)[0]

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
	for _, id := range []string{"8124", "8125", "8126", "8127", lastSegment(plain), lastSegment(supplier), email, foreign, gone[0], gone[1], gone[2], lastSegment(list)} {
		rows = append(rows, row{object{"id": id}, 422, "/id"})
	}
	rows = append(rows, row{object{"id": ids[2]}, 0, ""})
	body := []any{}
	for _, r := range rows {
		body = append(body, r.item)
	}
	p := x.do("POST", list+"/items", object{"items": body}).page()
	if !slices.Equal(p.texts("id"), ids) {
		t.Errorf("added %q, want %q", p.texts("id"), ids)
	}
	x.holds(list, ids...)
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
		x.do("POST", list+"/items", body).faults(400, fault)
	}
	x.do("POST", list+"/items", listOf(slices.Repeat([]string{ids[0]}, 5001)...)).faults(400, "/items")
	if p := x.do("POST", list+"/items", `{"items":[],"problems":[{"title":"ignored"}]}`).page(); len(p.Items)+len(p.Problems) != 0 {
		t.Errorf("nothing is added as %v", p)
	}
	x.holds(list, ids...)
}

func TestCustomersAreNotAddedWhereNoAnswerCarriesTheProblems(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list := x.newList()
	id := x.newPlaceholders(1)[0]
	body := func(n int) string {
		return `{"items":[{"id":"` + id + `"}` + strings.Repeat(","+slashes(), n) + `]}`
	}
	x.do("POST", list+"/items", body(499)).problem(413)
	x.holds(list)
	if p := x.do("POST", list+"/items", body(100)).page(); len(p.Items) != 1 || len(p.Problems) != 100 {
		t.Errorf("%d added and %d problems", len(p.Items), len(p.Problems))
	}
	x.holds(list, id)
}

func TestThreeHundredCustomersAreAddedTogetherAndGoWithTheirList(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list := x.newList()
	ids := x.newPlaceholders(300)
	if p := x.do("POST", list+"/items", listOf(ids...)).page(); !slices.Equal(p.texts("id"), ids) || len(p.Problems) != 0 {
		t.Fatalf("%d added, %d problems", len(p.Items), len(p.Problems))
	}
	x.holds(list, ids...)
	first := x.get(list + "/items")
	if rest := x.get(x.next(first)).page(); !slices.Equal(append(first.page().texts("id"), rest.texts("id")...), ids) || len(rest.Items) != 100 {
		t.Errorf("pages of %d and %d", len(first.page().Items), len(rest.Items))
	}
	if n := x.leftovers(list); n == 0 {
		t.Error("the entries are stored elsewhere: what is left of them can't be seen")
	}
	x.do("DELETE", list, nil).want(204)
	for _, path := range []string{list, list + "/items"} {
		x.get(path).problem(404)
	}
	x.do("POST", list+"/items", listOf(ids[0])).problem(404)
	x.do("DELETE", list+"/items/"+ids[0], nil).problem(404)
	if n := x.leftovers(list); n != 0 {
		t.Errorf("%d entries of a deleted list are left", n)
	}
	x.get("/placeholder-customers/" + ids[0]).want(200) // its customers are still there
}

func TestAKeyRepeatsTheAnswerToAnAdditionNotTheDeed(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list := x.newList()
	ids := x.newCustomers(3)
	body := listOf(ids[0], "8124", ids[1])
	first := x.do("POST", list+"/items", body, "Idempotency-Key", "k").want(200)
	x.do("DELETE", list+"/items/"+ids[0], nil).want(204)
	x.add(list, ids[2])
	again := x.do("POST", list+"/items", body, "Idempotency-Key", "k").want(200)
	if again.header.Get("Idempotent-Replayed") != "true" || string(again.body) != string(first.body) {
		t.Errorf("a repeat is answered %s, the first was %s", again.body, first.body)
	}
	x.holds(list, ids[1], ids[2])
	x.do("POST", list+"/items", listOf(ids[0]), "Idempotency-Key", "k").problem(422)
}

func TestItemsOfAListArePaged(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list := x.newList()
	ids := x.newCustomers(7)
	x.add(list, ids...)
	for _, c := range []struct {
		query    string
		from, to int
	}{
		{"?limit=3", 0, 3}, {"?limit=3&offset=3", 3, 6}, {"?limit=3&offset=6", 6, 7}, {"?limit=1&offset=5", 5, 6}, {"?limit=7", 0, 7},
		{"?offset=7", 7, 7}, {"?offset=1000000", 7, 7},
	} {
		a := x.get(list + "/items" + c.query)
		if got := a.page().texts("id"); !slices.Equal(got, ids[c.from:c.to]) {
			t.Errorf("%s: %q, want %q", c.query, got, ids[c.from:c.to])
		}
		if more := c.to < 7; more != (x.next(a) != "") {
			t.Errorf("%s: Link %q", c.query, a.header.Get("Link"))
		}
	}
	for query, parameter := range map[string]string{"?limit=0": "?limit", "?limit=5001": "?limit", "?offset=-1": "?offset", "?cursor=x": "?cursor"} {
		x.get(list+"/items"+query).faults(400, parameter)
	}
	// A cursor is that of one list.
	other := x.newList()
	x.add(other, ids...)
	next := x.next(x.get(list + "/items?limit=1"))
	x.get(strings.Replace(next, list, other, 1)).faults(400, "?cursor")
}

func TestACursorOfAListStandsWhileItemsComeAndGo(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.newCustomers(20)
	news := x.newCustomers(8)
	for _, offset := range []int{0, 1, 4, 9} {
		list := x.newList()
		x.add(list, ids...)
		gone := map[string]bool{}
		remove := func(i int) {
			if i < len(ids) && !gone[ids[i]] {
				x.do("DELETE", list+"/items/"+ids[i], nil).want(204)
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
			a := x.get(next)
			for _, id := range a.page().texts("id") {
				seen, shown[id] = append(seen, id), true
			}
			if next = x.next(a); page < 3 {
				remove(offset + 3*page + 2) // the one that the cursor stands on
				remove(page)                // one that was shown, or passed over
				remove(offset + 3*page + 4) // one that is to come
				x.add(list, news[page])
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

func TestCustomersAddedAtOnceAreOnTheListOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	list := x.newList()
	ids := x.newCustomers(4)
	for i, a := range together(t, 24, func(i int) (*answer, error) {
		return x.tryAs("POST", list+"/items", listOf(ids[i%4], ids[(i+1)%4]))
	}) {
		if p := a.page(); len(p.Items) != 2 || len(p.Problems) != 0 {
			t.Errorf("request %d is answered %s", i, a.body)
		}
	}
	got := x.get(list + "/items").page().texts("id")
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(ids))) {
		t.Errorf("the list has %q, want each of %q once", got, ids)
	}
	removals := together(t, 8, func(int) (*answer, error) { return x.tryAs("DELETE", list+"/items/"+ids[0], nil) })
	if got := statuses(removals); !maps.Equal(got, map[int]int{204: 1, 404: 7}) {
		t.Errorf("removals are answered %v", got)
	}
	for _, a := range together(t, 16, func(i int) (*answer, error) {
		if i%2 == 0 {
			return x.tryAs("DELETE", list+"/items/"+ids[1], nil)
		}
		return x.tryAs("POST", list+"/items", listOf(ids[1]))
	}) {
		if a.status != 200 && a.status != 204 {
			a.problem(404)
		}
	}
	x.add(list, ids[1]) // whatever came last, it is on the list once, and can be taken off once
	if n := strings.Count(strings.Join(x.get(list+"/items").page().texts("id"), " "), ids[1]); n != 1 {
		t.Errorf("it is on the list %d times", n)
	}
	x.do("DELETE", list+"/items/"+ids[1], nil).want(204)
	x.do("DELETE", list+"/items/"+ids[1], nil).problem(404)
}

func TestNothingIsLeftOfAListThatIsDeletedWhileItGrows(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.newPlaceholders(60)
	for range 3 {
		list := x.newList()
		x.add(list, ids[:30]...)
		for i, a := range together(t, 8, func(i int) (*answer, error) {
			if i == 0 {
				return x.tryAs("DELETE", list, nil)
			}
			return x.tryAs("POST", list+"/items", listOf(ids[i*7:i*7+4]...))
		}) {
			if i == 0 {
				a.want(204)
			} else if a.status != 200 && a.status != 404 {
				t.Errorf("an addition is answered %d %s", a.status, a.body)
			}
		}
		x.get(list).problem(404)
		if n := x.leftovers(list); n != 0 {
			t.Errorf("%d entries are left", n)
		}
	}
}
