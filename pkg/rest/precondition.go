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
)

// gzipSuffix distinguishes the ETag of a compressed response: strong ETags identify bytes (RFC 9110, section 8.8.3.3).
const gzipSuffix = "-gzip"

// ETag returns the strong entity tag of a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// recordETag returns the strong entity tag of a record. One that shows more than its version counts has a digest in its tag, which
// If-None-Match compares; If-Match compares the version alone.
func recordETag(r contact.Record) string {
	if r.Derived {
		return `"` + strconv.FormatInt(r.Version, 10) + digestSeparator + digest(r.Doc) + `"`
	}
	return ETag(r.Version)
}

// digestSeparator precedes the digest in a tag with a version.
const digestSeparator = "."

// ConditionalHeaders are the headers that make a change conditional (RFC 9110, section 13.1).
type ConditionalHeaders struct {
	IfMatch     entityTagList `header:"If-Match"`
	IfNoneMatch entityTagList `header:"If-None-Match"`

	Precondition contact.Precondition `json:"-"`

	matchTags, noneTags []string
}

// MatchComposed checks the precondition against the current state of a composed resource, whose ETag is a digest. It returns
// contact.ErrStale. (That of a stored resource is checked against its version where it is read, in package store.)
func (h *ConditionalHeaders) MatchComposed(v any) error { return h.matchDigest(v, digest) }

// MatchSelection checks the precondition against a selection of a composed resource, as ShowSelection responds with it.
func (h *ConditionalHeaders) MatchSelection(v any) error { return h.matchDigest(v, selectionDigest) }

func (h *ConditionalHeaders) matchDigest(v any, digest func([]byte) string) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	now := digest(body)
	required := h.Precondition
	if required.IfMatch.Given && !required.IfMatch.Any && !slices.Contains(h.matchTags, now) || required.IfNoneMatch.Any || slices.Contains(h.noneTags, now) {
		return contact.ErrStale
	}
	return nil
}

// digestETag returns the strong entity tag of a composed resource.
func digestETag(body []byte) string { return `"` + digest(body) + `"` }

// selectionDigest returns the digest of a selection of a resource. It differs from that of the whole resource even for equal
// bodies.
func selectionDigest(body []byte) string { return digest(append([]byte("selection\n"), body...)) }

// digest returns the digest of a body, the strong entity tag without its quotes.
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:digestSize])
}

// digestSize is the length of a digest, in bytes.
const digestSize = 12

// Resolve reads the headers. It implements huma.Resolver. It refuses empty headers, which huma ignores: a lost condition
// must not make a change unconditional.
func (h *ConditionalHeaders) Resolve(ctx huma.Context) (errs []error) {
	ctx.EachHeader(func(name, value string) {
		if (name == "If-Match" || name == "If-None-Match") && value == "" {
			errs = append(errs, fault{Fault: contact.Fault{Parameter: name, Detail: "must be entity tags in double quotes, or *"}})
		}
	})
	// The schema has refused malformed headers.
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

// versions returns the versions that tags name. Weak and unknown tags match none.
func versions(tags []string) (all []int64) {
	for _, tag := range tags {
		number, digest, derived := strings.Cut(tag, digestSeparator)
		v, err := strconv.ParseInt(number, 10, 64)
		if err == nil && strconv.FormatInt(v, 10) == number && derived == (len(digest) == hex.EncodedLen(digestSize)) {
			all = append(all, v)
		}
	}
	return all
}

// An entityTagList is the value of If-Match or If-None-Match: at least one entity tag, or *. Empty elements are ignored (RFC
// 9110, section 5.6.1.2).
type entityTagList string

const (
	entityTag     = `(?:W/)?"[^"]*"`
	entityTagsAre = `^[ \t]*(?:\*|[ \t,]*` + entityTag + `(?:[ \t]*,[ \t,]*` + entityTag + `)*[ \t,]*)[ \t]*$`
)

// Schema accepts what entityTags can parse.
func (entityTagList) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, MinLength: ptr(1), Pattern: entityTagsAre, PatternDescription: "entity tags in double quotes, or *"}
}

var entityTagExpressions = sync.OnceValues(func() (list, one *regexp.Regexp) {
	return regexp.MustCompile(entityTagsAre), regexp.MustCompile(entityTag)
})

// entityTags parses the value of If-Match or If-None-Match. It removes the quotes; weak tags keep their W/.
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

// listBlanks are the separators of a header's list.
const listBlanks = " \t,"

// matchesWeakly reports whether If-None-Match names the ETag by weak comparison (RFC 9110, section 8.8.3.2).
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

// weakTag returns a tag's opaque part for weak comparison.
func weakTag(tag string) string { return strings.TrimSuffix(strings.TrimPrefix(tag, "W/"), gzipSuffix) }
