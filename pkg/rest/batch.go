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

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// MaxBatchBody is what the body of a request with many items may measure, in bytes: Lambda's event, less the envelope.
const MaxBatchBody = 4 << 20

// A Rows is the JSON body of a request with many items, {"items": […]}, each of which is done or refused by itself. It is
// read like a Payload, but what is wrong with an item is that item's own fault.
type BatchBody struct {
	items  []jsontext.Value
	faults map[int][]contact.Fault
}

// Resolve reads the body; huma calls it.
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

// rowOf is the item that a pointer leads into.
func itemIndex(pointer string) (int, bool) {
	rest, ok := strings.CutPrefix(pointer, "/items/")
	index, _, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(index)
	return n, ok && err == nil
}

// Len is how many items there are.
func (r *BatchBody) Len() int { return len(r.items) }

// Row returns an item, or what is wrong with it.
func DecodeItem[T any](r *BatchBody, i int) (T, error) {
	if faults := r.faults[i]; faults != nil {
		var none T
		return none, &contact.Error{Reason: contact.Malformed, Detail: summary(faults, "errors"), Faults: faults}
	}
	return Decode[T](&RequestBody{r.items[i]})
}

// outcome is what became of an item: what it is now, or the problem.
type outcome struct {
	doc     []byte
	problem *ListProblem
	cause   error
	started bool
}

// Batch does something with each item, several at a time, and answers with the items as they are then, in their order,
// and a problem with the index of each that failed. Items of which same returns the same text, other than "", are done one
// behind the other; do is given the item's index. With an Idempotency-Key each item is done once, however often the batch is
// repeated. TooLarge, and nothing is done, if the items as they are sent would be more than an answer can carry.
func Batch[T any](ctx context.Context, rows *BatchBody, same func(*T) string, do func(context.Context, int, T) (contact.Record, error)) (*Response, error) {
	outcomes := make([]outcome, rows.Len())
	values := make([]T, rows.Len())
	queue := map[string]int{}
	var queues [][]int
	var sent []contact.Record
	var refused []ListProblem
	for i := range values {
		var err error
		if values[i], err = DecodeItem[T](rows, i); err != nil {
			outcomes[i] = failedOutcome(i, err)
			refused = append(refused, *outcomes[i].problem)
			continue
		}
		doc, err := json.Marshal(values[i])
		if err != nil {
			return nil, err
		}
		sent = append(sent, contact.Record{Doc: doc})
		name := same(&values[i])
		if q, ok := queue[name]; ok && name != "" {
			queues[q] = append(queues[q], i)
			continue
		}
		queue[name] = len(queues)
		queues = append(queues, []int{i})
	}
	if err := checkBatchSize(sent, refused); err != nil {
		return nil, err
	}
	late := dynamo.EachParallel(ctx, len(queues), func(ctx context.Context, q int) error {
		for _, i := range queues[q] {
			outcomes[i] = runItem(ctx, i, func(ctx context.Context) (contact.Record, error) { return do(ctx, i, values[i]) })
		}
		return nil
	})
	var done []contact.Record
	problems := []ListProblem{}
	for i, o := range outcomes {
		if !o.started {
			o = failedOutcome(i, late)
		}
		if o.problem == nil {
			done = append(done, contact.Record{Doc: o.doc})
			continue
		}
		problems = append(problems, *o.problem)
		requestOf(ctx).failItem(o.cause, o.problem.Status)
	}
	return batchResponse(done, problems)
}

// rowRoom is what an item can be longer, in bytes, in an answer than it was when it was sent: by its id, or by the problem
// that takes its place.
const itemOverhead = 512

// expect refuses a request before anything is done if its answer, of the items as they are sent and of the problems that are
// known by now, would pass what one can carry.
func checkBatchSize(sent []contact.Record, refused []ListProblem) error {
	if escapedLen(listBody(sent, nil, refused))+len(sent)*itemOverhead > maxResponse {
		return contact.Refuse(contact.TooLarge, "the answer to these items would pass the %d bytes that one can carry; send fewer at a time", maxResponse)
	}
	return nil
}

