package contact

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"
)

// A date is taken if and only if the calendar has it, counted here by hand; and it is then spelled in the one way.
func FuzzCheckDate(f *testing.F) {
	for _, s := range []string{"", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0000-02-29", "0000-00-00", "9999-12-31",
		"10000-01-01", "2024-1-1", "2024-02-30",
		"+024-01-01", "-024-01-01", "2024-04-31", "2024-01-01Z", "2024-01-01\n", " 2024-01-01", "２024-01-01", "2024/01/01", "20240101",
		"2024-W01-1", "2024-001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := checkDate(s) == ""; got != isDay(s) {
			t.Fatalf("%q is taken: %v", s, got)
		}
	})
}

// isDay reports whether s is a day of the Gregorian calendar, which has no year 0, YYYY-MM-DD.
func isDay(s string) bool {
	if !regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`).MatchString(s) {
		return false
	}
	year, _ := strconv.Atoi(s[:4])
	month, _ := strconv.Atoi(s[5:7])
	day, _ := strconv.Atoi(s[8:])
	lengths := []int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		lengths[2]++
	}
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lengths[month]
}

// A moment that is kept is shown as RFC 3339 in UTC, and is the second in which it lies when it is read.
func FuzzAt(f *testing.F) {
	for _, ms := range []int64{0, 1, -1, 1742860800000, 1742860800999, -62135596800000, 253402300799999, 951782400000} {
		f.Add(ms)
	}
	f.Fuzz(func(t *testing.T, ms int64) {
		shown := string(TimeOf(ms))
		if ms == 0 {
			if shown != "" {
				t.Fatalf("no moment is shown as %q", shown)
			}
			return
		}
		if year := time.UnixMilli(ms).UTC().Year(); year < 0 || year > 9999 {
			return // RFC 3339 has no such years
		}
		read, err := time.Parse(time.RFC3339, shown)
		if err != nil || read.Unix() != time.UnixMilli(ms).Unix() || len(shown) != len("2017-07-07T13:00:00Z") || shown[len(shown)-1] != 'Z' {
			t.Fatalf("%d is shown as %q, which is %v, %v", ms, shown, read, err)
		}
	})
}

// A decimal is any number of JSON of at most 64 characters, and comes out as it went in: to the digit.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-0", "0.0", "2500.750", "1e2", "1E+02", "-1.50e-007", "12345678901234567890.12345678901234567890",
		"01", "+1", ".5", "1.", "1e", "NaN", "Infinity",
		`"1"`, "null", "true", "[1]", "{}", "", " 1", "1 2", "0x1", "1_000", strings.Repeat("9", 64), strings.Repeat("9", 65), "1e999999999"} {
		f.Add(s)
	}
	number := regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`) // RFC 8259, section 6
	f.Fuzz(func(t *testing.T, s string) {
		sent := strings.Trim(s, " \t\r\n")
		var d Decimal
		err := json.Unmarshal([]byte(s), &d)
		if right := number.MatchString(sent) && len(sent) <= MaxDecimal; right != (err == nil) || right && string(d) != sent {
			t.Fatalf("%q is read as %q, %v", s, d, err)
		}
		if err != nil {
			return
		}
		if shown, err := json.Marshal(Money{d, "EUR"}); err != nil || string(shown) != `{"value":`+sent+`,"unit":"EUR"}` {
			t.Fatalf("%q is shown as %s, %v", s, shown, err)
		}
	})
}

