package tests

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/dynamo"
)

// findings checks what a stage holds.
func (s *stage) findings() (found []dynamo.Finding) {
	s.t.Helper()
	check := dynamo.NewCheck(s.table, s.org, func(f dynamo.Finding) { found = append(found, f) })
	if err := check.Run(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return found
}

// isSound holds what a stage holds to agree with itself.
func (s *stage) isSound() {
	s.t.Helper()
	for _, f := range s.findings() {
		s.t.Errorf("%s: %s", f.Item, f.Detail)
	}
}

func TestWhatEveryOperationLeavesIsSound(t *testing.T) {
	t.Parallel()
	for name, scenario := range faultScenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, newTenant(t), stageOptions{pictures: scenario.pictures})
			scenario.walk(&walker{tenant: s.tenant})
			s.isSound()
		})
	}
}

// A household is a stage with one of everything that refers to something.
type household struct {
	*stage
	person, firm, identity, location, list, placeholder string
}

func newHousehold(t *testing.T) household {
	t.Helper()
	s := newStage(t, newTenant(t), stageOptions{})
	h := household{stage: s, person: s.create("/individual", object{"name": "Erika", "external_id": "crm-1"}), firm: s.firm("ACME"), list: s.newList()}
	h.location = s.create(h.firm+"/location", locationSample)
	h.identity = s.identity(h.person, h.firm, "locations", []any{object{"contact_id": tail(h.firm), "location_id": tail(h.location)}})
	s.create(h.identity+"/email", emailSample)
	s.create(h.person+"/phone", with(phoneSample, "number", "0221 5550123"))
	s.do("POST", h.person+"/tag", object{"name": "VIP"}).want(201)
	s.do("PUT", h.person+"/customer", with(customerMinimal, "customer_id", "c-1")).want(200)
	h.placeholder = s.create("/placeholder-customer", with(placeholderMinimal, "customer_id", "till"))
	s.do("POST", h.list+"/item", listOf(tail(h.person), tail(h.placeholder))).want(200)
	s.isSound()
	return h
}

func (h household) pk(area string) string { return "T#" + h.org + "#" + area }

// parts is the partition of a contact's parts.
func (h household) parts(path string) string { return h.pk("C#") + sixteen(tail(path)) }

// sixteen is an id as keys have it.
func sixteen(id string) string { return strings.Repeat("0", 16-len(id)) + id }

func (h household) put(pk, sk string, attributes ...any) {
	h.t.Helper()
	item := keyOf(pk, sk)
	for i := 0; i < len(attributes); i += 2 {
		switch v := attributes[i+1].(type) {
		case int:
			item[attributes[i].(string)] = &types.AttributeValueMemberN{Value: fmt.Sprint(v)}
		case string:
			item[attributes[i].(string)] = &types.AttributeValueMemberS{Value: v}
		}
	}
	if _, err := platform.store.PutItem(h.t.Context(), &dynamodb.PutItemInput{TableName: &h.name, Item: item}); err != nil {
		h.t.Fatal(err)
	}
}

func (h household) drop(pk, sk string) {
	h.t.Helper()
	if _, err := platform.store.DeleteItem(h.t.Context(), &dynamodb.DeleteItemInput{TableName: &h.name, Key: keyOf(pk, sk),
		ConditionExpression: aws.String("attribute_exists(pk)")}); err != nil {
		h.t.Fatalf("%s %s: %v", pk, sk, err)
	}
}

// change sets a number, or a text, of an item that is there.
func (h household) change(pk, sk, name string, value types.AttributeValue) {
	h.t.Helper()
	if _, err := platform.store.UpdateItem(h.t.Context(), &dynamodb.UpdateItemInput{TableName: &h.name, Key: keyOf(pk, sk),
		UpdateExpression: aws.String("SET #n = :v"), ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#n": name}, ExpressionAttributeValues: map[string]types.AttributeValue{":v": value}}); err != nil {
		h.t.Fatalf("%s %s: %v", pk, sk, err)
	}
}

// first is the sort key of the first item of a partition that begins so.
func (h household) first(pk, prefix string) string {
	h.t.Helper()
	out, err := platform.store.Query(h.t.Context(), &dynamodb.QueryInput{TableName: &h.name, Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}, ":sk": &types.AttributeValueMemberS{Value: prefix}}})
	if err != nil || len(out.Items) == 0 {
		h.t.Fatalf("%s %s: nothing there, %v", pk, prefix, err)
	}
	return out.Items[0]["sk"].(*types.AttributeValueMemberS).Value
}

