package webhooks

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/tests/harness"
)

func TestACreationThatIsRepeatedShowsTheSameSecret(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	create := func() *harness.Answer {
		return admin.Do("POST", "/webhooks", object{"url": receiver}, "Idempotency-Key", "create")
	}
	first := create().Want(201)
	path := "/webhooks/" + first.Text("id")
	admin.Do("POST", path+"/secret", nil).Want(200)
	admin.CreateIndividual("Erika") // the webhook is behind now
	harness.SameAnswer(t, first, create())
	admin.Do("DELETE", path, nil).Want(204)
	harness.SameAnswer(t, first, create())
}

func TestARotationThatIsRepeatedShowsTheSameSecret(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	made := admin.Do("POST", "/webhooks", object{"url": receiver}).Want(201)
	path := "/webhooks/" + made.Text("id")
	rotate := func(key string) *harness.Answer { return admin.Do("POST", path+"/secret", nil, "Idempotency-Key", key) }
	first := rotate("1").Want(200)
	second := rotate("2").Want(200)
	harness.SameAnswer(t, first, rotate("1"))
	secrets := map[string]bool{made.Text("secret"): true, first.Text("secret"): true, second.Text("secret"): true}
	if len(secrets) != 3 || len(first.Object()) != 1 {
		t.Errorf("%s\n%s\n%s", made.Body, first.Body, second.Body)
	}
	admin.Do("POST", "/webhooks/1/secret", nil).Problem(404)
}

// No item of the table has a secret, nor what it is derived from, and no log line has one.
func TestNoSecretIsStoredOrLogged(t *testing.T) {
	t.Parallel()
	admin := harness.NewTenant(t).Admin()
	made := admin.Do("POST", "/webhooks", object{"url": receiver}, "Idempotency-Key", "create").Want(201)
	rotated := admin.Do("POST", "/webhooks/"+made.Text("id")+"/secret", nil, "Idempotency-Key", "rotate").Want(200)
	pages := dynamodb.NewScanPaginator(harness.Platform.Store, &dynamodb.ScanInput{TableName: &harness.Platform.Name})
	items := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			items++
			text := textOf(&types.AttributeValueMemberM{Value: item})
			for _, secret := range []string{made.Text("secret"), rotated.Text("secret"), harness.WebhookSecret} {
				if strings.Contains(text, strings.TrimPrefix(secret, "whsec_")) {
					t.Errorf("%v has a secret", item["pk"])
				}
			}
		}
	}
	if items == 0 {
		t.Fatal("the table is empty")
	}
	if log := harness.Platform.Log.All(); strings.Contains(log, "whsec_") || strings.Contains(log, harness.WebhookSecret) {
		t.Error("a log line has a secret")
	}
}

// textOf returns all texts and bytes of an attribute.
func textOf(v types.AttributeValue) string {
	var all strings.Builder
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value + "\n"
	case *types.AttributeValueMemberB:
		return string(v.Value) + "\n"
	case *types.AttributeValueMemberSS:
		return strings.Join(v.Value, "\n")
	case *types.AttributeValueMemberL:
		for _, member := range v.Value {
			all.WriteString(textOf(member))
		}
	case *types.AttributeValueMemberM:
		for _, member := range v.Value {
			all.WriteString(textOf(member))
		}
	}
	return all.String()
}
