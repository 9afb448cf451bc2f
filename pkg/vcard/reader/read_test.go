package reader_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"

	"github.com/google/go-cmp/cmp"
)

// record is a record of a file: a card or what is wrong with it.
type record struct {
	card *vcard.Card
	err  *reader.RecordError
	raw  string
	at   reader.Position
}

// readFrom reads a file from a position on.
func readFrom(t testing.TB, in io.Reader, at reader.Position) (records []record) {
	t.Helper()
	r := reader.New(in, at)
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return records
		}
		var failed *reader.RecordError
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		records = append(records, record{c, failed, string(r.Raw()), r.Position()})
	}
}

// readOne reads a file of one card.
func readOne(t testing.TB, file string) *vcard.Card {
	t.Helper()
	records := readFrom(t, strings.NewReader(file), reader.Position{})
	if len(records) != 1 || records[0].err != nil {
		t.Fatalf("%d records, the first fails with %v:\n%s", len(records), records[0].err, file)
	}
	return records[0].card
}

// card returns the lines as a card of a version.
func cardOf(version string, lines ...string) string {
	return "BEGIN:VCARD\r\nVERSION:" + version + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
}

func property(name, value string, params ...string) vcard.Property {
	p := vcard.Property{Name: name, Value: value}
	if group, rest, found := strings.Cut(name, "."); found {
		p.Group, p.Name = group, rest
	}
	for _, param := range params {
		name, value, _ := strings.Cut(param, "=")
		p.Add(name, value)
	}
	return p
}

