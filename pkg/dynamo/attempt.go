package dynamo

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
	"contacts/pkg/retries"
)

// An Answer is what a request was told: kept with its Idempotency-Key, so that a repeat is told the same.
type Answer struct {
	Status                      int
	ETag, Location, ContentType string
	Body                        []byte
}

// An Attempt is a request that carries an Idempotency-Key, or a row of a batch that does. Its record goes into the
// transaction that makes the change: there is no moment at which one is written and the other not.
type Attempt struct {
	table       *Table
	key         Key
	fingerprint []byte
	compose     func(contact.Record) Answer
	committed   bool
	earlier     Item       // the record that was there
	begun       string     // tells this run from others of the same request, where Begin took the key
	made        contact.ID // of what the request makes, the same in each run of it
}

// retention is how long an answer is kept.
const retention = 24 * time.Hour

// maxKept is how much of an answer's body, in bytes, its record holds. A longer one is gzipped; what is longer still lies in
// pieces beside the record.
const maxKept = 350_000

// errAnsweredBefore says that the key's first request was answered; Attempt.Earlier returns what.
var errAnsweredBefore = errors.New("dynamo: answered before")

type attemptContext struct{}

// WithAttempt returns a context whose next change is recorded under the key: caller and key together name the record,
// fingerprint is what "the same request" means.
func (t *Table) WithAttempt(ctx context.Context, org, caller, key string, fingerprint []byte) (context.Context, *Attempt) {
	digest := sha256.Sum256([]byte(caller + "\x00" + key))
	a := &Attempt{table: t, key: attemptKey(org, digest[:]), fingerprint: fingerprint}
	return context.WithValue(ctx, attemptContext{}, a), a
}

func attemptOf(ctx context.Context) *Attempt {
	a, _ := ctx.Value(attemptContext{}).(*Attempt)
	return a
}

// withoutAttempt returns a context for a transaction that is not the one that answers the request.
func withoutAttempt(ctx context.Context) context.Context {
	return context.WithValue(ctx, attemptContext{}, (*Attempt)(nil))
}

// Compose says how the request's answer is made from what its change made. To be called before the change.
func Compose(ctx context.Context, compose func(contact.Record) Answer) {
	if a := attemptOf(ctx); a != nil {
		a.compose = compose
	}
}

// attrRunning is how long a request that runs has its key, N: Unix milliseconds; attrRun tells which run it is, S.
const (
	attrRunning = "running"
	attrRun     = "run"
	attrMade    = "made" // N: the id of what the request makes
)

// maxRun is how long a request that never ended keeps its key from being used again. No function runs longer.
const maxRun = time.Minute

// Begin takes the key for a request whose change is a sequence of transactions. InProgress while another run of the
// request has it. If it was answered before, it is Repeated.
func (a *Attempt) Begin(ctx context.Context) error {
	a.begun, a.made = rand.Text(), a.table.ids.Next(contact.Part)
	for {
		now := a.table.now()
		tx := a.table.begin()
		tx.put(Item{
			"pk": str(a.key.PK), "sk": str(a.key.SK), "fingerprint": bin(a.fingerprint), attrRun: str(a.begun), attrMade: num(int64(a.made)),
			attrRunning: num(now.Add(maxRun).UnixMilli()), attrExpires: num(now.Add(retention).Unix()),
		}, a.first(now))
		err := tx.commit(withoutAttempt(ctx), contact.Record{})
		switch {
		case errors.Is(err, errAbandoned):
			continue // a.made is what the run made that broke off
		case errors.Is(err, errAnsweredBefore):
			return nil
		}
		return err
	}
}

// makes keeps another id of what the request makes, in each further run of it too. InProgress if another run has the key by now.
func (a *Attempt) makes(ctx context.Context, id contact.ID) error {
	tx := a.table.begin()
	tx.require(a.key, condition{text: "run = :run", values: values{":run": str(a.begun)}, explain: func(Item) error { return errStillRuns }})
	tx.step(a.key).update.set(attrMade, num(int64(id)))
	if err := tx.commit(withoutAttempt(ctx), contact.Record{}); err != nil {
		return err
	}
	a.made = id
	return nil
}

var errStillRuns = contact.Refuse(contact.InProgress, "the first request with this Idempotency-Key still runs; repeat it later")

// errAbandoned says that the run that has the key never ended.
var errAbandoned = errors.New("dynamo: abandoned")

// GiveUp gives a key back that Begin took: the request isn't answered for good, and its next run may begin at once. It has
// half of the time that a request keeps for its end, for it may be called because all other time is over.
func (a *Attempt) GiveUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), retries.Margin/2)
	defer cancel()
	tx := a.table.begin()
	tx.require(a.key, condition{text: "run = :run", values: values{":run": str(a.begun)}, explain: func(Item) error { return errChanged }})
	tx.step(a.key).update.set(attrRunning, num(0))
	if err := tx.commit(withoutAttempt(ctx), contact.Record{}); !errors.Is(err, errChanged) {
		return err
	}
	return nil
}

// Row returns a context and an attempt for one row of a batch, whose change is recorded on its own: a repeat of the batch
// makes each row's change once. Without an Idempotency-Key it is nil.
func Row(ctx context.Context, index int) (context.Context, *Attempt) {
	whole := attemptOf(ctx)
	if whole == nil {
		return ctx, nil
	}
	a := &Attempt{table: whole.table, key: whole.key.row(index), fingerprint: whole.fingerprint}
	return context.WithValue(ctx, attemptContext{}, a), a
}

