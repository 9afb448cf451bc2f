package simulator

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// An item is an item in DynamoDB's JSON: each attribute is an object whose one field names the type.
type item map[string]any

// A key identifies an item. The partition key of the platform's table is pk, a string.
type key struct{ table, pk, sk string }

func keyOf(table string, i item) key {
	text := func(name string) string {
		attribute, _ := i[name].(map[string]any)
		s, _ := attribute["S"].(string)
		return s
	}
	return key{table, text("pk"), text("sk")}
}

// A write is the write of one item in a request.
type write struct {
	key
	put    item // nil if it is not put
	update bool // else it is deleted, or only checked
}

// The fields of requests that the simulator reads. Others are passed on unchanged.
type (
	single struct {
		TableName string
		Key, Item item
	}
	step struct {
		Put, Update, Delete, ConditionCheck *single
	}
	transaction struct {
		TransactItems      []step
		ClientRequestToken string
	}
	batchGet struct {
		RequestItems map[string]struct{ Keys []item }
	}
	query struct {
		TableName, KeyConditionExpression string
		ExpressionAttributeNames          map[string]string
		ExpressionAttributeValues         item
	}
)

// A request is a parsed request.
type request struct {
	operation string
	body      []byte
	writes    []write
	token     string // of a transaction
	reads     []key  // of a Query: only the partition
}

// single reports whether a request is a write of one item, not a transaction.
func (r *request) single() bool { return r.operation != "TransactWriteItems" }

// parse parses a request. Operations without a partition (tables, scans) have neither reads nor writes.
func parse(target string, body []byte) (*request, error) {
	_, operation, _ := strings.Cut(target, ".")
	r := &request{operation: operation, body: body}
	var err error
	switch operation {
	case "GetItem":
		var one single
		err = json.Unmarshal(body, &one)
		r.reads = []key{keyOf(one.TableName, one.Key)}
	case "PutItem", "UpdateItem", "DeleteItem":
		var one single
		err = json.Unmarshal(body, &one)
		r.writes = []write{one.write(operation == "UpdateItem")}
	case "TransactWriteItems":
		var all transaction
		err = json.Unmarshal(body, &all)
		r.token = cmp.Or(all.ClientRequestToken, rand.Text())
		for _, s := range all.TransactItems {
			for _, one := range []*single{s.Put, s.Update, s.Delete, s.ConditionCheck} {
				if one != nil {
					r.writes = append(r.writes, one.write(one == s.Update))
				}
			}
		}
	case "BatchGetItem":
		var all batchGet
		err = json.Unmarshal(body, &all)
		for table, asked := range all.RequestItems {
			for _, k := range asked.Keys {
				r.reads = append(r.reads, keyOf(table, k))
			}
		}
	case "Query":
		var q query
		if err = json.Unmarshal(body, &q); err == nil {
			var partition key
			partition, err = q.partition()
			r.reads = []key{partition}
		}
	case "TransactGetItems", "BatchWriteItem":
		err = errors.New("the platform does not use it, and the simulator does not know it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return r, nil
}

func (s *single) write(update bool) write {
	if s.Item != nil {
		return write{key: keyOf(s.TableName, s.Item), put: s.Item}
	}
	return write{key: keyOf(s.TableName, s.Key), update: update}
}

var equality = regexp.MustCompile(`(#?\w+)\s*=\s*(:\w+)`)

// partition returns the partition that a Query reads.
func (q *query) partition() (key, error) {
	for _, m := range equality.FindAllStringSubmatch(q.KeyConditionExpression, -1) {
		name := m[1]
		if full, ok := q.ExpressionAttributeNames[name]; ok {
			name = full
		}
		if name == "pk" {
			return keyOf(q.TableName, item{"pk": q.ExpressionAttributeValues[m[2]]}), nil
		}
	}
	return key{}, fmt.Errorf("no partition in %q", q.KeyConditionExpression)
}
