package rest

import (
	"slices"
	"strings"
	"testing"
)

func TestEntityTagsAreReadAsRFC9110HasThem(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		`"1"`: {"1"}, `W/"1"`: {"W/1"}, `"1", "2"`: {"1", "2"}, `"1",W/"2"`: {"1", "W/2"}, ` "1" `: {"1"}, `""`: {""}, `"a,b"`: {"a,b"}, "\"1\"\t,\t\"2\"": {"1", "2"},
		`"1",`: {"1"}, `,"1"`: {"1"}, `, ,"1",, W/"2" ,`: {"1", "W/2"},
	} {
		if tags, any, ok := entityTags(value); !ok || any || !slices.Equal(tags, want) {
			t.Errorf("entityTags(%q) = %q, %v, %v", value, tags, any, ok)
		}
	}
	if tags, any, ok := entityTags(" * "); !ok || !any || tags != nil {
		t.Errorf("*: %q, %v, %v", tags, any, ok)
	}
	for _, value := range []string{"", "1", `"1`, `1"`, `w/"1"`, `W/1`, `W/`, `"1" "2"`, `"1""2"`, `,`, ` , ,`, `"1",*`, `*,"1"`} {
		if tags, _, ok := entityTags(value); ok {
			t.Errorf("entityTags(%q) = %q", value, tags)
		}
	}
}

func FuzzEntityTags(f *testing.F) {
	for _, s := range []string{"", "*", `"1"`, `W/"1"`, `"1", "2"`, `"1",`, `"`, `W/`, `"a"b`, "\"\x00\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		tags, any, ok := entityTags(value)
		if !ok {
			if matchesWeakly(value, `"1"`) {
				t.Fatalf("%q is malformed and matches", value)
			}
			return
		}
		if any != (len(tags) == 0) {
			t.Fatalf("%q: %q, %v", value, tags, any)
		}
		var written []string
		for _, tag := range tags {
			if strings.Contains(tag, `"`) {
				t.Fatalf("%q has the tag %q", value, tag)
			}
			written = append(written, `"`+tag+`"`)
		}
		if !any {
			if again, _, ok := entityTags(strings.Join(written, ",")); !ok || !slices.Equal(again, tags) {
				t.Fatalf("%q is %q, and again %q", value, tags, again)
			}
		}
	})
}
