package lists

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

func TestPagesByLimitAndOffset(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	if p := x.Get("/individual").Page(); len(p.Items)+len(p.Problems) != 0 {
		t.Errorf("a new tenant has %v", p)
	}
	ids := x.CreateIndividuals(7)
	for _, c := range []struct {
		query    string
		from, to int
	}{
		{"", 0, 7}, {"?limit=3", 0, 3}, {"?limit=3&offset=3", 3, 6}, {"?limit=3&offset=6", 6, 7}, {"?offset=7", 7, 7}, {"?offset=8", 7, 7},
		{"?offset=1000000", 7, 7}, {"?limit=7", 0, 7}, {"?limit=5000", 0, 7}, {"?limit=1&offset=0", 0, 1}, {"?deleted=true", 0, 7},
	} {
		a := x.Get("/individual" + c.query)
		if got := a.Page().Texts("id"); !slices.Equal(got, ids[c.from:c.to]) {
			t.Errorf("%s: %q, want %q", c.query, got, ids[c.from:c.to])
		}
		if more := c.to < 7; more != (x.Next(a) != "") {
			t.Errorf("%s: Link %q", c.query, a.Header.Get("Link"))
		}
	}
	for query, parameter := range map[string]string{
		"?limit=0": "limit", "?limit=5001": "limit", "?limit=-1": "limit", "?limit=x": "limit", "?limit=": "limit", "?limit=1.5": "limit",
		"?limit=1&limit=2": "limit", "?limit=99999999999999999999": "limit", "?offset=-1": "offset", "?offset=x": "offset", "?offset=": "offset",
		"?offset=99999999999999999999": "offset", "?deleted=no": "deleted", "?deleted=": "deleted", "?cursor=": "cursor", "?cursor=x": "cursor",
		"?limit=%00": "limit",
	} {
		a := x.Get("/individual" + query)
		for _, f := range a.Problem(400).Errors {
			if f.Parameter != parameter {
				t.Errorf("%s: faults %s", query, a.Body)
			}
		}
	}
	x.Get("/individual?limit=0&offset=-1").Faults(400, "?limit", "?offset")
}

func TestALargeOffsetIsNoFailure(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	x.CreateIndividuals(1)
	for _, offset := range []string{"2147483647", "2147483648", "9223372036854775807"} {
		if p := x.Get("/individual?offset=" + offset).Page(); len(p.Items) != 0 {
			t.Errorf("offset %s: %v", offset, p)
		}
	}
}

func TestTwoHundredIsTheDefaultLimit(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, a := range harness.Concurrently(t, 201, func(int) (*harness.Answer, error) {
		return harness.Try("POST", x.Path("/individual"), object{"name": "a"}, "Authorization", "Bearer "+x.Token)
	}) {
		a.Want(201)
	}
	first := x.Get("/individual")
	rest := x.Get(x.Next(first))
	if n, m := len(first.Page().Items), len(rest.Page().Items); n != 200 || m != 1 || x.Next(rest) != "" {
		t.Errorf("pages of %d and %d, then %q", n, m, x.Next(rest))
	}
}

func TestACursorNeitherSkipsNorRepeatsDuringWrites(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(12)
	var seen []string
	for path, n := "/individual?limit=5", 0; path != ""; n++ {
		if n > 20 {
			t.Fatal("the pages don't end")
		}
		a := x.Get(path)
		seen = append(seen, a.Page().Texts("id")...)
		path = x.Next(a)
		if n < 3 { // between the pages: new ones, a change, and a deletion of one that was shown
			x.CreateIndividuals(2)
			x.Do("PUT", "/individual/"+ids[11], object{"name": "changed"}).Want(200)
			x.Do("DELETE", "/individual/"+ids[n], nil).Want(204)
		}
	}
	if len(seen) < 12 || !slices.Equal(seen[:12], ids) || !slices.IsSorted(seen) {
		t.Errorf("seen %q, want first %q", seen, ids)
	}
	if slices.Sort(seen); len(slices.Compact(seen)) != len(seen) {
		t.Errorf("repeated: %q", seen)
	}
}

