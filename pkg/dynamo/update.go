package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An update is what changes of an item that stays. An attribute is named by its path: "member_count", or
// "representatives.<key>" for an entry of a map.
type update struct {
	sets    map[string]types.AttributeValue
	removes []string
	counts  map[string]int64
	adds    map[string]types.AttributeValue
	drops   map[string]types.AttributeValue
}

func (u *update) set(path string, value types.AttributeValue) {
	if u.sets == nil {
		u.sets = map[string]types.AttributeValue{}
	}
	u.sets[path] = value
}

func (u *update) remove(path string) {
	if !slices.Contains(u.removes, path) {
		u.removes = append(u.removes, path)
	}
}

// flag sets an attribute that is true, or not there.
func (u *update) flag(path string, on bool) {
	if on {
		u.set(path, yes)
	} else {
		u.remove(path)
	}
}

// count adds to a number, which is 0 where it is missing.
func (u *update) count(path string, by int64) {
	if u.counts == nil {
		u.counts = map[string]int64{}
	}
	u.counts[path] += by
}

// add puts texts into a set of texts.
func (u *update) add(path string, texts ...string) {
	if u.adds == nil {
		u.adds = map[string]types.AttributeValue{}
	}
	u.adds[path] = strs(texts)
}

// drop takes texts out of a set of texts, which goes with its last one.
func (u *update) drop(path string, texts ...string) {
	if u.drops == nil {
		u.drops = map[string]types.AttributeValue{}
	}
	u.drops[path] = strs(texts)
}

// expression is the update in DynamoDB's language, "" if nothing changes. All names go by placeholders: DynamoDB
// reserves several hundred words.
func (u *update) expression() (text string, names map[string]string, placed values) {
	names, placed = map[string]string{}, values{}
	name := func(path string) string {
		segments := strings.Split(path, ".")
		for i, segment := range segments {
			placeholder := fmt.Sprintf("#u%d", len(names))
			names[placeholder] = segment
			segments[i] = placeholder
		}
		return strings.Join(segments, ".")
	}
	value := func(v types.AttributeValue) string {
		placeholder := fmt.Sprintf(":u%d", len(placed))
		placed[placeholder] = v
		return placeholder
	}
	var sets, removes, adds, drops []string
	for _, path := range slices.Sorted(maps.Keys(u.sets)) {
		sets = append(sets, name(path)+" = "+value(u.sets[path]))
	}
	for _, path := range u.removes {
		removes = append(removes, name(path))
	}
	for _, path := range slices.Sorted(maps.Keys(u.counts)) {
		if by := u.counts[path]; by != 0 {
			adds = append(adds, name(path)+" "+value(num(by)))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(u.adds)) {
		adds = append(adds, name(path)+" "+value(u.adds[path]))
	}
	for _, path := range slices.Sorted(maps.Keys(u.drops)) {
		drops = append(drops, name(path)+" "+value(u.drops[path]))
	}
	for _, clause := range []struct {
		word  string
		parts []string
	}{{"SET", sets}, {"REMOVE", removes}, {"ADD", adds}, {"DELETE", drops}} {
		if len(clause.parts) > 0 {
			text += clause.word + " " + strings.Join(clause.parts, ", ") + " "
		}
	}
	return strings.TrimSpace(text), names, placed
}