func TestPropertiesAreReadAsProgramsWriteThem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		version string
		lines   []string
		want    vcard.Property
	}{
		"a text":                          {"3.0", []string{`NOTE:one\, two\nthree`}, property("NOTE", `one\, two\nthree`)},
		"a group":                         {"3.0", []string{"item1.TEL;type=CELL;type=pref:1"}, property("item1.TEL", "1", "TYPE=CELL", "TYPE=pref")},
		"a list of types":                 {"3.0", []string{"TEL;TYPE=home,voice:1"}, property("TEL", "1", "TYPE=home", "TYPE=voice")},
		"a list of types in quotes":       {"4.0", []string{`TEL;TYPE="home,voice":1`}, property("TEL", "1", "TYPE=home", "TYPE=voice")},
		"a parameter in quotes":           {"4.0", []string{`N;SORT-AS="a:b;c,d":x`}, property("N", "x", "SORT-AS=a:b;c,d")},
		"RFC 6868":                        {"4.0", []string{`N;SORT-AS=a^nb^^c^'d^e:x`}, property("N", "x", "SORT-AS=a\nb^c\"d^e")},
		"parameters without names":        {"2.1", []string{"TEL;HOME;VOICE:1"}, property("TEL", "1", "TYPE=HOME", "TYPE=VOICE")},
		"a location without a name":       {"2.1", []string{"PHOTO;URL;GIF:http://a.example/b,c;d.gif"}, property("PHOTO", "http://a.example/b,c;d.gif", "VALUE=uri", "TYPE=GIF")},
		"carets in 2.1":                   {"2.1", []string{"X-A;B=^n:x"}, property("X-A", "x", "B=^n")},
		"folded":                          {"3.0", []string{"NOTE:one", "  two", "\tthree"}, property("NOTE", "one twothree")},
		"folded before a blank":           {"3.0", []string{"NOTE:one", "  ", " two"}, property("NOTE", "one two")},
		"folded inside a character":       {"3.0", []string{"NOTE:\xc3", " \xbc"}, property("NOTE", "ü")},
		"folded in 2.1, where a blank is": {"2.1", []string{"NOTE:one", " two"}, property("NOTE", "one two")},
		"folded in a header":              {"3.0", []string{"TEL;TYPE=HOME;X-LONG=a", " b:1"}, property("TEL", "1", "TYPE=HOME", "X-LONG=ab")},
		"folded without a blank": {"3.0", []string{"NOTE:" + strings.Repeat("x", 70), "yz"},
			property("NOTE", strings.Repeat("x", 70)+"yz")},
		"a line break as it is":       {"3.0", []string{"NOTE:one", "two, three"}, property("NOTE", `one\ntwo, three`)},
		"a web page in the next line": {"3.0", []string{"NOTE:see", "http://a.example"}, property("NOTE", `see\nhttp://a.example`)},
		"quoted-printable":            {"2.1", []string{"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=c3=b6rg"}, property("N", "Müller;Jörg")},
		"soft line breaks":            {"2.1", []string{"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=", "two =", "  three", "TEL:1"}, property("NOTE", `one\ntwo   three`)},
		"quoted-printable in 3.0":     {"3.0", []string{"NOTE;ENCODING=QUOTED-PRINTABLE:a=2C b=0Ac"}, property("NOTE", `a, b\nc`)},
		"an equals sign":              {"2.1", []string{"NOTE;QUOTED-PRINTABLE:1+1=2=3D=z"}, property("NOTE", "1+1=2==z")},
		"a character set":             {"2.1", []string{"FN;CHARSET=ISO-8859-2:\xb9"}, property("FN", "š")},
		"a character set of Japan":    {"2.1", []string{"FN;CHARSET=SHIFT_JIS:\x8eR\x93c"}, property("FN", "山田")},
		"an unknown character set":    {"2.1", []string{"FN;CHARSET=X-OWN:M\xfcller"}, property("FN", "Müller", "CHARSET=X-OWN")},
		"a wrong character set":       {"2.1", []string{"FN;CHARSET=UTF-8:M\xfcller"}, property("FN", "Müller")},
		"an undeclared character set": {"3.0", []string{"FN:M\xfcller \x80\x81"}, property("FN", "Müller €\u0081")},
		"base64 and a blank line":     {"2.1", []string{"PHOTO;JPEG;ENCODING=BASE64:/9j/", " 4AAQ", "", "TEL:1"}, property("PHOTO", "/9j/4AAQ", "TYPE=JPEG", "ENCODING=b")},
		"base64 without a blank line": {"2.1", []string{"PHOTO;BASE64;TYPE=JPEG:", "/9j/", "4AAQ", "TEL:1"}, property("PHOTO", "/9j/4AAQ", "ENCODING=b", "TYPE=JPEG")},
		"base64 of 3.0":               {"3.0", []string{"PHOTO;ENCODING=b;TYPE=JPEG:/9j/", " 4AAQ"}, property("PHOTO", "/9j/4AAQ", "ENCODING=b", "TYPE=JPEG")},
		"commas of 2.1":               {"2.1", []string{`NOTE:a, b; c\; d\path`}, property("NOTE", `a\, b\; c\; d\\path`)},
		"components of 2.1":           {"2.1", []string{`ADR;WORK:;;A, B\; C;D`}, property("ADR", `;;A\, B\; C;D`, "TYPE=WORK")},
		"an extension of 2.1":         {"2.1", []string{`X-ANDROID-CUSTOM:a/b;1,2;\;;`}, property("X-ANDROID-CUSTOM", `a/b;1,2;\;;`)},
		"no value":                    {"3.0", []string{"NOTE:"}, property("NOTE", "")},
		"a blank before a property":   {"3.0", []string{"NOTE:x", "", " TEL:1"}, property("NOTE", "x")},
		"blank lines in a value":      {"3.0", []string{"NOTE:one", "", "", "two"}, property("NOTE", `one\n\n\ntwo`)},
		"a quote that nothing closes": {"2.1", []string{`TEL;X=5":1`}, property("TEL", "1", `X=5"`)},
		"a card in a property":        {"3.0", []string{`AGENT:BEGIN:VCARD\nFN:Susan\nEND:VCARD\n`}, property("AGENT", `BEGIN:VCARD\nFN:Susan\nEND:VCARD\n`)},
		"a card in a property, as it is": {"2.1", []string{"AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Susan; B", "AGENT:", "BEGIN:VCARD", "END:VCARD", "END:VCARD", "TEL:1"},
			property("AGENT", `BEGIN:VCARD\nVERSION:2.1\nFN:Susan\; B\nAGENT:\nBEGIN:VCARD\nEND:VCARD\nEND:VCARD`)},
		"a card in a property's own line": {"2.1", []string{"AGENT:BEGIN:VCARD", "FN:Susan", "END:VCARD"}, property("AGENT", `BEGIN:VCARD\nFN:Susan\nEND:VCARD`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, end := range []string{"\r\n", "\n", "\r"} {
				file := strings.ReplaceAll(cardOf(test.version, test.lines...), "\r\n", end)
				c := readOne(t, file)
				if diff := cmp.Diff(test.want, c.Properties[0]); diff != "" || string(c.Version) != test.version {
					t.Errorf("line ends %q, version %s: %s", end, c.Version, diff)
				}
				if last := c.Properties[len(c.Properties)-1]; len(c.Properties) > 1 && (last.Name != "TEL" || len(c.Properties) > 2) {
					t.Errorf("the properties are %v", c.Properties)
				}
			}
		})
	}
}

