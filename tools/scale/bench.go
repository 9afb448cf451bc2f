package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"contacts/tools/platform"
)

const org = platform.Org

// A bench is a platform with the contacts that the kinds of write need.
type bench struct {
	cluster    *platform.Cluster
	operations platform.Operations
	client     *http.Client

	people []string            // contacts whose parts are written
	firm   string              // an organization
	list   string              // a customer list
	made   map[string][]string // by the name of a kind: its contacts
	sent   map[string]int      // by the name of a kind: writes so far
}

func newBench(ctx context.Context, binary string) (*bench, error) {
	operations, err := platform.ReadOperations()
	if err != nil {
		return nil, err
	}
	cluster, err := platform.StartCluster(ctx, platform.ClusterOptions{Binary: binary, Processes: 1})
	if err != nil {
		return nil, err
	}
	b := &bench{cluster: cluster, operations: operations, client: platform.HTTPClient(256), made: map[string][]string{}, sent: map[string]int{}}
	if b.firm, err = b.make(ctx, "createOrganization", body{"name": "ACME"}); err == nil {
		b.list, err = b.make(ctx, "createCustomerList", body{"name": "Regulars"})
	}
	if err != nil {
		cluster.Stop(context.WithoutCancel(ctx))
	}
	return b, err
}

type body = map[string]any

// ask returns a request of an operation.
func (b *bench) ask(operation string, sent any, ids ...string) platform.Request {
	r := b.operations.Request(operation, org, ids...)
	if sent != nil {
		text, err := json.Marshal(sent)
		if err != nil {
			panic(err) // texts and numbers only
		}
		r.Body = string(text)
	}
	return r
}

// do sends a request and returns its successful answer.
func (b *bench) do(ctx context.Context, r platform.Request) ([]byte, error) {
	l, _ := b.cluster.Processes[0].Now()
	a, err := l.Send(ctx, b.client, r)
	if err != nil {
		return nil, err
	}
	if a.Status >= 300 {
		return nil, fmt.Errorf("%s %s: %d %s", r.Method, r.Path, a.Status, a.Body)
	}
	return a.Body, nil
}

func (b *bench) make(ctx context.Context, operation string, sent any, ids ...string) (string, error) {
	text, err := b.do(ctx, b.ask(operation, sent, ids...))
	if err != nil {
		return "", err
	}
	var made struct{ ID string }
	err = json.Unmarshal(text, &made)
	return made.ID, err
}

// send sends the i-th write of a kind.
func (b *bench) send(ctx context.Context, k kind, i int) error {
	_, err := b.do(ctx, k.request(b, i))
	return err
}

// pool is how many contacts the writes of parts use in turns.
const pool = 400

// prepare creates the contacts for the first n writes of a kind.
func (b *bench) prepare(ctx context.Context, k kind, n int) error {
	if k.consumes {
		made, err := b.individuals(ctx, n-len(b.made[k.name]))
		if err != nil {
			return err
		}
		for i, id := range made {
			if k.ready != nil {
				if err := k.ready(ctx, b, id, len(b.made[k.name])+i); err != nil {
					return err
				}
			}
		}
		b.made[k.name] = append(b.made[k.name], made...)
		return nil
	}
	made, err := b.individuals(ctx, min(n, pool)-len(b.people))
	b.people = append(b.people, made...)
	return err
}

// individuals adds contacts, some hundred in a request.
func (b *bench) individuals(ctx context.Context, n int) (ids []string, err error) {
	for n > 0 {
		rows := make([]body, min(n, 200))
		for i := range rows {
			rows[i] = body{"name": "Erika " + strconv.Itoa(i)}
		}
		n -= len(rows)
		text, err := b.do(ctx, b.ask("batchUpsertIndividuals", body{"items": rows}))
		if err != nil {
			return nil, err
		}
		var page struct {
			Items    []struct{ ID string }
			Problems []json.RawMessage
		}
		if err := json.Unmarshal(text, &page); err != nil {
			return nil, err
		}
		if len(page.Problems) > 0 {
			return nil, fmt.Errorf("contacts can't be made: %s", page.Problems[0])
		}
		for _, item := range page.Items {
			ids = append(ids, item.ID)
		}
	}
	return ids, nil
}
