package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A reindex writes lost entries, and removes those of no contact.
func TestAReindexWritesTheEntriesOfASearchAnew(t *testing.T) {
	_, data := servePlatform(t)
	tool := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), append(args, "--data", data), &out); err != nil {
			t.Fatalf("contacts %q: %v\n%s", args, err, &out)
		}
		return out.String()
	}
	tool("seed", "--contacts", "20", "--org", "demo")
	store := engineOf(t, data)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	words := func() []map[string]types.AttributeValue {
		t.Helper()
		found, err := store.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(localTable), FilterExpression: aws.String("begins_with(pk, :pk)"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text("T#demo#WORD#")}})
		if err != nil {
			t.Fatal(err)
		}
		return found.Items
	}
	before := words()
	if len(before) < 40 {
		t.Fatalf("20 contacts have %d words", len(before))
	}
	for _, word := range before[:30] {
		if _, err := store.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(localTable),
			Key: map[string]types.AttributeValue{"pk": word["pk"], "sk": word["sk"]}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(localTable), Item: map[string]types.AttributeValue{
		"pk": text("T#demo#WORD#x"), "sk": text("xaver#xaver#0000000000000004"), "name": text("Xaver")}}); err != nil {
		t.Fatal(err)
	}
	if got := tool("reindex", "demo"); !strings.Contains(got, "31 entries and links written") {
		t.Errorf("it says %s", got)
	}
	if after := words(); len(after) != len(before) {
		t.Errorf("%d words, %d before", len(after), len(before))
	}
	if got := tool("check", "--org", "demo"); !strings.Contains(got, "0 left") {
		t.Errorf("the check says %s", got)
	}
}
