package tests

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// individuals adds contacts and returns their ids, in the order of their creation.
func (x *tenant) individuals(n int) []string {
	x.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = x.do("POST", "/individual", object{"name": fmt.Sprint(i)}).want(201).text("id")
	}
	return ids
}

var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

// next is where the page's Link leads, below the tenant's path, or "".
func (x *tenant) next(a *answer) string {
	x.t.Helper()
	link := a.header.Get("Link")
	if link == "" {
		return ""
	}
	m := nextLink.FindStringSubmatch(link)
	if m == nil || !strings.HasPrefix(m[1], x.path("/")) {
		x.t.Fatalf("Link %q", link)
	}
	return strings.TrimPrefix(m[1], x.path(""))
}

func TestPagesByLimitAndOffset(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	if p := x.get("/individual").page(); len(p.Items)+len(p.Problems) != 0 {
		t.Errorf("a new tenant has %v", p)
	}
	ids := x.individuals(7)
	for _, c := range []struct {
		query    string
		from, to int
	}{
		{"", 0, 7}, {"?limit=3", 0, 3}, {"?limit=3&offset=3", 3, 6}, {"?limit=3&offset=6", 6, 7}, {"?offset=7", 7, 7}, {"?offset=8", 7, 7},
		{"?offset=1000000", 7, 7}, {"?limit=7", 0, 7}, {"?limit=5000", 0, 7}, {"?limit=1&offset=0", 0, 1}, {"?deleted=true", 0, 7},
	} {
		a := x.get("/individual" + c.query)
		if got := a.page().texts("id"); !slices.Equal(got, ids[c.from:c.to]) {
			t.Errorf("%s: %q, want %q", c.query, got, ids[c.from:c.to])
		}
		if more := c.to < 7; more != (x.next(a) != "") {
			t.Errorf("%s: Link %q", c.query, a.header.Get("Link"))
		}
	}
	for query, parameter := range map[string]string{
		"?limit=0": "limit", "?limit=5001": "limit", "?limit=-1": "limit", "?limit=x": "limit", "?limit=": "limit", "?limit=1.5": "limit",
		"?limit=1&limit=2": "limit", "?limit=99999999999999999999": "limit", "?offset=-1": "offset", "?offset=x": "offset", "?offset=": "offset",
		"?offset=99999999999999999999": "offset", "?deleted=no": "deleted", "?deleted=": "deleted", "?cursor=": "cursor", "?cursor=x": "cursor",
		"?limit=%00": "limit",
	} {
		a := x.get("/individual" + query)
		for _, f := range a.problem(400).Errors {
			if f.Parameter != parameter {
				t.Errorf("%s: faults %s", query, a.body)
			}
		}
	}
	x.get("/individual?limit=0&offset=-1").faults(400, "?limit", "?offset")
}

func TestALargeOffsetIsNoFailure(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	x.individuals(1)
	for _, offset := range []string{"2147483647", "2147483648", "9223372036854775807"} {
		if p := x.get("/individual?offset=" + offset).page(); len(p.Items) != 0 {
			t.Errorf("offset %s: %v", offset, p)
		}
	}
}

func TestTwoHundredIsTheDefaultLimit(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, a := range together(t, 201, func(int) (*answer, error) {
		return try("POST", x.path("/individual"), object{"name": "a"}, "Authorization", "Bearer "+x.token)
	}) {
		a.want(201)
	}
	first := x.get("/individual")
	rest := x.get(x.next(first))
	if n, m := len(first.page().Items), len(rest.page().Items); n != 200 || m != 1 || x.next(rest) != "" {
		t.Errorf("pages of %d and %d, then %q", n, m, x.next(rest))
	}
}

func TestACursorNeitherSkipsNorRepeatsWhileOthersWrite(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.individuals(12)
	var seen []string
	for path, n := "/individual?limit=5", 0; path != ""; n++ {
		if n > 20 {
			t.Fatal("the pages don't end")
		}
		a := x.get(path)
		seen = append(seen, a.page().texts("id")...)
		path = x.next(a)
		if n < 3 { // between the pages: new ones, a change, and a deletion of one that was shown
			x.individuals(2)
			x.do("PUT", "/individual/"+ids[11], object{"name": "changed"}).want(200)
			x.do("DELETE", "/individual/"+ids[n], nil).want(204)
		}
	}
	if len(seen) < 12 || !slices.Equal(seen[:12], ids) || !slices.IsSorted(seen) {
		t.Errorf("seen %q, want first %q", seen, ids)
	}
	if slices.Sort(seen); len(slices.Compact(seen)) != len(seen) {
		t.Errorf("repeated: %q", seen)
	}
}

