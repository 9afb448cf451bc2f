package idempotency_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"contacts/pkg/capacity"
	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/idempotency"
	"contacts/pkg/keys"
	"contacts/pkg/local"
)

// A service changes one counter under keys. Its clock is set by hand.
type service struct {
	*testing.T
	table   *dynamo.Table
	answers *idempotency.Answers
	ahead   atomic.Int64 // of the clock that it began with, in ns
}

func newService(t *testing.T) *service {
	t.Helper()
	engine, err := local.StartEngine(t.Context(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	s := &service{T: t, table: dynamo.Open(dynamo.Options{Name: "table", Region: "us-east-1", Endpoint: engine.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})}
	s.must(s.table.Create(t.Context()))
	begun := time.Now()
	now := func() time.Time { return begun.Add(time.Duration(s.ahead.Load())) }
	ids := contact.NewSequence(now)
	s.answers = idempotency.New(s.table, now, func() contact.ID { return ids.Next(contact.Individual) })
	return s
}

func (s *service) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *service) advance(d time.Duration) { s.ahead.Add(int64(d)) }

// key returns the key of one run of a request.
func (s *service) key(name string) *idempotency.Key {
	return s.answers.Key("acme", "shop", name, []byte("fingerprint"))
}

var counter = keys.Counter("acme", keys.CounterDebtor)

// change adds 1 to the counter under a key.
func (s *service) change(ctx context.Context, key *idempotency.Key, answer idempotency.Answer) error {
	tx := s.table.Begin()
	tx.Update(counter).Add(keys.AttrCounter, 1)
	w := idempotency.Write{Key: key, Answer: func(contact.Record) idempotency.Answer { return answer }}
	return w.Commit(ctx, tx, contact.Record{})
}

// requireChanges requires that the counter was changed so many times.
func (s *service) requireChanges(want int64) {
	s.Helper()
	item, err := s.table.Get(s.Context(), counter)
	s.must(err)
	if got := item.Number(keys.AttrCounter); got != want {
		s.Errorf("%d changes were made, want %d", got, want)
	}
}

// requireAnswer requires that a key is that of a repeat, which is given the first answer.
func (s *service) requireAnswer(key *idempotency.Key, want idempotency.Answer) {
	s.Helper()
	if !key.Answered() || key.Committed() {
		s.Fatalf("answered: %v, committed: %v", key.Answered(), key.Committed())
	}
	got, err := key.Answer(s.Context())
	s.must(err)
	if !bytes.Equal(got.Body, want.Body) {
		s.Errorf("a body of %d bytes is not that of %d", len(got.Body), len(want.Body))
	}
	got.Body, want.Body = nil, nil // cmp compares bytes one by one
	if diff := cmp.Diff(want, got); diff != "" {
		s.Error(diff)
	}
}

var created = idempotency.Answer{Status: 201, ETag: `"1"`, Location: "/contacts/8", ContentType: "application/json", Body: []byte(`{"id":"8"}`)}

// withBody returns an answer with another body.
func withBody(body []byte) idempotency.Answer {
	answer := created
	answer.Body = body
	return answer
}

// A repeat changes nothing, and is given the answer of the first: a short one, and one that fits into the transaction compressed.
func TestARepeatIsGivenTheFirstAnswerAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, answer := range map[string]idempotency.Answer{
		"short": created, "without a body": {Status: 204}, "long": withBody(bytes.Repeat([]byte("Zoë"), 150_000)),
	} {
		t.Run(name, func(t *testing.T) {
			s := &service{T: t, table: s.table, answers: s.answers}
			before, err := s.table.Get(t.Context(), counter)
			s.must(err)
			first, repeat := s.key(name), s.key(name)
			s.must(s.change(t.Context(), first, answer))
			if !first.Committed() || first.Answered() {
				t.Errorf("the first: committed: %v, answered: %v", first.Committed(), first.Answered())
			}
			if err := s.change(t.Context(), repeat, withBody([]byte("another"))); !idempotency.IsAnswered(err) {
				t.Fatalf("the repeat: %v", err)
			}
			s.requireAnswer(repeat, answer)
			s.requireChanges(before.Number(keys.AttrCounter) + 1)
		})
	}
}