func TestACursorIsTamperProofAndBelongsToOneList(t *testing.T) {
	t.Parallel()
	x, other := harness.NewTenant(t), harness.NewTenant(t)
	x.CreateIndividuals(3)
	other.CreateIndividuals(3)
	at := x.Next(x.Get("/individual?limit=1"))
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	cursor := u.Query().Get("cursor")
	if u.Query().Get("limit") != "1" || cursor == "" {
		t.Fatalf("next %q", at)
	}
	ask := func(x *harness.Tenant, cursor, more string) *harness.Answer {
		return x.Get("/individual?cursor=" + url.QueryEscape(cursor) + more)
	}
	if n := len(ask(x, cursor, "").Page().Items); n != 2 {
		t.Errorf("%d after the cursor, want 2", n)
	}
	for i := range len(cursor) {
		b := []byte(cursor)
		if b[i]++; b[i] == cursor[i] {
			continue
		}
		if a := ask(x, string(b), ""); a.Status != 400 {
			// The last character of base64 may have unused bits: a cursor that is accepted must be the same place.
			t.Errorf("a cursor changed at %d of %d is answered %d", i, len(cursor), a.Status)
		}
	}
	for _, bad := range []string{cursor[:len(cursor)-1], cursor + "A", "8123", strings.Repeat("A", 512), strings.Repeat("A", 513), "ä"} {
		ask(x, bad, "").Faults(400, "?cursor")
	}
	ask(other, cursor, "").Faults(400, "?cursor")
	ask(x, cursor, "&deleted=false").Faults(400, "?cursor")
	ask(x, cursor, "&offset=1").Faults(400, "?offset")
}

func TestDeletedContactsAreListedUnlessExcluded(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(12)
	var living []string
	for i, id := range ids {
		if i%3 == 0 {
			living = append(living, id)
		} else {
			x.Do("DELETE", "/individual/"+id, nil).Want(204)
		}
	}
	if got := x.Get("/individual").Page().Texts("id"); !slices.Equal(got, ids) {
		t.Errorf("all: %q, want %q", got, ids)
	}
	var seen []string
	for path := "/individual?limit=2&deleted=false"; path != ""; {
		a := x.Get(path)
		seen = append(seen, a.Page().Texts("id")...)
		path = x.Next(a)
	}
	if !slices.Equal(seen, living) {
		t.Errorf("living: %q, want %q", seen, living)
	}
	if got := x.Get("/individual?deleted=false&offset=1&limit=2").Page().Texts("id"); !slices.Equal(got, living[1:3]) {
		t.Errorf("living from the second: %q, want %q", got, living[1:3])
	}
}

func TestADamagedItemIsAProblemOfItsListAndShiftsNothing(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(5)
	for i, doc := range map[int]string{1: `{"name":`, 3: `{ }`} {
		harness.Damage(t, "T#"+x.Org+"#I", fmt.Sprintf("%016s", ids[i]), doc)
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
		a := x.Get("/individual" + c.query)
		p := a.Page()
		if !slices.Equal(p.Texts("id"), c.items) || len(p.Problems) != len(c.problems) {
			t.Fatalf("%s: %s, want items %q and problems with %q", c.query, a.Body, c.items, c.problems)
		}
		for i, id := range c.problems {
			if at := p.Problems[i]["on_resource"]; at != x.Path("/individual/"+id) {
				t.Errorf("%s: problem %v, want one of %s", c.query, p.Problems[i], id)
			}
		}
	}
	// A cursor at a damaged item continues after it.
	a := x.Get("/individual?limit=2")
	if got := x.Get(x.Next(a)).Page().Texts("id"); !slices.Equal(got, ids[2:3]) {
		t.Errorf("after the cursor: %q, want %q", got, ids[2:3])
	}
}

