package contacts

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/dynamo"
	"contacts/tests/harness"
)

// BenchmarkABatchOf500NewContacts compares batches of 500 contacts with external ids to 500 transactions of the same two items without the
// platform, with the same concurrency. It reports the ratio of their times: at most 3.
func BenchmarkABatchOf500NewContacts(b *testing.B) {
	x := harness.NewTenant(b)
	var batches, raws time.Duration
	for round := 0; b.Loop(); round++ {
		items := make([]object, 500)
		for i := range items {
			items[i] = object{"name": "Erika Mustermann", "external_id": fmt.Sprintf("crm-%d-%d", round, i), "date_of_birth": "2025-03-25"}
		}
		started := time.Now()
		x.Do("POST", "/individual/batch", object{"items": items}).Want(200)
		batches += time.Since(started)

		started = time.Now()
		if err := dynamo.EachParallel(b.Context(), len(items), func(ctx context.Context, i int) error {
			return rawContact(ctx, x.Org, round, i)
		}); err != nil {
			b.Fatal(err)
		}
		raws += time.Since(started)
	}
	b.ReportMetric(float64(batches)/float64(raws), "x-raw")
}

// rawContact writes a contact and the unique constraint of its external id, as the platform does.
func rawContact(ctx context.Context, org string, round, i int) error {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	number := func(n int64) types.AttributeValue { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }
	id, external := int64(round)<<20|int64(i)|1<<50, fmt.Sprintf("raw-%d-%d", round, i)
	now := number(time.Now().UnixMilli())
	put := func(item map[string]types.AttributeValue) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{TableName: &harness.Platform.Name, Item: item,
			ConditionExpression: aws.String("attribute_not_exists(pk)")}}
	}
	_, err := harness.Platform.Store.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		put(map[string]types.AttributeValue{"pk": text("T#" + org + "#RAW"), "sk": text(fmt.Sprintf("%016d", id)),
			"doc":     text(fmt.Sprintf(`{"id":"%d","external_id":"%s","name":"Erika Mustermann","date_of_birth":"2025-03-25","deleted":false}`, id, external)),
			"created": now, "updated": now, "v": number(1), "uniques": &types.AttributeValueMemberSS{Value: []string{"INDIVIDUAL#" + external}}}),
		put(map[string]types.AttributeValue{"pk": text("T#" + org + "#URAW"), "sk": text(external), "owner": number(id)}),
	}})
	return err
}
