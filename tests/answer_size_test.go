package tests

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// digits is an id as keys have it.
func digits(path string) string { return fmt.Sprintf("%016s", tail(path)) }

// large is a stored resource of 340,000 bytes, which is about as large as one can be.
func large(t *testing.T, id, field string) string {
	t.Helper()
	doc, err := json.Marshal(object{"id": id, field: strings.Repeat("a", 340_000)})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func TestNoMoreIsReadThanAnAnswerCarries(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	for _, id := range x.individuals(40) {
		damage(t, "T#"+x.org+"#I", digits(id), large(t, id, "name"))
	}
	a := x.get("/individual?limit=5000")
	a.problem(413)
	// One unit is 4 KB. Of the 13.6 MB no more is read than the one answer's, and what is left of the Query that finds out.
	if units, most := a.log().ReadUnits, 8.0*1024/4; units > most {
		t.Errorf("%v units are read, at most %v are needed", units, most)
	}
}

// A list without pages has no smaller limit to tell of: its parts can be read one by one.
func TestAListThatNoAnswerCarriesIsAProblem(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	person, firm := x.individual("Erika"), x.firm("ACME")
	const most = 18 // of these an answer can carry
	for _, c := range []struct {
		list, pk, sk, field string
		body                func(i int) object
		also                []string // that show the same
	}{
		{person + "/emails", "C#" + digits(person), "EMAIL#", "address", func(int) object { return emailSample }, []string{person + "/full"}},
		{person + "/tags", "C#" + digits(person), "tag#", "name", func(i int) object { return object{"name": fmt.Sprint(i)} }, nil},
		{person + "/professional-identities", "C#" + digits(person), "PI#", "job_title",
			func(int) object { return object{"organization_contact": tail(firm), "is_active": false} }, []string{person + "/professional-identities/full"}},
		{"/customer-lists", "L", "", "name", func(int) object { return object{"name": "A"} }, nil},
	} {
		n := 0
		grow := func(to int) {
			for ; n < to; n++ {
				id := x.do("POST", c.list, c.body(n)).want(201).text("id")
				damage(t, "T#"+x.org+"#"+c.pk, c.sk+digits(id), large(t, id, c.field))
			}
		}
		grow(most)
		if shown := x.get(c.list).want(200).object()["items"].([]any); len(shown) != most {
			t.Errorf("%s has %d items, want %d", c.list, len(shown), most)
		}
		grow(most + 1)
		for _, path := range append(c.also, c.list) {
			if p := x.get(path).problem(413); !strings.Contains(p.Detail, "ask for its parts") {
				t.Errorf("%s: %s", path, p.Detail)
			}
		}
	}
}

func TestOfAMappingNoMoreIsReadThanAnAnswerCarries(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	id := tail(x.individual("Erika"))
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	const batch, batches = 25, 400
	for n := range batches { // of 1,000 bytes each: 10 MB
		var writes []types.WriteRequest
		for i := range batch {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"pk": text("T#" + x.org + "#U#INDIVIDUAL"), "sk": text(fmt.Sprintf("%05d%s", n*batch+i, strings.Repeat("😀", 250))),
				"owner": &types.AttributeValueMemberN{Value: fmt.Sprint(8000 + 4*(n*batch+i))}}}})
		}
		if _, err := platform.store.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{platform.name: writes}}); err != nil {
			t.Fatal(err)
		}
	}
	named := object{"items": []object{{"internal": id, "external": "crm-1"}}}
	a := x.get("/individual-id-mapping")
	a.problem(413)
	if units, most := a.log().ReadUnits, 8.0*1024/4; units > most {
		t.Errorf("%s: %v units are read, at most %v are needed", a.what, units, most)
	}
	a = x.do("PATCH", "/individual-id-mapping", named).want(200)
	if l := a.log(); l.StoreCalls > 2 || l.ReadUnits > 2 || l.WriteUnits > 4 {
		t.Errorf("%s among 10,000: %d calls, %v read and %v write units", a.what, l.StoreCalls, l.ReadUnits, l.WriteUnits)
	}
	x.get("/individual-id-mapping/internal/" + id).want(200)
}
