// Package simulator is a proxy for a DynamoDB engine that enforces limits of DynamoDB which local engines don't: the units of a partition
// in a second, and conflicts with transactions in progress. It supports the operations that the platform uses.
//
// Its rules:
//
//   - Each partition key has 1,000 write and 3,000 read units in each second, as if it had its own partition, and no burst capacity.
//     (DynamoDB splits partitions under load; until then keys share a partition, and a partition keeps five minutes of unused units.)
//     https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
//   - A write of an item that a TransactWriteItems in progress writes or checks is refused; reads are not.
//     https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
//   - Errors have the types, statuses and cancellation reasons of DynamoDB.
package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"time"
)

// Options configure the simulator.
type Options struct {
	Engine string // its endpoint
	Limits Limits // the zero value has no limits
	// Conflicts refuses writes of items in progress.
	Conflicts bool
	// Latency is the least duration of each request; the greatest is half as long again. Its items are in progress meanwhile.
	Latency time.Duration
	// Lost is the share of requests, from 0 to 1, that are executed but answered 500.
	Lost float64
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Simulator is a running proxy.
type Simulator struct {
	o       Options
	server  *http.Server
	address string
	client  *http.Client
	meter   *meter
	writes  inProgress
}

// Start starts a simulator on a free port of 127.0.0.1.
func Start(o Options) (*Simulator, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Simulator{o: o, address: listener.Addr().String(), meter: newMeter(o.Limits, o.Now), writes: inProgress{all: map[key]holder{}},
		client: &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256}}}
	s.server = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // it ends with Close
	return s, nil
}

// Endpoint returns the simulator's address for AWS_ENDPOINT_URL_DYNAMODB.
func (s *Simulator) Endpoint() string { return "http://" + s.address }

// Close ends the simulator at once.
func (s *Simulator) Close() error {
	s.client.CloseIdleConnections()
	return s.server.Close()
}

// Measure returns the usage of partitions since its last call.
func (s *Simulator) Measure() Usage { return s.meter.measure() }

// SetLimits replaces the limits.
func (s *Simulator) SetLimits(l Limits) {
	s.meter.mu.Lock()
	defer s.meter.mu.Unlock()
	s.meter.limits = l
	clear(s.meter.writes)
	clear(s.meter.reads)
}

func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has disconnected
	}
	asked, err := parse(r.Header.Get("X-Amz-Target"), body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "ValidationException", "the simulator can't read it: "+err.Error(), nil)
		return
	}
	if asked.writes != nil && s.o.Conflicts {
		conflicts, again := s.writes.begin(asked)
		if again || conflicts != nil {
			s.meter.conflict()
			refuseConflict(w, asked, conflicts)
			return
		}
		defer s.writes.end(asked)
	}
	if s.o.Latency > 0 {
		time.Sleep(s.o.Latency + rand.N(s.o.Latency/2+1))
	}
	if s.throttled(w, asked) {
		return
	}
	// Requests in progress are completed even if the client disconnects: DynamoDB does not notice that.
	a, err := s.carry(context.WithoutCancel(r.Context()), r.Header, asked)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "InternalServerError", err.Error(), nil)
		return
	}
	if s.o.Lost > 0 && rand.Float64() < s.o.Lost {
		refuse(w, http.StatusInternalServerError, "InternalServerError", "the answer is lost", nil)
		return
	}
	a.write(w)
}

// throttled refuses a request for a partition without units, and reports whether it did.
func (s *Simulator) throttled(w http.ResponseWriter, r *request) bool {
	spent := map[int]bool{}
	for i, wr := range r.writes {
		if s.meter.spent(wr.pk, true) {
			spent[i] = true
		}
	}
	switch {
	case len(spent) > 0 && !r.single():
		cancel(w, len(r.writes), spent, "ThrottlingError", "Throughput exceeds the current capacity for one or more global secondary indexes or the table")
		return true
	case len(spent) > 0 || slices.ContainsFunc(r.reads, func(k key) bool { return s.meter.spent(k.pk, false) }):
		refuse(w, http.StatusBadRequest, "ProvisionedThroughputExceededException",
			"The level of configured provisioned throughput for one or more global secondary indexes or the table was exceeded", nil)
		return true
	}
	return false
}

