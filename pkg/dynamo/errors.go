package dynamo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"
)

// ErrConflict reports that an item was changed after it was read: read it again, decide again, and write again. RetryOnConflict does.
var ErrConflict = errors.New("dynamo: the item was changed after it was read")

// ErrItemTooLarge reports that a write would let an item grow past DynamoDB's 400 KB.
var ErrItemTooLarge = errors.New("dynamo: an item would grow past the size that can be stored")

// An UnavailableError reports that the store is busy, or can't be reached. A later try may succeed.
type UnavailableError struct{ cause error }

// Unavailable returns the error of a store that is busy, or can't be reached.
func Unavailable(cause error) error { return &UnavailableError{cause} }

func (e *UnavailableError) Error() string {
	return "the store is busy or out of reach: " + e.cause.Error()
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.cause }

// Unavailable marks the error for packages that don't know this one.
func (e *UnavailableError) Unavailable() bool { return true }

// A ConditionError reports that conditions refused a transaction. It wraps the refusal of each, in the order of the items and of their
// conditions.
type ConditionError struct{ Refusals []error }

func (e *ConditionError) Error() string { return errors.Join(e.Refusals...).Error() }

// Unwrap returns the refusals.
func (e *ConditionError) Unwrap() []error { return e.Refusals }

// A TooManyItemsError reports that a transaction would change more items than DynamoDB takes.
type TooManyItemsError struct{ Items int }

func (e *TooManyItemsError) Error() string {
	return fmt.Sprintf("dynamo: the transaction has %d items; at most %d can change together", e.Items, MaxTransactionItems)
}

// classify returns an *UnavailableError for an error of the SDK that a later try may not meet, other errors unchanged.
func classify(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return Unavailable(err) // the request never reached the store, or its answer never came back
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError",
		"ServiceUnavailable", "TransactionInProgressException", "TransactionConflictException", "LimitExceededException":
		return Unavailable(err)
	}
	if api.ErrorFault() == smithy.FaultServer {
		return Unavailable(err)
	}
	return err
}

// InvalidWrite returns DynamoDB's message about a write that can never succeed: of an item that is too large, or of attributes with types
// that the write does not support.
func InvalidWrite(err error) (reason string, ok bool) {
	var api smithy.APIError
	if !errors.As(err, &api) || !slices.Contains([]string{"ValidationException", "TransactionCanceledException"}, api.ErrorCode()) {
		return "", false
	}
	return api.ErrorMessage(), true
}
