package reader_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"contacts/pkg/vcard"
	"contacts/pkg/vcard/reader"
)

// FuzzReader reads any bytes: it never panics, ends, counts its records, and a card that it read is the same after it was written.
func FuzzReader(f *testing.F) {
	samples, err := filepath.Glob("../../exchange/card/testdata/cards/*.vcf")
	if err != nil || len(samples) == 0 {
		f.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nA;\"b:c\n d\":e=\nEND:VCARD\nEND:VCARD"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for i, r := range readFrom(t, bytes.NewReader(file), reader.Position{}) {
			if r.at.Record != int64(i+1) || r.at.Offset > int64(len(file)) {
				t.Fatalf("record %d is at %+v of %d bytes", i+1, r.at, len(file))
			}
			if r.card == nil {
				continue
			}
			for _, version := range []vcard.Version{vcard.V3, vcard.V4} {
				c := r.card.As(version)
				var written bytes.Buffer
				if err := vcard.Write(&written, c); err != nil {
					t.Fatal(err)
				}
				again := readFrom(t, &written, reader.Position{})
				if len(again) != 1 {
					t.Fatalf("%d records of %+v", len(again), c)
				}
			}
		}
	})
}
