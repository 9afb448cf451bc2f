package csvfile

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

func TestFilesThatAreNoCSVAreRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct{ file, says string }{
		"workbook":         {"PK\x03\x04\x14\x00\x06\x00\x08\x00", "save it as CSV"},
		"old workbook":     {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "save it as CSV"},
		"gzip":             {"\x1f\x8b\x08\x00\x00\x00", "gzip"},
		"picture":          {"\x89PNG\r\n\x1a\n\x00\x00\x00", "picture"},
		"web page":         {"<HTML><table>", "web page"},
		"vCard":            {"BEGIN:VCARD\r\nVERSION:3.0\r\n", "VCARD"},
		"marked vCard":     {"\xef\xbb\xbfBEGIN:VCARD\r\n", "VCARD"},
		"UTF-32":           {"\xff\xfe\x00\x00n\x00\x00\x00", "UTF-32"},
		"NUL":              {"name,email\nAnna\x00,a@example.org\n", "NUL"},
		"binary":           {strings.Repeat("\x01\x02\x03abc\x05\x07", 100), "control characters"},
		"random":           {string(randomBytes(4096)), "NUL"},
		"empty":            {"", "empty"},
		"blank":            {"\xef\xbb\xbf\r\n \r\n", "empty"},
		"a line of 1 MB":   {strings.Repeat("name,", Beginning/5+1)[:Beginning], "first line"},
		"10,000 columns":   {strings.Repeat("name,", 9999) + "name\n", "2,000 columns"},
		"undecoded UTF-16": {"n\x00a\x00\x00\x00m\x00e\x00\x00\x00\x00\x00\x00\x00", "NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Detect([]byte(c.file), len(c.file) < Beginning)
			var refusal *Refusal
			if !errors.As(err, &refusal) || !strings.Contains(refusal.Detail, c.says) {
				t.Errorf("found %+v, %v; want a refusal with %q", d, err, c.says)
			}
		})
	}
}

// randomBytes returns the same noise each time (xorshift).
func randomBytes(n int) []byte {
	noise, state := make([]byte, n), uint32(2463534242)
	for i := range noise {
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		noise[i] = byte(state >> 11)
	}
	return noise
}

func TestTheTableOfWindows1252IsThatOfXText(t *testing.T) {
	for i := range 256 {
		want := charmap.Windows1252.DecodeByte(byte(i))
		if want == utf8.RuneError {
			want = rune(i)
		}
		r := decodeWindows1252(byte(i))
		if b, ok := encodeWindows1252(r); r != want || b != byte(i) || !ok {
			t.Errorf("%#x is %q, and that %#x; want %q", i, r, b, want)
		}
	}
	if b, ok := encodeWindows1252('ł'); ok {
		t.Errorf("ł is %#x", b)
	}
}

func TestUTF16IsFoundWithoutAMark(t *testing.T) {
	for _, c := range []Charset{UTF16LE, UTF16BE} {
		file := appendEncoded(nil, c, "Vorname;Nachname\r\nJürgen;Größer\r\n漢字;\r\n")
		d, err := Detect(file, true)
		if err != nil || d.Charset != c || d.Delimiter != ";" || d.LineEnd != "\r\n" {
			t.Errorf("%s: found %+v, %v", c, d, err)
		}
	}
}

func TestTheFirstOtherCharacterDecidesTheCharsetOfAnASCIIBeginning(t *testing.T) {
	for charset, umlaut := range map[Charset]string{UTF8: "ü", Windows1252: "\xfc"} {
		file := []byte("name,city\n" + strings.Repeat("Anna,Berlin\n", 100000) + "J" + umlaut + "rgen,K\xf6ln\n")
		if charset == UTF8 {
			file = append(file[:len(file)-len("K\xf6ln\n")], "Köln\n"...)
		}
		d, err := Detect(file[:Beginning], false)
		if err != nil || d.Charset != ASCII {
			t.Fatalf("found %+v, %v", d, err)
		}
		rows := readAll(t, file, d, Position{}, 2)
		if last := rows[len(rows)-1]; last.Cells[0] != "Jürgen" || last.Cells[1] != "Köln" || last.Problem != "" {
			t.Errorf("%s: %+v", charset, last)
		}
	}
}

