package rest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"contacts/pkg/contact"
	"contacts/pkg/idempotency"
)

// MaxBatchBody is the maximum size of a batch's body, in bytes: Lambda's event, less the envelope.
const MaxBatchBody = 4 << 20

// A BatchBody is the JSON body of a batch, {"items": […]}. It is read like a RequestBody, but faults within an item refuse
// only that item.
type BatchBody struct {
	items  []jsontext.Value
	faults map[int][]contact.Fault
}

// Resolve reads the body. It implements huma.Resolver.
func (r *BatchBody) Resolve(ctx huma.Context) []error {
	if err := checkHeaders(ctx); err != nil {
		return []error{err}
	}
	clean, faults := checkBody(requestOf(ctx.Context()).body, ctx.Operation(), true)
	r.faults = map[int][]contact.Fault{}
	var errs []error
	for _, f := range faults {
		if row, ok := itemIndex(f.Pointer); ok && clean != nil {
			r.faults[row] = append(r.faults[row], f)
		} else {
			errs = append(errs, fault{Fault: f})
		}
	}
	if errs != nil {
		return errs
	}
	var body struct {
		Items []jsontext.Value `json:"items"`
	}
	if err := json.Unmarshal(clean, &body); err != nil {
		return []error{err}
	}
	r.items = body.Items
	return nil
}

// itemIndex returns the index of the item that a pointer leads into.
func itemIndex(pointer string) (int, bool) {
	rest, ok := strings.CutPrefix(pointer, "/items/")
	index, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(index)
	return n, ok && err == nil
}

// Len returns the number of items.
func (r *BatchBody) Len() int { return len(r.items) }

// DecodeItem returns an item, or a Malformed error with its faults.
func DecodeItem[T any](r *BatchBody, i int) (T, error) {
	if faults := r.faults[i]; faults != nil {
		var none T
		return none, &contact.Error{Reason: contact.Malformed, Detail: summary(faults, "errors"), Faults: faults}
	}
	return Decode[T](&RequestBody{r.items[i]})
}

// An outcome is the result of an item: its document or the problem.
type outcome struct {
	doc     []byte
	problem *ListProblem
	cause   error
	started bool
}

// Batch calls do for each item, several at a time, and responds with the resulting documents in the order of the items, and
// with a problem for each item that failed. Items with the same non-empty result of same run one after the other. With an
// Idempotency-Key, a repeated batch runs no item twice. If the response to these items could be too large, Batch returns
// TooLarge and runs none.
func Batch[T any](ctx context.Context, rows *BatchBody, same func(T) string, do func(context.Context, idempotency.Write, int, T) (contact.Record, error)) (*Response, error) {
	outcomes := make([]outcome, rows.Len())
	values := make([]T, rows.Len())
	queue := map[string]int{}
	var queues [][]int
	var sent []contact.Record
	var refused []ListProblem
	for i := range values {
		var err error
		if values[i], err = DecodeItem[T](rows, i); err != nil {
			outcomes[i] = failedOutcome(ctx, i, err)
			refused = append(refused, *outcomes[i].problem)
			continue
		}
		doc, err := json.Marshal(values[i])
		if err != nil {
			return nil, err
		}
		sent = append(sent, contact.Record{Doc: doc})
		name := same(values[i])
		if q, ok := queue[name]; ok && name != "" {
			queues[q] = append(queues[q], i)
			continue
		}
		queue[name] = len(queues)
		queues = append(queues, []int{i})
	}
	if err := checkBatchSize(ctx, sent, refused); err != nil {
		return nil, err
	}
	var group errgroup.Group
	group.SetLimit(maxParallel)
	for _, rows := range queues {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			for _, i := range rows {
				outcomes[i] = runItem(ctx, i, func(w idempotency.Write) (contact.Record, error) { return do(ctx, w, i, values[i]) })
			}
			return nil
		})
	}
	_ = group.Wait() // what becomes of an item is its outcome
	var done []contact.Record
	problems := []ListProblem{}
	for i, o := range outcomes {
		if !o.started {
			o = failedOutcome(ctx, i, &contact.Error{Reason: contact.Unavailable, Detail: unavailable, Cause: ctx.Err()})
		}
		if o.problem == nil {
			done = append(done, contact.Record{Doc: o.doc})
			continue
		}
		problems = append(problems, *o.problem)
		requestOf(ctx).failItem(o.cause, o.problem.Status)
	}
	return batchResponse(ctx, done, problems)
}

// maxParallel bounds how many items are done at a time.
const maxParallel = 8

// itemOverhead is the maximum growth of an item from request to response, in bytes: by its id, or by the problem that
// replaces it.
const itemOverhead = 512

