package contacts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

func TestABatchCreatesAndReplacesInTheOrderOfItsRows(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		batch := kind + "/batch"
		if p := x.Do("POST", batch, harness.BatchBody()).Page(); len(p.Items)+len(p.Problems) != 0 {
			t.Errorf("an empty batch answers %v", p)
		}
		kept, gone := x.CreateContact(kind, object{"external_id": "b"}), x.CreateContact(kind, object{"external_id": "d"})
		x.Do("DELETE", gone, nil).Want(204)
		sent := harness.BatchBody(harness.BatchRow("a", "1"), harness.BatchRow("b", "2"), harness.BatchRow("", "3"), harness.BatchRow("c/ü 😀", "4"), harness.BatchRow("", "3"), harness.BatchRow("d", "5"))
		first := x.Do("POST", batch, sent).Page()
		if got := first.Texts("name"); !slices.Equal(got, []string{"1", "2", "3", "4", "3", "5"}) || len(first.Problems) != 0 {
			t.Fatalf("%v, want the rows in their order", first)
		}
		ids := first.Texts("id")
		if ids[1] != harness.LastSegment(kept) || ids[2] == ids[4] || ids[5] == harness.LastSegment(gone) {
			t.Errorf("ids %q: the second is %s, the last not %s", ids, harness.LastSegment(kept), harness.LastSegment(gone))
		}
		for i, id := range ids { // each is answered as it is shown
			if got := x.Get(kind + "/" + id).Object(); !reflect.DeepEqual(harness.WithDefaults(got), harness.WithDefaults(first.Items[i])) {
				t.Errorf("row %d answered %v, GET shows %v", i, first.Items[i], got)
			}
		}
		// The second time, contacts with an external id are replaced, and the others created again.
		again := x.Do("POST", batch, sent).Page().Texts("id")
		for i, id := range again {
			if named := sent["items"].([]any)[i].(object)["external_id"] != nil; named != (id == ids[i]) {
				t.Errorf("row %d: contact %s, then %s", i, ids[i], id)
			}
		}
		if n := len(x.Get(kind).Page().Items); n != 9 {
			t.Errorf("%d contacts, want 9", n)
		}
		// Items of a list can be sent back as rows.
		listed := x.Get(kind + "?deleted=false").Page()
		if back := x.Do("POST", batch, object{"items": listed.Items}).Page(); len(back.Items) != 8 || len(back.Problems) != 0 {
			t.Errorf("sent back: %v", back)
		}
	})
}

