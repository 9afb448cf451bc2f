package dynamo

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"contacts/pkg/contact"
)

// An Answer is what a request was told: kept with its Idempotency-Key, so that a repeat is told the same.
type Answer struct {
	Status                      int
	ETag, Location, ContentType string
	Body                        []byte
}

// An Attempt is a request that carries an Idempotency-Key. Its record goes into the transaction that makes the change:
// there is no moment at which one is written and the other not.
type Attempt struct {
	table       *Table
	key         Key
	fingerprint []byte
	compose     func(Record) Answer
	committed   bool
	earlier     *Answer
}

// retention is how long an answer is kept.
const retention = 24 * time.Hour

// errAnsweredBefore says that the key's first request was answered; Attempt.Earlier holds what.
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

// Compose says how the request's answer is made from what its change made. To be called before the change.
func Compose(ctx context.Context, compose func(Record) Answer) {
	if a := attemptOf(ctx); a != nil {
		a.compose = compose
	}
}

// Committed tells whether a change was made, and its answer kept.
func (a *Attempt) Committed() bool { return a.committed }

// Earlier is the answer to the key's first request, when this request turned out to be a repeat of it; else nil.
func (a *Attempt) Earlier() *Answer { return a.earlier }

// Keep records the answer of a request that changed nothing. If the key's first request was answered meanwhile,
// Earlier tells what.
func (a *Attempt) Keep(ctx context.Context, answer Answer) error {
	first := a.first(a.table.now())
	limited, cancel := within(ctx)
	defer cancel()
	out, err := a.table.client.PutItem(limited, &dynamodb.PutItemInput{
		TableName: &a.table.name, Item: a.item(a.table.now(), answer),
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

// first holds when no answer is kept under the key. A record that has expired but was not removed yet counts as none.
func (a *Attempt) first(now time.Time) condition {
	return condition{
		expression{"attribute_not_exists(expires) OR expires < :now", values{":now": num(now.Unix())}},
		func(stored Item) error {
			if stored == nil {
				return nil
			}
			if string(stored.bytes("fingerprint")) != string(a.fingerprint) {
				return &contact.Error{Reason: contact.Impossible,
					Detail: "this Idempotency-Key was used for another request; use a new key for a new request",
					Faults: []contact.Fault{{Parameter: "Idempotency-Key", Detail: "used for another request"}}}
			}
			a.earlier = &Answer{
				Status: int(stored.number("status")), ETag: stored.text("etag"), Location: stored.text("location"),
				ContentType: stored.text("type"), Body: stored.bytes("body"),
			}
			return errAnsweredBefore
		},
	}
}

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
	if len(answer.Body) > 0 {
		item["body"] = bin(answer.Body)
	}
	return item
}

// conflict counts a transaction that met another.
func (u *Units) conflict() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.Conflicts++
}
