package tests

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// lookupEntries are the sort keys of all look-up entries of a tenant, each behind its partition.
func (x *tenant) lookupEntries() (keys []string) {
	x.t.Helper()
	pages := dynamodb.NewScanPaginator(platform.store, &dynamodb.ScanInput{TableName: &platform.name, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("begins_with(pk, :pk)"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": asText("T#" + x.org + "#FIND#")}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(x.t.Context())
		if err != nil {
			x.t.Fatal(err)
		}
		for _, i := range page.Items {
			keys = append(keys, i["pk"].(*types.AttributeValueMemberS).Value+" "+i["sk"].(*types.AttributeValueMemberS).Value)
		}
	}
	return keys
}

// tagged makes individuals that have an email address and a tag in common, in the order of their creation.
func (x *tenant) tagged(n int) []string {
	x.t.Helper()
	paths := x.contactsOf("/individual", n)
	for _, a := range together(x.t, 2*n, func(i int) (*answer, error) {
		if i < n {
			return x.tryAs("POST", paths[i]+"/tags", object{"name": "VIP"})
		}
		return x.tryAs("POST", paths[i-n]+"/emails", address("info@example.com"))
	}) {
		a.want(201)
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(tail(a), tail(b)) })
	return paths
}

func TestALookUpCostsNothingForDeletedContacts(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	paths := x.tagged(150)
	for _, a := range together(t, 140, func(i int) (*answer, error) { return x.tryAs("DELETE", paths[i], nil) }) {
		a.want(204)
	}
	for by, value := range map[string]string{"tag": "VIP", "email": "info@example.com"} {
		x.leads(by, value, paths[140:]...)
		if l := x.get("/lookup?" + url.Values{by: {value}}.Encode()).log(); l.StoreCalls != 2 || l.ReadUnits > 12 {
			t.Errorf("by %s: %d calls and %v units for 10 contacts", by, l.StoreCalls, l.ReadUnits)
		}
	}
	for _, key := range x.lookupEntries() {
		if slices.ContainsFunc(paths[:140], func(path string) bool { return strings.Contains(key, sixteen(tail(path))) }) {
			t.Errorf("a deleted contact has the entry %s", key)
		}
	}
	x.isSound()
}

func TestAnOffsetOfALookUpCostsAUnitForThirtyEntries(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	paths := x.tagged(200)
	for by, value := range map[string]string{"tag": "VIP", "email": "info@example.com"} {
		for _, offset := range []int{30, 120, 198} {
			a := x.get(fmt.Sprintf("/lookup?%s&limit=1&offset=%d", url.Values{by: {value}}.Encode(), offset))
			if got := a.page().texts("id"); !slices.Equal(got, []string{tail(paths[offset])}) {
				t.Errorf("%s: %q, want %q", a.what, got, tail(paths[offset]))
			}
			// Beside what is passed over: a unit for the page's own entries, and one for each of the two contacts that are read.
			if l, most := a.log(), float64(offset)/30+3; l.StoreCalls > 4 || l.ReadUnits > most {
				t.Errorf("%s: %d calls and %v units, want %v at most", a.what, l.StoreCalls, l.ReadUnits, most)
			}
		}
	}
}

func TestADeletionOfSeveralTransactionsLeavesNoLookUpEntry(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	person := x.create("/individual", object{"name": "Erika"})
	identity := x.identity(person, x.create("/organization", object{"name": "ACME"}))
	for _, a := range together(t, 120, func(i int) (*answer, error) {
		switch i % 4 {
		case 0:
			return x.tryAs("POST", person+"/tags", object{"name": fmt.Sprint("tag ", i)})
		case 1:
			return x.tryAs("POST", person+"/emails", address(fmt.Sprint("a", i, "@example.com")))
		case 2:
			return x.tryAs("POST", identity+"/phones", number(fmt.Sprint("0221 5550", 100+i)))
		}
		return x.tryAs("POST", person+"/web-addresses", webSample)
	}) {
		a.want(201)
	}
	if n := len(x.lookupEntries()); n != 30+2*30+30+30 {
		t.Fatalf("%d entries before", n)
	}
	a := x.do("DELETE", person, nil).want(204)
	if calls := a.log().StoreCalls; calls > 14 { // the guard refuses once, and so tells that parts hold something
		t.Errorf("%d calls for 240 items, of which a transaction holds 100", calls)
	}
	if left := x.lookupEntries(); left != nil {
		t.Errorf("left %q", left)
	}
	if n := len(x.get(person + "/emails").page().Items); n != 30 {
		t.Errorf("%d emails are shown, want 30", n)
	}
	x.isSound()
}

func TestADeletionThatRunsBesideItsPartsLeavesNoLookUpEntry(t *testing.T) {
	t.Parallel()
	x := newBulkTenant(t)
	for range 10 {
		person := x.create("/individual", object{"name": "Erika"})
		identity := x.identity(person, x.create("/organization", object{"name": "ACME"}))
		email := x.create(person+"/emails", address("old@example.com"))
		for i, a := range together(t, 9, func(i int) (*answer, error) {
			switch i {
			case 0, 1:
				return x.tryAs("POST", person+"/tags", object{"name": fmt.Sprint(i)})
			case 2, 3:
				return x.tryAs("POST", identity+"/emails", address("new@example.com"))
			case 4:
				return x.tryAs("PUT", email, address("other@example.com"))
			case 5:
				return x.tryRest("POST", optionsOf(person), anOption(5, 1, "a"))
			case 6:
				return x.tryAs("POST", person+"/phones", number("0221 5550123"))
			}
			return x.tryAs("DELETE", person, nil)
		}) {
			// A deleted contact refuses a change in the enfore dialect, and is gone in plentymarkets's.
			if a.status != 201 && a.status != 200 && a.status != 204 && a.status != 422 && !(i == 5 && a.status == 404) {
				t.Errorf("%s = %d %s", a.what, a.status, a.body)
			}
		}
		if left := x.lookupEntries(); left != nil {
			t.Fatalf("left %q", left)
		}
	}
	x.isSound()
}
