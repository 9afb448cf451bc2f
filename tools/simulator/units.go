package simulator

import (
	"encoding/base64"
	"strings"
)

// Sizes and units of items follow
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html.

// size returns the size of an item in bytes.
func (i item) size() int {
	n := 0
	for name, v := range i {
		n += len(name) + sizeOf(v)
	}
	return n
}

// sizeOf returns the size of a value, an object whose one field names its type.
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
		return base64.StdEncoding.DecodedLen(len(strings.TrimRight(s, "="))+3) - 2 // close enough, as units are rounded
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

// writeUnits returns the cost of writing, deleting or checking an item: a unit for each KB, at least one.
func writeUnits(size int, transactional bool) float64 {
	units := float64(max(1, (size+1023)/1024))
	if transactional {
		units *= 2
	}
	return units
}

// readUnits returns the cost of a strongly consistent read of an item: a unit for each 4 KB, at least one.
func readUnits(size int) float64 { return float64(max(1, (size+4095)/4096)) }
