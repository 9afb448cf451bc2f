package fsck

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

func TestNoOperationLeavesDamage(t *testing.T) {
	t.Parallel()
	for name, scenario := range harness.FaultScenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewSandbox(t, harness.NewTenant(t).Admin(), harness.SandboxOptions{Pictures: scenario.Pictures})
			scenario.Walk(&harness.Walker{Tenant: s.Tenant})
			s.IsSound()
		})
	}
}

// A fixture is a sandbox with one of everything that refers to something.
type fixture struct {
	*harness.Sandbox
	person, firm, identity, location, list, placeholder string
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	s := harness.NewSandbox(t, harness.NewTenant(t), harness.SandboxOptions{})
	h := fixture{Sandbox: s, person: s.Create("/individual", object{"name": "Erika", "external_id": "crm-1"}), firm: s.CreateOrganization("ACME"), list: s.NewList()}
	h.location = s.Create(h.firm+"/locations", harness.LocationSample)
	h.identity = s.CreateIdentity(h.person, h.firm, "locations", []any{object{"contact_id": harness.LastSegment(h.firm), "location_id": harness.LastSegment(h.location)}})
	s.Create(h.identity+"/emails", harness.EmailSample)
	s.NewOptions(h.person, harness.OptionBody(s.NewType("option_types", object{"names": harness.TypeNames("en", "Pager")}), 6, "erika77"))
	s.Create(h.person+"/phones", harness.With(harness.PhoneSample, "number", "0221 5550123"))
	s.Do("POST", h.person+"/tags", object{"name": "VIP"}).Want(201)
	s.Do("PUT", h.person+"/roles/customer", harness.With(harness.CustomerMinimal, "customer_id", "c-1")).Want(200)
	h.placeholder = s.Create("/placeholder-customers", harness.With(harness.PlaceholderMinimal, "customer_id", "till"))
	s.Do("POST", h.list+"/items", harness.ListOf(harness.LastSegment(h.person), harness.LastSegment(h.placeholder))).Want(200)
	s.IsSound()
	return h
}

func (h fixture) pk(area string) string { return "T#" + h.Org + "#" + area }

// parts returns the partition key of a contact's parts.
func (h fixture) parts(path string) string {
	return h.pk("C#") + harness.Padded(harness.LastSegment(path))
}

// tagNamed returns the sort key of a shared tag by its folded name.
func tagNamed(folded string) string {
	digest := sha256.Sum256([]byte(folded))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

func (h fixture) put(pk, sk string, attributes ...any) {
	h.T.Helper()
	item := harness.ItemKey(pk, sk)
	for i := 0; i < len(attributes); i += 2 {
		switch v := attributes[i+1].(type) {
		case int:
			item[attributes[i].(string)] = &types.AttributeValueMemberN{Value: fmt.Sprint(v)}
		case string:
			item[attributes[i].(string)] = &types.AttributeValueMemberS{Value: v}
		}
	}
	if _, err := harness.Platform.Store.PutItem(h.T.Context(), &dynamodb.PutItemInput{TableName: &h.Name, Item: item}); err != nil {
		h.T.Fatal(err)
	}
}

func (h fixture) drop(pk, sk string) {
	h.T.Helper()
	if _, err := harness.Platform.Store.DeleteItem(h.T.Context(), &dynamodb.DeleteItemInput{TableName: &h.Name, Key: harness.ItemKey(pk, sk),
		ConditionExpression: aws.String("attribute_exists(pk)")}); err != nil {
		h.T.Fatalf("%s %s: %v", pk, sk, err)
	}
}

// change sets an attribute of an existing item; nil removes it.
func (h fixture) change(pk, sk, name string, value types.AttributeValue) {
	h.T.Helper()
	update, values := "SET #n = :v", map[string]types.AttributeValue{":v": value}
	if value == nil {
		update, values = "REMOVE #n", nil
	}
	if _, err := harness.Platform.Store.UpdateItem(h.T.Context(), &dynamodb.UpdateItemInput{TableName: &h.Name, Key: harness.ItemKey(pk, sk),
		UpdateExpression: &update, ConditionExpression: aws.String("attribute_exists(pk)"),
		ExpressionAttributeNames: map[string]string{"#n": name}, ExpressionAttributeValues: values}); err != nil {
		h.T.Fatalf("%s %s: %v", pk, sk, err)
	}
}

// image puts the item of an image of the person, being processed unless the attributes say otherwise.
func (h fixture) image(attributes ...any) {
	h.T.Helper()
	h.put(h.parts(h.person), fmt.Sprintf("image#%016d", harness.MaxID-11),
		append([]any{"doc", `{"id":"11","status":"PROCESSING"}`, "v", 1, "updated", int(time.Now().UnixMilli())}, attributes...)...)
}

// buildOffsetIndex adds enough contacts for an offset index, reads far into the list when they are old enough, and returns their ids.
func (h fixture) buildOffsetIndex() (ids []string) {
	h.T.Helper()
	items := make([]object, 240)
	for i := range items {
		items[i] = object{"name": fmt.Sprint(i)}
	}
	ids = h.Do("POST", "/individual/batch", object{"items": items}).Want(200).Page().Texts("id")
	h.Ahead.Add(int64(2 * time.Minute))
	h.Get("/individual?offset=200").Want(200)
	h.IsSound()
	if h.first(h.pk("I#OFFSETS"), "ROOT") == "" {
		h.T.Fatal("there are no marks")
	}
	return ids
}

// addRepresentative puts a representative of the organization.
func (h fixture) addRepresentative(key, doc string) {
	h.T.Helper()
	if _, err := harness.Platform.Store.UpdateItem(h.T.Context(), &dynamodb.UpdateItemInput{TableName: &h.Name, Key: harness.ItemKey(h.pk("O"), harness.Padded(harness.LastSegment(h.firm))),
		UpdateExpression: aws.String("SET representatives.#k = :v"), ExpressionAttributeNames: map[string]string{"#k": key},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": harness.TextAttribute(doc)}}); err != nil {
		h.T.Fatal(err)
	}
}

// addManyRepresentatives puts 42 representatives of the organization, two of them outside its item, and returns the partition key of those.
func (h fixture) addManyRepresentatives() (pk string) {
	h.T.Helper()
	for range 41 {
		h.CreateIdentity(h.person, h.firm)
	}
	h.IsSound()
	return h.parts(h.firm)
}

// first returns the sort key of the first item of a partition with a prefix.
func (h fixture) first(pk, prefix string) string {
	h.T.Helper()
	out, err := harness.Platform.Store.Query(h.T.Context(), &dynamodb.QueryInput{TableName: &h.Name, Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}, ":sk": &types.AttributeValueMemberS{Value: prefix}}})
	if err != nil || len(out.Items) == 0 {
		h.T.Fatalf("%s %s: nothing there, %v", pk, prefix, err)
	}
	return out.Items[0]["sk"].(*types.AttributeValueMemberS).Value
}
