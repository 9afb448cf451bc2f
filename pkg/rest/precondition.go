package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"contacts/pkg/contact"
	"contacts/pkg/dynamo"
)

// gzipMark tells the ETag of a compressed answer from that of the plain one: strong ETags differ where bytes do
// (RFC 9110, section 8.8.3.3).
const gzipMark = "-gzip"

// ETag is the strong entity tag of a resource in a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// A Precondition is the If-Match of a request that changes a resource.
type Precondition struct {
	IfMatch string `header:"If-Match" doc:"Change the resource only if its ETag is one of these: 412 otherwise." example:"\"1\""`

	Match dynamo.Match `json:"-"`

	tags []string
}

// MatchWhole holds If-Match against what GET answers at present, where that is put together: its ETag is a digest.
func (p *Precondition) MatchWhole(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if p.Match.Given && !p.Match.Any && !slices.Contains(p.tags, digest(body)) {
		return dynamo.ErrStale
	}
	return nil
}

// wholeTag is the strong entity tag of a resource that is put together.
func wholeTag(body []byte) string { return `"` + digest(body) + `"` }

// digest is the strong entity tag of an answer that is no stored resource, without its quotes.
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// Resolve reads If-Match; huma calls it.
func (p *Precondition) Resolve(huma.Context) []error {
	if p.IfMatch == "" {
		return nil
	}
	p.Match.Given = true
	tags, any, ok := entityTags(p.IfMatch)
	if !ok {
		return []error{fault{Fault: contact.Fault{Parameter: "If-Match", Detail: `must be entity tags in double quotes, or *`}}}
	}
	p.Match.Any = any
	for _, tag := range tags {
		// A weak tag never matches strongly, and one that isn't a version of ours matches nothing.
		tag = strings.TrimSuffix(tag, gzipMark)
		p.tags = append(p.tags, tag)
		if v, err := strconv.ParseInt(tag, 10, 64); err == nil && strconv.FormatInt(v, 10) == tag {
			p.Match.Versions = append(p.Match.Versions, v)
		}
	}
	return nil
}

// entityTags reads the value of If-Match or If-None-Match: a list of tags, one at least, or *. The quotes are taken off; a
// weak tag keeps its W/, which no strong one begins with. Empty elements are passed over (RFC 9110, section 5.6.1.2).
func entityTags(value string) (tags []string, any, ok bool) {
	value = strings.TrimSpace(value)
	if value == "*" {
		return nil, true, true
	}
	for value = strings.TrimLeft(value, listBlanks); value != ""; {
		weak := ""
		if rest, found := strings.CutPrefix(value, "W/"); found {
			weak, value = "W/", rest
		}
		rest, found := strings.CutPrefix(value, `"`)
		if !found {
			return nil, false, false
		}
		tag, rest, found := strings.Cut(rest, `"`)
		if !found {
			return nil, false, false
		}
		tags = append(tags, weak+tag)
		rest = strings.TrimLeft(rest, " \t")
		if rest != "" && rest[0] != ',' {
			return nil, false, false
		}
		value = strings.TrimLeft(rest, listBlanks)
	}
	return tags, false, tags != nil
}

// listBlanks is what stands between the elements of a list in a header.
const listBlanks = " \t,"

// seen tells whether If-None-Match names the ETag; weakly, as RFC 9110 compares it.
func seen(ifNoneMatch, etag string) bool {
	if ifNoneMatch == "" || etag == "" {
		return false
	}
	tags, any, ok := entityTags(ifNoneMatch)
	if !ok {
		return false
	}
	for _, tag := range tags {
		if strings.TrimSuffix(strings.TrimPrefix(tag, "W/"), gzipMark) == strings.Trim(etag, `"`) {
			return true
		}
	}
	return any
}