func TestABrokenCardDoesNotStopTheFile(t *testing.T) {
	t.Parallel()
	good := cardOf("3.0", "FN:Good")
	for name, test := range map[string]struct {
		broken, detail string
		line           int64 // after the first card's four
		raw            string
	}{
		"without an end": {"BEGIN:VCARD\r\nFN:Cut", "no END:VCARD before the next card begins at line 7", 1, "BEGIN:VCARD\r\nFN:Cut\r\n"},
		"in parentheses": {"(BEGIN:VCARD)\r\nFN:x\r\nEND:VCARD", "outside of a card", 1, "(BEGIN:VCARD)\r\nFN:x\r\nEND:VCARD\r\n"},
		"of a later version": {"BEGIN:VCARD\r\nVERSION:5.0\r\nFN:x\r\nEND:VCARD", "VERSION is 5.0", 1,
			"BEGIN:VCARD\r\nVERSION:5.0\r\nFN:x\r\nEND:VCARD\r\n"},
		"empty":         {"BEGIN:VCARD\r\nEND:VCARD", "no properties", 1, "BEGIN:VCARD\r\nEND:VCARD\r\n"},
		"with NUL":      {"BEGIN:VCARD\r\nFN:\x00\r\nEND:VCARD", "NUL", 2, "BEGIN:VCARD\r\nFN:\x00\r\nEND:VCARD\r\n"},
		"without names": {"BEGIN:VCARD\r\nJohn\r\nEND:VCARD", "no property", 2, "BEGIN:VCARD\r\nJohn\r\nEND:VCARD\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readFrom(t, strings.NewReader(good+test.broken+"\r\n"+good), reader.Position{})
			if len(got) != 3 || got[0].card == nil || got[1].err == nil || got[2].card == nil {
				t.Fatalf("records: %+v", got)
			}
			if err := got[1].err; err.Record != 2 || err.Line != 4+test.line || !strings.Contains(err.Detail, test.detail) {
				t.Errorf("record %d, %v", err.Record, err)
			}
			if got[1].raw != test.raw {
				t.Errorf("raw text %q", got[1].raw)
			}
			mended := readFrom(t, bytes.NewReader(reader.WithProblem([]byte(got[1].raw), "mend this: "+strings.Repeat("very long, ", 20))), reader.Position{})
			if len(mended) != 1 {
				t.Errorf("with its problem it is %d records", len(mended))
			}
		})
	}
}

func TestAFileThatEndsInACardSaysSo(t *testing.T) {
	t.Parallel()
	got := readFrom(t, strings.NewReader(cardOf("4.0", "FN:a")+"BEGIN:VCARD\nFN:b"), reader.Position{})
	if len(got) != 2 || got[1].err == nil || !strings.Contains(got[1].err.Detail, "the file ends in it") || got[1].raw != "BEGIN:VCARD\r\nFN:b\r\n" {
		t.Errorf("records: %+v", got)
	}
}

func TestACardThatIsTooLargeIsSkipped(t *testing.T) {
	t.Parallel()
	good := cardOf("3.0", "FN:Good")
	for name, middle := range map[string]io.Reader{
		"in one line":   io.MultiReader(strings.NewReader("BEGIN:VCARD\nNOTE:"), io.LimitReader(endless("x"), 100<<20), strings.NewReader("\nEND:VCARD\n")),
		"in many lines": io.MultiReader(strings.NewReader("BEGIN:VCARD\n"), io.LimitReader(endless("NOTE:12345\n"), 11<<20), strings.NewReader("END:VCARD\n")),
	} {
		t.Run(name, func(t *testing.T) {
			got := readFrom(t, io.MultiReader(strings.NewReader(good), middle, strings.NewReader(good)), reader.Position{})
			if len(got) != 3 || got[1].err == nil || !strings.Contains(got[1].err.Detail, "more than 8 MB") || got[1].raw != "" || got[2].card == nil {
				t.Fatalf("%d records", len(got))
			}
		})
	}
	params := readFrom(t, strings.NewReader(good+cardOf("3.0", "FN:x", "TEL;TYPE=a"+strings.Repeat(",a", 1_001)+":1")+good), reader.Position{})
	if len(params) != 3 || params[1].err == nil || !strings.Contains(params[1].err.Detail, "1,000 parameters") || params[1].err.Line != 8 {
		t.Errorf("a property of 1,002 types: %v", params[1].err)
	}
	many := readFrom(t, strings.NewReader(good+cardOf("3.0", strings.Repeat("TEL:1\r\n", 2_001)+"FN:x")+good), reader.Position{})
	if len(many) != 3 || many[1].err == nil || !strings.Contains(many[1].err.Detail, "2,000 properties") || many[1].raw == "" {
		t.Errorf("a card of 2,001 properties: %v", many[1].err)
	}
}

// endless repeats a text.
type endless string

func (e endless) Read(b []byte) (int, error) {
	n := copy(b, strings.Repeat(string(e), max(1, len(b)/len(e))))
	return n, nil
}

func TestFilesThatAreNoTextAreOneRecord(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"zipped": "PK\x03\x04\x14\x00\x00\x00" + strings.Repeat("\x9c\xed\n\x00", 50_000),
		"html":   "<html>\n<body>not found</body>\n</html>",
	} {
		got := readFrom(t, strings.NewReader(file), reader.Position{})
		if len(got) != 1 || got[0].err == nil || got[0].err.Line != 1 || len(got[0].raw) > 64<<10 {
			t.Errorf("%s: %d records, the first with %d bytes", name, len(got), len(got[0].raw))
		}
	}
	for _, file := range []string{"", "\ufeff", "\r\n \n\r"} {
		if got := readFrom(t, strings.NewReader(file), reader.Position{}); len(got) != 0 {
			t.Errorf("%q: %+v", file, got)
		}
	}
}
