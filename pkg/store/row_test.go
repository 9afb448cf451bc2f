package store

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
	"contacts/pkg/keys"
	"contacts/pkg/local"
)

// drawResource draws an item with the attributes of rows, some of them damaged, and others.
func drawResource(t *rapid.T, key dynamo.Key) dynamo.Item {
	item := key.Item()
	attributes := map[string]dynamo.Value{
		AttrDoc:                 dynamo.String(`{"id":"5","name":"Zoë \"\\u00e4\" \\ / <&>"}`),
		dynamo.AttrVersion:      dynamo.Number(rapid.Int64Range(1, 1<<40).Draw(t, "version")),
		AttrMemberCount:         dynamo.Number(rapid.Int64Range(0, 100).Draw(t, "members")),
		AttrRepresentatives:     dynamo.Map(dynamo.Item{}),
		AttrRepresentativeCount: dynamo.Number(rapid.Int64Range(0, 3).Draw(t, "representatives")),
		"another name \"\\ü":    dynamo.True,
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		right := attributes[name]
		values := []dynamo.Value{nil, right, right, right, dynamo.String(rapid.String().Draw(t, "S")), dynamo.String("{}"), dynamo.Number(-1), dynamo.True,
			dynamo.Binary([]byte{1}), dynamo.StringSet("a", "b"), dynamo.Map(dynamo.Item{"a": dynamo.String("b")})}
		if value := values[rapid.IntRange(0, len(values)-1).Draw(t, name)]; value != nil {
			item[name] = value
		}
	}
	return item
}

func TestRowsAreReadAsItemsAre(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	tenants := 0
	rapid.Check(t, func(rt *rapid.T) {
		tenants++
		org := fmt.Sprint("org-", tenants)
		var want, got []row
		for n := range rapid.IntRange(1, 4).Draw(rt, "items") {
			key := keys.Contact(org, contact.ID(8124+4*n)|contact.ID(contact.Organization))
			if err := table.Put(t.Context(), drawResource(rt, key)); err != nil {
				rt.Fatal(err)
			}
			item, err := table.Get(t.Context(), key)
			if err != nil {
				rt.Fatal(err)
			}
			want = append(want, row{sk: key.SK, Record: RecordOf(item)})
		}
		query := table.Query(keys.Contacts(org, contact.Organization))
		err := readRows(t.Context(), query, 0, func(r row) int {
			if item := r.incomplete; item != nil && !cmp.Equal(RecordOf(item), r.Record) {
				rt.Errorf("the incomplete organization is %v", item)
			}
			r.incomplete = nil
			got = append(got, r)
			return len(r.Doc)
		})
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// newTable returns an empty table of an engine that stops with the test.
func newTable(t *testing.T) *dynamo.Table {
	t.Helper()
	engine, err := local.StartEngine(t.Context(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	table := dynamo.Open(dynamo.Options{Name: "table", Region: "us-east-1", Endpoint: engine.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	if err := table.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table
}
