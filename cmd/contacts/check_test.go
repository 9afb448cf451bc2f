package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/local"
)

// A check reports findings by its exit code and a line each, announces repairs, and makes them.
func TestACheckSaysWhatItWouldRepairBeforeItDoes(t *testing.T) {
	_, data := servePlatform(t)
	tool := func(code int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		err := run(t.Context(), append(args, "--data", data), &out)
		if got := exitCode(err); got != code {
			t.Fatalf("contacts %q ends with %d, %v, want %d\n%s", args, got, err, code, &out)
		}
		return out.String()
	}
	holds := func(text string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in\n%s", want, text)
			}
		}
	}
	tool(0, "seed", "--contacts", "20", "--org", "demo")
	holds(tool(0, "check"), "20 contacts", "0 left", "0 objects")
	store := engineOf(t, data)
	uniques, err := store.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(localTable), Limit: aws.Int32(2),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "T#demo#U#INDIVIDUAL"}}})
	if err != nil || len(uniques.Items) != 2 {
		t.Fatalf("%d uniques, %v", len(uniques.Items), err)
	}
	for _, unique := range uniques.Items {
		if _, err := store.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(localTable),
			Key: map[string]types.AttributeValue{"pk": unique["pk"], "sk": unique["sk"]}}); err != nil {
			t.Fatal(err)
		}
	}
	holds(tool(1, "check", "--org", "demo"), "which has no entry", "2 left")
	holds(tool(1, "check", "--repair"), "a repair would: write the entry", "0 repaired, 2 left")
	tool(2, "check", "--yes")
	tool(2, "check", "--org", "nobody")
	want := `{"kind":"unique","org":"demo","key":"T#demo#I `
	holds(tool(1, "check", "--json"), want, `,"repair":"write the entry","automatic":true}`, `"unique_values":`, `"objects_checked":true,"repaired":0,"left":2}`)
	last := func(text string) (o map[string]any) {
		t.Helper()
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &o); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return o
	}
	if o := last(tool(0, "check", "--repair", "--yes", "--json")); o["repaired"] != 2.0 || o["left"] != 0.0 {
		t.Errorf("the repair ends with %v", o)
	}
	holds(tool(0, "check"), "0 left")
	if _, err := store.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(localTable), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "T#demo#X"}, "sk": &types.AttributeValueMemberS{Value: "1"}}}); err != nil {
		t.Fatal(err)
	}
	holds(tool(1, "check", "--repair", "--yes"), "T#demo#X 1: no item of the platform has such a key; by hand: find out who wrote it", "0 repaired, 1 left")
}

// Without the bucket, only the table is checked, and the output says so.
func TestACheckWithoutABucketSaysSo(t *testing.T) {
	_, data := servePlatform(t)
	engine := servicesOf(t, data).DynamoDB
	o := localOptions(engine)
	credentials, err := o.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_REGION", o.Region)
	t.Setenv("AWS_ACCESS_KEY_ID", credentials.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"check", "--table", localTable, "--endpoint", engine}, &out); err != nil {
		t.Fatal(err)
	}
	if want := "no objects checked: --bucket names the bucket"; !strings.Contains(out.String(), want) {
		t.Errorf("%q is not in\n%s", want, &out)
	}
}

// servicesOf returns the services of a running platform.
func servicesOf(t *testing.T, data string) (s local.Services) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "services.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// engineOf returns the engine of a running platform.
func engineOf(t *testing.T, data string) *dynamodb.Client {
	t.Helper()
	engine := servicesOf(t, data).DynamoDB
	o := localOptions(engine)
	return dynamodb.New(dynamodb.Options{Region: o.Region, Credentials: o.Credentials, BaseEndpoint: aws.String(engine)})
}