// checkBatchSize returns TooLarge if the response to the items, with the problems known so far, would exceed the size limit.
// It runs before any change.
func checkBatchSize(ctx context.Context, sent []contact.Record, refused []ListProblem) error {
	if escapedLen(listBody(ctx, sent, nil, refused))+len(sent)*itemOverhead > maxResponse {
		return contact.Refuse(contact.TooLarge, "the answer to these items would pass the %d bytes that one can carry; send fewer at a time", maxResponse)
	}
	return nil
}

// batchResponse responds with the documents and problems of a batch.
func batchResponse(ctx context.Context, done []contact.Record, problems []ListProblem) (*Response, error) {
	body := listBody(ctx, done, nil, problems)
	if CheckSize(body) != nil { // the stored documents are longer than the request: they include what others wrote
		return nil, contact.Refuse(contact.TooLarge,
			"the items are done, but their answer would pass the %d bytes that one can carry; read them by themselves", maxResponse)
	}
	return &Response{body}, nil
}

// runItem runs an item, or returns its stored outcome if the batch is a repeat.
func runItem(ctx context.Context, i int, do func(idempotency.Write) (contact.Record, error)) outcome {
	key := IdempotencyKey(ctx).Row(i)
	r, err := do(idempotency.Write{Key: key, Answer: func(r contact.Record) idempotency.Answer {
		return idempotency.Answer{Status: http.StatusOK, Body: r.Doc}
	}})
	o := outcome{doc: r.Doc, started: true}
	if err != nil {
		o = failedOutcome(ctx, i, err)
	}
	if key == nil {
		return o
	}
	if o.problem != nil && !key.Answered() && o.problem.Status < http.StatusInternalServerError {
		body, err := json.Marshal(o.problem)
		if err == nil {
			err = key.Keep(ctx, idempotency.Answer{Status: o.problem.Status, Body: body})
		}
		if err != nil {
			return failedOutcome(ctx, i, err)
		}
	}
	if key.Answered() {
		return storedOutcome(ctx, i, key)
	}
	return o
}

func storedOutcome(ctx context.Context, i int, key *idempotency.Key) outcome {
	stored, err := key.Answer(ctx)
	if err == nil && stored.Status != http.StatusOK {
		o := outcome{started: true, problem: new(ListProblem)}
		if err = json.Unmarshal(stored.Body, o.problem); err == nil {
			return o
		}
	}
	if err != nil {
		return failedOutcome(ctx, i, err)
	}
	return outcome{doc: stored.Body, started: true}
}

// failedOutcome returns the outcome of an item that failed.
func failedOutcome(ctx context.Context, index int, err error) outcome {
	if err == nil {
		err = errors.New("rest: an item was left out")
	}
	p := problemOf(err)
	faults := slices.Clone(p.Errors)
	for i, f := range faults { // pointers within the item become pointers into the body
		if _, known := itemIndex(f.Pointer); !known && f.Parameter == "" {
			faults[i].Pointer = fmt.Sprintf("/items/%d%s", index, f.Pointer)
		}
	}
	return outcome{started: true, cause: err, problem: &ListProblem{Type: requestOf(ctx).typeURI(p.anchor), Title: p.Title, Detail: p.Detail, Status: p.Status,
		Errors: faults, ExistingID: p.ExistingID, Index: &index}}
}

// CheckBatchSize returns TooLarge, before any change, if the response with these items and failures, by index, would exceed
// the size limit.
func CheckBatchSize(ctx context.Context, wanted []any, failures map[int]error) error {
	records, outcomes, err := marshalItems(ctx, wanted, failures)
	if err != nil {
		return err
	}
	problems := make([]ListProblem, len(outcomes))
	for i, o := range outcomes {
		problems[i] = *o.problem
	}
	return checkBatchSize(ctx, records, problems)
}

// PartialResponse responds with the items that succeeded, and with a problem for each failure, by index.
func PartialResponse(ctx context.Context, done []any, failures map[int]error) (*Response, error) {
	records, outcomes, err := marshalItems(ctx, done, failures)
	if err != nil {
		return nil, err
	}
	problems := make([]ListProblem, len(outcomes))
	for i, o := range outcomes {
		problems[i] = *o.problem
		requestOf(ctx).failItem(o.cause, o.problem.Status)
	}
	return batchResponse(ctx, records, problems)
}

// marshalItems returns the items as records, and the failures as outcomes, sorted by index.
func marshalItems(ctx context.Context, done []any, failures map[int]error) (records []contact.Record, outcomes []outcome, err error) {
	records = make([]contact.Record, len(done))
	for i, v := range done {
		if records[i].Doc, err = json.Marshal(v); err != nil {
			return nil, nil, err
		}
	}
	for _, i := range slices.Sorted(maps.Keys(failures)) {
		outcomes = append(outcomes, failedOutcome(ctx, i, failures[i]))
	}
	return records, outcomes, nil
}
