package retries_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"contacts/pkg/retries"
)

func TestWaitsGrowToASecondAndNoFurther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1000).Draw(t, "failed tries")
		bound := time.Second
		if n <= 5 {
			bound = 25 * time.Millisecond << max(n-1, 0)
		}
		if got := retries.Delay(n); got < 0 || got >= bound {
			t.Fatalf("after %d tries a wait of %s, want less than %s", n, got, bound)
		}
	})
}

func TestWhatARequestDoesEndsASecondBeforeItsTime(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Minute)
	bounded, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	within, cancel := retries.Within(bounded)
	defer cancel()
	if got, ok := within.Deadline(); !ok || !got.Equal(deadline.Add(-time.Second)) {
		t.Errorf("until %s, want a second before %s", got, deadline)
	}
	endless, cancel := retries.Within(t.Context())
	defer cancel()
	if _, ok := endless.Deadline(); ok {
		t.Error("a deadline where there was none")
	}
}

func TestWhatALaterTryMayCureIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := retries.Retryer("TransactionConflictException")
	for code, again := range map[string]bool{
		"ProvisionedThroughputExceededException": true, "ThrottlingException": true, "RequestLimitExceeded": true, "SlowDown": true,
		"TransactionInProgressException": true, "TransactionConflictException": true,
		"ValidationException": false, "AccessDeniedException": false, "ConditionalCheckFailedException": false, "TransactionCanceledException": false,
	} {
		if got := r.IsErrorRetryable(&smithy.GenericAPIError{Code: code}); got != again {
			t.Errorf("%s is tried again: %t, want %t", code, got, again)
		}
	}
	if r.IsErrorRetryable(errors.New("unknown")) {
		t.Error("an error of which nothing is known is tried again")
	}
	// However often: the deadline is the bound, no quota.
	for range 10_000 {
		if _, err := r.GetRetryToken(t.Context(), &smithy.GenericAPIError{Code: "ThrottlingException"}); err != nil {
			t.Fatal(err)
		}
	}
}
