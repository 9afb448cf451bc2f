package csvfile

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Python reads files on its standard input by the dialect of each, and writes their rows; or writes rows and answers with the file.
const python = `
import csv, io, json, sys
csv.field_size_limit(1 << 24)
answers = []
for case in json.load(sys.stdin):
    d = dict(delimiter=case["delimiter"], quotechar=case["quote"], doublequote=not case["backslash"],
             escapechar="\\" if case["backslash"] else None, lineterminator=case["line_end"])
    if case["file"] is not None:
        text = bytes.fromhex(case["file"]).decode(case["charset"])
        answers.append({"rows": list(csv.reader(io.StringIO(text, newline=""), **d))})
    else:
        out = io.StringIO(newline="")
        csv.writer(out, quoting=csv.QUOTE_ALL if case["quote_all"] else csv.QUOTE_MINIMAL, **d).writerows(case["rows"])
        answers.append({"file": out.getvalue().encode(case["charset"]).hex()})
json.dump(answers, sys.stdout)
`

type pythonCase struct {
	Charset   string     `json:"charset"`
	Delimiter string     `json:"delimiter"`
	Quote     string     `json:"quote"`
	Backslash bool       `json:"backslash"`
	QuoteAll  bool       `json:"quote_all"`
	LineEnd   string     `json:"line_end"`
	File      *hexBytes  `json:"file"`
	Rows      [][]string `json:"rows"`
}

type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func ask(t *testing.T, cases []pythonCase) (answers []pythonCase) {
	t.Helper()
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("python3", "-c", python)
	command.Stdin = bytes.NewReader(in)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(cases) {
		t.Fatalf("%d answers to %d questions: %v", len(answers), len(cases), err)
	}
	return answers
}

// pythonCharsets are the names of charsets whose byte order mark Python neither wants nor writes.
var pythonCharsets = map[Charset]string{UTF8: "utf-8", UTF16LE: "utf-16-le", UTF16BE: "utf-16-be", Windows1252: "windows-1252"}

func TestPythonReadsWhatIsWrittenAndIsReadItself(t *testing.T) {
	t.Parallel()
	gen := rapid.Custom(func(t *rapid.T) pythonCase {
		d := dialects.Draw(t, "dialect")
		rows := rowsOf(d.Charset, t, 2, 5)
		return pythonCase{pythonCharsets[d.Charset], d.Delimiter, d.Quote, d.Backslash, d.QuoteAll, d.LineEnd, nil, rows}
	})
	var dialectsUsed []Dialect
	var write, read []pythonCase
	for seed := range 400 {
		c := gen.Example(seed)
		if len(c.Rows) == 0 {
			continue
		}
		d := Dialect{Delimiter: c.Delimiter, Quote: c.Quote, Backslash: c.Backslash, QuoteAll: c.QuoteAll, LineEnd: c.LineEnd}
		for charset, name := range pythonCharsets {
			if name == c.Charset {
				d.Charset = charset
			}
		}
		for _, row := range c.Rows { // before 3.13, csv.writer left a line end without quotes that is not its own
			c.QuoteAll = c.QuoteAll || strings.ContainsAny(strings.Join(row, ""), "\r\n")
		}
		dialectsUsed, write = append(dialectsUsed, d), append(write, c)
		file := hexBytes(written(t, d, c.Rows))
		c.File = &file
		read = append(read, c)
	}
	for i, answer := range ask(t, read) {
		if !slices.EqualFunc(answer.Rows, write[i].Rows, slices.Equal) {
			t.Errorf("Python read %q, not %q, in %q as %+v", answer.Rows, write[i].Rows, *read[i].File, dialectsUsed[i])
		}
	}
	for i, answer := range ask(t, write) {
		if got := cells(readAll(t, *answer.File, dialectsUsed[i], Position{}, 0)); !slices.EqualFunc(got, write[i].Rows, slices.Equal) {
			t.Errorf("read %q, not %q, in Python's %q as %+v", got, write[i].Rows, *answer.File, dialectsUsed[i])
		}
	}
}
