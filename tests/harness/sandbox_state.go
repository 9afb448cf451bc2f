package harness

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A naming gives ids names that are the same in every sandbox: ids of an answer are numbered in their order there, others in the order of
// their creation.
type naming map[int64]string

func (n naming) of(id int64) string {
	if n[id] == "" {
		n[id] = fmt.Sprintf("<%d>", len(n)+1)
	}
	return n[id]
}

var ids = regexp.MustCompile(`\d{15,16}`)

var digests = regexp.MustCompile(`"(\d+\.)?[0-9a-f]{24}"`) // entity tags of documents with ids and times

var secrets = regexp.MustCompile(`whsec_[A-Za-z0-9+/]+=*`) // of webhooks, which follow from their ids

var endpoint = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

var account = regexp.MustCompile(`(_account_id":)"\d+"`)

var timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)|"\d{10}"|\b\d{13}\b`)

var removal = regexp.MustCompile(`^\d{13}#`) // when a row left its list

var uploadFor = regexp.MustCompile(`"fields":\{.*`) // a policy and its signature

// MaxID is 2^53-1: image#<maxID-id> is the sort key of an image.
const MaxID = 1<<53 - 1

func isID(id int64) bool { return id > 1e14 && id <= MaxID }

// Text replaces ids and times in a text by names.
func (n naming) Text(text string) string {
	text = digests.ReplaceAllString(text, `"${1}D"`)
	text = secrets.ReplaceAllString(text, "whsec_S")
	text = endpoint.ReplaceAllString(text, "http://bucket")
	text = account.ReplaceAllString(text, `$1"A"`)
	text = timestamp.ReplaceAllString(text, `"T"`)
	text = uploadFor.ReplaceAllString(text, `"fields":{}`)
	text = removal.ReplaceAllString(text, "T#")
	return ids.ReplaceAllStringFunc(text, func(digits string) string {
		id, _ := strconv.ParseInt(digits, 10, 64) // 16 digits at most
		if !isID(id) {
			return digits
		}
		return n.of(id)
	})
}

// plain converts the attributes of an item to Go's values.
func plain(item map[string]types.AttributeValue) map[string]any {
	values := map[string]any{}
	for name, value := range item {
		values[name] = plainValue(value)
	}
	return values
}

func plainValue(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return json.Number(v.Value)
	case *types.AttributeValueMemberB:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberSS:
		return slices.Sorted(slices.Values(v.Value))
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, e := range v.Value {
			list[i] = plainValue(e)
		}
		return list
	case *types.AttributeValueMemberM:
		return plain(v.Value)
	}
	panic(fmt.Sprintf("%T", value))
}

// unlike are attributes that differ from run to run: random values, digests of ids, account numbers.
var unlike = map[string]bool{"fingerprint": true, "run": true, "created": true, "account": true, "debtor": true, "creditor": true,
	"origin": true, "epoch": true}

// lines returns a line for each item, but one for equal changes: a request that is repeated may make a change in several steps.
func (n naming) lines(items []map[string]any) []string {
	for _, item := range items {
		delete(item, "changed")
		delete(item, "unkept")
		delete(item, "counted")
		if strings.HasPrefix(fmt.Sprint(item["sk"]), "hist#") { // a check compares what it says with the records
			item["sk"] = "hist"
			delete(item, "req")
			delete(item, "was")
		}
		if pk, _, isChange := strings.Cut(fmt.Sprint(item["pk"]), "#LOG#"); isChange {
			_, of, _ := strings.Cut(fmt.Sprint(item["sk"]), "#")
			item["pk"], item["sk"] = pk+"#LOG", of
			delete(item, "req")
		}
		if sk := fmt.Sprint(item["sk"]); strings.HasPrefix(sk, "image#") {
			place, _ := strconv.ParseInt(sk[len("image#"):], 10, 64) // the platform's own
			item["sk"] = fmt.Sprintf("image#%016d", MaxID-place)
		}
	}
	var found []int64
	for _, item := range items {
		for _, digits := range ids.FindAllString(digests.ReplaceAllString(fmt.Sprint(item), ""), -1) {
			if id, _ := strconv.ParseInt(digits, 10, 64); isID(id) {
				found = append(found, id)
			}
		}
	}
	slices.Sort(found)
	for _, id := range found {
		n.of(id)
	}
	lines := make([]string, len(items))
	for i, item := range items {
		parts := make([]string, 0, len(item))
		for _, name := range slices.Sorted(maps.Keys(item)) {
			parts = append(parts, name+": "+n.value(name, item[name]))
		}
		lines[i] = strings.Join(parts, ", ")
	}
	slices.Sort(lines)
	return slices.CompactFunc(lines, func(a, b string) bool {
		return a == b && (strings.Contains(a, "#LOG,") || strings.Contains(a, "sk: hist"))
	})
}

func (n naming) value(name string, value any) string {
	if unlike[name] {
		return "…"
	}
	switch v := value.(type) {
	case json.Number:
		number, err := v.Int64()
		switch {
		case err != nil:
			return v.String()
		case isID(number):
			return n.of(number)
		case number > 1e9:
			return "T"
		}
		return v.String()
	case []byte:
		if name == "body" {
			return n.Text(string(v))
		}
		return base64.StdEncoding.EncodeToString(v)
	case string:
		return n.Text(v)
	}
	return n.Text(fmt.Sprint(value))
}