// An id in JSON is its decimal text; whatever else is there is no id.
func FuzzIDInJSON(f *testing.F) {
	for _, s := range []string{`"8123"`, `"1"`, `"9007199254740991"`, `"9007199254740992"`, `"0"`, `"01"`, `"+1"`, `"-1"`, `8123`,
		`"8123 "`, `"\u0038123"`, `""`, `null`, `true`, `["1"]`, `"1e3"`, `"٨"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var id ID
		if err := json.Unmarshal(text, &id); err != nil || jsontext.Value(text).Kind() == 'n' {
			return
		}
		var said string
		if err := json.Unmarshal(text, &said); err != nil || said != id.String() || id < 1 || id > MaxID {
			t.Fatalf("%q is read as %d", text, id)
		}
		shown, err := json.Marshal(id)
		if err != nil || string(shown) != `"`+said+`"` {
			t.Fatalf("%d is shown as %s, %v", id, shown, err)
		}
		if kind := id.Kind(); kind < Individual || kind > Part || kind.String() == "" || id.Time().Before(epoch) {
			t.Fatalf("%d is of kind %v, made %v", id, kind, id.Time())
		}
	})
}

// Two texts are folded to one if and only if they are equal but for case (as texts of Unicode's form C), and folding what
// is folded changes nothing: so a claim on a tag's name can't be made twice.
func FuzzFold(f *testing.F) {
	for _, pair := range [][2]string{{"VIP", "vip"}, {"Straße", "STRASSE"}, {"ſ", "S"}, {"K", "k"}, {"Ä", "a\u0308"}, {"Σ", "ς"}, {"İ",
		"i"}, {"ı", "I"}, {"\u0345", "ι"}, {"ǆ", "ǅ"},
		{"\u1e9e", "ß"}, {"\u0390", "\u1fd3"}, {"\xff", "\xff"}, {"", "\x00"}, {"Å", "å"}, {"\ufb05", "\ufb06"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if CheckText(a) != "" || CheckText(b) != "" {
			return // is refused before anyone folds it
		}
		a, b = NormalizeText(a), NormalizeText(b)
		if once := Fold(a); Fold(once) != once || NormalizeText(once) != once {
			t.Fatalf("%q is folded to %q, and that to %q", a, once, Fold(once))
		}
		if strings.EqualFold(a, b) && Fold(a) != Fold(b) {
			t.Fatalf("%q and %q differ in case alone, and are folded to %q and %q", a, b, Fold(a), Fold(b))
		}
		if Fold(a) == Fold(b) && !strings.EqualFold(norm.NFD.String(a), norm.NFD.String(b)) {
			t.Fatalf("%q and %q are both folded to %q", a, b, Fold(a))
		}
	})
}

// A mailbox is taken if and only if the grammar of RFC 5321, section 4.1.2, has it, written here as one
// expression. (Address literals are those that net/netip reads.)
func FuzzEmailGrammar(f *testing.F) {
	for _, s := range []string{"", "user@example.com", "a@b", `"a b"@c`, `"\""@c`, `""@c`, `"a"b@c`, "a@[127.0.0.1]", "a@[IPv6:::1]",
		"a@[IPv6:1:2:3:4:5:6:7:8]", "a@[ipv6:::1]", "a@[1.2.3]", "a@[::1]",
		"a@[IPv6:1.2.3.4]", "a@[01.2.3.4]", "a.b@c", "a..b@c", ".a@b", "a.@b", "a@b.", "a@-b", "a@b-.c", "a@b_c", "a@b..c", `"a@b"@c`,
		"a@b@c", strings.Repeat("a", 64) + "@b", strings.Repeat("a", 65) + "@b",
		"a@" + strings.Repeat("b", 63), "a@" + strings.Repeat("b", 64), "a@" + strings.Repeat("b.", 126) + "b", `"\a"@b`, "\"\t\"@b",
		"a(c)@b", "a@b\r\n", "é@b", "a@é", "!#$%&'*+-/=?^_`{|}~@b"} {
		f.Add(s)
	}
	const (
		atom  = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
		label = `[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	)
	mailbox := regexp.MustCompile(`^(?:` + atom + `(?:\.` + atom + `)*|"(?:[ !#-\[\]-~]|\\[ -~])*")@(?:` + label + `(?:\.` + label + `)*|\[((?i:IPv6:))?([0-9A-Fa-f.:]+)\])$`)
	f.Fuzz(func(t *testing.T, s string) {
		parts := mailbox.FindStringSubmatch(s)
		right := parts != nil && len(s) <= 254 && strings.LastIndexByte(s, '@') <= 64
		if right && parts[2] != "" {
			addr, err := netip.ParseAddr(parts[2])
			right = err == nil && addr.Is6() == (parts[1] != "")
		}
		if got := checkEmail(s) == ""; got != right {
			t.Fatalf("%q is taken: %v", s, got)
		}
	})
}
