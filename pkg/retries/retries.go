// Package retries is the policy for retrying calls of AWS: with jitter, so that throttled functions don't retry in step, and only
// until the request's deadline.
package retries

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// Margin is reserved before a request's deadline for answering that it failed.
const Margin = time.Second

// Within returns a context that ends one Margin before the deadline of ctx.
func Within(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-Margin))
	}
	return context.WithCancel(ctx)
}

// maxTries ends calls without a deadline, such as those of a command, after half a minute.
const maxTries = 60

// minBound is the upper bound of the first delay, maxBound that of the later ones.
const minBound, maxBound = 25 * time.Millisecond, time.Second

// Delay returns a random delay after the nth failed try, counted from 1. Its upper bound doubles from 25 ms to 1 s.
func Delay(n int) time.Duration {
	return rand.N(min(minBound<<min(max(n-1, 0), 16), maxBound))
}

// Retryer retries throttled calls, errors of AWS and of the network, and the error codes given. Unlike the SDK's own it has no retry
// quota: the deadline is the bound, and giving up earlier would only cause more 503s.
func Retryer(codes ...string) aws.Retryer {
	also := retry.RetryableErrorCode{Codes: map[string]struct{}{}}
	for _, code := range codes {
		also.Codes[code] = struct{}{}
	}
	return counting{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxTries
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(failed int, _ error) (time.Duration, error) { return Delay(failed), nil })
		o.Retryables = append(o.Retryables, also)
	})}
}

type countKey struct{}

// CountRetries returns a context whose calls count their retries in the returned counter.
func CountRetries(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countKey{}, n), n
}

type counting struct{ aws.RetryerV2 }

// GetRetryToken is called by the SDK before each retry.
func (c counting) GetRetryToken(ctx context.Context, failed error) (func(error) error, error) {
	if last, ok := ctx.Value(lastErrorKey{}).(*error); ok {
		*last = failed
	}
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
	return c.RetryerV2.GetRetryToken(ctx, failed)
}

// WithLastError returns the error of a call. If ctx ended its retries, the result wraps last too, the error of the last complete try
// or nil: the end of ctx is no cause.
func WithLastError(ctx context.Context, err, last error) error {
	if err == nil || last == nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("%w, after %w", err, last)
}

// AddLastError adds WithLastError to an operation of the SDK, whose own error is only that of its context when that ends.
func AddLastError(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("LastError", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		var last error
		out, metadata, err := next.HandleInitialize(context.WithValue(ctx, lastErrorKey{}, &last), in)
		return out, metadata, WithLastError(ctx, err, last)
	}), middleware.Before)
}

type lastErrorKey struct{}
