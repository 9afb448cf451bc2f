// Package job runs what takes longer than one call of a function, in slices. A job has a mark, by which the functions find it, and a place:
// how far it has come, with the lease of the function that works on it.
//
// No function calls itself: a slice ends before its function does, and the next call of the schedule goes on from the place. Each write of
// the place requires the fence of its lease, so that a function which was stopped, and comes back, changes nothing.
package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
)

// A Job is an export or import that is not finished.
type Job struct {
	Kind keys.JobKind
	Org  string
	ID   contact.ID
}

func (j Job) mark() dynamo.Key { return keys.Job(j.Org, j.Kind, j.ID) }

func (j Job) place() dynamo.Key { return keys.JobPlace(j.Org, j.Kind, j.ID) }

// The attributes of a place.
const (
	attrFence = "fence" // N: how many leases there were
	attrLease = "lease" // N: until when no other function takes it, Unix milliseconds
	attrState = "state" // S: JSON, what the job knows of what is done; absent until the first slice has saved any
	attrTries = "tries" // N: how many slices failed since one saved its state
)

// Begin adds the begin of a job to tx, which is a new one, or one whose mark or place was lost.
func (j Job) Begin(tx *dynamo.Tx) {
	tx.Put(j.mark().Item())
	place := j.place().Item()
	place[attrFence] = dynamo.Number(0)
	tx.Put(place)
}

// Pending returns the jobs of a kind that are not finished, of all organizations.
func Pending(ctx context.Context, table *dynamo.Table, kind keys.JobKind) (all []Job, err error) {
	err = table.Query(keys.Jobs()).Prefix(string(kind)+"#").Read(ctx, 0, func(i dynamo.Item) {
		if kind, org, id, ok := keys.ParseJob(i.String("sk")); ok {
			all = append(all, Job{kind, org, id})
		}
	})
	return all, err
}

// leaseTime is for how long a function has a job. It renews the lease while it works.
const leaseTime = time.Minute

var (
	// ErrLost reports that another function has taken the lease, or that the job has ended: this one must write no more.
	ErrLost = errors.New("job: the lease was lost")
	// errLeased reports that another function has the lease.
	errLeased = errors.New("job: another function works on it")
)

// A Lease is the right to work on a job until it ends.
type Lease struct {
	Job
	// Tries is how many slices failed since one saved its state.
	Tries int64

	table *dynamo.Table
	now   func() time.Time
	fence int64
	state []byte
	until time.Time
	ended bool
}

// acquire takes the lease of a job, or returns errLeased, or ErrLost for a job that has ended.
func (j Job) acquire(ctx context.Context, table *dynamo.Table, now func() time.Time) (*Lease, error) {
	place, err := table.Get(ctx, j.place())
	switch {
	case err != nil:
		return nil, err
	case place == nil:
		return nil, ErrLost
	case place.Number(attrLease) > now().UnixMilli():
		return nil, errLeased
	}
	l := &Lease{Job: j, Tries: place.Number(attrTries), table: table, now: now, fence: place.Number(attrFence) + 1, state: []byte(place.String(attrState)), until: now().Add(leaseTime)}
	tx := table.Begin()
	update := tx.Update(j.place())
	update.Set(attrFence, dynamo.Number(l.fence))
	update.Set(attrLease, dynamo.Number(l.until.UnixMilli()))
	update.Set(attrTries, dynamo.Number(l.Tries+1)) // a function that is killed has failed
	tx.Check(j.place(), dynamo.Require(dynamo.AttributeEquals(attrFence, dynamo.Number(l.fence-1)), errLeased))
	return l, commit(ctx, tx)
}

// State decodes what an earlier slice saved into state, which it leaves alone if none did.
func (l *Lease) State(state any) error {
	if len(l.state) == 0 {
		return nil
	}
	if err := json.Unmarshal(l.state, state); err != nil {
		return fmt.Errorf("job: the state of %v can't be read: %w", l.place(), err)
	}
	return nil
}

// Save stores how far the job has come, and renews the lease. ErrLost if it was lost.
func (l *Lease) Save(ctx context.Context, state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	tx := l.table.Begin()
	tx.Update(l.place()).Set(attrState, dynamo.String(string(text)))
	tx.Update(l.place()).Set(attrTries, dynamo.Number(0))
	return l.extend(ctx, tx)
}

// Renew renews the lease if it ends soon. ErrLost if it was lost.
func (l *Lease) Renew(ctx context.Context) error {
	if l.until.Sub(l.now()) > leaseTime/2 {
		return nil
	}
	return l.extend(ctx, l.table.Begin())
}

func (l *Lease) extend(ctx context.Context, tx *dynamo.Tx) error {
	until := l.now().Add(leaseTime)
	tx.Update(l.place()).Set(attrLease, dynamo.Number(until.UnixMilli()))
	l.Require(tx)
	err := commit(ctx, tx)
	if err == nil {
		l.until = until
	}
	return err
}

// Require lets tx fail with ErrLost if the lease was lost.
func (l *Lease) Require(tx *dynamo.Tx) {
	tx.Check(l.place(), dynamo.Require(dynamo.AttributeEquals(attrFence, dynamo.Number(l.fence)), ErrLost))
}

// End commits tx with the end of the job. ErrLost if the lease was lost.
func (l *Lease) End(ctx context.Context, tx *dynamo.Tx) error {
	l.Require(tx)
	tx.Delete(l.place())
	tx.Delete(l.mark())
	err := commit(ctx, tx)
	l.ended = err == nil
	return err
}

// release gives the lease back: another function may take it after a pause.
func (l *Lease) release(ctx context.Context, pause time.Duration) error {
	tx := l.table.Begin()
	tx.Update(l.place()).Set(attrLease, dynamo.Number(l.now().Add(pause).UnixMilli()))
	l.Require(tx)
	return commit(ctx, tx)
}

// commit returns ErrLost or errLeased for a transaction that was refused with it.
func commit(ctx context.Context, tx *dynamo.Tx) error {
	err := tx.Commit(ctx)
	for _, known := range []error{ErrLost, errLeased} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}
