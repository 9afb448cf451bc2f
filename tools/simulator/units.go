package simulator

import (
	"encoding/base64"
	"strings"
)

// The sizes of items, and what units they cost, are those of
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html.

// size is how many bytes an item counts.
func (i item) size() int {
	n := 0
	for name, v := range i {
		n += len(name) + sizeOf(v)
	}
	return n
}

// sizeOf is the size of a value, an object whose one field names its type.
func sizeOf(v any) int {
	typed, _ := v.(map[string]any)
	n := 0
	for kind, content := range typed {
		switch c := content.(type) {
		case string:
			n += sizeOfText(kind, c)
		case bool: // BOOL, NULL
			n++
		case []any:
			if kind == "L" {
				n += 3
			}
			for _, element := range c {
				if kind == "L" {
					n += 1 + sizeOf(element)
				} else if s, ok := element.(string); ok {
					n += sizeOfText(kind[:1], s)
				}
			}
		case map[string]any: // M
			n += 3
			for name, element := range c {
				n += 1 + len(name) + sizeOf(element)
			}
		}
	}
	return n
}

func sizeOfText(kind, s string) int {
	switch kind {
	case "B":
		return base64.StdEncoding.DecodedLen(len(strings.TrimRight(s, "="))+3) - 2 // close enough to the rounding of a unit
	case "N":
		digits := strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(s), "0")
		n := (len(digits)+1)/2 + 1
		if strings.HasPrefix(s, "-") {
			n++
		}
		return n
	}
	return len(s)
}

// writeUnits is what it costs to write, remove or check an item of a size: 1 KB is a unit, at least one.
func writeUnits(size int, transactional bool) float64 {
	units := float64(max(1, (size+1023)/1024))
	if transactional {
		units *= 2
	}
	return units
}

// readUnits is what a strongly consistent read of an item of a size costs: 4 KB is a unit, at least one.
func readUnits(size int) float64 { return float64(max(1, (size+4095)/4096)) }
