package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/capacity"
)

// addRead adds a call that read; consumed is nil where the engine doesn't say.
func addRead(ctx context.Context, consumed *types.ConsumedCapacity) {
	capacity.Of(ctx).AddRead(sum(consumed))
}

// addWrite adds a call that wrote. A refused write consumes units too; the store doesn't say how many.
func addWrite(ctx context.Context, consumed ...types.ConsumedCapacity) {
	total := 0.0
	for _, c := range consumed {
		total += sum(&c)
	}
	capacity.Of(ctx).AddWrite(total)
}

func addWriteOne(ctx context.Context, consumed *types.ConsumedCapacity) {
	capacity.Of(ctx).AddWrite(sum(consumed))
}

func sum(consumed *types.ConsumedCapacity) float64 {
	if consumed == nil {
		return 0
	}
	return aws.ToFloat64(consumed.CapacityUnits)
}