func TestACursorIsTamperProofAndOfItsListAlone(t *testing.T) {
	t.Parallel()
	x, other := newTenant(t), newTenant(t)
	x.individuals(3)
	other.individuals(3)
	at := x.next(x.get("/individual?limit=1"))
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	cursor := u.Query().Get("cursor")
	if u.Query().Get("limit") != "1" || cursor == "" {
		t.Fatalf("next %q", at)
	}
	ask := func(x *tenant, cursor, more string) *answer {
		return x.get("/individual?cursor=" + url.QueryEscape(cursor) + more)
	}
	if n := len(ask(x, cursor, "").page().Items); n != 2 {
		t.Errorf("%d behind the cursor, want 2", n)
	}
	for i := range len(cursor) {
		b := []byte(cursor)
		if b[i]++; b[i] == cursor[i] {
			continue
		}
		if a := ask(x, string(b), ""); a.status != 400 {
			// The last character of base64 may hold bits that say nothing; whatever is taken must be the same place.
			t.Errorf("a cursor changed at %d of %d is answered %d", i, len(cursor), a.status)
		}
	}
	for _, bad := range []string{cursor[:len(cursor)-1], cursor + "A", "8123", strings.Repeat("A", 512), strings.Repeat("A", 513), "ä"} {
		ask(x, bad, "").faults(400, "?cursor")
	}
	ask(other, cursor, "").faults(400, "?cursor")
	ask(x, cursor, "&deleted=false").faults(400, "?cursor")
	ask(x, cursor, "&offset=1").faults(400, "?offset")
}

func TestDeletedContactsAreListedUnlessTheyAreNotWanted(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.individuals(12)
	var living []string
	for i, id := range ids {
		if i%3 == 0 {
			living = append(living, id)
		} else {
			x.do("DELETE", "/individual/"+id, nil).want(204)
		}
	}
	if got := x.get("/individual").page().texts("id"); !slices.Equal(got, ids) {
		t.Errorf("all: %q, want %q", got, ids)
	}
	var seen []string
	for path := "/individual?limit=2&deleted=false"; path != ""; {
		a := x.get(path)
		seen = append(seen, a.page().texts("id")...)
		path = x.next(a)
	}
	if !slices.Equal(seen, living) {
		t.Errorf("living: %q, want %q", seen, living)
	}
	if got := x.get("/individual?deleted=false&offset=1&limit=2").page().texts("id"); !slices.Equal(got, living[1:3]) {
		t.Errorf("living from the second: %q, want %q", got, living[1:3])
	}
}

// damage spoils what is stored of a resource.
func damage(t *testing.T, pk, sk, doc string) {
	t.Helper()
	_, err := platform.store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &platform.name, UpdateExpression: aws.String("SET doc = :doc"), ConditionExpression: aws.String("attribute_exists(pk)"),
		Key:                       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}},
		ExpressionAttributeValues: map[string]types.AttributeValue{":doc": &types.AttributeValueMemberS{Value: doc}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestADamagedObjectIsAProblemThatShiftsNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.individuals(5)
	for i, doc := range map[int]string{1: `{"name":`, 3: `{ }`} {
		damage(t, "T#"+x.org+"#I", fmt.Sprintf("%016s", ids[i]), doc)
	}
	for _, c := range []struct {
		query           string
		items, problems []string
	}{
		{"", []string{ids[0], ids[2], ids[4]}, []string{ids[1], ids[3]}},
		{"?limit=2", ids[:1], ids[1:2]},
		{"?limit=2&offset=1", ids[2:3], ids[1:2]},
		{"?limit=1&offset=3", nil, ids[3:4]},
		{"?offset=4", ids[4:], nil},
	} {
		a := x.get("/individual" + c.query)
		p := a.page()
		if !slices.Equal(p.texts("id"), c.items) || len(p.Problems) != len(c.problems) {
			t.Fatalf("%s: %s, want items %q and problems with %q", c.query, a.body, c.items, c.problems)
		}
		for i, id := range c.problems {
			if at := p.Problems[i]["on_resource"]; at != x.path("/individual/"+id) {
				t.Errorf("%s: problem %v, want one of %s", c.query, p.Problems[i], id)
			}
		}
	}
	// A cursor that ends on a damaged one goes on behind it.
	a := x.get("/individual?limit=2")
	if got := x.get(x.next(a)).page().texts("id"); !slices.Equal(got, ids[2:3]) {
		t.Errorf("behind the cursor: %q, want %q", got, ids[2:3])
	}
}

func TestADamagedChannelIsAProblemOfItsList(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	path := x.individual("Erika")
	var ids []string
	for range 3 {
		ids = append(ids, x.do("POST", path+"/emails", emailSample).want(201).text("id"))
	}
	damage(t, "T#"+x.org+"#C#"+fmt.Sprintf("%016s", strings.TrimPrefix(path, "/individual/")), "EMAIL#"+fmt.Sprintf("%016s", ids[1]), "no JSON")
	p := x.get(path + "/emails").page()
	if !slices.Equal(p.texts("id"), []string{ids[0], ids[2]}) || len(p.Problems) != 1 {
		t.Errorf("%v", p)
	}
	if emails := x.get(path + "/full").want(200).object()["emails"].([]any); len(emails) != 2 {
		t.Errorf("details show %v", emails)
	}
}