// Of repeats at once one makes the change, and the others are given its answer.
func TestOfManyRequestsAtOnceOneMakesTheChange(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			key := s.key("key")
			if err := s.change(t.Context(), key, created); err != nil && !idempotency.IsAnswered(err) {
				t.Error(err)
			} else if key.Committed() == key.Answered() {
				t.Errorf("committed: %v, answered: %v", key.Committed(), key.Answered())
			}
		})
	}
	all.Wait()
	s.requireChanges(1)
}

// A second change under one key could not be recorded: it is an error of the program, told before anything is written.
func TestASecondChangeUnderOneKeyIsAnErrorAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	key := s.key("key")
	s.must(s.change(t.Context(), key, created))
	ctx, units := capacity.With(t.Context())
	if err := s.change(ctx, key, created); !errors.Is(err, idempotency.ErrUsedTwice) || units.Calls != 0 {
		t.Errorf("%v, after %d calls", err, units.Calls)
	}
	s.requireChanges(1)
}

// A change that was refused is not one: the request may try again under its key.
func TestARefusedChangeLeavesTheKeyFree(t *testing.T) {
	t.Parallel()
	s := newService(t)
	key, refusal := s.key("key"), errors.New("refused")
	tx := s.table.Begin()
	tx.Check(counter, dynamo.Exists(refusal))
	w := idempotency.Write{Key: key, Answer: func(contact.Record) idempotency.Answer { return created }}
	if err := w.Commit(t.Context(), tx, contact.Record{}); !errors.Is(err, refusal) || key.Committed() {
		t.Errorf("%v, committed: %v", err, key.Committed())
	}
	s.must(s.change(t.Context(), key, created))
	s.requireChanges(1)
}

func TestAKeyIsThatOfOneRequestForADay(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.must(s.change(t.Context(), s.key("key"), created))
	other := s.answers.Key("acme", "shop", "key", []byte("another fingerprint"))
	if err := s.change(t.Context(), other, created); !contact.IsRefused(err, contact.Impossible) || other.Answered() {
		t.Errorf("another request: %v", err)
	}
	if err := other.Begin(t.Context()); !contact.IsRefused(err, contact.Impossible) {
		t.Errorf("another request that takes steps: %v", err)
	}
	s.requireChanges(1)
	for _, free := range []*idempotency.Key{s.answers.Key("acme", "another application", "key", []byte("fingerprint")),
		s.answers.Key("other", "shop", "key", []byte("fingerprint")), nil} {
		s.must(s.change(t.Context(), free, created))
	}
	s.requireChanges(4)
	s.advance(idempotency.Retention + 2*time.Second) // the record has expired; DynamoDB removes it some time later
	s.must(s.change(t.Context(), other, created))
	s.requireChanges(5)
}

// A body that no record can hold, however it is compressed, is kept in parts.
func TestALongAnswerIsStoredWhole(t *testing.T) {
	t.Parallel()
	s := newService(t)
	random := rand.NewChaCha8([32]byte{16})
	for name, size := range map[string]int{"short": 100, "one part": 351_000, "three parts": 1_000_000} {
		body := make([]byte, size)
		random.Read(body)
		first, repeat := s.key(name), s.key(name)
		s.must(first.Begin(t.Context()))
		s.must(first.Keep(t.Context(), withBody(body)))
		s.must(repeat.Begin(t.Context()))
		s.requireAnswer(repeat, withBody(body))

		committed, repeat := s.key(name+" in a transaction"), s.key(name+" in a transaction")
		s.must(s.change(t.Context(), committed, withBody(body)))
		s.must(repeat.Begin(t.Context()))
		s.requireAnswer(repeat, withBody(body))
	}
}

// Of two requests under one key that change nothing, the first to be answered says what a repeat is told.
func TestKeepDoesNotReplaceAnAnswer(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first, second := s.key("key"), s.key("key")
	s.must(first.Keep(t.Context(), created))
	s.must(second.Keep(t.Context(), withBody([]byte("another"))))
	s.requireAnswer(second, created)
}

