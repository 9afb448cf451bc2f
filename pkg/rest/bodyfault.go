package rest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/go-json-experiment/json/jsontext"

	"contacts/pkg/contact"
)

// maxFaults and maxItemFaults bound the faults reported per body and per item, so that a response can carry them.
const (
	maxFaults     = 1000
	maxItemFaults = 100
)

func (d *bodyReader) fault(pointer, detail string) {
	if near := shorten(pointer); near != pointer {
		pointer, detail = near, detail+", below here: its name is too long to show"
	}
	row, most := -1, maxFaults
	if n, ok := itemIndex(pointer); ok && d.byItem {
		row, most = n, maxItemFaults
	}
	if d.faultCounts[row]++; d.faultCounts[row] <= most {
		d.faults = append(d.faults, contact.Fault{Pointer: pointer, Detail: detail})
	}
}

// maxListed bounds the list of a field's allowed values in a message, in bytes.
const maxListed = 512

// formatFault formats huma's messages: numbers in decimal notation, and no list of values beyond maxListed.
func formatFault(format string, args ...any) string {
	for i, arg := range args {
		switch value := arg.(type) {
		case float64:
			args[i] = strconv.FormatFloat(value, 'f', -1, 64)
		case string:
			if format == validation.MsgExpectedOneOf && len(value) > maxListed {
				return fmt.Sprintf("must be one of the %d values that the description of the API lists", strings.Count(value, ",")+1)
			}
		}
	}
	return fmt.Sprintf(format, args...)
}

// maxPointer bounds reported pointers, in bytes: names can be as long as the body, and would make a response too large.
const maxPointer = 1024

// shorten returns a pointer, or its longest prefix within maxPointer.
func shorten(pointer string) string {
	for len(pointer) > maxPointer {
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
	return pointer
}

// reported returns the faults, and how many more there are.
func (d *bodyReader) reported() []contact.Fault {
	for _, row := range slices.Sorted(maps.Keys(d.faultCounts)) {
		pointer, most := "", maxFaults
		if row >= 0 {
			pointer, most = fmt.Sprintf("/items/%d", row), maxItemFaults
		}
		if more := d.faultCounts[row] - most; more > 0 {
			d.faults = append(d.faults, moreFaults(pointer, more))
		}
	}
	return d.faults
}

func moreFaults(pointer string, n int) contact.Fault {
	return contact.Fault{Pointer: pointer, Detail: fmt.Sprintf("and %d more", n)}
}

var (
	errTooDeep      = errors.New("the JSON is nested too deeply")
	errTrailingData = errors.New("there is data after the JSON value")
)

const duplicateField = "duplicate field"

// syntaxFault returns the position of a syntax error. A lenient decoder doesn't know its pointer.
func (d *bodyReader) syntaxFault(err error) contact.Fault {
	f := syntaxFault(err)
	if d.lenient {
		f.Pointer = ""
	}
	return f
}

// syntaxFault returns the position of a syntax error. The decoder's message is omitted, for it quotes the body.
func syntaxFault(err error) contact.Fault {
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return contact.Fault{Detail: "the body is empty or ends before its JSON does"}
		}
		return contact.Fault{Detail: err.Error()}
	}
	pointer := shorten(string(syntactic.JSONPointer))
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return contact.Fault{Pointer: pointer, Detail: duplicateField}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return contact.Fault{Pointer: pointer, Detail: "the body ends before its JSON does"}
	}
	return contact.Fault{Pointer: pointer, Detail: fmt.Sprintf("is not valid JSON in UTF-8, at byte %d", syntactic.ByteOffset)}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func escapePointer(name string) string { return pointerEscapes.Replace(name) }
