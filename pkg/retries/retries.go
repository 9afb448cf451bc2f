// Package retries says how calls of AWS are tried again: with jitter, so that functions that were throttled together don't
// come back together, and only as long as the request's own time allows.
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

// Margin is what is left of a request's time for saying that it could not be done.
const Margin = time.Second

// Within bounds all that a request does by its deadline, less the margin.
func Within(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-Margin))
	}
	return context.WithCancel(ctx)
}

// maxTries ends what has no deadline, such as a command, after half a minute.
const maxTries = 60

// slowest is the longest wait before a try, fastest the longest before the first.
const fastest, slowest = 25 * time.Millisecond, time.Second

// Delay is how long to wait before a try that follows n that failed, the first being 1: any time up to a bound that doubles
// from 25 ms to a second.
func Delay(n int) time.Duration {
	return rand.N(min(fastest<<min(max(n-1, 0), 16), slowest))
}

// Retryer tries again what AWS throttled, what failed on its side, and what the network lost; and errors of these codes. It
// has no quota of retries, which the SDK's own has: the deadline is the bound, and what is given up early is a 503 more.
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

// Count returns a context in which the tries that follow a failed one are counted.
func Count(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countKey{}, n), n
}

type counting struct{ aws.RetryerV2 }

// GetRetryToken is asked for before each further try.
func (c counting) GetRetryToken(ctx context.Context, failed error) (func(error) error, error) {
	if met, ok := ctx.Value(metKey{}).(*error); ok {
		*met = failed
	}
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
	return c.RetryerV2.GetRetryToken(ctx, failed)
}

// Ended returns the error of a call, and, where ctx ended its tries, also what the last whole try met: the end alone tells no cause.
// met is nil if there was no such try. The returned error wraps both.
func Ended(ctx context.Context, err, met error) error {
	if err == nil || met == nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("%w, after %w", err, met)
}

// TellLast makes an operation of the SDK, whose own error is that of its context where the time ends its tries, tell what the last
// of them met.
func TellLast(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("TellLastTry", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		var met error
		out, metadata, err := next.HandleInitialize(context.WithValue(ctx, metKey{}, &met), in)
		return out, metadata, Ended(ctx, err, met)
	}), middleware.Before)
}

type metKey struct{}