// Committed tells whether a change was made, and its answer kept.
func (a *Attempt) Committed() bool { return a.committed }

// Repeated tells whether the request turned out to be a repeat: it changed nothing, and Earlier has the answer.
func (a *Attempt) Repeated() bool { return a.earlier != nil }

// Earlier returns the answer to the key's first request, when this one is a repeat of it.
func (a *Attempt) Earlier(ctx context.Context) (Answer, error) {
	answer := Answer{
		Status: int(a.earlier.number("status")), ETag: a.earlier.text("etag"), Location: a.earlier.text("location"),
		ContentType: a.earlier.text("type"), Body: a.earlier.bytes("body"),
	}
	if a.earlier.number(attrPieces) > 0 {
		err := a.table.prefixed(a.key.PK).read(ctx, a.key.pieces(), 0, func(i Item) { answer.Body = append(answer.Body, i.bytes("body")...) })
		if err != nil {
			return answer, err
		}
	}
	if !a.earlier.is(attrGzipped) {
		return answer, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(answer.Body))
	if err == nil {
		answer.Body, err = io.ReadAll(r)
	}
	return answer, err
}

const (
	attrPieces  = "pieces"  // N: how many pieces a long body has
	attrGzipped = "gzipped" // BOOL: there, and true, where the body is kept gzipped
)

// Keep records the answer of a request that changed nothing, or whose change is a sequence of transactions. If the key's
// first request was answered meanwhile, Earlier tells what.
func (a *Attempt) Keep(ctx context.Context, answer Answer) error {
	now := a.table.now()
	first := a.first(now)
	record := a.item(now, answer)
	if body := record.bytes("body"); len(body) > maxKept {
		n := int64(0)
		for piece := range slices.Chunk(body, maxKept) {
			n++
			item := a.key.piece(n).entry()
			item["body"], item[attrExpires] = bin(piece), record[attrExpires]
			tx := a.table.begin()
			tx.put(item)
			if err := tx.commit(withoutAttempt(ctx), contact.Record{}); err != nil {
				return err
			}
		}
		delete(record, "body")
		record[attrPieces] = num(n)
	}
	out, err := a.table.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &a.table.name, Item: record,
		ConditionExpression: &first.text, ExpressionAttributeValues: first.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		units(ctx).wrote(nil)
		if err := first.explain(refused.Item); !errors.Is(err, errAnsweredBefore) {
			return err
		}
		return nil
	case err != nil:
		return failure(err)
	}
	if out.ConsumedCapacity != nil {
		units(ctx).wrote([]types.ConsumedCapacity{*out.ConsumedCapacity})
	}
	return nil
}

// first holds when no answer is kept under the key, and no other run of the request has it. A record that has expired but
// was not removed yet counts as none.
func (a *Attempt) first(now time.Time) condition {
	return condition{
		text:   "attribute_not_exists(expires) OR expires < :now OR run = :run OR (running < :running AND fingerprint = :fingerprint AND (made = :made OR attribute_not_exists(made)))",
		values: values{":now": num(now.Unix()), ":run": str(a.run()), ":running": num(now.UnixMilli()), ":made": num(int64(a.made)), ":fingerprint": bin(a.fingerprint)},
		explain: func(stored Item) error {
			switch {
			case stored == nil:
				return nil
			case string(stored.bytes("fingerprint")) != string(a.fingerprint):
				return &contact.Error{Reason: contact.Impossible,
					Detail: "this Idempotency-Key was used for another request; use a new key for a new request",
					Faults: []contact.Fault{{Parameter: "Idempotency-Key", Detail: "used for another request"}}}
			case stored[attrRunning] != nil && stored.number(attrRunning) < now.UnixMilli() && a.begun != "":
				a.made = contact.ID(stored.number(attrMade))
				return errAbandoned
			case stored[attrRunning] != nil:
				return errStillRuns
			}
			a.earlier = stored
			return errAnsweredBefore
		},
	}
}

// run names this run where it has begun, else none that there is.
func (a *Attempt) run() string { return cmp.Or(a.begun, "none") }

func (a *Attempt) item(now time.Time, answer Answer) Item {
	item := Item{
		"pk": str(a.key.PK), "sk": str(a.key.SK), "fingerprint": bin(a.fingerprint),
		"status": num(int64(answer.Status)), attrExpires: num(now.Add(retention).Unix()),
	}
	for name, value := range map[string]string{"etag": answer.ETag, "location": answer.Location, "type": answer.ContentType} {
		if value != "" {
			item[name] = str(value)
		}
	}
	switch {
	case len(answer.Body) > maxKept:
		item["body"], item[attrGzipped] = bin(gzipped(answer.Body)), yes
	case len(answer.Body) > 0:
		item["body"] = bin(answer.Body)
	}
	return item
}

// gzipped lets a long body fit into the record that goes into a transaction: the longest that one transaction answers is of some
// hundred options, 410 KB, whose characters have four bytes each then, and less to tell than three.
func gzipped(body []byte) []byte {
	var short bytes.Buffer
	w, _ := gzip.NewWriterLevel(&short, gzip.BestSpeed) // the level is valid
	w.Write(body)
	w.Close()
	return short.Bytes()
}

// conflict counts a transaction that met another.
func (u *Units) conflict() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Conflicts++
}
