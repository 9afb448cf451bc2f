package rest

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// checkAccept refuses a client that accepts none of the offered media types (RFC 9110, section 12.5.1).
func checkAccept(r *http.Request, offers []string) error {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.Trim(accept, listBlanks) == "" { // an empty list accepts anything
		return nil
	}
	taken := offers
	if strings.HasPrefix(r.URL.Path, plentymarkets) {
		taken = append(slices.Clip(offers), plentymarketsType)
	}
	if slices.ContainsFunc(taken, func(media string) bool { return quality(accept, media) > 0 }) {
		return nil
	}
	said := "Responses are " + strings.Join(offers, ", ")
	if !strings.HasPrefix(r.URL.Path, plentymarkets) {
		said += ", problems " + ProblemType
	}
	return notAcceptable.problem(said + ".")
}

// quality returns the weight of a media type by the most specific range of an Accept header that includes it, 0 if none
// does.
func quality(accept, media string) (weight float64) {
	closest := 0
	for element := range strings.SplitSeq(accept, ",") {
		mediaRange, parameters, err := mime.ParseMediaType(element)
		if err != nil {
			continue
		}
		if near := specificity(mediaRange, media); near > closest {
			q, err := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64)
			if err != nil {
				continue
			}
			closest, weight = near, q
		}
	}
	return weight
}

// plentymarketsType is the media type that clients of the plentymarkets dialect ask for. They are answered application/json.
const plentymarketsType = "application/x.plentymarkets.v1+json"

// specificity returns how specifically a media range names a media type, 0 if it doesn't include it. A client that accepts
// problem+json alone accepts JSON too.
func specificity(mediaRange, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	switch {
	case mediaRange == media:
		return 4
	case mediaRange == ProblemType && media == jsonType:
		return 3
	case mediaRange == kind+"/*":
		return 2
	case mediaRange == "*/*":
		return 1
	}
	return 0
}
