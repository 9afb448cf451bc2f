package reader_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// utf16File returns a text in UTF-16, with a byte order mark or without.
func utf16File(text string, bigEndian, mark bool) []byte {
	var file []byte
	if mark {
		text = "\ufeff" + text
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		if bigEndian {
			unit = unit>>8 | unit<<8
		}
		file = append(file, byte(unit), byte(unit>>8))
	}
	return file
}

func TestUTF16IsReadInEitherOrder(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\r\n", "\n", "\r"} {
		text := strings.ReplaceAll(cardOf("3.0", "FN:Ünï 漢😀", "TEL:1")+cardOf("4.0", "FN:b"), "\r\n", end)
		for _, bigEndian := range []bool{true, false} {
			for _, mark := range []bool{true, false} {
				got := readFrom(t, bytes.NewReader(utf16File(text, bigEndian, mark)), reader.Position{})
				if len(got) != 2 || got[0].card.Properties[0].Value != "Ünï 漢😀" || got[1].card.Properties[0].Value != "b" {
					t.Fatalf("big endian %v, mark %v: %+v", bigEndian, mark, got)
				}
			}
		}
	}
	bad := append(utf16File("BEGIN:VCARD\nFN:", false, true), 0, 0xd8)
	bad = append(bad, utf16File("\nEND:VCARD\n"+cardOf("3.0", "FN:b"), false, false)...)
	got := readFrom(t, bytes.NewReader(bad), reader.Position{})
	if len(got) != 2 || got[0].err == nil || !strings.Contains(got[0].err.Detail, "UTF-16") || got[1].card == nil {
		t.Errorf("half a character: %+v", got)
	}
}

// anyFile draws a file of good and broken records.
func anyFile(t *rapid.T) []byte {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{
		cardOf("3.0", "FN:a", "NOTE:one", " two"), cardOf("2.1", "NOTE;ENCODING=QUOTED-PRINTABLE:a=", "b", "AGENT:", "BEGIN:VCARD", "FN:c", "END:VCARD"),
		cardOf("4.0", "FN:ü漢😀"), cardOf("9", "FN:a"), "BEGIN:VCARD\r\nFN:cut\r\n", "stray\r\nlines\r\n", "\r\n", " \t\r\n", "END:VCARD\r\n", cardOf("3.0", "no property"),
	}), 0, 8).Draw(t, "pieces")
	text := strings.ReplaceAll(strings.Join(pieces, ""), "\r\n", rapid.SampledFrom([]string{"\r\n", "\n", "\r"}).Draw(t, "line end"))
	switch rapid.SampledFrom([]string{"UTF-8", "mark", "UTF-16LE", "UTF-16BE"}).Draw(t, "encoding") {
	case "mark":
		text = "\ufeff" + text
	case "UTF-16LE":
		return utf16File(text, false, true)
	case "UTF-16BE":
		return utf16File(text, true, true)
	}
	return []byte(text)
}

func TestAFileIsReadOnFromEveryPosition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		file := anyFile(t)
		whole := records(t, bytes.NewReader(file), reader.Position{})
		for i, r := range whole {
			text, err := json.Marshal(r.at)
			if err != nil {
				t.Fatal(err)
			}
			var at reader.Position
			if err := json.Unmarshal(text, &at); err != nil {
				t.Fatal(err)
			}
			if r.at.Record != int64(i+1) {
				t.Fatalf("record %d is at %s", i+1, text)
			}
			rest := records(t, iotest.OneByteReader(bytes.NewReader(file[at.Offset:])), at)
			if diff := cmp.Diff(whole[i+1:], rest, cmp.AllowUnexported(record{}), cmp.Comparer(sameRecords)); diff != "" {
				t.Fatalf("from %s on: %s", text, diff)
			}
		}
	})
}

// sameRecords makes no difference between none and nil.
func sameRecords(a, b []record) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !cmp.Equal(a[i], b[i], cmp.AllowUnexported(record{})) {
			return false
		}
	}
	return true
}

// records is readFrom for a *rapid.T.
func records(t *rapid.T, in io.Reader, at reader.Position) (all []record) {
	r := reader.New(in, at)
	for {
		c, err := r.Next()
		var failed *reader.RecordError
		switch {
		case errors.Is(err, io.EOF):
			return all
		case err != nil && !errors.As(err, &failed):
			t.Fatal(err)
		}
		all = append(all, record{c, failed, string(r.Raw()), r.Position()})
	}
}

func TestAnErrorOfTheFileEndsIt(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	r := reader.New(io.MultiReader(strings.NewReader(cardOf("3.0", "FN:a")+"BEGIN:VCARD\r\nFN:b"), iotest.ErrReader(broken)), reader.Position{})
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); !errors.Is(err, broken) {
		t.Errorf("after it: %v", err)
	}
}

// Failed cards come back as a file that says what is wrong, once, and reads as the same cards.
func TestCardsWithTheirProblemsAreTheSameCards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, r := range records(t, bytes.NewReader(anyFile(t)), reader.Position{}) {
			problem := rapid.StringN(1, 100, -1).Draw(t, "problem")
			failed := reader.WithProblem(reader.WithProblem([]byte(r.raw), "an earlier problem, "+problem), problem)
			again := records(t, bytes.NewReader(failed), reader.Position{})
			if len(again) != 1 {
				t.Fatalf("%d records in\n%s", len(again), failed)
			}
			if again[0].card == nil {
				continue
			}
			properties := again[0].card.Properties
			last := properties[len(properties)-1]
			if want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(problem); last.Name != vcard.ProblemProperty || last.Text() != want {
				t.Fatalf("the problem is %v in\n%s", last, failed)
			}
			if r.card != nil && cmp.Diff(r.card.Properties, properties[:len(properties)-1]) != "" {
				t.Fatalf("the card is %+v, was %+v", again[0].card, r.card)
			}
		}
	})
}
