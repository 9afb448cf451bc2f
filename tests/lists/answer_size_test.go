package lists

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

// paddedID returns an id as keys have it.
func paddedID(path string) string { return fmt.Sprintf("%016s", harness.LastSegment(path)) }

// largeDocument returns a stored document of 340,000 bytes, close to the largest.
func largeDocument(t *testing.T, id, field string) string {
	t.Helper()
	doc, err := json.Marshal(object{"id": id, field: strings.Repeat("a", 340_000)})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func TestAListReadsNoMoreThanFitsIntoAnAnswer(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	for _, id := range x.CreateIndividuals(40) {
		harness.Damage(t, "T#"+x.Org+"#I", paddedID(id), largeDocument(t, id, "name"))
	}
	a := x.Get("/individual?limit=5000")
	a.Problem(413)
	// One unit is 4 KB. Of the 13.6 MB only the answer is read, and the rest of the Query that exceeds it.
	if units, most := a.Log().ReadUnits, 8.0*1024/4; units > most {
		t.Errorf("%v units are read, at most %v are needed", units, most)
	}
}

// A list without pages has no smaller limit: its parts can be read one by one.
func TestAListThatIsTooLargeForAnAnswerIsAProblem(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	person, firm := x.CreateIndividual("Erika"), x.CreateOrganization("ACME")
	const most = 18 // of these an answer can carry
	for _, c := range []struct {
		list, pk, sk, field string
		body                func(i int) object
		also                []string // that show the same
	}{
		{person + "/emails", "C#" + paddedID(person), "EMAIL#", "address", func(int) object { return harness.EmailSample }, []string{person + "/full"}},
		{person + "/tags", "C#" + paddedID(person), "tag#", "name", func(i int) object { return object{"name": fmt.Sprint(i)} }, nil},
		{person + "/professional-identities", "C#" + paddedID(person), "PI#", "job_title",
			func(int) object { return object{"organization_contact": harness.LastSegment(firm), "is_active": false} }, []string{person + "/professional-identities/full"}},
		{"/customer-lists", "L", "", "name", func(int) object { return object{"name": "A"} }, nil},
	} {
		n := 0
		grow := func(to int) {
			for ; n < to; n++ {
				id := x.Do("POST", c.list, c.body(n)).Want(201).Text("id")
				harness.Damage(t, "T#"+x.Org+"#"+c.pk, c.sk+paddedID(id), largeDocument(t, id, c.field))
			}
		}
		grow(most)
		if shown := x.Get(c.list).Want(200).Object()["items"].([]any); len(shown) != most {
			t.Errorf("%s has %d items, want %d", c.list, len(shown), most)
		}
		grow(most + 1)
		for _, path := range append(c.also, c.list) {
			if p := x.Get(path).Problem(413); !strings.Contains(p.Detail, "ask for its parts") {
				t.Errorf("%s: %s", path, p.Detail)
			}
		}
	}
}

func TestAMappingReadsNoMoreThanFitsIntoAnAnswer(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	id := harness.LastSegment(x.CreateIndividual("Erika"))
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	const batch, batches = 25, 400
	for n := range batches { // of 1,000 bytes each: 10 MB
		var writes []types.WriteRequest
		for i := range batch {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"pk": text("T#" + x.Org + "#U#INDIVIDUAL"), "sk": text(fmt.Sprintf("%05d%s", n*batch+i, strings.Repeat("😀", 250)) + "\x00"),
				"owner": &types.AttributeValueMemberN{Value: fmt.Sprint(8000 + 4*(n*batch+i))}}}})
		}
		if _, err := harness.Platform.Store.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{harness.Platform.Name: writes}}); err != nil {
			t.Fatal(err)
		}
	}
	named := object{"items": []object{{"internal": id, "external": "crm-1"}}}
	a := x.Get("/individual-id-mapping")
	a.Problem(413)
	if units, most := a.Log().ReadUnits, 8.0*1024/4; units > most {
		t.Errorf("%s: %v units are read, at most %v are needed", a.What, units, most)
	}
	a = x.Do("PATCH", "/individual-id-mapping", named).Want(200)
	if l := a.Log(); l.StoreCalls > 3 || l.ReadUnits > 3 || l.WriteUnits > 10 { // one of them for how long history is kept
		t.Errorf("%s among 10,000: %d calls, %v read and %v write units", a.What, l.StoreCalls, l.ReadUnits, l.WriteUnits)
	}
	x.Get("/individual-id-mapping/internal/" + id).Want(200)
}
