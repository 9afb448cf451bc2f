package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// AttrExpires is when an item expires, N: Unix seconds. DynamoDB removes it some time later.
const AttrExpires = "expires"

// Create creates the table with its two keys, on-demand capacity and TTL. An existing one is left unchanged.
func (t *Table) Create(ctx context.Context) error {
	_, err := t.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &t.name,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema:   keySchema,
		BillingMode: types.BillingModePayPerRequest,
	})
	if err != nil && !errors.As(err, new(*types.ResourceInUseException)) {
		return classify(err)
	}
	if err := t.active(ctx); err != nil {
		return err
	}
	ttl, err := t.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.name})
	if err != nil {
		return classify(err)
	}
	if expires(ttl) != "" {
		return nil
	}
	_, err = t.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &t.name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(AttrExpires), Enabled: aws.Bool(true)}})
	if err != nil {
		return classify(err)
	}
	return nil
}

// active waits until a change of the table is complete.
func (t *Table) active(ctx context.Context) error {
	waiter := dynamodb.NewTableExistsWaiter(t.client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, 10*time.Second })
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &t.name}, 10*time.Minute); err != nil {
		return classify(err)
	}
	return nil
}

var keySchema = []types.KeySchemaElement{
	{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
	{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
}

// expires is the attribute by which items expire, "" if none do.
func expires(ttl *dynamodb.DescribeTimeToLiveOutput) string {
	if d := ttl.TimeToLiveDescription; d != nil && (d.TimeToLiveStatus == types.TimeToLiveStatusEnabled || d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		return aws.ToString(d.AttributeName)
	}
	return ""
}

// A Description is the configuration of a table. What the engine does not support is nil.
type Description struct {
	Table   string    `json:"table"`
	Status  string    `json:"status"`
	Created time.Time `json:"created"`
	// Items and Bytes are DynamoDB's last counts, at most some hours old.
	Items   int64  `json:"items"`
	Bytes   int64  `json:"bytes"`
	Billing string `json:"billing"`
	// TTL is the attribute by which items expire, "" for none.
	TTL string `json:"ttl"`
	// PointInTimeRecovery reports whether the table can be restored to any second of the last weeks.
	PointInTimeRecovery *bool `json:"point_in_time_recovery"`
	DeletionProtection  *bool `json:"deletion_protection"`
	Streams             bool  `json:"streams"`
	// Encryption names the owner of the key: KMS for one in the account, else DynamoDB.
	Encryption string `json:"encryption"`
}

// Describe returns the configuration of the table.
func (t *Table) Describe(ctx context.Context) (Description, error) {
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return Description{}, classify(err)
	}
	s := out.Table
	d := Description{Table: t.name, Status: string(s.TableStatus), Created: aws.ToTime(s.CreationDateTime).UTC(), Items: aws.ToInt64(s.ItemCount),
		Bytes: aws.ToInt64(s.TableSizeBytes), Billing: string(types.BillingModeProvisioned), DeletionProtection: s.DeletionProtectionEnabled, Encryption: "DynamoDB"}
	if s.BillingModeSummary != nil {
		d.Billing = string(s.BillingModeSummary.BillingMode)
	}
	if s.SSEDescription != nil && s.SSEDescription.Status == types.SSEStatusEnabled {
		d.Encryption = string(s.SSEDescription.SSEType)
	}
	d.Streams = s.StreamSpecification != nil && aws.ToBool(s.StreamSpecification.StreamEnabled)
	ttl, err := t.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.name})
	if err != nil {
		return d, classify(err)
	}
	d.TTL = expires(ttl)
	backups, err := t.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &t.name})
	switch {
	case unknown(err):
	case err != nil:
		return d, classify(err)
	default:
		p := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		d.PointInTimeRecovery = aws.Bool(p != nil && p.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled)
	}
	if len(s.KeySchema) != 2 || aws.ToString(s.KeySchema[0].AttributeName) != "pk" || aws.ToString(s.KeySchema[1].AttributeName) != "sk" {
		return d, fmt.Errorf("table %s has other keys than pk and sk: it is none of this platform; choose another name", t.name)
	}
	return d, nil
}

// unknown reports whether the engine has no such operation: engines other than AWS's lack some.
func unknown(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "UnknownOperationException"
}

// Protect configures what template.yaml declares beyond Create: point-in-time recovery, deletion protection, streams, a key in KMS. It
// returns what the engine does not support.
func (t *Table) Protect(ctx context.Context, streams bool) (lacking []string, err error) {
	d, err := t.Describe(ctx)
	if err != nil {
		return nil, err
	}
	update := func(change func(*dynamodb.UpdateTableInput)) func() error {
		return func() error {
			input := &dynamodb.UpdateTableInput{TableName: &t.name}
			change(input)
			_, err := t.client.UpdateTable(ctx, input)
			return err
		}
	}
	for _, protection := range []struct {
		name  string
		there bool
		set   func() error
	}{
		{"point-in-time recovery", aws.ToBool(d.PointInTimeRecovery), func() error {
			_, err := t.client.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{TableName: &t.name,
				PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)}})
			return err
		}},
		{"deletion protection", aws.ToBool(d.DeletionProtection), update(func(i *dynamodb.UpdateTableInput) { i.DeletionProtectionEnabled = aws.Bool(true) })},
		{"streams", d.Streams || !streams, update(func(i *dynamodb.UpdateTableInput) {
			i.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages}
		})},
		{"encryption by KMS", d.Encryption == string(types.SSETypeKms), update(func(i *dynamodb.UpdateTableInput) {
			i.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true)}
		})},
	} {
		if protection.there {
			continue
		}
		err := protection.set()
		var api smithy.APIError
		if unknown(err) || errors.As(err, &api) && api.ErrorCode() == "ValidationException" {
			lacking, err = append(lacking, protection.name), nil
		}
		if err == nil {
			err = t.active(ctx)
		}
		if err != nil {
			return lacking, fmt.Errorf("%s: %w", protection.name, classify(err))
		}
	}
	return lacking, nil
}
