package tests

import (
	"contacts/pkg/fsck"
	"contacts/pkg/wiring"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// checked is what a check of an organization finds in a table.
func checked(t testing.TB, table *wiring.Database, now func() time.Time, org string, objects fsck.ImageObjects) (found []fsck.Finding) {
	t.Helper()
	check := fsck.NewCheck(table.Store, now, org, func(f fsck.Finding) { found = append(found, f) })
	check.Objects = objects
	if err := check.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return found
}

// isSound holds that all that the tenant has agrees with itself.
func (x *tenant) isSound() {
	x.t.Helper()
	for _, f := range checked(x.t, platform.table, time.Now, x.org, nil) {
		x.t.Errorf("%s: %s: %s", f.Kind, f.Key, f.Detail)
	}
}

// findings checks what a stage holds.
func (s *stage) findings() []fsck.Finding {
	s.t.Helper()
	return checked(s.t, s.table, time.Now, s.org, nil)
}

// isSound holds what a stage holds to agree with itself.
func (s *stage) isSound() {
	s.t.Helper()
	for _, f := range s.findings() {
		s.t.Errorf("%s: %s: %s", f.Kind, f.Key, f.Detail)
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
	h.location = s.create(h.firm+"/locations", locationSample)
	h.identity = s.identity(h.person, h.firm, "locations", []any{object{"contact_id": tail(h.firm), "location_id": tail(h.location)}})
	s.create(h.identity+"/emails", emailSample)
	s.newOptions(h.person, anOption(s.newType("option_types", object{"names": names("en", "Pager")}), 6, "erika77"))
	s.create(h.person+"/phones", with(phoneSample, "number", "0221 5550123"))
	s.do("POST", h.person+"/tags", object{"name": "VIP"}).want(201)
	s.do("PUT", h.person+"/roles/customer", with(customerMinimal, "customer_id", "c-1")).want(200)
	h.placeholder = s.create("/placeholder-customers", with(placeholderMinimal, "customer_id", "till"))
	s.do("POST", h.list+"/items", listOf(tail(h.person), tail(h.placeholder))).want(200)
	s.isSound()
	return h
}

func (h household) pk(area string) string { return "T#" + h.org + "#" + area }

// parts is the partition of a contact's parts.
func (h household) parts(path string) string { return h.pk("C#") + sixteen(tail(path)) }

// sixteen is an id as keys have it.
func sixteen(id string) string { return strings.Repeat("0", 16-len(id)) + id }

// tagNamed is the sort key of a shared tag, by its folded name.
func tagNamed(folded string) string {
	digest := sha256.Sum256([]byte(folded))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

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

// change sets an attribute of an item that is there; nil removes it.
func (h household) change(pk, sk, name string, value types.AttributeValue) {
	h.t.Helper()
	update, values := "SET #n = :v", map[string]types.AttributeValue{":v": value}
	if value == nil {
		update, values = "REMOVE #n", nil
	}
	if _, err := platform.store.UpdateItem(h.t.Context(), &dynamodb.UpdateItemInput{TableName: &h.name, Key: keyOf(pk, sk),
		UpdateExpression: &update, ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#n": name}, ExpressionAttributeValues: values}); err != nil {
		h.t.Fatalf("%s %s: %v", pk, sk, err)
	}
}

// image puts the item of an image of the person that is being processed, or what the attributes say.
func (h household) image(attributes ...any) {
	h.t.Helper()
	h.put(h.parts(h.person), fmt.Sprintf("image#%016d", maxID-11),
		append([]any{"doc", `{"id":"11","status":"PROCESSING"}`, "v", 1, "updated", int(time.Now().UnixMilli())}, attributes...)...)
}

// marked adds as many contacts as make a list long, and reads far into it when they have settled. It returns their ids.
func (h household) marked() (ids []string) {
	h.t.Helper()
	items := make([]object, 240)
	for i := range items {
		items[i] = object{"name": fmt.Sprint(i)}
	}
	ids = h.do("POST", "/individual/batch", object{"items": items}).want(200).page().texts("id")
	h.ahead.Add(int64(2 * time.Minute))
	h.get("/individual?offset=200").want(200)
	h.isSound()
	if h.first(h.pk("I#OFFSETS"), "ROOT") == "" {
		h.t.Fatal("there are no marks")
	}
	return ids
}

// represent puts an entry among the representatives of the firm.
func (h household) represent(key, doc string) {
	h.t.Helper()
	if _, err := platform.store.UpdateItem(h.t.Context(), &dynamodb.UpdateItemInput{TableName: &h.name, Key: keyOf(h.pk("O"), sixteen(tail(h.firm))),
		UpdateExpression: aws.String("SET representatives.#k = :v"), ExpressionAttributeNames: map[string]string{"#k": key},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": asText(doc)}}); err != nil {
		h.t.Fatal(err)
	}
}

// crowded gives the firm 42 representatives, two of them apart from its item, and returns the partition in which those lie.
func (h household) crowded() (pk string) {
	h.t.Helper()
	for range 41 {
		h.stage.identity(h.person, h.firm)
	}
	h.isSound()
	return h.parts(h.firm)
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

// numberOf is an id as a number.
func numberOf(t testing.TB, id string) int {
	t.Helper()
	n, err := strconv.Atoi(id)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
