package lists

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

// lookupEntries returns the keys of all lookup entries of a tenant, partition key first.
func lookupEntries(x *harness.Tenant) (keys []string) {
	x.T.Helper()
	pages := dynamodb.NewScanPaginator(harness.Platform.Store, &dynamodb.ScanInput{TableName: &harness.Platform.Name, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("begins_with(pk, :pk)"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": harness.TextAttribute("T#" + x.Org + "#FIND#")}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(x.T.Context())
		if err != nil {
			x.T.Fatal(err)
		}
		for _, i := range page.Items {
			keys = append(keys, i["pk"].(*types.AttributeValueMemberS).Value+" "+i["sk"].(*types.AttributeValueMemberS).Value)
		}
	}
	return keys
}

// createTagged creates individuals with the same email address and tag, and returns them in the order of creation.
func createTagged(x *harness.Tenant, n int) []string {
	x.T.Helper()
	paths := x.CreateContacts("/individual", n)
	for _, a := range harness.Concurrently(x.T, 2*n, func(i int) (*harness.Answer, error) {
		if i < n {
			return x.TryDo("POST", paths[i]+"/tags", object{"name": "VIP"})
		}
		return x.TryDo("POST", paths[i-n]+"/emails", harness.EmailWithAddress("info@example.com"))
	}) {
		a.Want(201)
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(harness.LastSegment(a), harness.LastSegment(b)) })
	return paths
}

func TestALookupCostsNothingForDeletedContacts(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	paths := createTagged(x, 150)
	for _, a := range harness.Concurrently(t, 140, func(i int) (*harness.Answer, error) { return x.TryDo("DELETE", paths[i], nil) }) {
		a.Want(204)
	}
	for by, value := range map[string]string{"tag": "VIP", "email": "info@example.com"} {
		x.FindsOnly(by, value, paths[140:]...)
		if l := x.Get("/lookup?" + url.Values{by: {value}}.Encode()).Log(); l.StoreCalls != 2 || l.ReadUnits > 12 {
			t.Errorf("by %s: %d calls and %v units for 10 contacts", by, l.StoreCalls, l.ReadUnits)
		}
	}
	for _, key := range lookupEntries(x) {
		if slices.ContainsFunc(paths[:140], func(path string) bool { return strings.Contains(key, harness.Padded(harness.LastSegment(path))) }) {
			t.Errorf("a deleted contact has the entry %s", key)
		}
	}
	x.IsSound()
}

func TestAnOffsetOfALookupCostsAUnitForThirtyEntries(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	paths := createTagged(x, 200)
	for by, value := range map[string]string{"tag": "VIP", "email": "info@example.com"} {
		for _, offset := range []int{30, 120, 198} {
			a := x.Get(fmt.Sprintf("/lookup?%s&limit=1&offset=%d", url.Values{by: {value}}.Encode(), offset))
			if got := a.Page().Texts("id"); !slices.Equal(got, []string{harness.LastSegment(paths[offset])}) {
				t.Errorf("%s: %q, want %q", a.What, got, harness.LastSegment(paths[offset]))
			}
			// Apart from what is skipped: a unit for the entries of the page, and one for each of its two contacts.
			if l, most := a.Log(), float64(offset)/30+3; l.StoreCalls > 4 || l.ReadUnits > most {
				t.Errorf("%s: %d calls and %v units, want %v at most", a.What, l.StoreCalls, l.ReadUnits, most)
			}
		}
	}
}

func TestADeletionInSeveralTransactionsLeavesNoLookupEntry(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	person := x.Create("/individual", object{"name": "Erika"})
	identity := x.CreateIdentity(person, x.Create("/organization", object{"name": "ACME"}))
	for _, a := range harness.Concurrently(t, 120, func(i int) (*harness.Answer, error) {
		switch i % 4 {
		case 0:
			return x.TryDo("POST", person+"/tags", object{"name": fmt.Sprint("tag ", i)})
		case 1:
			return x.TryDo("POST", person+"/emails", harness.EmailWithAddress(fmt.Sprint("a", i, "@example.com")))
		case 2:
			return x.TryDo("POST", identity+"/phones", harness.PhoneWithNumber(fmt.Sprint("0221 5550", 100+i)))
		}
		return x.TryDo("POST", person+"/web-addresses", harness.WebSample)
	}) {
		a.Want(201)
	}
	if n := len(lookupEntries(x)); n != 30+2*30+30+30 {
		t.Fatalf("%d entries before", n)
	}
	a := x.Do("DELETE", person, nil).Want(204)
	if calls := a.Log().StoreCalls; calls > 14 { // the guard refuses once, because parts have entries
		t.Errorf("%d calls for 240 items, of which 100 fit into a transaction", calls)
	}
	if left := lookupEntries(x); left != nil {
		t.Errorf("left %q", left)
	}
	if n := len(x.Get(person + "/emails").Page().Items); n != 30 {
		t.Errorf("%d emails are shown, want 30", n)
	}
	x.IsSound()
}

func TestADeletionDuringChangesOfPartsLeavesNoLookupEntry(t *testing.T) {
	t.Parallel()
	x := harness.NewBulkTenant(t)
	for range 10 {
		person := x.Create("/individual", object{"name": "Erika"})
		identity := x.CreateIdentity(person, x.Create("/organization", object{"name": "ACME"}))
		email := x.Create(person+"/emails", harness.EmailWithAddress("old@example.com"))
		for i, a := range harness.Concurrently(t, 9, func(i int) (*harness.Answer, error) {
			switch i {
			case 0, 1:
				return x.TryDo("POST", person+"/tags", object{"name": fmt.Sprint(i)})
			case 2, 3:
				return x.TryDo("POST", identity+"/emails", harness.EmailWithAddress("new@example.com"))
			case 4:
				return x.TryDo("PUT", email, harness.EmailWithAddress("other@example.com"))
			case 5:
				return x.TryRest("POST", harness.OptionsPath(person), harness.OptionBody(5, 1, "a"))
			case 6:
				return x.TryDo("POST", person+"/phones", harness.PhoneWithNumber("0221 5550123"))
			}
			return x.TryDo("DELETE", person, nil)
		}) {
			// A deleted contact refuses changes in the enfore dialect, and is not found in the plentymarkets dialect.
			if a.Status != 201 && a.Status != 200 && a.Status != 204 && a.Status != 422 && !(i == 5 && a.Status == 404) {
				t.Errorf("%s = %d %s", a.What, a.Status, a.Body)
			}
		}
		if left := lookupEntries(x); left != nil {
			t.Fatalf("left %q", left)
		}
	}
	x.IsSound()
}