func asNumber(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}
func asText(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// Each way in which the table can disagree with itself is found, and where it can be known what is right it is repaired.
func TestACheckFindsAndRepairsWhatIsNotSound(t *testing.T) {
	t.Parallel()
	const byHand = false
	for name, c := range map[string]struct {
		spoil  func(h household)
		detail string
		mends  bool
	}{
		"a claim is lost":     {func(h household) { h.drop(h.pk("U#INDIVIDUAL"), "crm-1") }, "which has no entry", true},
		"a claim of nobody":   {func(h household) { h.put(h.pk("U#INDIVIDUAL"), "crm-2", "owner", 7) }, "doesn't claim it", true},
		"another's claim":     {func(h household) { h.change(h.pk("U#CUSTOMER_ID"), "c-1", "owner", asNumber(8)) }, "doesn't claim it", true},
		"a find is lost":      {func(h household) { pk := h.pk("FIND#PHONE#+492215550123"); h.drop(pk, h.first(pk, "")) }, "which has no entry", true},
		"a find of nothing":   {func(h household) { h.put(h.pk("FIND#EMAIL#a@b"), sixteen(tail(h.person))+"#EMAIL#"+sixteen("5")) }, "is not to be found by it", true},
		"a reference is lost": {func(h household) { h.drop(h.parts(h.firm), h.first(h.parts(h.firm), "ref#LOC#")) }, "which doesn't know", true},
		"a reference of nothing": {func(h household) {
			h.put(h.parts(h.firm), "ref#LOC#"+sixteen(tail(h.location))+"#"+sixteen(tail(h.person))+"#PI#"+sixteen("5"))
		}, "doesn't refer to", true},
		"references are miscounted":  {func(h household) { h.change(h.pk("O"), sixteen(tail(h.firm)), "referrers", asNumber(5)) }, "it counts 5 references to it, and there are 1", true},
		"references are not counted": {func(h household) { h.change(h.pk("O"), sixteen(tail(h.firm)), "referrers", asNumber(0)) }, "counts no reference", true},
		"members are miscounted": {func(h household) {
			h.change(h.parts(h.firm), "LOC#"+sixteen(tail(h.location)), "member_count", asNumber(3))
		}, "it counts 3 members, and 1 work there", true},
		"a representative is not shown": {func(h household) {
			h.change(h.pk("O"), sixteen(tail(h.firm)), "representatives", &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}})
		}, "doesn't show it among its representatives", true},
		"a representative of nothing": {func(h household) {
			h.change(h.pk("O"), sixteen(tail(h.firm)), "representatives", &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
				sixteen("5"): asText(`{"professional_identity":{"contact_id":"4","professional_identity_id":"5"},"is_active":true}`)}})
		}, "which doesn't represent it", true},
		"a part of no contact": {func(h household) {
			h.put(h.parts("/4"), "EMAIL#"+sixteen("7"), "doc", `{"id":"7"}`, "v", 1)
		}, "under which it lies", true},
		"a channel of no identity": {func(h household) {
			h.put(h.parts(h.person), "PI#"+sixteen("5")+"#EMAIL#"+sixteen("7"), "doc", `{"id":"7"}`, "v", 1)
		}, "under which it lies", true},
		"an entry that no member has": {func(h household) {
			h.put(h.pk("L#")+sixteen(tail(h.list)), sixteen("9"), "doc", `{"id":"`+tail(h.firm)+`"}`, "v", 1)
		}, "does not stand there", true},
		"a member that stands nowhere": {func(h household) { pk := h.pk("L#") + sixteen(tail(h.list)); h.drop(pk, h.first(pk, "0")) }, "where there is another customer or none", true},
		"a list is gone":               {func(h household) { h.drop(h.pk("L"), sixteen(tail(h.list))) }, "there is no customer list", true},
		"a document is damaged":        {func(h household) { h.change(h.pk("I"), sixteen(tail(h.person)), "doc", asText(`{"id":`)) }, "no JSON object", byHand},
		"a document of another":        {func(h household) { h.change(h.pk("I"), sixteen(tail(h.person)), "doc", asText(`{"id":"7"}`)) }, "says that its id is 7", byHand},
		"an unknown key":               {func(h household) { h.put(h.pk("X"), "Y") }, "no item of the platform", byHand},
		"an account from nowhere":      {func(h household) { h.change(h.pk("COUNTER"), "debtor", "given", asNumber(0)) }, "has not given out", byHand},
		"a contact is gone":            {func(h household) { h.drop(h.pk("I"), sixteen(tail(h.person))) }, "under which it lies", true},
		"a tag is shared no more":      {func(h household) { h.drop(h.pk("TAG"), h.first(h.pk("TAG"), "")) }, "is not shared under its id", byHand},
		"an answer for ever":           {func(h household) { h.put(h.pk("KEY#x"), "ANSWER") }, "never expires", true},
		"a deletion broke off": {func(h household) {
			pk, sk := h.pk("P"), sixteen(tail(h.placeholder))
			h.change(pk, sk, "deleted", &types.AttributeValueMemberBOOL{Value: true})
			h.change(pk, sk, "releasing", &types.AttributeValueMemberBOOL{Value: true})
			h.change(pk, sk, "updated", asNumber(time.Now().Add(-time.Hour).UnixMilli()))
		}, "its deletion broke off", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			c.spoil(h)
			found := h.findings()
			if !strings.Contains(fmt.Sprint(found), c.detail) {
				t.Fatalf("found %v, want one that says %q", found, c.detail)
			}
			for range 5 { // what is repaired can bring to light what follows from it
				for _, f := range found {
					if (f.Repair == "") != (f.Fix == nil) {
						t.Errorf("%s: %q has a way to do it: %t", f.Detail, f.Repair, f.Fix != nil)
					}
					if f.Fix != nil {
						if err := f.Fix(t.Context()); err != nil && err != dynamo.ErrMoved {
							t.Errorf("%s: %s: %v", f.Item, f.Repair, err)
						}
					}
				}
				found = h.findings()
			}
			left := fmt.Sprint(found)
			if c.mends && len(found) > 0 {
				t.Errorf("left is %s", left)
			}
			if !c.mends && !strings.Contains(left, c.detail) {
				t.Errorf("found %s, want one that says %q still", left, c.detail)
			}
		})
	}
}