func TestOneRunAtATimeHasTheKey(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first, second := s.key("key"), s.key("key")
	s.must(first.Begin(t.Context()))
	if err := second.Begin(t.Context()); !contact.IsRefused(err, contact.InProgress) || second.Answered() {
		t.Errorf("a second run begins: %v", err)
	}
	if err := s.change(t.Context(), s.key("key"), created); !contact.IsRefused(err, contact.InProgress) {
		t.Errorf("a second run makes a change: %v", err)
	}
	s.advance(idempotency.MaxRun - time.Second)
	if err := second.Begin(t.Context()); !contact.IsRefused(err, contact.InProgress) {
		t.Errorf("a second run begins shortly before the first has to end: %v", err)
	}
	s.must(s.change(t.Context(), first, created))
	s.must(second.Begin(t.Context()))
	s.requireAnswer(second, created)
	s.requireChanges(1)
}

// The next run of a request that was abandoned, or gave the key back, creates under the same id; the run before can't go on.
func TestTheNextRunCreatesUnderTheSameID(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*service, *idempotency.Key){
		"abandoned": func(s *service, _ *idempotency.Key) { s.advance(idempotency.MaxRun + time.Second) },
		"released":  func(s *service, first *idempotency.Key) { s.must(first.Release(s.Context())) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			first, second := s.key("key"), s.key("key")
			s.must(first.Begin(t.Context()))
			changed := first.Created().Next()
			if first.Created() == 0 {
				t.Error("no id was made")
			}
			s.must(first.SetCreated(t.Context(), changed))
			end(s, first)
			s.must(second.Begin(t.Context()))
			if second.Created() != changed || first.Created() != changed {
				t.Errorf("ids %v and %v, want %v", first.Created(), second.Created(), changed)
			}
			if err := first.SetCreated(t.Context(), 8); !contact.IsRefused(err, contact.InProgress) {
				t.Errorf("the first run changes the id: %v", err)
			}
			if err := s.change(t.Context(), first, created); !contact.IsRefused(err, contact.InProgress) {
				t.Errorf("the first run makes a change: %v", err)
			}
			s.must(first.Release(t.Context())) // nothing is left to release
			if err := s.key("key").Begin(t.Context()); !contact.IsRefused(err, contact.InProgress) {
				t.Errorf("the first run took the key from the second: %v", err)
			}
			s.must(s.change(t.Context(), second, created))
			s.requireChanges(1)
		})
	}
}

// Each row of a batch is recorded on its own: a batch that broke off goes on with the rows that it left.
func TestEachRowOfABatchIsChangedOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const rows = 5
	run := func(batch *idempotency.Key, from, to int) (repeated int) {
		for i := from; i < to; i++ {
			row := batch.Row(i)
			switch err := s.change(t.Context(), row, withBody([]byte{byte(i)})); {
			case idempotency.IsAnswered(err):
				repeated++
				s.requireAnswer(row, withBody([]byte{byte(i)}))
			case err != nil || !row.Committed():
				t.Errorf("row %d: %v", i, err)
			}
		}
		return repeated
	}
	first := s.key("key")
	s.must(first.Begin(t.Context()))
	if repeated := run(first, 0, 3); repeated != 0 {
		t.Errorf("%d rows were answered before they were changed", repeated)
	}
	s.advance(idempotency.MaxRun + time.Second)
	second := s.key("key")
	s.must(second.Begin(t.Context()))
	if repeated := run(second, 0, rows); repeated != 3 {
		t.Errorf("%d rows were repeated, want 3", repeated)
	}
	s.must(second.Keep(t.Context(), created))
	s.requireChanges(rows)
	third := s.key("key")
	s.must(third.Begin(t.Context()))
	s.requireAnswer(third, created)
	if (*idempotency.Key)(nil).Row(1) != nil {
		t.Error("a row has a key, and its batch has none")
	}
}
