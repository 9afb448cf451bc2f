// Package idempotency stores the answers to requests with an Idempotency-Key, so that a repeated request gets the same answer and changes
// nothing.
//
// The record of an answer is written in the transaction of the change. A request whose change takes several transactions locks its key
// first (Begin), so that no repeat runs concurrently.
package idempotency

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/retries"
)

const (
	// Retention is how long an answer is stored.
	Retention = 24 * time.Hour
	// MaxRun is how long a key stays locked by a request that never ended. No function runs longer.
	MaxRun = time.Minute
)

// Answers are the stored answers in a table.
type Answers struct {
	table *dynamo.Table
	now   func() time.Time
	newID func() contact.ID
}

// New returns the answers of a table. newID makes the ids of resources that requests with a key create.
func New(table *dynamo.Table, now func() time.Time, newID func() contact.ID) *Answers {
	return &Answers{table, now, newID}
}

// A Key is the Idempotency-Key of one request, or of one row of a batch. It is nil for a request without one.
type Key struct {
	answers     *Answers
	key         dynamo.Key
	fingerprint []byte
	run         string     // identifies this run of the request, after Begin
	created     contact.ID // the id of what the request creates, the same in each run
	committed   bool
	stored      *record // the answer that was stored before
}

// Key returns the key of a request. Caller and key identify the record; repeats must have the same fingerprint.
func (a *Answers) Key(org, caller, key string, fingerprint []byte) *Key {
	digest := sha256.Sum256([]byte(caller + "\x00" + key))
	return &Key{answers: a, key: keys.Idempotency(org, digest[:]), fingerprint: fingerprint}
}

// Row returns the key of a row of a batch. Its change is recorded separately: a repeated batch makes each row's change once.
func (k *Key) Row(index int) *Key {
	if k == nil {
		return nil
	}
	return &Key{answers: k.answers, key: keys.BatchRow(k.key, index), fingerprint: k.fingerprint}
}

// Committed reports whether a change was made under the key, and its answer recorded.
func (k *Key) Committed() bool { return k != nil && k.committed }

// Answered reports whether the request is a repeat of an answered one: it changed nothing, and Answer returns the answer.
func (k *Key) Answered() bool { return k != nil && k.stored != nil }

// Name identifies the key among all keys of the table.
func (k *Key) Name() string { return k.key.PK }

// Created returns the id of what the request creates, after Begin: the same in each run of the request.
func (k *Key) Created() contact.ID { return k.created }

// errAnswered reports that the key's first request was answered.
var errAnswered = errors.New("idempotency: the first request was answered")

// IsAnswered reports whether a write was refused because the key's first request was answered, whatever else refused it.
func IsAnswered(err error) bool { return errors.Is(err, errAnswered) }

var (
	errRunning   = contact.Refuse(contact.InProgress, "the first request with this Idempotency-Key is still running; repeat it later")
	errAbandoned = errors.New("idempotency: the run that locked the key never ended")
	errOtherRun  = errors.New("idempotency: another run has locked the key")
	errUsedTwice = errors.New("idempotency: a second change was made under the key of one request")
)

// Begin locks the key for a request whose change takes several transactions. InProgress while another run of the request has locked it. If
// the request was answered before, the key is Answered.
func (k *Key) Begin(ctx context.Context) error {
	k.run, k.created = rand.Text(), k.answers.newID()
	for {
		now := k.answers.now()
		item, err := dynamo.Encode(k.key, record{Fingerprint: k.fingerprint, Run: k.run, Created: int64(k.created),
			Running: now.Add(MaxRun).UnixMilli(), Expires: now.Add(Retention).Unix()})
		if err != nil {
			return err
		}
		tx := k.answers.table.Begin()
		tx.Put(item, k.free(now))
		err = tx.Commit(ctx)
		switch {
		case errors.Is(err, errAbandoned):
			continue // k.created is now the id of the interrupted run
		case errors.Is(err, errAnswered):
			return nil
		}
		return err
	}
}

// SetCreated changes the id of what the request creates, for further runs, too. InProgress if another run has locked the key meanwhile.
func (k *Key) SetCreated(ctx context.Context, id contact.ID) error {
	tx := k.answers.table.Begin()
	tx.Check(k.key, k.isRun(errRunning))
	tx.Update(k.key).Set("created", dynamo.Number(int64(id)))
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	k.created = id
	return nil
}

// Release unlocks a key after Begin: the request has no final answer, and its next run may begin at once. It uses half of the time that is
// reserved for the end of a request, because it may be called after the deadline for everything else.
func (k *Key) Release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), retries.Margin/2)
	defer cancel()
	tx := k.answers.table.Begin()
	tx.Check(k.key, k.isRun(errOtherRun))
	tx.Update(k.key).Set("running", dynamo.Number(0))
	if err := tx.Commit(ctx); !errors.Is(err, errOtherRun) {
		return err
	}
	return nil
}

// isRun requires that this run has locked the key.
func (k *Key) isRun(refusal error) dynamo.Condition {
	return dynamo.Require(dynamo.AttributeEquals("run", dynamo.String(k.run)), refusal)
}

// free requires that the key has no answer and is not locked by another run. An expired record counts as none, even if DynamoDB hasn't
// deleted it yet.
func (k *Key) free(now time.Time) dynamo.Condition {
	abandoned := dynamo.And(dynamo.LessThan("running", now.UnixMilli()), dynamo.AttributeEquals("fingerprint", dynamo.Binary(k.fingerprint)),
		dynamo.Or(dynamo.AttributeEquals("created", dynamo.Number(int64(k.created))), dynamo.AttributeNotExists("created")))
	free := dynamo.Or(dynamo.AttributeNotExists(dynamo.AttrExpires), dynamo.LessThan(dynamo.AttrExpires, now.Unix()),
		dynamo.AttributeEquals("run", dynamo.String(cmp.Or(k.run, "none"))), abandoned)
	return dynamo.RequireFunc(free, func(stored dynamo.Item) error {
		r, err := dynamo.Decode[record](stored)
		switch {
		case err != nil:
			return err
		case string(r.Fingerprint) != string(k.fingerprint):
			return &contact.Error{Reason: contact.Impossible,
				Detail: "this Idempotency-Key was used for another request; use a new key for a new request",
				Faults: []contact.Fault{{Parameter: "Idempotency-Key", Detail: "used for another request"}}}
		case r.Run != "" && r.Running < now.UnixMilli() && k.run != "":
			k.created = contact.ID(r.Created)
			return errAbandoned
		case r.Run != "":
			return errRunning
		}
		k.stored = &r
		return errAnswered
	})
}