func TestADamagedChannelIsAProblemOfItsList(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	path := x.CreateIndividual("Erika")
	var ids []string
	for range 3 {
		ids = append(ids, x.Do("POST", path+"/emails", harness.EmailSample).Want(201).Text("id"))
	}
	harness.Damage(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", strings.TrimPrefix(path, "/individual/")), "EMAIL#"+fmt.Sprintf("%016s", ids[1]), "no JSON")
	p := x.Get(path + "/emails").Page()
	if !slices.Equal(p.Texts("id"), []string{ids[0], ids[2]}) || len(p.Problems) != 1 {
		t.Errorf("%v", p)
	}
	if emails := x.Get(path + "/full").Want(200).Object()["emails"].([]any); len(emails) != 2 {
		t.Errorf("details show %v", emails)
	}
}

func TestADamagedIdentityIsAProblemOfTheDetails(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	spoiled, sound := x.CreateIdentity(person, firm), x.CreateIdentity(person, firm)
	x.Do("POST", spoiled+"/emails", harness.EmailSample).Want(201)
	harness.Damage(t, "T#"+x.Org+"#C#"+fmt.Sprintf("%016s", harness.LastSegment(person)), "PI#"+fmt.Sprintf("%016s", harness.LastSegment(spoiled)), "no JSON")
	p := x.Get(person + "/professional-identities/full").Page()
	if len(p.Items) != 1 || p.Items[0]["professional_identity"].(object)["id"] != harness.LastSegment(sound) || len(p.Problems) != 1 ||
		p.Problems[0]["on_resource"] != x.Path(spoiled) {
		t.Errorf("%v", p)
	}
	if identities := x.Get(person + "/full").Want(200).Object()["professional_identities"].([]any); len(identities) != 1 {
		t.Errorf("details show %v", identities)
	}
	x.Get(spoiled).Problem(500)
	x.Get(spoiled + "/full").Problem(500)
}

func TestADamagedRepresentativeAffectsNothingElse(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	firm, other := x.CreateOrganization("ACME"), x.CreateOrganization("Muster")
	sound := x.CreateIdentity(x.CreateIndividual("Erika"), firm)
	for _, entry := range []string{"{", "###", "[]"} {
		_, err := harness.Platform.Store.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName: &harness.Platform.Name, UpdateExpression: aws.String("SET representatives.#id = :entry"),
			Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "T#" + x.Org + "#O"},
				"sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("%016s", harness.LastSegment(firm))}},
			ExpressionAttributeNames:  map[string]string{"#id": fmt.Sprintf("%016d", 7)},
			ExpressionAttributeValues: map[string]types.AttributeValue{":entry": &types.AttributeValueMemberS{Value: entry}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if ids, _ := x.Representatives(firm); !slices.Equal(ids, []string{harness.LastSegment(sound)}) {
			t.Errorf("with %q: %q, want the one that is sound", entry, ids)
		}
		if got := x.Get("/organization").Page().Texts("id"); !slices.Equal(got, []string{harness.LastSegment(firm), harness.LastSegment(other)}) {
			t.Errorf("with %q the list is %q", entry, got)
		}
	}
	harness.Damage(t, "T#"+x.Org+"#O", fmt.Sprintf("%016s", harness.LastSegment(firm)), "{}")
	if p := x.Get("/organization").Page(); !slices.Equal(p.Texts("id"), []string{harness.LastSegment(other)}) || len(p.Problems) != 1 {
		t.Errorf("an empty document: %v", p)
	}
}

func TestAPageThatIsTooLargeNamesTheLargestLimitThatFits(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	ids := x.CreateIndividuals(24)
	for _, id := range ids {
		doc, err := json.Marshal(object{"id": id, "name": strings.Repeat("a", 340_000), "deleted": false})
		if err != nil {
			t.Fatal(err)
		}
		harness.Damage(t, "T#"+x.Org+"#I", fmt.Sprintf("%016s", id), string(doc))
	}
	a := x.Get("/individual")
	p := a.Problem(413)
	if len(p.Errors) != 1 || p.Errors[0].Parameter != "limit" {
		t.Fatalf("%s", a.Body)
	}
	var fits int
	if _, err := fmt.Sscanf(p.Errors[0].Detail, "must be at most %d", &fits); err != nil {
		t.Fatalf("%s: %v", a.Body, err)
	}
	if n := len(x.Get(fmt.Sprintf("/individual?limit=%d", fits)).Page().Items); n != fits {
		t.Errorf("limit=%d answers %d", fits, n)
	}
	x.Get(fmt.Sprintf("/individual?limit=%d", fits+1)).Problem(413)
}

func TestALargeOffsetIsAnEmptyPage(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, id := range x.CreateIndividuals(8) { // more than one call of the store reads
		harness.Damage(t, "T#"+x.Org+"#I", fmt.Sprintf("%016s", id), fmt.Sprintf(`{"id":%q,"name":%q,"deleted":false}`, id, strings.Repeat("a", 300_000)))
	}
	for _, offset := range []int{8, 10_001, 1 << 32, 1 << 62, math.MaxInt64} {
		for _, query := range []string{"", "&deleted=false"} {
			if p := x.Get(fmt.Sprintf("/individual?offset=%d%s", offset, query)).Page(); len(p.Items)+len(p.Problems) != 0 {
				t.Errorf("offset=%d%s: %v", offset, query, p)
			}
		}
	}
}

func TestADamagedContactIsRepairedByPutAndCanBeDeleted(t *testing.T) {
	t.Parallel()
	x := harness.NewTenant(t)
	for _, method := range []string{"PUT", "DELETE"} {
		path := x.Do("POST", "/individual", `{"name":"Erika","external_id":"crm-1"}`).Want(201).Header.Get("Location")
		path = path[strings.LastIndex(path, "/individual/"):]
		harness.Damage(t, "T#"+x.Org+"#I", fmt.Sprintf("%016s", strings.TrimPrefix(path, "/individual/")), "no JSON")
		if method == "PUT" {
			x.Do("PUT", path, `{"name":"Mended"}`).Want(200)
			if name := x.Get(path).Want(200).Text("name"); name != "Mended" {
				t.Errorf("name %q", name)
			}
			continue
		}
		x.Do("DELETE", path, "").Want(204)
		x.Do("PUT", path, `{"name":"late"}`).Want(422)
		x.Do("POST", "/individual", `{"name":"Next","external_id":"crm-1"}`).Want(201)
	}
}