func TestARefusedRowDoesNotAffectTheOthers(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	other := harness.NewTenant(t)
	acme, foreign := x.CreateContact("/organization", object{"external_id": "acme"}), other.CreateContact("/individual", nil)
	person := x.CreateContact("/individual", nil)
	ref := func(owner, identity string) []any {
		return []any{object{"contact_id": harness.LastSegment(owner), "professional_identity_id": identity}}
	}
	identity := x.Do("POST", person+"/professional-identities", object{"organization_contact": harness.LastSegment(acme), "is_active": true}).Want(201).Text("id")
	many := []any{}
	for i := range 101 { // more than can change together
		many = append(many, object{"contact_id": fmt.Sprint(8124 + 4*i), "professional_identity_id": "8127"})
	}
	etag := x.Get(acme).Header.Get("ETag")
	rows := []struct {
		row    any
		status int // 0: done
		faults []string
	}{
		{harness.BatchRow("a", "1"), 0, nil},
		{object{"name": "2", "nick": "E", "a/b~c": 1}, 400, []string{"/nick", "/a~1b~0c"}},
		{object{"name": 3}, 400, []string{"/name"}},
		{harness.BatchRow("b", "4"), 0, nil},
		{object{"external_id": "acme"}, 400, []string{"/name"}},
		{object{"external_id": "acme", "name": " ", "founded": "2025-02-29"}, 400, []string{"/name", "/founded"}},
		{"row", 400, []string{""}},
		{nil, 400, []string{""}},
		{[]any{object{"name": "9"}}, 400, []string{""}},
		{object{"name": "10", "external_id": ""}, 400, []string{"/external_id"}},
		{object{"name": "11", "external_id": strings.Repeat("x", 257)}, 400, []string{"/external_id"}},
		{object{"name": "12", "founders": ref(person, identity)}, 0, nil},
		{object{"name": "13", "founders": ref(person, "8127")}, 422, []string{"/founders/0"}},
		{object{"external_id": "acme", "name": "14", "leaders": ref("/individual/8124", identity)}, 422, nil},
		{object{"name": "15", "founders": ref(foreign, identity)}, 422, nil},
		{object{"name": "16", "founders": ref("/individual/abc", "0")}, 400, []string{"/founders/0/contact_id", "/founders/0/professional_identity_id"}},
		{object{"name": "17", "founders": ref("/individual/9007199254740992", identity)}, 400, []string{"/founders/0/contact_id"}},
		{object{"name": "18", "founders": many}, 422, nil},
		{harness.BatchRow("c", "19"), 0, nil},
	}
	var sent []any
	var done []string
	for _, r := range rows {
		sent = append(sent, r.row)
		if r.status == 0 {
			done = append(done, r.row.(object)["name"].(string))
		}
	}
	p := x.Do("POST", "/organization/batch", harness.BatchBody(sent...)).Page()
	if got := p.Texts("name"); !slices.Equal(got, done) {
		t.Errorf("done %q, want %q", got, done)
	}
	problems := map[int]object{}
	last := -1
	for _, problem := range p.Problems {
		i := int(problem["index"].(float64))
		if i <= last {
			t.Errorf("the problem of row %d is after that of row %d", i, last)
		}
		last, problems[i] = i, problem
	}
	for i, r := range rows {
		problem, failed := problems[i]
		if failed != (r.status != 0) {
			t.Errorf("row %d: problem %v, want status %d", i, problem, r.status)
			continue
		}
		if !failed {
			continue
		}
		if problem["status"] != float64(r.status) || problem["title"] == "" || problem["detail"] == "" ||
			!strings.Contains(problem["type"].(string), "/docs/errors#") {
			t.Errorf("row %d: %v, want a whole problem of status %d", i, problem, r.status)
		}
		var at []string
		for _, f := range problem["errors"].([]any) {
			pointer := f.(object)["pointer"].(string)
			// Pointers are into the body that was sent.
			within, ok := strings.CutPrefix(pointer, fmt.Sprintf("/items/%d", i))
			if !ok {
				t.Errorf("row %d: pointer %q leads not into the row", i, pointer)
			}
			at = append(at, within)
		}
		slices.Sort(at)
		if want := slices.Sorted(slices.Values(r.faults)); r.faults != nil && !slices.Equal(at, want) {
			t.Errorf("row %d: faults %q, want %q", i, at, want)
		}
	}
	if got := x.Get(acme).Header.Get("ETag"); got != etag {
		t.Errorf("a refused row wrote: ETag %s, before %s", got, etag)
	}
	if n := len(x.Get("/organization").Page().Items); n != 1+len(done) {
		t.Errorf("%d contacts, want %d", n, 1+len(done))
	}
}

func TestAMalformedBatchIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	harness.EachKind(t, func(t *testing.T, x *harness.Tenant, kind string) {
		for name, c := range map[string]struct {
			body   any
			faults []string
		}{
			"501 rows":        {harness.BatchBody(slices.Repeat([]any{object{"name": "Erika"}}, 501)...), []string{"/items"}},
			"501 bad rows":    {harness.BatchBody(slices.Repeat([]any{object{}}, 501)...), nil},
			"no items":        {object{}, []string{"/items"}},
			"null":            {object{"items": nil}, []string{"/items"}},
			"an object":       {object{"items": object{"name": "Erika"}}, []string{"/items"}},
			"another field":   {harness.With(harness.BatchBody(object{"name": "Erika"}), "mode", "fast"), []string{"/mode"}},
			"rows alone":      {[]object{{"name": "Erika"}}, []string{""}},
			"cut in a row":    {`{"items":[{"name":"Erika"},{"name":"M`, nil},
			"twice in a row":  {`{"items":[{"name":"Erika"},{"name":"Max","name":"Mia"}]}`, nil},
			"trailing":        {`{"items":[{"name":"Erika"}]}]`, nil},
			"not UTF-8":       {"{\"items\":[{\"name\":\"Erika\"},{\"name\":\"\xff\"}]}", nil},
			"nested too deep": {`{"items":[{"name":"Erika"},` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `]}`, nil},
			"nothing":         {``, nil},
		} {
			t.Run(name, func(t *testing.T) {
				a := x.ForSubtest(t).Do("POST", kind+"/batch", c.body)
				if a.Problem(400); c.faults != nil {
					a.Faults(400, c.faults...)
				}
			})
		}
		x.Do("POST", kind+"/batch", harness.BatchBody(), "Content-Type", "text/plain").Problem(415)
		if n := len(x.Get(kind).Page().Items); n != 0 {
			t.Errorf("%d contacts, want none", n)
		}
	})
}

func TestABatchMayHaveFiveHundredRows(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	var rows []any
	for i := range 500 { // as large as an answer that is kept in pieces: letters by lot can't be packed into fewer
		name := []rune(fmt.Sprint(i, " ", strings.Repeat("ü", 1000)))
		for at := len(name) - 1000; at < len(name); at++ {
			name[at] = 'à' + rand.N(rune(30))
		}
		rows = append(rows, harness.BatchRow([]string{"", fmt.Sprint("crm-", i)}[i%2], string(name)))
	}
	first := x.Do("POST", "/individual/batch", harness.BatchBody(rows...), "Idempotency-Key", "k").Want(200)
	p := first.Page()
	if len(p.Items) != 500 || len(p.Problems) != 0 {
		t.Fatalf("%d items and %v", len(p.Items), p.Problems)
	}
	for i, name := range p.Texts("name") {
		if name != rows[i].(object)["name"] {
			t.Fatalf("item %d is %.10s", i, name)
		}
	}
	harness.SameAnswer(t, first, x.Do("POST", "/individual/batch", harness.BatchBody(rows...), "Idempotency-Key", "k"))
	if listed := x.Get("/individual?limit=5000").Page().Texts("id"); !slices.Equal(listed, p.Texts("id")) {
		t.Errorf("%d contacts, want 500 in the order of their rows", len(listed))
	}
}

func TestARowOfFaultsAloneIsStillAProblem(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	var fields strings.Builder
	for i := range 120_000 {
		fmt.Fprintf(&fields, `,"x%d":1`, i)
	}
	a := x.Do("POST", "/individual/batch", `{"items":[{"name":"Erika"},{"name":"Max"`+fields.String()+`}]}`)
	if p := a.Page(); len(p.Items) != 1 || len(p.Problems) != 1 {
		t.Errorf("%d items, %d problems, want one of each", len(p.Items), len(p.Problems))
	}
}

func TestABatchWhoseAnswerWouldBeTooLargeChangesNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	body := func(n int) string {
		return `{"items":[{"name":"Erika"}` + strings.Repeat(","+harness.RowWithLongProblem(), n) + `]}`
	}
	if p := x.Do("POST", "/individual/batch", body(499), "Idempotency-Key", "k").Problem(413); !strings.Contains(p.Detail, "fewer") {
		t.Errorf("the problem doesn't say what to do: %s", p.Detail)
	}
	if n := len(x.Get("/individual").Page().Items); n != 0 {
		t.Errorf("%d contacts, want none", n)
	}
	if p := x.Do("POST", "/individual/batch", body(100)).Page(); len(p.Items) != 1 || len(p.Problems) != 100 {
		t.Errorf("%d items and %d problems of a batch that an answer carries", len(p.Items), len(p.Problems))
	}
}

