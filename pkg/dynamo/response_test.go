package dynamo

import (
	"bytes"
	"fmt"
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
	table := Open(Options{Name: "table", Region: "us-east-1", Endpoint: engine.Endpoint(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	if err := table.Create(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table
}

func drawAttribute(t *rapid.T, depth int) types.AttributeValue {
	texts := rapid.SliceOfNDistinct(rapid.StringN(1, 20, -1), 1, 4, rapid.ID)
	numbers := rapid.Map(rapid.Int64Range(-1<<40, 1<<40), func(n int64) string { return Number(n).(*types.AttributeValueMemberN).Value })
	some := rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 40), func(b []byte) []byte { return b })
	last := 9
	if depth == 0 {
		last = 7
	}
	switch rapid.IntRange(0, last).Draw(t, "type") {
	case 0:
		return String(rapid.String().Draw(t, "S"))
	case 1:
		return &types.AttributeValueMemberN{Value: numbers.Draw(t, "N")}
	case 2:
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
	case 3:
		return Binary(some.Draw(t, "B"))
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

// drawItem draws an item under a key, whose attributes are of any type.
func drawItem(t *rapid.T, key Key) Item {
	item := key.Item()
	for _, name := range []string{"doc", AttrVersion, "uniques", "representatives", "another name \"\\ü"} {
		if rapid.Bool().Draw(t, name+" at random") {
			item[name] = drawAttribute(t, 2)
		}
	}
	return item
}

func TestAnswersAreReadAsTheSDKReadsThem(t *testing.T) {
	table := startTable(t)
	partitions := 0
	rapid.Check(t, func(rt *rapid.T) {
		partitions++
		pk := fmt.Sprint("partition ", partitions)
		var want []Item
		for n := range rapid.IntRange(1, 4).Draw(rt, "items") {
			key := Key{pk, fmt.Sprint("item ", n)}
			if _, err := table.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.name, Item: drawItem(rt, key)}); err != nil {
				rt.Fatal(err)
			}
			read, err := table.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table.name, Key: key.Item(), ConsistentRead: aws.Bool(true)})
			if err != nil {
				rt.Fatal(err)
			}
			want = append(want, read.Item)
			got, err := table.Get(t.Context(), key)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(want[n], got, sameAttributes...); diff != "" {
				rt.Fatal(diff)
			}
		}
		var got []Item
		if err := table.Query(pk).Prefix("item").Read(t.Context(), 0, func(i Item) { got = append(got, i) }); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got, sameAttributes...); diff != "" {
			rt.Fatal(diff)
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
	key, text := Key{"partition", "item"}, strings.Repeat("a", 10_000)
	item := key.Item()
	item["text"] = String(text)
	if err := table.Put(t.Context(), item); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []int64{0, 1, 5_000} {
		cut := &cutTransport{keep: kept}
		through := Open(Options{Name: table.name, Region: "us-east-1", Endpoint: *table.client.Options().BaseEndpoint,
			Credentials: table.client.Options().Credentials, HTTPClient: &http.Client{Transport: cut}})
		got, err := through.Get(t.Context(), key)
		if err != nil || got.String("text") != text || cut.calls != 2 {
			t.Errorf("Get, cut after %d bytes: %d calls, a text of %d bytes, %v", kept, cut.calls, len(got.String("text")), err)
		}
		var items []Item
		cut.calls = 0
		err = through.Query(key.PK).Read(t.Context(), 0, func(i Item) { items = append(items, i) })
		if err != nil || len(items) != 1 || items[0].String("text") != text || cut.calls != 2 {
			t.Errorf("Query, cut after %d bytes: %d calls, %d items, %v", kept, cut.calls, len(items), err)
		}
	}
}

func TestAnswersOfManyPagesHaveEachItemOnce(t *testing.T) {
	table := startTable(t)
	var all []string
	for n := range 14 { // of 300 KB: DynamoDB reads 1 MB at once
		key := Key{"partition", fmt.Sprintf("item %02d", n)}
		item := key.Item()
		item["text"] = String(strings.Repeat("b", 300_000))
		if err := table.Put(t.Context(), item); err != nil {
			t.Fatal(err)
		}
		all = append(all, key.SK)
	}
	for wanted := range len(all) + 2 {
		want := all
		if wanted > 0 {
			want = all[:min(wanted, len(all))]
		}
		var got []string
		if err := table.Query("partition").Read(t.Context(), wanted, func(i Item) { got = append(got, i.String("sk")) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d wanted: %v", wanted, got)
		}
	}
}

// A cutTransport cuts the body of its first answer after so many bytes.
type cutTransport struct {
	keep  int64
	calls int
}

func (c *cutTransport) RoundTrip(r *http.Request) (*http.Response, error) {
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
