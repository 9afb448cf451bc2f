package search

import (
	"slices"
	"strings"
)

// maxWholeSpellings is the most spellings of a whole name that are compared.
const maxWholeSpellings = 64

// A WholeName is a name in its equivalent spellings, its words separated by one blank; none without a letter or digit. An apostrophe is once
// ignored and once a separator.
type WholeName []string

// Whole returns the spellings of a whole name.
func Whole(name string) WholeName {
	texts := []string{""}
	for i, t := range tokens(fold(name)) {
		options := spellings(strings.Join(t.parts, ""))
		if len(t.parts) > 1 {
			options = append(options, spellings(strings.Join(t.parts, " "))...)
		}
		if len(texts)*len(options) > maxWholeSpellings {
			options = options[:1]
		}
		var next []string
		for _, before := range texts {
			if i > 0 {
				before += " "
			}
			for _, o := range options {
				next = append(next, before+o)
			}
		}
		texts = next
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

// Same reports whether two names have a spelling in common.
func (n WholeName) Same(other WholeName) bool {
	return slices.ContainsFunc(n, func(text string) bool { return slices.Contains(other, text) })
}

// BeginsWith reports whether a spelling of the name begins with one of the prefix.
func (n WholeName) BeginsWith(prefix WholeName) bool {
	return slices.ContainsFunc(n, func(text string) bool { return beginsWithAny(text, prefix) })
}
