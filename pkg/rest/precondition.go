package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// gzipMark tells the ETag of a compressed answer from that of the plain one: strong ETags differ where bytes do
// (RFC 9110, section 8.8.3.3).
const gzipSuffix = "-gzip"

// ETag is the strong entity tag of a resource in a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// ConditionalHeaders are the headers that make a change conditional (RFC 9110, section 13.1).
type ConditionalHeaders struct {
	IfMatch     entityTagList `header:"If-Match" doc:"Change the resource only if its ETag is one of these: 412 otherwise." example:"\"1\""`
	IfNoneMatch entityTagList `header:"If-None-Match" doc:"Change it only if its ETag is none of these; *: only if there is none yet. 412 otherwise." example:"*"`

	Precondition contact.Precondition `json:"-"`

	matchTags, noneTags []string
}

// MatchWhole holds the precondition against what GET answers at present, where that is put together: its ETag is a digest.
func (h *ConditionalHeaders) MatchComposed(v any) error { return h.matchDigest(v, digest) }

// MatchSelection is MatchWhole of a selection of a resource that a request names, as ShowSelection answers it.
func (h *ConditionalHeaders) MatchSelection(v any) error { return h.matchDigest(v, selectionDigest) }

func (h *ConditionalHeaders) matchDigest(v any, digest func([]byte) string) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	now := digest(body)
	required := h.Precondition
	if required.IfMatch.Given && !required.IfMatch.Any && !slices.Contains(h.matchTags, now) || required.IfNoneMatch.Any || slices.Contains(h.noneTags, now) {
		return dynamo.ErrStale
	}
	return nil
}

// wholeTag is the strong entity tag of a resource that is put together.
func digestETag(body []byte) string { return `"` + digest(body) + `"` }

// digestOfSelection is the digest of an answer that shows a selection of a resource. It is another one than that of the whole, even
// where the selection is all of it.
func selectionDigest(body []byte) string { return digest(append([]byte("selection\n"), body...)) }

// digest is the strong entity tag of an answer that is no stored resource, without its quotes.
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// Resolve reads the headers; huma calls it. An empty one is refused, which huma takes for none: a condition that got lost on
// the way must not make a change unconditional.
func (h *ConditionalHeaders) Resolve(ctx huma.Context) (errs []error) {
	ctx.EachHeader(func(name, value string) {
		if (name == "If-Match" || name == "If-None-Match") && value == "" {
			errs = append(errs, fault{Fault: contact.Fault{Parameter: name, Detail: "must be entity tags in double quotes, or *"}})
		}
	})
	// Where one can't be read there is none, or its schema has refused it.
	ifMatch, ifNoneMatch := &h.Precondition.IfMatch, &h.Precondition.IfNoneMatch
	h.matchTags, ifMatch.Any, ifMatch.Given = entityTags(string(h.IfMatch))
	for i, tag := range h.matchTags {
		h.matchTags[i] = strings.TrimSuffix(tag, gzipSuffix)
	}
	h.noneTags, ifNoneMatch.Any, ifNoneMatch.Given = entityTags(string(h.IfNoneMatch))
	for i, tag := range h.noneTags {
		h.noneTags[i] = weakTag(tag)
	}
	ifMatch.Versions, ifNoneMatch.Versions = versions(h.matchTags), versions(h.noneTags)
	return errs
}

// versions are those that tags name. A weak tag never matches strongly, and one that isn't a version of ours matches nothing.
func versions(tags []string) (all []int64) {
	for _, tag := range tags {
		if v, err := strconv.ParseInt(tag, 10, 64); err == nil && strconv.FormatInt(v, 10) == tag {
			all = append(all, v)
		}
	}
	return all
}

// An entityTagList is the value of If-Match: entity tags, one at least, or *. Empty elements are passed over (RFC 9110,
// section 5.6.1.2).
type entityTagList string

const (
	entityTag     = `(?:W/)?"[^"]*"`
	entityTagsAre = `^[ \t]*(?:\*|[ \t,]*` + entityTag + `(?:[ \t]*,[ \t,]*` + entityTag + `)*[ \t,]*)[ \t]*$`
)

// Schema makes huma refuse what entityTags can't read.
func (entityTagList) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, MinLength: ptr(1), Pattern: entityTagsAre, PatternDescription: "entity tags in double quotes, or *"}
}

var entityTagExpressions = sync.OnceValues(func() (list, one *regexp.Regexp) {
	return regexp.MustCompile(entityTagsAre), regexp.MustCompile(entityTag)
})

// entityTags reads the value of If-Match or If-None-Match. The quotes are taken off; a weak tag keeps its W/, which no strong
// one begins with.
func entityTags(value string) (tags []string, any, ok bool) {
	list, one := entityTagExpressions()
	if !list.MatchString(value) {
		return nil, false, false
	}
	for _, tag := range one.FindAllString(value, -1) {
		tags = append(tags, strings.ReplaceAll(tag, `"`, ""))
	}
	return tags, tags == nil, true
}

// listBlanks is what stands between the elements of a list in a header.
const listBlanks = " \t,"

// seen tells whether If-None-Match names the ETag; weakly, as RFC 9110 compares it.
func matchesWeakly(ifNoneMatch, etag string) bool {
	if ifNoneMatch == "" || etag == "" {
		return false
	}
	tags, any, ok := entityTags(ifNoneMatch)
	if !ok {
		return false
	}
	for _, tag := range tags {
		if weakTag(tag) == strings.Trim(etag, `"`) {
			return true
		}
	}
	return any
}

// plainTag is a tag as it is compared weakly.
func weakTag(tag string) string { return strings.TrimSuffix(strings.TrimPrefix(tag, "W/"), gzipSuffix) }