// mixed returns a batch with rows that create, replace and are refused.
func mixed(n int) object {
	var rows []any
	for i := range n {
		switch i % 5 {
		case 0:
			rows = append(rows, object{"nick": "E"})
		case 1:
			rows = append(rows, object{"name": fmt.Sprint(i), "founders": []any{object{"contact_id": "8124", "professional_identity_id": "8127"}}})
		case 2:
			rows = append(rows, harness.BatchRow(fmt.Sprint("crm-", i), fmt.Sprint(i)))
		case 3:
			rows = append(rows, harness.BatchRow("crm-all", fmt.Sprint(i)))
		default:
			rows = append(rows, harness.BatchRow("", fmt.Sprint(i)))
		}
	}
	return harness.BatchBody(rows...)
}

func TestARepeatedBatchIsAnsweredAsTheFirst(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	first := x.Do("POST", "/organization/batch", mixed(25), "Idempotency-Key", "k").Want(200)
	if p := first.Page(); len(p.Items) != 15 || len(p.Problems) != 10 {
		t.Fatalf("%d items, %d problems", len(p.Items), len(p.Problems))
	}
	for _, c := range x.Get("/organization").Page().Items { // later changes do not change a replay, nor does a replay undo them
		x.Do("PUT", "/organization/"+c["id"].(string), harness.With(c, "name", "changed")).Want(200)
	}
	before := x.Get("/organization")
	harness.SameAnswer(t, first, x.Do("POST", "/organization/batch", mixed(25), "Idempotency-Key", "k"))
	if after := x.Get("/organization"); string(after.Body) != string(before.Body) {
		t.Errorf("a replay changed %s to %s", before.Body, after.Body)
	}
	x.Do("POST", "/organization/batch", mixed(25), "Idempotency-Key", "l").Want(200) // another key is another batch
	if n := len(x.Get("/organization").Page().Items); n != 11+5 {
		t.Errorf("%d contacts, want 16", n)
	}
}

func TestAKeyOfAnotherRequestIsRefusedForABatch(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	x.Do("POST", "/individual", object{"name": "Erika"}, "Idempotency-Key", "a").Want(201)
	x.Do("POST", "/individual/batch", harness.BatchBody(harness.BatchRow("", "Max")), "Idempotency-Key", "b").Want(200)
	for key, body := range map[string]object{
		"a": harness.BatchBody(harness.BatchRow("", "Mia")),
		"b": harness.BatchBody(harness.BatchRow("", "Max"), harness.BatchRow("", "Mia"), harness.BatchRow("crm-1", "Moritz")),
	} {
		t.Run(key, func(t *testing.T) {
			x := x.ForSubtest(t)
			x.Do("POST", "/individual/batch", body, "Idempotency-Key", key).Faults(422, "?Idempotency-Key")
			if got := x.Get("/individual").Page().Texts("name"); !slices.Equal(got, []string{"Erika", "Max"}) {
				t.Errorf("contacts %q, want none more", got)
			}
		})
	}
	x.Do("POST", "/organization/batch", harness.BatchBody(harness.BatchRow("", "Max")), "Idempotency-Key", "b").Faults(422, "?Idempotency-Key")
}

func TestConcurrentRepetitionsOfABatchCreateNoContactTwice(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	key := []string{"Idempotency-Key", "k"}
	answers := harness.Concurrently(t, 4, func(int) (*harness.Answer, error) { return x.TryDo("POST", "/organization/batch", mixed(50), key...) })
	var first *harness.Answer
	for _, a := range answers {
		switch {
		case a.Status == 409 && a.Header.Get("Retry-After") != "":
			// The first still runs.
		case !harness.Replayed(a.Want(200)):
			if first != nil {
				t.Error("two answers are first")
			}
			first = a
		}
	}
	if first == nil {
		t.Fatal("no answer is the first")
	}
	for _, a := range append(answers, x.Do("POST", "/organization/batch", mixed(50), key...)) {
		if a.Status == 200 && a != first {
			harness.SameAnswer(t, first, a)
		}
	}
	got := slices.Sorted(slices.Values(x.Get("/organization").Page().Texts("name")))
	want := slices.DeleteFunc(first.Page().Texts("name"), func(name string) bool { // of crm-all the last is left
		return name != "48" && (strings.HasSuffix(name, "3") || strings.HasSuffix(name, "8"))
	})
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("contacts %q, want %q", got, want)
	}
}

