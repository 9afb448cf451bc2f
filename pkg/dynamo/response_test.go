package dynamo

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"contacts/pkg/local"
)

// startTable returns a table of its own on an engine of its own.
func startTable(t *testing.T) *Table {
	engine, err := local.StartEngine(t.Context(), local.EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Stop)
	table := Open(Options{Name: "contacts-responses", Region: "us-east-1", Endpoint: engine.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	if err := table.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table
}

func drawAttribute(t *rapid.T, depth int) types.AttributeValue {
	texts := rapid.SliceOfNDistinct(rapid.StringN(1, 20, -1), 1, 4, rapid.ID)
	numbers := rapid.Map(rapid.Int64Range(-1<<40, 1<<40), func(n int64) string { return num(n).(*types.AttributeValueMemberN).Value })
	some := rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 40), func(b []byte) []byte { return b })
	last := 9
	if depth == 0 {
		last = 7
	}
	switch rapid.IntRange(0, last).Draw(t, "type") {
	case 0:
		return str(rapid.String().Draw(t, "S"))
	case 1:
		return &types.AttributeValueMemberN{Value: numbers.Draw(t, "N")}
	case 2:
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
	case 3:
		return bin(some.Draw(t, "B"))
	case 4:
		return &types.AttributeValueMemberSS{Value: texts.Draw(t, "SS")}
	case 5:
		return &types.AttributeValueMemberNS{Value: rapid.SliceOfNDistinct(numbers, 1, 4, rapid.ID).Draw(t, "NS")}
	case 6:
		return &types.AttributeValueMemberBS{Value: rapid.SliceOfNDistinct(some, 1, 4, func(b []byte) string { return string(b) }).Draw(t, "BS")}
	case 7:
		return &types.AttributeValueMemberNULL{Value: true}
	case 8:
		list := []types.AttributeValue{}
		for range rapid.IntRange(0, 3).Draw(t, "L") {
			list = append(list, drawAttribute(t, depth-1))
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	members := map[string]types.AttributeValue{}
	for _, name := range rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,4}`), 0, 3).Draw(t, "M") {
		members[name] = drawAttribute(t, depth-1)
	}
	return &types.AttributeValueMemberM{Value: members}
}

// drawItem draws an item under a key, with whatever in its attributes: right ones, damaged ones, and others.
func drawItem(t *rapid.T, key Key) Item {
	item := key.entry()
	for _, name := range []string{attrDoc, attrVersion, attrClaims, attrMemberCount, attrRepresentatives, "another name \"\\ü"} {
		if rapid.Bool().Draw(t, name+" at random") {
			item[name] = drawAttribute(t, 2)
		}
	}
	if rapid.Bool().Draw(t, "readable") {
		item[attrDoc] = str(`{"id":"5","name":"Zoë \"\\u00e4\" \\ / <&>"}`)
		item[attrVersion] = num(rapid.Int64Range(1, 1<<40).Draw(t, "version"))
	}
	return item
}

// TestAnswersAreReadAsTheSDKReadsThem holds the reading of answers to the SDK's own, and that of rows to that of items.
func TestAnswersAreReadAsTheSDKReadsThem(t *testing.T) {
	table := startTable(t)
	partitions := 0
	rapid.Check(t, func(rt *rapid.T) {
		partitions++
		pk := "T#acme#" + digits(1) + strings.Repeat("x", partitions)
		var keys []Key
		for n := range rapid.IntRange(1, 4).Draw(rt, "items") {
			key := Key{pk, "EMAIL#" + digits(4) + digits(4)[:n]}
			keys = append(keys, key)
			if _, err := table.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.name, Item: drawItem(rt, key)}); err != nil {
				rt.Fatal(err)
			}
		}
		var wantRows []row
		for _, key := range keys {
			want, err := table.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table.name, Key: key.attributes(), ConsistentRead: aws.Bool(true)})
			if err != nil {
				rt.Fatal(err)
			}
			got, err := table.get(t.Context(), key)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(Item(want.Item), got, sameAttributes...); diff != "" {
				rt.Fatal(diff)
			}
			wantRows = append(wantRows, row{sk: key.SK, Record: got.record()})
		}
		var items []Item
		var rows []row
		if err := table.prefixed(pk).read(t.Context(), "EMAIL#", 0, func(i Item) { items = append(items, i) }); err != nil {
			rt.Fatal(err)
		}
		if err := table.prefixed(pk).show(t.Context(), "EMAIL#", 0, func(r row) int { rows = append(rows, r); return 0 }); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(wantRows, rows, cmp.AllowUnexported(row{})); diff != "" || len(items) != len(keys) {
			rt.Fatalf("%d items, %d rows: %s", len(items), len(rows), diff)
		}
	})
}

// sameAttributes compares what is read; sets have no order.
var sameAttributes = []cmp.Option{
	cmpopts.EquateEmpty(), cmpopts.SortSlices(strings.Compare), cmpopts.SortSlices(bytes.Compare),
	cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberBOOL{},
		types.AttributeValueMemberB{}, types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{},
		types.AttributeValueMemberL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberNULL{}),
}

// TestAnAnswerThatBreaksOffIsAskedForAgain cuts the body of the first answer; its checksum is that of the whole.
func TestAnAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	table := startTable(t)
	key := Key{"T#acme#I", digits(4)}
	doc := `{"name":"` + strings.Repeat("a", 10_000) + `"}`
	if _, err := table.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.name, Item: newItem(key, []byte(doc), table.now())}); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []int64{0, 1, 5_000} {
		cut := &cutting{keep: kept}
		got := Open(Options{Name: table.name, Region: "us-east-1", Endpoint: *table.client.Options().BaseEndpoint,
			Credentials: table.client.Options().Credentials, HTTPClient: &http.Client{Transport: cut}})
		item, err := got.get(t.Context(), key)
		if err != nil || item.text(attrDoc) != doc || cut.calls != 2 {
			t.Errorf("cut behind %d bytes: %d calls, %d bytes of doc, %v", kept, cut.calls, len(item.text(attrDoc)), err)
		}
		var rows []row
		cut.calls = 0
		err = got.prefixed(key.PK).show(t.Context(), "0", 0, func(r row) int { rows = append(rows, r); return 0 })
		if err != nil || len(rows) != 1 || string(rows[0].Doc) != doc || cut.calls != 2 {
			t.Errorf("cut behind %d bytes: %d calls, %d rows, %v", kept, cut.calls, len(rows), err)
		}
	}
}

func TestAnswersOfManyPagesHaveEachItemOnce(t *testing.T) {
	table := startTable(t)
	var want []string
	for n := range 14 { // of 300 KB: a page of DynamoDB's has 1 MB
		key := Key{"T#acme#I", digits(4)[:2] + string(rune('a'+n))}
		item := newItem(key, []byte(`{"a":"`+strings.Repeat("b", 300_000)+`"}`), table.now())
		if _, err := table.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.name, Item: item}); err != nil {
			t.Fatal(err)
		}
		want = append(want, key.SK)
	}
	for wanted := range len(want) + 2 {
		var got []string
		if err := table.prefixed("T#acme#I").read(t.Context(), "0", wanted, func(i Item) { got = append(got, i.text("sk")) }); err != nil {
			t.Fatal(err)
		}
		if first := want[:min(wanted, len(want))]; wanted > 0 && !slices.Equal(got, first) || wanted == 0 && !slices.Equal(got, want) {
			t.Errorf("%d wanted: %v", wanted, got)
		}
	}
}

// A cutting transport cuts the body of its first answer behind so many bytes.
type cutting struct {
	keep  int64
	calls int
}

func (c *cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	out, err := http.DefaultTransport.RoundTrip(r)
	if c.calls++; err == nil && c.calls == 1 {
		out.Body = &cutBody{out.Body, c.keep}
	}
	return out, err
}

type cutBody struct {
	io.ReadCloser
	left int64
}

func (c *cutBody) Read(b []byte) (int, error) {
	if c.left == 0 {
		return 0, io.ErrUnexpectedEOF // what a connection that was closed early gives
	}
	n, err := c.ReadCloser.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	return n, err
}