func TestRowsThatCannotBeReadHaveAProblemAndTheOthersGoOn(t *testing.T) {
	utf8, semicolon := Export, Export
	semicolon.Charset, semicolon.Delimiter = Windows1252, ";"
	for name, c := range map[string]struct {
		file    string
		d       Dialect
		rows    string // the cells after the header by |, the rows by /
		problem string // of the first row that has one
	}{
		"a quote that is never closed": {"a,b\n1,\"2\n3,4\n5,6\n", utf8, `1|"2/3|4/5|6`, "cell 2 in line 2 is never closed"},
		"in front of quoted cells":     {"a,b\n\"1,2\n\"3\",\"4\"\n\"5\",6\n", utf8, `"1|2/3|4/5|6`, "cell 1 in line 2 is never closed"},
		"in front of a long cell":      {"a,b\n\"1,2\n3,\"4\n4\"\n", utf8, "\"1|2/3|4\n4", "never closed"},
		"quoted words":                 {"a,b\n\"Foo\" Ltd,x\nBar \"B\" Ltd,y\n\"Hans \"Hansi\" M\",z\n", utf8, `"Foo" Ltd|x/Bar "B" Ltd|y/Hans "Hansi" M|z`, ""},
		"inches":                       {"a,b\n5\" pipe,x\n\"6\" pipe\",y\n", utf8, `5" pipe|x/6" pipe|y`, ""},
		"too many cells":               {"a,b\nMeyer, Hans,x\n1,2\n", utf8, `Meyer| Hans|x/1|2`, "3 cells, but the header has 2"},
		"empty cells too many":         {"a,b\n1,2,,\n", utf8, `1|2||`, ""},
		"too few cells":                {"a,b,c\n1\n2,3\n", utf8, `1/2|3`, ""},
		"a comma among quotes":         {"a,b\n\"Hans \"Hansi\", Meyer\",x\n", utf8, `Hans "Hansi| Meyer"|x`, "put a cell"},
		"all line ends":                {"a,b\r1,2\r\n3,4\n5,6\r\r\n\n7,8", utf8, `1|2/3|4/5|6/7|8`, ""},
		"line ends in a cell":          {"a,b\n\"1\r\n1\r1\n1\",2\n", utf8, "1\r\n1\r1\n1|2", ""},
		"blanks around quotes":         {"a,b\n \"1,1\" , \"2\" \n", utf8, "1,1|2", ""},
		"NUL":                          {"a,b\n1\x00,2\n3,4\n", utf8, "1␀|2/3|4", "NUL"},
		"Windows-1252 in UTF-8":        {"ä,b\nJ\xfcrgen,2\nJürgen,4\n", utf8, "Jürgen|2/Jürgen|4", "not in UTF-8"},
		"UTF-8 in Windows-1252":        {"\xe4;b\nJürgen;2\nJ\xfcrgen;4\n", semicolon, "Jürgen|2/Jürgen|4", "in UTF-8, but the file in Windows-1252"},
		"no byte of Windows-1252":      {"\xe4;b\n\x81\xfc;2\n", semicolon, "\u0081ü|2", "no character"},
		"truncated in quotes":          {"a,b\n1,2\n3,\"4", utf8, `1|2/3|"4`, "never closed"},
		"truncated":                    {"a,b\n1,2\n3", utf8, `1|2/3`, ""},
		"the end of a file of DOS":     {"a,b\n1,2\n\x1a", utf8, `1|2`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rows := readAll(t, []byte(c.file), c.d, Position{}, strings.Count(c.file[:strings.IndexAny(c.file, "\r\n")], c.d.Delimiter)+1)
			problem := ""
			var all []string
			for _, row := range rows[1:] {
				if problem == "" {
					problem = row.Problem
				}
				all = append(all, strings.Join(row.Cells, "|"))
			}
			if got := strings.Join(all, "/"); got != c.rows {
				t.Errorf("read %q, want %q", got, c.rows)
			}
			if (problem == "") != (c.problem == "") || !strings.Contains(problem, c.problem) {
				t.Errorf("problem %q, want %q", problem, c.problem)
			}
		})
	}
}

// endless reads a text again and again.
type endless struct {
	text string
	left int64
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), e.left)], e.text[e.at:])
	e.at, e.left = (e.at+n)%len(e.text), e.left-int64(n)
	return n, nil
}

// A reader that looked for the end of each quote anew would take hours.
func TestMemoryAndTimeAreBoundedWhateverTheFile(t *testing.T) {
	const size = 17_000_000
	for name, c := range map[string]struct {
		text     string
		rows     int
		problems int
	}{
		"one line":                      {"x", 1, 1},
		"one quoted line":               {"\"" + strings.Repeat("x", 1000), 1, 1},
		"one quoted cell of many lines": {strings.Repeat("x", 998) + "\n\"", 17_000, 0},
		"cells":                         {strings.Repeat(",", 999) + "\n", 17_000, 0},
		"cells without end":             {",", 1, 1},
		"quotes that are never closed":  {"\"\"abcdefghijklmnopqrstuvwxyz,1234\n", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			r := NewReader(&endless{text: c.text, left: size}, Export, Position{})
			rows, problems := 0, 0
			most := uint64(0)
			for {
				row, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if rows++; row.Problem != "" {
					problems++
				}
				if rows%10_000 == 1 {
					runtime.ReadMemStats(&after)
					most = max(most, after.HeapSys-after.HeapReleased)
				}
			}
			if c.rows > 0 && (rows != c.rows && rows != c.rows+1 || problems < c.problems) {
				t.Errorf("%d rows, %d problems", rows, problems)
			}
			if r.Position().Offset != size {
				t.Errorf("ended at %d", r.Position().Offset)
			}
			if most > before.HeapSys-before.HeapReleased+150<<20 {
				t.Errorf("the heap grew from %d to %d MB", (before.HeapSys-before.HeapReleased)>>20, most>>20)
			}
		})
	}
}

func FuzzFilesAreReadWithoutPanicAndToTheirEnd(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a;b\r\n\"x;\"\"y\";z", "\xff\xfea\x00\t\x00", "sep=;\na;b", "'a','b'\n'it\\'s',\"x", "\xef\xbb\xbfa|b\r\"\n", "a,b\n\"\"x,\n\"\"y\n,\"z"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := Detect(file, true)
		if err != nil {
			return
		}
		rows := readAll(t, file, d, Position{}, 2)
		r := NewReader(bytes.NewReader(file), d, Position{})
		r.Columns = 2
		for i := 0; ; i++ {
			at := r.Position()
			if rest := readAll(t, file, d, at, 2); i < 3 && !equalRows(rest, rows[min(i, len(rows)):]) {
				t.Fatalf("from %+v: %+v, not %+v", at, rest, rows[i:])
			}
			row, err := r.Next()
			if err != nil {
				break
			}
			for _, cell := range row.Cells {
				if !utf8.ValidString(cell) {
					t.Fatalf("%q is not UTF-8", cell)
				}
			}
		}
		if r.Position().Offset != int64(len(file)) {
			t.Fatalf("ended at %d of %d", r.Position().Offset, len(file))
		}
	})
}