func TestADamagedIdentityIsAProblemOfTheirDetails(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	person, firm := x.individual("Erika"), x.firm("ACME")
	spoiled, sound := x.identity(person, firm), x.identity(person, firm)
	x.do("POST", spoiled+"/emails", emailSample).want(201)
	damage(t, "T#"+x.org+"#C#"+fmt.Sprintf("%016s", tail(person)), "PI#"+fmt.Sprintf("%016s", tail(spoiled)), "no JSON")
	p := x.get(person + "/professional-identities/full").page()
	if len(p.Items) != 1 || p.Items[0]["professional_identity"].(object)["id"] != tail(sound) || len(p.Problems) != 1 ||
		p.Problems[0]["on_resource"] != x.path(spoiled) {
		t.Errorf("%v", p)
	}
	if identities := x.get(person + "/full").want(200).object()["professional_identities"].([]any); len(identities) != 1 {
		t.Errorf("details show %v", identities)
	}
	x.get(spoiled).problem(500)
	x.get(spoiled + "/full").problem(500)
}

func TestADamagedRepresentativeSpoilsNothing(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	firm, other := x.firm("ACME"), x.firm("Muster")
	sound := x.identity(x.individual("Erika"), firm)
	for _, entry := range []string{"{", "###", "[]"} {
		_, err := platform.store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName: &platform.name, UpdateExpression: aws.String("SET representatives.#id = :entry"),
			Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "T#" + x.org + "#O"},
				"sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("%016s", tail(firm))}},
			ExpressionAttributeNames:  map[string]string{"#id": fmt.Sprintf("%016d", 7)},
			ExpressionAttributeValues: map[string]types.AttributeValue{":entry": &types.AttributeValueMemberS{Value: entry}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if ids, _ := x.representatives(firm); !slices.Equal(ids, []string{tail(sound)}) {
			t.Errorf("with %q: %q, want the one that is sound", entry, ids)
		}
		if got := x.get("/organization").page().texts("id"); !slices.Equal(got, []string{tail(firm), tail(other)}) {
			t.Errorf("with %q the list is %q", entry, got)
		}
	}
	damage(t, "T#"+x.org+"#O", fmt.Sprintf("%016s", tail(firm)), "{}")
	if p := x.get("/organization").page(); !slices.Equal(p.texts("id"), []string{tail(other)}) || len(p.Problems) != 1 {
		t.Errorf("an empty document: %v", p)
	}
}

func TestAPageThatNoAnswerCarriesTellsTheLargestLimitThatFits(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	ids := x.individuals(24)
	for _, id := range ids {
		doc, err := json.Marshal(object{"id": id, "name": strings.Repeat("a", 340_000), "deleted": false})
		if err != nil {
			t.Fatal(err)
		}
		damage(t, "T#"+x.org+"#I", fmt.Sprintf("%016s", id), string(doc))
	}
	a := x.get("/individual")
	p := a.problem(413)
	if len(p.Errors) != 1 || p.Errors[0].Parameter != "limit" {
		t.Fatalf("%s", a.body)
	}
	var fits int
	if _, err := fmt.Sscanf(p.Errors[0].Detail, "must be at most %d", &fits); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	if n := len(x.get(fmt.Sprintf("/individual?limit=%d", fits)).page().Items); n != fits {
		t.Errorf("limit=%d answers %d", fits, n)
	}
	x.get(fmt.Sprintf("/individual?limit=%d", fits+1)).problem(413)
}

func TestAnOffsetOfAnySizeIsBehindTheEnd(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, id := range x.individuals(8) { // more than one call of the store reads
		damage(t, "T#"+x.org+"#I", fmt.Sprintf("%016s", id), fmt.Sprintf(`{"id":%q,"name":%q,"deleted":false}`, id, strings.Repeat("a", 300_000)))
	}
	for _, offset := range []int{8, 10_001, 1 << 32, 1 << 62, math.MaxInt64} {
		for _, query := range []string{"", "&deleted=false"} {
			if p := x.get(fmt.Sprintf("/individual?offset=%d%s", offset, query)).page(); len(p.Items)+len(p.Problems) != 0 {
				t.Errorf("offset=%d%s: %v", offset, query, p)
			}
		}
	}
}

func TestADamagedContactIsRepairedByPutAndCanBeDeleted(t *testing.T) {
	t.Parallel()
	x := newTenant(t)
	for _, method := range []string{"PUT", "DELETE"} {
		path := x.do("POST", "/individual", `{"name":"Erika","external_id":"crm-1"}`).want(201).header.Get("Location")
		path = path[strings.LastIndex(path, "/individual/"):]
		damage(t, "T#"+x.org+"#I", fmt.Sprintf("%016s", strings.TrimPrefix(path, "/individual/")), "no JSON")
		if method == "PUT" {
			x.do("PUT", path, `{"name":"Mended"}`).want(200)
			if name := x.get(path).want(200).text("name"); name != "Mended" {
				t.Errorf("name %q", name)
			}
			continue
		}
		x.do("DELETE", path, "").want(204)
		x.do("PUT", path, `{"name":"late"}`).want(422)
		x.do("POST", "/individual", `{"name":"Next","external_id":"crm-1"}`).want(201)
	}
}