// carry answers with what became of the items of a request.
func batchResponse(done []contact.Record, problems []ListProblem) (*Response, error) {
	body := listBody(done, nil, problems)
	if CheckSize(body) != nil { // the items are longer than they were sent: they show what others wrote
		return nil, contact.Refuse(contact.TooLarge,
			"the items are done, but their answer would pass the %d bytes that one can carry; read them by themselves", maxResponse)
	}
	return &Response{body}, nil
}

// once does an item, or finds out what became of it when the same batch was done before.
func runItem(ctx context.Context, i int, do func(context.Context) (contact.Record, error)) outcome {
	ctx, attempt := dynamo.Row(ctx, i)
	dynamo.Compose(ctx, func(r contact.Record) dynamo.Answer { return dynamo.Answer{Status: http.StatusOK, Body: r.Doc} })
	r, err := do(ctx)
	o := outcome{doc: r.Doc, started: true}
	if err != nil {
		o = failedOutcome(i, err)
	}
	if attempt == nil {
		return o
	}
	if o.problem != nil && !attempt.Repeated() && o.problem.Status < http.StatusInternalServerError {
		body, err := json.Marshal(o.problem)
		if err == nil {
			err = attempt.Keep(ctx, dynamo.Answer{Status: o.problem.Status, Body: body})
		}
		if err != nil {
			return failedOutcome(i, err)
		}
	}
	if attempt.Repeated() {
		return storedOutcome(ctx, i, attempt)
	}
	return o
}

func storedOutcome(ctx context.Context, i int, attempt *dynamo.Attempt) outcome {
	earlier, err := attempt.Earlier(ctx)
	if err == nil && earlier.Status != http.StatusOK {
		o := outcome{started: true, problem: new(ListProblem)}
		if err = json.Unmarshal(earlier.Body, o.problem); err == nil {
			return o
		}
	}
	if err != nil {
		return failedOutcome(i, err)
	}
	return outcome{doc: earlier.Body, started: true}
}

// failed is the outcome of an item that was refused.
func failedOutcome(index int, err error) outcome {
	if err == nil {
		err = errors.New("rest: an item was left out")
	}
	p := problemOf(err)
	faults := slices.Clone(p.Errors)
	for i, f := range faults { // the item's own are told where they are in the body
		if _, known := itemIndex(f.Pointer); !known && f.Parameter == "" {
			faults[i].Pointer = fmt.Sprintf("/items/%d%s", index, f.Pointer)
		}
	}
	return outcome{started: true, cause: err, problem: &ListProblem{Type: p.Type, Title: p.Title, Detail: p.Detail, Status: p.Status,
		Errors: faults, ExistingID: p.ExistingID, Index: &index}}
}

// Expect refuses a request before anything is done: TooLarge if an answer could not carry the items that are wanted, and the
// problems of those that failed already, by their index.
func CheckBatchSize(wanted []any, failures map[int]error) error {
	records, outcomes, err := marshalItems(wanted, failures)
	if err != nil {
		return err
	}
	problems := make([]ListProblem, len(outcomes))
	for i, o := range outcomes {
		problems[i] = *o.problem
	}
	return checkBatchSize(records, problems)
}

// Partly answers with the items of a request that were done, and the problems of those that failed, by their index.
func PartialResponse(ctx context.Context, done []any, failures map[int]error) (*Response, error) {
	records, outcomes, err := marshalItems(done, failures)
	if err != nil {
		return nil, err
	}
	problems := make([]ListProblem, len(outcomes))
	for i, o := range outcomes {
		problems[i] = *o.problem
		requestOf(ctx).failItem(o.cause, o.problem.Status)
	}
	return batchResponse(records, problems)
}

// become is what items of a request become in its answer; failures are in their order.
func marshalItems(done []any, failures map[int]error) (records []contact.Record, outcomes []outcome, err error) {
	records = make([]contact.Record, len(done))
	for i, v := range done {
		if records[i].Doc, err = json.Marshal(v); err != nil {
			return nil, nil, err
		}
	}
	for _, i := range slices.Sorted(maps.Keys(failures)) {
		outcomes = append(outcomes, failedOutcome(i, failures[i]))
	}
	return records, outcomes, nil
}