// forget removes a stored item.
func forget(t *testing.T, pk, sk string) {
	t.Helper()
	if _, err := harness.Platform.Store.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{
		TableName: &harness.Platform.Name, Key: harness.ItemKey(pk, sk), ConditionExpression: aws.String("attribute_exists(pk)"),
	}); err != nil {
		t.Fatal(pk, sk, err)
	}
}

// cut turns the record of an Idempotency-Key into that of a request that was killed, and has the key until then.
func cut(t *testing.T, pk string, until time.Time) {
	t.Helper()
	if _, err := harness.Platform.Store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &harness.Platform.Name, Key: harness.ItemKey(pk, "ANSWER"), ConditionExpression: aws.String("attribute_exists(pk)"),
		UpdateExpression:         aws.String("SET running = :until, run = :run REMOVE body, etag, #type, #status"),
		ExpressionAttributeNames: map[string]string{"#type": "type", "#status": "status"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":until": &types.AttributeValueMemberN{Value: fmt.Sprint(until.UnixMilli())}, ":run": &types.AttributeValueMemberS{Value: "cut"},
		},
	}); err != nil {
		t.Fatal(pk, err)
	}
}

func TestARepetitionFinishesABatchThatWasKilled(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]int{"before its answer was kept": 10, "in the middle": 4, "after its first row": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := harness.NewBulkTenant(t)
			key := []string{"Idempotency-Key", "k"}
			rows := []any{object{"name": "0", "founders": []any{object{"contact_id": "8124", "professional_identity_id": "8127"}}}}
			for i := 1; i < 10; i++ {
				rows = append(rows, harness.BatchRow("", fmt.Sprint(i)))
			}
			before := x.Do("POST", "/organization/batch", harness.BatchBody(rows...), key...).Page()
			ids := before.Texts("id") // the first row has none

			digest := sha256.Sum256([]byte("app:" + x.App + "\x00k"))
			records := "T#" + x.Org + "#KEY#" + base64.RawURLEncoding.EncodeToString(digest[:])
			for i := done; i < 10; i++ { // what the run has not come to
				forget(t, records, fmt.Sprintf("ROW#%06d", i))
				forget(t, "T#"+x.Org+"#O", fmt.Sprintf("%016s", ids[i-1]))
				forget(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", ids[i-1]), "guard")
			}
			cut(t, records, time.Now().Add(time.Minute))
			running := x.Do("POST", "/organization/batch", harness.BatchBody(rows...), key...)
			if running.Problem(409); running.Header.Get("Retry-After") == "" {
				t.Errorf("Retry-After is missing: %v", running.Header)
			}
			cut(t, records, time.Now().Add(-time.Millisecond))
			x.Do("POST", "/organization/batch", harness.BatchBody(rows[1:]...), key...).Faults(422, "?Idempotency-Key")

			a := x.Do("POST", "/organization/batch", harness.BatchBody(rows...), key...)
			after := a.Page()
			if got := after.Texts("name"); !slices.Equal(got, before.Texts("name")) || !reflect.DeepEqual(after.Problems, before.Problems) {
				t.Errorf("answered %v, want the rows of %v", after, before)
			}
			if got := after.Texts("id")[:done-1]; !slices.Equal(got, ids[:done-1]) {
				t.Errorf("contacts %q are made again as %q", ids[:done-1], got)
			}
			there, answered := slices.Sorted(slices.Values(x.Get("/organization").Page().Texts("id"))), slices.Sorted(slices.Values(after.Texts("id")))
			if !slices.Equal(there, answered) {
				t.Errorf("contacts %q, answered %q", there, answered)
			}
			harness.SameAnswer(t, a, x.Do("POST", "/organization/batch", harness.BatchBody(rows...), key...))
		})
	}
}
