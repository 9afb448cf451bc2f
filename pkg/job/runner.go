package job

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Runner works on the jobs of a kind. It is safe for concurrent use, in any number of processes.
type Runner struct {
	Table *dynamo.Table
	Kind  keys.JobKind
	Now   func() time.Time
	Log   *slog.Logger
	// Work works on a job until it ends or stop is done. It ends the job by Lease.End.
	Work func(ctx, stop context.Context, l *Lease) error
	// Fail ends a job that can't be done, because of cause.
	Fail func(ctx context.Context, l *Lease, cause error) error
}

const (
	// maxJobs is how many jobs one call works on at once.
	maxJobs = 4
	// maxTries is after how many failures in a row, some 40 minutes, a job is ended.
	maxTries = 12
	// ending is how long before its deadline a call ends its slices.
	ending = 20 * time.Second
)

// Handle is the Lambda function: it works on the jobs that no other call works on. The stream of the table and the schedule only wake it.
func (r *Runner) Handle(ctx context.Context) error {
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	if deadline, limited := ctx.Deadline(); limited {
		stop, cancel = context.WithDeadline(ctx, deadline.Add(-ending))
		defer cancel()
	}
	return r.Run(ctx, stop)
}

// Run works on the jobs that no other call works on, until all are done or stop is.
func (r *Runner) Run(ctx, stop context.Context) error {
	jobs, err := Pending(ctx, r.Table, r.Kind)
	if err != nil {
		return err
	}
	if len(jobs) > 0 { // no job may always be the last one
		first := int(r.Now().UnixMilli() % int64(len(jobs)))
		jobs = slices.Concat(jobs[first:], jobs[:first])
	}
	group := new(errgroup.Group)
	group.SetLimit(maxJobs)
	for _, j := range jobs {
		group.Go(func() error {
			if Over(stop) {
				return nil
			}
			err := r.RunJob(ctx, stop, j)
			if err != nil {
				r.Log.Error("job", "kind", j.Kind, "org", j.Org, "id", j.ID, "cause", err)
			}
			return err
		})
	}
	return group.Wait()
}

// Over reports whether a slice is to end.
func Over(stop context.Context) bool { return stop.Err() != nil }

// RunJob works on a job, if no other call does, until it ends or stop is done.
func (r *Runner) RunJob(ctx, stop context.Context, j Job) error {
	l, err := j.acquire(ctx, r.Table, r.Now)
	if errors.Is(err, errLeased) || errors.Is(err, ErrLost) {
		return nil
	}
	if err != nil {
		return err
	}
	err = r.Work(ctx, stop, l)
	switch {
	case errors.Is(err, ErrLost):
		return nil
	case err == nil && l.ended:
		return nil
	case err == nil:
		err = l.release(ctx, 0)
	case l.Tries+1 >= maxTries:
		err = errors.Join(err, r.Fail(ctx, l, err))
	default:
		err = errors.Join(err, l.release(ctx, time.Second<<l.Tries))
	}
	return err
}