// An answer is an answer of the engine.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "Content-Length" && name != "Connection" && name != "Date" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may have disconnected
}

// carry sends a request to the engine and charges its partitions.
func (s *Simulator) carry(ctx context.Context, header http.Header, r *request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	sizes := map[key]int{}
	if r.writes != nil {
		if err := s.look(ctx, header, r.writes, func(w write) bool { return w.put == nil || r.single() }, sizes); err != nil {
			return nil, err
		}
	}
	a, err := s.send(ctx, header, r.body)
	if err != nil {
		return nil, err
	}
	if r.writes != nil && a.status == http.StatusOK {
		if err := s.look(ctx, header, r.writes, func(w write) bool { return w.update }, sizes); err != nil {
			return nil, err
		}
	}
	for _, w := range r.writes {
		s.meter.charge(w.pk, writeUnits(max(sizes[w.key], w.put.size()), !r.single()), true)
	}
	return a, s.chargeReads(r, a)
}

// chargeReads charges the partitions of reads.
func (s *Simulator) chargeReads(r *request, a *answer) error {
	if len(r.reads) == 0 || a.status != http.StatusOK {
		return nil
	}
	var shown struct {
		ConsumedCapacity json.RawMessage
		Responses        map[string][]item
	}
	if err := json.Unmarshal(a.body, &shown); err != nil {
		return err
	}
	if r.operation == "BatchGetItem" {
		sizes := sizesOf(shown.Responses)
		for _, k := range r.reads {
			s.meter.charge(k.pk, readUnits(sizes[k]), false)
		}
		return nil
	}
	var consumed struct{ CapacityUnits float64 }
	if shown.ConsumedCapacity == nil {
		return errors.New("the simulator counts reads by the ConsumedCapacity that they ask for")
	}
	if err := json.Unmarshal(shown.ConsumedCapacity, &consumed); err != nil {
		return err
	}
	s.meter.charge(r.reads[0].pk, consumed.CapacityUnits, false)
	return nil
}

func sizesOf(found map[string][]item) map[key]int {
	sizes := map[key]int{}
	for table, items := range found {
		for _, i := range items {
			sizes[keyOf(table, i)] = i.size()
		}
	}
	return sizes
}

// look reads the sizes of stored items; the larger of the sizes before and after a write counts.
func (s *Simulator) look(ctx context.Context, header http.Header, writes []write, which func(write) bool, sizes map[key]int) error {
	asked := map[string]map[string]any{}
	for _, w := range writes {
		if !which(w) {
			continue
		}
		if asked[w.table] == nil {
			asked[w.table] = map[string]any{"ConsistentRead": true, "Keys": []any{}}
		}
		asked[w.table]["Keys"] = append(asked[w.table]["Keys"].([]any), map[string]any{"pk": map[string]string{"S": w.pk}, "sk": map[string]string{"S": w.sk}})
	}
	if len(asked) == 0 {
		return nil
	}
	body, err := json.Marshal(map[string]any{"RequestItems": asked})
	if err != nil {
		return err
	}
	header = header.Clone()
	header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
	a, err := s.send(ctx, header, body)
	if err != nil {
		return err
	}
	var shown struct{ Responses map[string][]item }
	if err := json.Unmarshal(a.body, &shown); err != nil || a.status != http.StatusOK {
		return fmt.Errorf("the sizes of items can't be read: %d %s %w", a.status, a.body, err)
	}
	for k, size := range sizesOf(shown.Responses) {
		sizes[k] = max(sizes[k], size)
	}
	return nil
}

// send sends a body to the engine. Local engines don't check the signature.
func (s *Simulator) send(ctx context.Context, header http.Header, body []byte) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.o.Engine, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		if name != "Content-Length" && name != "Accept-Encoding" && name != "Connection" {
			r.Header[name] = values
		}
	}
	response, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // it has been read
	a := &answer{status: response.StatusCode, header: response.Header}
	a.body, err = io.ReadAll(response.Body)
	return a, err
}
